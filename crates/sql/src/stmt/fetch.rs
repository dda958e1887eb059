//! `FETCH [direction] [FROM|IN] cursor`, and MOVE, which says the same and shows no rows.

use crate::StatementKind;
use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Where to.
    pub direction: Direction,
    /// The cursor.
    pub cursor: String,
}

/// Where a cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// So many rows on; back if there are less than none.
    Forward(Count),
    /// So many rows back.
    Backward(Count),
    /// To the row of this number; less than zero counts from the end.
    Absolute(i64),
    /// To the row that is so many away.
    Relative(i64),
}

/// How many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Rows(i64),
    /// All there are.
    All,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["FETCH"])?;
    Ok(StatementKind::Fetch(fetch(c)?))
}

pub(crate) fn parse_move(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["MOVE"])?;
    Ok(StatementKind::Move(fetch(c)?))
}

fn fetch(c: &mut Cursor<'_>) -> Result<Fetch> {
    // What stands alone is the cursor's name, whatever it is.
    let direction = if c.rest().len() == 1 { Direction::Forward(Count::Rows(1)) } else { direction(c)? };
    if c.eat_any(&["FROM", "IN"]).is_none() && c.rest().is_empty() {
        return Err(c.expected(&["FROM"]));
    }
    Ok(Fetch { direction, cursor: c.identifier()? })
}

fn direction(c: &mut Cursor<'_>) -> Result<Direction> {
    const WORDS: &[&str] = &["NEXT", "PRIOR", "FIRST", "LAST", "ABSOLUTE", "RELATIVE", "ALL", "FORWARD", "BACKWARD"];
    Ok(match c.eat_any(WORDS) {
        Some("NEXT") => Direction::Forward(Count::Rows(1)),
        Some("PRIOR") => Direction::Backward(Count::Rows(1)),
        Some("FIRST") => Direction::Absolute(1),
        Some("LAST") => Direction::Absolute(-1),
        Some("ABSOLUTE") => Direction::Absolute(number(c)?),
        Some("RELATIVE") => Direction::Relative(number(c)?),
        Some("ALL") => Direction::Forward(Count::All),
        Some("FORWARD") => Direction::Forward(count(c)?),
        Some("BACKWARD") => Direction::Backward(count(c)?),
        _ if matches!(c.peek(), Some(Token::Number(..) | Token::Minus | Token::Plus)) => {
            Direction::Forward(Count::Rows(number(c)?))
        }
        _ => Direction::Forward(Count::Rows(1)),
    })
}

/// What may stand behind FORWARD and BACKWARD: one unless it does.
fn count(c: &mut Cursor<'_>) -> Result<Count> {
    if c.eat(&["ALL"]) {
        return Ok(Count::All);
    }
    match c.peek() {
        Some(Token::Number(..) | Token::Minus | Token::Plus) => Ok(Count::Rows(number(c)?)),
        _ => Ok(Count::Rows(1)),
    }
}

/// A whole number of four bytes, with or without a sign.
fn number(c: &mut Cursor<'_>) -> Result<i64> {
    let negative = c.eat_sign(&Token::Minus);
    if !negative {
        c.eat_sign(&Token::Plus);
    }
    let value = match c.peek() {
        Some(Token::Number(digits, _)) => digits.parse::<i32>().ok(),
        _ => None,
    };
    let Some(value) = value else { return Err(c.unexpected()) };
    c.advance();
    Ok(if negative { -i64::from(value) } else { i64::from(value) })
}

impl fmt::Display for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: Count| match count {
            Count::Rows(rows) => rows.to_string(),
            Count::All => "ALL".to_owned(),
        };
        match self.direction {
            Direction::Forward(rows) => write!(f, "FORWARD {}", count(rows))?,
            Direction::Backward(rows) => write!(f, "BACKWARD {}", count(rows))?,
            Direction::Absolute(row) => write!(f, "ABSOLUTE {row}")?,
            Direction::Relative(row) => write!(f, "RELATIVE {row}")?,
        }
        write!(f, " FROM {}", quote_identifier(&self.cursor))
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "FETCH FORWARD 1 FROM c",
            "FETCH BACKWARD ALL FROM \"C\"",
            "MOVE ABSOLUTE -3 FROM c",
            "MOVE RELATIVE 0 FROM c",
        ]);
        for (sql, written) in [
            ("fetch C", "FETCH FORWARD 1 FROM c"),
            ("FETCH next", "FETCH FORWARD 1 FROM next"),
            ("FETCH IN c", "FETCH FORWARD 1 FROM c"),
            ("FETCH NEXT c", "FETCH FORWARD 1 FROM c"),
            ("FETCH PRIOR FROM c", "FETCH BACKWARD 1 FROM c"),
            ("FETCH FIRST c", "FETCH ABSOLUTE 1 FROM c"),
            ("FETCH LAST IN c", "FETCH ABSOLUTE -1 FROM c"),
            ("FETCH ALL c", "FETCH FORWARD ALL FROM c"),
            ("FETCH -5 IN c", "FETCH FORWARD -5 FROM c"),
            ("FETCH +5 c", "FETCH FORWARD 5 FROM c"),
            ("FETCH FORWARD c", "FETCH FORWARD 1 FROM c"),
            ("MOVE BACKWARD 3 IN c", "MOVE BACKWARD 3 FROM c"),
            ("MOVE FORWARD ALL \"ALL\"", "MOVE FORWARD ALL FROM \"ALL\""),
        ] {
            round_trip(sql, written);
        }
        refused(&[
            ("FETCH", 6),
            ("FETCH ALL", 7),
            ("FETCH NEXT FROM", 16),
            ("FETCH ABSOLUTE c", 16),
            ("FETCH 1.5 FROM c", 7),
            ("FETCH 99999999999 FROM c", 7),
            ("MOVE c d", 8),
        ]);
    }
}
