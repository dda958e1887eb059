//! When two cells are the same: exactly, by value for `numeric`, or within rounding for aggregates of floats.

use super::Case;
use std::cmp::Ordering;
use tokio_postgres::types::Type;

/// How the cells of a column are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The same text.
    Exact,
    /// The same number; a quotient may have fewer decimals on one side, but not fewer than six.
    Numeric,
    /// The same number but for the order in which floats were added.
    Close,
}

/// Fewer decimals than this are a wrong result, not another precision.
const DECIMALS: usize = 6;

/// Allowed relative difference of aggregates of floats.
const TOLERANCE: f64 = 1e-12;

/// Aggregates whose result over floats depends on the order of the rows.
const AGGREGATES: [&str; 9] =
    ["sum(", "avg(", "stddev", "variance(", "var_pop(", "var_samp(", "corr(", "covar_", "regr_"];

impl Rule {
    /// The rule of a column of this type.
    pub fn of(ty: &Type, case: &Case) -> Rule {
        match *ty {
            Type::NUMERIC => Rule::Numeric,
            Type::FLOAT4 | Type::FLOAT8 if case.origin.file == "queries.sql" && aggregates(&case.sql) => Rule::Close,
            _ => Rule::Exact,
        }
    }
}

fn aggregates(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    AGGREGATES.iter().any(|name| sql.contains(name))
}

/// Whether a cell of Weft is what PostgreSQL says.
pub fn same(rule: Rule, expected: Option<&str>, found: Option<&str>) -> bool {
    match (rule, expected, found) {
        (_, expected, found) if expected == found => true,
        (Rule::Numeric, Some(expected), Some(found)) => same_number(expected, found),
        (Rule::Close, Some(expected), Some(found)) => close(expected, found),
        _ => false,
    }
}

fn close(expected: &str, found: &str) -> bool {
    match (expected.parse::<f64>(), found.parse::<f64>()) {
        (Ok(a), Ok(b)) if a.is_finite() && b.is_finite() => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()),
        _ => false,
    }
}

fn same_number(expected: &str, found: &str) -> bool {
    let (Some(a), Some(b)) = (Decimal::read(expected), Decimal::read(found)) else { return false };
    if a.equals(&b) {
        return true;
    }
    let decimals = a.fraction.len().min(b.fraction.len());
    decimals >= DECIMALS && a.rounded(decimals).equals(&b.rounded(decimals))
}

/// A number as its digits: `numeric` has more of them than any machine type.
struct Decimal {
    negative: bool,
    whole: Vec<u8>,
    fraction: Vec<u8>,
}

impl Decimal {
    /// `None` for what is no plain decimal, such as `NaN`.
    fn read(text: &str) -> Option<Decimal> {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits =
            |part: &str| part.bytes().map(|b| b.is_ascii_digit().then(|| b - b'0')).collect::<Option<Vec<u8>>>();
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        Some(Decimal { negative, whole: digits(whole)?, fraction: digits(fraction)? })
    }

    /// Half away from zero, as PostgreSQL rounds.
    fn rounded(&self, decimals: usize) -> Decimal {
        let up = self.fraction.get(decimals).is_some_and(|digit| *digit >= 5);
        let kept = decimals.min(self.fraction.len());
        let mut digits: Vec<u8> = [&self.whole, &self.fraction[..kept]].concat();
        if up {
            let nines = digits.iter().rev().take_while(|digit| **digit == 9).count();
            let length = digits.len();
            digits[length - nines..].fill(0);
            match digits[..length - nines].last_mut() {
                Some(digit) => *digit += 1,
                None => digits.insert(0, 1),
            }
        }
        let fraction = digits.split_off(digits.len() - kept);
        Decimal { negative: self.negative, whole: digits, fraction }
    }

    /// By value: zeros at both ends and the sign of zero do not count.
    fn equals(&self, other: &Decimal) -> bool {
        let key = |number: &Decimal| {
            let whole: Vec<u8> = number.whole.iter().copied().skip_while(|digit| *digit == 0).collect();
            let length = number.fraction.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
            let fraction = number.fraction[..length].to_vec();
            let zero = whole.is_empty() && fraction.is_empty();
            (number.negative && !zero, whole, fraction)
        };
        key(self).cmp(&key(other)) == Ordering::Equal
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Expect, Origin};
    use super::*;

    fn numeric(expected: &str, found: &str) -> bool {
        same(Rule::Numeric, Some(expected), Some(found))
    }

    #[test]
    fn numeric_is_compared_by_value() {
        assert!(numeric("1.50", "1.5") && numeric("0", "-0.00") && numeric("007", "7"));
        assert!(numeric("NaN", "NaN") && !numeric("NaN", "0") && !numeric("1", "-1"));
        assert!(!numeric("1.5", "1.4") && !numeric("10", "1"));
    }

    #[test]
    fn numeric_may_have_fewer_decimals_but_six() {
        assert!(numeric("0.66666666666666666667", "0.666667"));
        assert!(numeric("0.66666666666666666667", "0.6666666667"));
        assert!(!numeric("0.66666666666666666667", "0.66667"));
        assert!(!numeric("0.66666666666666666667", "0.666666"));
        assert!(numeric("-0.00000050", "-0.000001"));
        assert!(numeric("9.99999999", "10.000000") && numeric("0.99999999", "1.000000"));
    }

    #[test]
    fn floats_are_close_only_in_aggregates_of_queries() {
        let case =
            |file, sql: &str| Case { origin: Origin { file, line: 1 }, sql: sql.to_owned(), expect: Expect::Rows };
        let rule = |file, sql| Rule::of(&Type::FLOAT8, &case(file, sql));
        assert_eq!(rule("queries.sql", "SELECT SUM(f) FROM t"), Rule::Close);
        assert_eq!(rule("queries.sql", "SELECT f FROM t"), Rule::Exact);
        assert_eq!(rule("expressions.txt", "SELECT sum(f) FROM t"), Rule::Exact);
        assert!(same(Rule::Close, Some("0.30000000000000004"), Some("0.3")));
        assert!(!same(Rule::Close, Some("0.30000001"), Some("0.3")));
        assert!(!same(Rule::Close, Some("Infinity"), Some("1")));
        assert!(!same(Rule::Exact, Some("0.30000000000000004"), Some("0.3")));
    }

    #[test]
    fn null_is_only_null() {
        for rule in [Rule::Exact, Rule::Numeric, Rule::Close] {
            assert!(same(rule, None, None) && !same(rule, None, Some("")) && !same(rule, Some("0"), None));
        }
    }
}
