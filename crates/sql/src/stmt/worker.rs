//! `ALTER WORKER 'w1' DRAIN|RESUME` and `DROP WORKER 'w1'`.

use crate::StatementKind;
use crate::cursor::Cursor;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_literal;

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterWorker {
    /// The worker.
    pub name: String,
    /// What it is to do.
    pub change: WorkerChange,
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerChange {
    /// Take no more statements.
    Drain,
    /// Take statements again.
    Resume,
    /// Finish what runs, and end.
    Drop,
}

pub(crate) fn parse_alter(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["ALTER", "WORKER"])?;
    let name = c.string()?;
    let change = match c.eat_any(&["DRAIN", "RESUME"]) {
        Some("DRAIN") => WorkerChange::Drain,
        Some(_) => WorkerChange::Resume,
        None => return Err(c.expected(&["DRAIN", "RESUME"])),
    };
    Ok(StatementKind::AlterWorker(AlterWorker { name, change }))
}

pub(crate) fn parse_drop(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DROP", "WORKER"])?;
    Ok(StatementKind::AlterWorker(AlterWorker { name: c.string()?, change: WorkerChange::Drop }))
}

impl fmt::Display for AlterWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = quote_literal(&self.name);
        match self.change {
            WorkerChange::Drain => write!(f, "ALTER WORKER {name} DRAIN"),
            WorkerChange::Resume => write!(f, "ALTER WORKER {name} RESUME"),
            WorkerChange::Drop => write!(f, "DROP WORKER {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&["ALTER WORKER 'w1' DRAIN", "ALTER WORKER 'it''s' RESUME", "DROP WORKER 'w1'"]);
        refused(&[
            ("ALTER WORKER", 13),
            ("ALTER WORKER w1 DRAIN", 14),
            ("ALTER WORKER 'w1' STOP", 19),
            ("ALTER WORKER 'w1' DRAIN now", 25),
            ("DROP WORKER IF EXISTS 'w1'", 13),
            ("DROP WORKER 'w1' CASCADE", 18),
        ]);
    }
}
