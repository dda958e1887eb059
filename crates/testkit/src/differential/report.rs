//! What differed, for whoever reads the failed test.

use super::{Case, Expect, Origin};
use std::fmt;

/// The outcome of a suite.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many cases were run.
    pub cases: usize,
    /// Everything that differed, in the order of the files.
    pub mismatches: Vec<Mismatch>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where the case is written.
    pub origin: Origin,
    /// The statement.
    pub sql: String,
    /// The cell, if both servers answered with as many rows and columns.
    pub place: Option<Place>,
    /// PostgreSQL's value.
    pub expected: Option<String>,
    /// Weft's value.
    pub found: Option<String>,
    /// Set if it is not values that differ: PostgreSQL's outcome, then Weft's.
    pub outcomes: Option<(String, String)>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub row: usize,
    /// The column's name on PostgreSQL.
    pub column: String,
}

impl Report {
    /// Whether nothing differed.
    pub fn ok(&self) -> bool {
        self.mismatches.is_empty()
    }

    /// How many cases had a difference.
    pub fn failed_cases(&self) -> usize {
        let mut origins: Vec<_> = self.mismatches.iter().map(|m| (m.origin.file, m.origin.line)).collect();
        origins.dedup();
        origins.len()
    }

    pub(super) fn values(
        &mut self,
        case: &Case,
        place: Option<Place>,
        (expected, found): (Option<String>, Option<String>),
    ) {
        let (origin, sql) = (case.origin, case.sql.clone());
        self.mismatches.push(Mismatch { origin, sql, place, expected, found, outcomes: None });
    }

    pub(super) fn errors(&mut self, case: &Case, postgres: Option<String>, weft: Option<String>) {
        let shown = |error: Option<String>| match error {
            Some(error) => format!("error {error}"),
            None => "rows".to_owned(),
        };
        let wanted = match &case.expect {
            Expect::Rows => String::new(),
            Expect::Sqlstate(state) => format!(" (must raise {state})"),
        };
        self.outcome(case, format!("{}{wanted}", shown(postgres)), shown(weft));
    }

    pub(super) fn abort(&mut self, case: &Case, why: String) {
        self.outcome(case, why, "stopped".to_owned());
    }

    fn outcome(&mut self, case: &Case, postgres: String, weft: String) {
        let (origin, sql) = (case.origin, case.sql.clone());
        let outcomes = Some((postgres, weft));
        self.mismatches.push(Mismatch { origin, sql, place: None, expected: None, found: None, outcomes });
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.sql)?;
        if let Some(Place { row, column }) = &self.place {
            write!(f, "\n  row {row}, column {column}")?;
        }
        let quoted = |value: &Option<String>| value.as_ref().map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let (expected, found) = match &self.outcomes {
            Some((postgres, weft)) => (postgres.clone(), weft.clone()),
            None => (quoted(&self.expected), quoted(&self.found)),
        };
        write!(f, "\n  PostgreSQL: {expected}\n  Weft:       {found}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mismatch in &self.mismatches {
            writeln!(f, "{mismatch}")?;
        }
        write!(f, "{} of {} cases differ", self.failed_cases(), self.cases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_cell_and_both_sides() {
        let case =
            Case { origin: Origin { file: "queries.sql", line: 3 }, sql: "SELECT a".to_owned(), expect: Expect::Rows };
        let mut report = Report { cases: 2, ..Report::default() };
        let place = Place { row: 1, column: "a".to_owned() };
        report.values(&case, Some(place), (Some("1".to_owned()), None));
        report.errors(&case, None, Some("22012: division by zero".to_owned()));
        let text = report.to_string();
        assert!(
            text.contains("queries.sql:3: SELECT a\n  row 1, column a\n  PostgreSQL: '1'\n  Weft:       NULL"),
            "{text}"
        );
        assert!(text.contains("PostgreSQL: rows\n  Weft:       error 22012: division by zero"), "{text}");
        assert!(text.ends_with("1 of 2 cases differ"), "{text}");
    }
}
