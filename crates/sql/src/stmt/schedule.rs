//! `CREATE SCHEDULE n CRON '0 3 * * *' [TIME ZONE 'Europe/Berlin'] DO statement`, `PAUSE`, `RESUME` and `DROP SCHEDULE n`: work that is done at certain
//! times. Whether the times can be read, and the statement may be done so, is the engine's to check.

use crate::cursor::Cursor;
use crate::{OnMissing, Statement, StatementKind, parse as statements};
use std::fmt;
use weft_core::Result;
use weft_core::name::{quote_identifier, quote_literal};

/// CREATE SCHEDULE.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateSchedule {
    /// Its name.
    pub name: String,
    /// When, as cron has it.
    pub cron: String,
    /// Of which zone the times are; nothing: UTC.
    pub time_zone: Option<String>,
    /// What is done.
    pub statement: Box<Statement>,
}

/// PAUSE, RESUME or DROP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterSchedule {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub change: ScheduleChange,
}

/// What becomes of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleChange {
    /// Nothing is done until it is resumed.
    Pause,
    /// It goes on.
    Resume,
    /// It is gone.
    Drop(OnMissing),
}

/// What may be done at a time. The readers of other statements are not even tried, so that a schedule cannot contain itself without end.
const DOES: &[&str] = &["SCAN", "ANALYZE"];

pub(crate) fn parse_create(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CREATE", "SCHEDULE"])?;
    let name = c.identifier()?;
    c.expect(&["CRON"])?;
    let cron = c.string()?;
    let time_zone = if c.eat(&["TIME", "ZONE"]) { Some(c.string()?) } else { None };
    if !c.eat(&["DO"]) {
        return Err(c.expected(&["DO", "TIME"]));
    }
    if !DOES.iter().any(|w| c.at_words(&[w])) {
        return Err(c.expected(DOES));
    }
    let statement = Box::new(statements::statement(c.message(), c.rest())?);
    c.skip_rest();
    Ok(StatementKind::CreateSchedule(CreateSchedule { name, cron, time_zone, statement }))
}

pub(crate) fn parse_change(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let change = match c.eat_any(&["PAUSE", "RESUME", "DROP"]) {
        Some("PAUSE") => ScheduleChange::Pause,
        Some("RESUME") => ScheduleChange::Resume,
        _ => ScheduleChange::Drop(OnMissing::Fail),
    };
    c.expect(&["SCHEDULE"])?;
    let change = match change {
        ScheduleChange::Drop(_) if c.eat(&["IF"]) => {
            c.expect(&["EXISTS"])?;
            ScheduleChange::Drop(OnMissing::Skip)
        }
        other => other,
    };
    Ok(StatementKind::AlterSchedule(AlterSchedule { name: c.identifier()?, change }))
}

impl fmt::Display for CreateSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE SCHEDULE {} CRON {}", quote_identifier(&self.name), quote_literal(&self.cron))?;
        if let Some(zone) = &self.time_zone {
            write!(f, " TIME ZONE {}", quote_literal(zone))?;
        }
        write!(f, " DO {}", self.statement.kind)
    }
}

impl fmt::Display for AlterSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.change {
            ScheduleChange::Pause => "PAUSE SCHEDULE",
            ScheduleChange::Resume => "RESUME SCHEDULE",
            ScheduleChange::Drop(OnMissing::Fail) => "DROP SCHEDULE",
            ScheduleChange::Drop(OnMissing::Skip) => "DROP SCHEDULE IF EXISTS",
        };
        write!(f, "{words} {}", quote_identifier(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, kind, refused};
    use crate::{StatementKind, parse};

    #[test]
    fn reads_and_writes() {
        fixed(&["PAUSE SCHEDULE s", "RESUME SCHEDULE \"S\"", "DROP SCHEDULE s", "DROP SCHEDULE IF EXISTS s"]);
        let sql = "CREATE SCHEDULE s CRON '0 3 * * *' TIME ZONE 'Europe/Berlin' DO SCAN CATALOG c LEVEL 1";
        assert_eq!(kind(sql).to_string(), sql);
        let StatementKind::CreateSchedule(created) = kind("create schedule s cron '@daily' do scan schema c.s") else {
            panic!("another statement")
        };
        assert_eq!((created.statement.text.as_str(), created.time_zone), ("scan schema c.s", None));
        assert_eq!(parse("CREATE SCHEDULE s CRON 'x' DO SCAN CATALOG c; SHOW ALL").expect("two").len(), 2);
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("CREATE SCHEDULE", 16),
            ("CREATE SCHEDULE s DO SCAN CATALOG c", 19),
            ("CREATE SCHEDULE s CRON 'x' SCAN CATALOG c", 28),
            ("CREATE SCHEDULE s CRON 'x' DO CREATE SCHEDULE t CRON 'x' DO SCAN CATALOG c", 31),
            ("CREATE SCHEDULE s CRON 'x' DO SCAN", 35),
            ("PAUSE SCHEDULE", 15),
            ("PAUSE SCHEDULE IF EXISTS s", 19),
        ]);
    }
}
