//! How much a scan finds out about a table of files: all of a small one or of one that somebody named, a sample of a large one or of one that nobody has
//! changed for long, and otherwise no more than its columns. It must not know how figures are taken.

use chrono::{DateTime, TimeDelta, Utc};
use weft_core::settings::Settings;
use weft_meta::{Candidate, Depth};

/// What a scan is to find out besides columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    Nothing,
    /// What the rule says of tables of files.
    ByRule,
    /// All of tables of files: somebody named them.
    Marked,
    /// All of every table.
    Everything,
}

/// The sizes and the age at which the rule decides.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    full_bytes: i64,
    sample_bytes: i64,
    untouched: TimeDelta,
}

impl Thresholds {
    /// As the settings have them.
    pub fn of(settings: &Settings) -> Thresholds {
        Thresholds {
            full_bytes: i64::try_from(settings.scan_full_bytes.0).unwrap_or(i64::MAX),
            sample_bytes: i64::try_from(settings.scan_sample_bytes.0).unwrap_or(i64::MAX),
            untouched: TimeDelta::from_std(settings.scan_untouched.0).unwrap_or(TimeDelta::MAX),
        }
    }

    /// What is to be found out about a table, if that is anything.
    pub fn depth(&self, wish: Wish, table: &Candidate, now: DateTime<Utc>) -> Option<Depth> {
        let bytes = table.bytes.unwrap_or(0);
        let age = table.updated_at.map_or(TimeDelta::zero(), |updated| now - updated);
        match wish {
            Wish::Nothing => None,
            Wish::Everything => Some(Depth::Full),
            Wish::ByRule | Wish::Marked if table.signature.is_none() => None,
            Wish::Marked => Some(Depth::Full),
            Wish::ByRule if bytes <= self.full_bytes => Some(Depth::Full),
            Wish::ByRule if bytes > self.sample_bytes || age > self.untouched => Some(Depth::Sample),
            Wish::ByRule => None,
        }
    }
}

/// Whether what is known is not enough. Of files that have not changed nothing is read again, unless more rows may be read than then.
pub fn is_due(table: &Candidate, depth: Depth, max_rows: u64) -> bool {
    let is_current = table.signature.is_some() && table.signature == table.known_signature;
    let max_rows = i64::try_from(max_rows).unwrap_or(i64::MAX);
    let is_enough = match (table.known, depth) {
        (Some(Depth::Full), _) | (Some(Depth::Sample), Depth::Sample) => true,
        (Some(Depth::Sample), Depth::Full) => {
            table.known_asked == Some(Depth::Full) && table.known_max_rows >= max_rows
        }
        (None, _) => false,
    };
    !(is_current && is_enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: i64, days: i64) -> Candidate {
        Candidate {
            schema: "s".to_owned(),
            table: "t".to_owned(),
            bytes: Some(bytes),
            updated_at: Some(Utc::now() - TimeDelta::days(days)),
            signature: Some("1".to_owned()),
            known: None,
            known_asked: None,
            known_signature: None,
            known_max_rows: 0,
        }
    }

    #[test]
    fn size_and_age_decide() {
        let rule = Thresholds::of(&Settings::defaults().expect("defaults"));
        let depth = |wish, bytes, days| rule.depth(wish, &table(bytes, days), Utc::now());
        assert_eq!(depth(Wish::ByRule, 64 << 20, 0), Some(Depth::Full));
        assert_eq!(depth(Wish::ByRule, 64 << 20, 100), Some(Depth::Full));
        assert_eq!(depth(Wish::ByRule, (64 << 20) + 1, 89), None);
        assert_eq!(depth(Wish::ByRule, (64 << 20) + 1, 91), Some(Depth::Sample));
        assert_eq!(depth(Wish::ByRule, 1 << 30, 0), None);
        assert_eq!(depth(Wish::ByRule, (1 << 30) + 1, 0), Some(Depth::Sample));
        assert_eq!(depth(Wish::Marked, 1 << 40, 0), Some(Depth::Full));
        assert_eq!(depth(Wish::Nothing, 1, 0), None);
        // A table of a database is analysed only if that is said.
        let of_database = Candidate { signature: None, ..table(1, 0) };
        assert_eq!(rule.depth(Wish::ByRule, &of_database, Utc::now()), None);
        assert_eq!(rule.depth(Wish::Marked, &of_database, Utc::now()), None);
        assert_eq!(rule.depth(Wish::Everything, &of_database, Utc::now()), Some(Depth::Full));
    }

    #[test]
    fn what_is_known_is_not_asked_again() {
        let known = |known, asked, rows| Candidate {
            known: Some(known),
            known_asked: Some(asked),
            known_max_rows: rows,
            known_signature: Some("1".to_owned()),
            ..table(1, 0)
        };
        assert!(is_due(&table(1, 0), Depth::Sample, 10));
        assert!(!is_due(&known(Depth::Full, Depth::Full, 10), Depth::Full, 100));
        assert!(!is_due(&known(Depth::Sample, Depth::Sample, 10), Depth::Sample, 10));
        assert!(is_due(&known(Depth::Sample, Depth::Sample, 10), Depth::Full, 10));
        assert!(!is_due(&known(Depth::Sample, Depth::Full, 10), Depth::Full, 10));
        assert!(is_due(&known(Depth::Sample, Depth::Full, 10), Depth::Full, 11));
        let changed = Candidate { signature: Some("2".to_owned()), ..known(Depth::Full, Depth::Full, 10) };
        assert!(is_due(&changed, Depth::Sample, 10));
        let of_database = Candidate { signature: None, known_signature: None, ..known(Depth::Full, Depth::Full, 10) };
        assert!(is_due(&of_database, Depth::Full, 10));
    }
}
