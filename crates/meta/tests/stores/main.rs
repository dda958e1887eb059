//! The repositories on real databases: the same tests on SQLite files and on PostgreSQL servers, and what each of them has besides.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod grants;
mod place;
mod postgres;
mod rows;
mod scans;
mod secrets;
mod sqlite;
mod statistics;

/// Each of the bodies as two tests: `on_sqlite::name` and `on_postgres::name`.
macro_rules! on_both {
    ($($body:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $body() {
                super::$body(crate::place::Place::sqlite()).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $body() {
                super::$body(crate::place::Place::postgres()).await;
            })*
        }
    };
}
pub(crate) use on_both;
