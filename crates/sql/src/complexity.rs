//! A bound on how deep the syntax tree of a query can get, counted on its tokens before there is a tree. sqlparser limits nesting by itself, but it
//! builds a chain like `1 + 1 + 1 + …` in a loop, and everything that later walks or drops such a tree recurses once per link.

use crate::error;
use crate::lexeme::Lexeme;
use sqlparser::tokenizer::Token;
use weft_core::Result;

/// The longest chain, over all open parentheses together. A thread of two megabytes drops a tree of this depth also when built without optimisation.
pub(crate) const MAX_DEPTH: usize = 2_000;

/// Open parentheses at once, and sqlparser's levels of expressions, subqueries and prefixes: far more than people and tools write.
pub(crate) const MAX_NESTING: usize = 200;

/// A subquery is so many times as deep as an expression in parentheses, for whatever walks the tree.
const QUERY_WEIGHT: usize = 4;

/// Words that begin a subquery.
const QUERIES: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];

/// Words that join what stands before them to what follows, or add to it.
const LINKS: &[&str] = &[
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "MINUS",
    "IS",
    "ISNULL",
    "NOTNULL",
    "LIKE",
    "ILIKE",
    "SIMILAR",
    "BETWEEN",
    "COLLATE",
    "AT",
    "IN",
    "OPERATOR",
    "NOT",
    "RLIKE",
    "REGEXP",
    "OVERLAPS",
    "DIV",
    "XOR",
    "MEMBER",
    "ESCAPE",
];

/// Links at one level of parentheses, since the last comma. OR binds weaker than AND, and AND weaker than all else, so a new OR starts its right
/// side from nothing: `a = 1 OR a = 2 OR …` is as deep as it has ORs, not as it has operators.
#[derive(Default)]
struct Level {
    ors: usize,
    ands: usize,
    others: usize,
    deepest_and: usize,
    deepest_other: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.ors + self.deepest_and.max(self.ands) + self.deepest_other.max(self.others)
    }

    fn count(&mut self, lexeme: &Lexeme) {
        match &lexeme.token.token {
            Token::Comma => *self = Level::default(),
            Token::Word(_) if lexeme.is_word("OR") => {
                self.deepest_and = self.deepest_and.max(self.ands);
                self.deepest_other = self.deepest_other.max(self.others);
                (self.ors, self.ands, self.others) = (self.ors + 1, 0, 0);
            }
            Token::Word(_) if lexeme.is_word("AND") => {
                self.deepest_other = self.deepest_other.max(self.others);
                (self.ands, self.others) = (self.ands + 1, 0);
            }
            Token::Word(_) if LINKS.iter().any(|w| lexeme.is_word(w)) => self.others += 1,
            Token::Word(_) | Token::Number(..) | Token::Placeholder(_) => {}
            _ if lexeme.is_string() => {}
            _ => self.others += 1,
        }
    }
}

/// What is open at one level of parentheses.
#[derive(Default)]
struct Frame {
    level: Level,
    /// Links of the levels around it.
    below: usize,
    /// Weights of the levels around it, and its own.
    nesting: usize,
}

/// Refuses what would be too deep.
pub(crate) fn check(lexemes: &[Lexeme]) -> Result<()> {
    let mut outer: Vec<Frame> = Vec::new();
    let mut frame = Frame::default();
    for (i, lexeme) in lexemes.iter().enumerate() {
        match &lexeme.token.token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                let query = lexemes.get(i + 1).is_some_and(|next| QUERIES.iter().any(|w| next.is_word(w)));
                frame.level.others += 1;
                let inner = Frame {
                    level: Level::default(),
                    below: frame.below + frame.level.depth(),
                    nesting: frame.nesting + if query { QUERY_WEIGHT } else { 1 },
                };
                outer.push(std::mem::replace(&mut frame, inner));
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                if let Some(enclosing) = outer.pop() {
                    frame = enclosing;
                }
            }
            _ => frame.level.count(lexeme),
        }
        if frame.nesting > MAX_NESTING || frame.below + frame.level.depth() > MAX_DEPTH {
            return Err(error::too_deep(lexeme.offset + 1));
        }
    }
    Ok(())
}
