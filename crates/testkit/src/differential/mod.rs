//! The same statements on PostgreSQL and on Weft, compared cell by cell. PostgreSQL is right by definition; `rule` says where a difference is none.
//! The cases are files (`tests/differential/`), so adding one needs no Rust.

mod cases;
mod report;
mod rule;

pub use cases::{Case, Expect, Origin, expressions, queries};
pub use report::{Mismatch, Place, Report};
pub use rule::{Rule, same};

use crate::error::{Context, describe};
use crate::{Error, Result};
use std::path::Path;
use std::time::Duration;
use tokio_postgres::{Client, SimpleQueryMessage};

/// A statement that takes longer than this on the small fixture hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// The files of one folder.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Statements that create and fill the tables, from `fixture.sql`.
    pub fixture: String,
    /// `expressions.txt`, then `queries.sql`.
    pub cases: Vec<Case>,
}

/// Rows of text; an error as `SQLSTATE: message`.
type Answer = Result<Vec<Vec<Option<String>>>, String>;

impl Suite {
    /// Reads `fixture.sql`, `expressions.txt` and `queries.sql`.
    pub fn read(folder: &Path) -> Result<Suite> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).context(path.display())
        };
        let mut cases = expressions(&read("expressions.txt")?)?;
        cases.extend(queries(&read("queries.sql")?)?);
        Ok(Suite { fixture: read("fixture.sql")?, cases })
    }

    /// Runs the fixture on one server.
    pub async fn load(&self, client: &Client) -> Result<()> {
        client.batch_execute(&self.fixture).await.map_err(|e| Error::new(format!("fixture.sql: {}", describe(&e))))
    }

    /// Runs every case on both and lists every difference.
    pub async fn run(&self, postgres: &Client, weft: &Client) -> Report {
        let mut report = Report::default();
        for case in &self.cases {
            report.cases += 1;
            compare(case, postgres, weft, &mut report).await;
            if postgres.is_closed() || weft.is_closed() {
                let gone = if weft.is_closed() { "Weft" } else { "PostgreSQL" };
                report.abort(
                    case,
                    format!("the connection to {gone} ended; {} cases not run", self.cases.len() - report.cases),
                );
                break;
            }
        }
        report
    }
}

async fn compare(case: &Case, postgres: &Client, weft: &Client, report: &mut Report) {
    let expected = answer(postgres, &case.sql).await;
    let found = answer(weft, &case.sql).await;
    match (&case.expect, expected, found) {
        (Expect::Rows, Ok(expected), Ok(found)) => {
            let rules = match rules(case, postgres).await {
                Ok(rules) => rules,
                Err(error) => return report.errors(case, Some(error), None),
            };
            rows(case, &rules, &expected, &found, report);
        }
        (Expect::Sqlstate(state), Err(expected), Err(found))
            if expected.starts_with(state.as_str()) && found.starts_with(state.as_str()) => {}
        (_, expected, found) => report.errors(case, expected.err(), found.err()),
    }
}

/// The types that PostgreSQL gives the columns decide how their cells are compared.
async fn rules(case: &Case, postgres: &Client) -> Result<Vec<(String, Rule)>, String> {
    let statement = postgres.prepare(&case.sql).await.map_err(|e| describe(&e))?;
    let columns = statement.columns().iter();
    Ok(columns.map(|column| (column.name().to_owned(), Rule::of(column.type_(), case))).collect())
}

fn rows(
    case: &Case,
    rules: &[(String, Rule)],
    expected: &[Vec<Option<String>>],
    found: &[Vec<Option<String>>],
    report: &mut Report,
) {
    if expected.len() != found.len() {
        let count = |rows: usize| Some(format!("{rows} rows"));
        return report.values(case, None, (count(expected.len()), count(found.len())));
    }
    for (number, (expected, found)) in expected.iter().zip(found).enumerate() {
        if expected.len() != found.len() {
            let count = |cells: usize| Some(format!("{cells} columns"));
            return report.values(case, None, (count(expected.len()), count(found.len())));
        }
        for ((column, rule), (expected, found)) in rules.iter().zip(expected.iter().zip(found)) {
            if !same(*rule, expected.as_deref(), found.as_deref()) {
                let place = Place { row: number + 1, column: column.clone() };
                report.values(case, Some(place), (expected.clone(), found.clone()));
            }
        }
    }
}

async fn answer(client: &Client, sql: &str) -> Answer {
    let messages = match tokio::time::timeout(LIMIT, client.simple_query(sql)).await {
        Ok(messages) => messages.map_err(|e| describe(&e))?,
        Err(_) => {
            // The next statement must not wait behind this one.
            let _ = client.cancel_token().cancel_query(tokio_postgres::NoTls).await;
            return Err(format!("no answer within {LIMIT:?}"));
        }
    };
    let mut rows = Vec::new();
    for message in messages {
        if let SimpleQueryMessage::Row(row) = message {
            let cells = (0..row.len()).map(|i| row.try_get(i).map(|cell| cell.map(str::to_owned)));
            rows.push(cells.collect::<Result<_, _>>().map_err(|e| describe(&e))?);
        }
    }
    Ok(rows)
}
