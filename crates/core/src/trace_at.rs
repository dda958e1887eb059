//! Where traces go, and how many of them: the types of those settings. They must not know how to send.

use std::fmt;

/// What a text that cannot be read should have been.
pub(crate) const EXPECTED: &str = "nothing, or where OTLP is taken over gRPC, such as http://127.0.0.1:4317";

/// What is expected of a share.
pub(crate) const EXPECTED_RATIO: &str = "a share between 0 and 1, such as 0.05";

/// What is said of a statement.
pub(crate) const EXPECTED_TEXT: &str = "off or on";

/// A collector of traces, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TraceAt(Option<String>);

impl TraceAt {
    /// Reads `http://host:port` or `https://host:port`, or nothing for an empty text; nothing for any other text.
    pub fn read(text: &str) -> Option<TraceAt> {
        if text.is_empty() {
            return Some(TraceAt(None));
        }
        let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?.trim_end_matches('/');
        let is_host = !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
        is_host.then(|| TraceAt(Some(text.to_owned())))
    }

    /// Its URL.
    pub fn url(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Display for TraceAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url().unwrap_or_default())
    }
}

/// A share of all, from none to all of them: millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio(u32);

/// All of them.
const ALL: u32 = 1_000_000;

impl Ratio {
    /// Reads a number between 0 and 1; nothing for any other text.
    pub fn read(text: &str) -> Option<Ratio> {
        let share: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&share).then(|| Ratio((share * f64::from(ALL)).round() as u32))
    }

    /// Whether the one with this random number is among them.
    pub fn takes(self, random: u64) -> bool {
        random % u64::from(ALL) < u64::from(self.0)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", f64::from(self.0) / f64::from(ALL))
    }
}

/// Whether traces have the texts of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceText {
    /// They name the operation only.
    Off,
    /// They do, with the values in them; passwords are left out.
    On,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collectors_are_urls_without_a_path() {
        for fine in ["", "http://127.0.0.1:4317", "https://otel.example", "http://[::1]:4317/"] {
            assert_eq!(TraceAt::read(fine).expect(fine).to_string(), fine);
        }
        for wrong in ["127.0.0.1:4317", "http://", "http://u:p@h", "http://h/v1/traces", "grpc://h"] {
            assert_eq!(TraceAt::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn shares() {
        for (text, shown) in [("1", "1"), ("0", "0"), ("0.050", "0.05"), ("0.000001", "0.000001")] {
            assert_eq!(Ratio::read(text).expect(text).to_string(), shown);
        }
        for wrong in ["", "1.1", "-0.1", "NaN", "50%"] {
            assert_eq!(Ratio::read(wrong), None, "{wrong}");
        }
        let half = Ratio::read("0.5").expect("a share");
        assert!(half.takes(0) && !half.takes(999_999) && Ratio::read("1").expect("all").takes(u64::MAX));
        assert!(!Ratio::read("0").expect("none").takes(0));
    }
}
