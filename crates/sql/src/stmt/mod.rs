//! The administrative statements, one file each: the struct, its reader, its `Display`, and a test that the two agree.

pub mod alter_catalog;
pub mod alter_role;
pub mod alter_system;
pub mod analyze;
pub mod annotate;
pub mod begin;
pub mod cancel_job;
pub mod check_catalog;
pub mod close;
pub mod commit;
pub mod copy;
pub mod copy_options;
pub mod create_catalog;
pub mod create_role;
pub mod create_secret;
pub mod create_table;
pub mod deallocate;
pub mod declare;
pub mod discard;
pub mod drop_cache;
pub mod drop_catalog;
pub mod drop_role;
pub mod drop_secret;
pub mod execute;
pub mod explain;
pub mod fetch;
pub mod grant;
pub mod grant_role;
pub mod insert;
pub mod manage;
pub mod prepare;
pub mod preview;
pub mod reset;
pub mod role_options;
pub mod rollback;
pub mod savepoint;
pub mod scan;
pub mod schedule;
pub mod set;
pub mod set_transaction;
pub mod show;
pub mod undrop_catalog;
pub mod unlisten;
pub mod view;
pub mod worker;

/// What the tests of every statement need.
#[cfg(test)]
pub(crate) mod check {
    use crate::{StatementKind, parse};
    use weft_core::Error;

    /// The one statement of the text.
    pub(crate) fn kind(sql: &str) -> StatementKind {
        let mut statements = parse(sql).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        assert_eq!(statements.len(), 1, "{sql}");
        statements.remove(0).kind
    }

    /// Reads the text, writes it, reads that, and expects the second text; its reading is returned.
    pub(crate) fn round_trip(sql: &str, written: &str) -> StatementKind {
        let first = kind(sql);
        assert_eq!(first.to_string(), written, "{sql}");
        assert_eq!(kind(written), first, "{written}");
        first
    }

    /// Texts that are written as they are read.
    pub(crate) fn fixed(texts: &[&str]) {
        for sql in texts {
            round_trip(sql, sql);
        }
    }

    /// The error of the text.
    pub(crate) fn error(sql: &str) -> Error {
        match parse(sql) {
            Ok(statements) => panic!("{sql}: {statements:?}"),
            Err(e) => e,
        }
    }

    /// Each text is a syntax error at this position.
    pub(crate) fn refused(texts: &[(&str, usize)]) {
        for (sql, position) in texts {
            let e = error(sql);
            assert_eq!((e.kind().sqlstate(), e.position()), ("42601", Some(*position)), "{sql}: {e:?}");
        }
    }
}
