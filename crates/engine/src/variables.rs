//! Session variables: `SET`, `RESET`, `SHOW`. One table says which there are, what they take and which are reported to the client.
//!
//! Source: PostgreSQL 16 `guc_tables.c` for names and defaults.

use crate::outcome::{ByteaOutput, IntervalStyle, TextFormat};
use crate::plan::spread::Spread;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use weft_core::name::nearest;
use weft_core::settings::{Settings, Span};
use weft_core::{Error, ErrorKind, Result};

/// The version of PostgreSQL that Weft speaks like.
pub const SERVER_VERSION: &str = "16.4";

/// What a variable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it tells something.
    Nothing,
    /// Any text.
    Text,
    /// on or off.
    Boolean,
    /// A whole number between the bounds.
    Integer(i64, i64),
    /// A time, such as `5s`; plain numbers are milliseconds.
    Time,
    /// One of the words.
    Word(&'static [&'static str]),
    /// A time zone by its IANA name.
    Zone,
    /// `UTF8` alone.
    Encoding,
    /// `ISO` alone, with an order of day and month.
    DateStyle,
}

/// One variable.
#[derive(Debug)]
pub struct VariableSpec {
    /// As SHOW ALL prints it.
    pub name: &'static str,
    /// Its value when nothing is set.
    pub default: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether the client is told of changes.
    pub reported: Reported,
    /// One sentence.
    pub doc: &'static str,
}

/// Whether ParameterStatus carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// At start and at each change.
    Yes,
    /// Never.
    No,
}

macro_rules! variables {
    ($($name:literal $default:literal $takes:expr, $reported:ident, $doc:literal;)*) => {
        /// Every variable, by name.
        pub static VARIABLES: &[VariableSpec] = &[$(VariableSpec { name: $name, default: $default, takes: $takes, reported: Reported::$reported, doc: $doc }),*];
    };
}

/// The prefix of Weft's own variables: nobody else's have it.
const PREFIX: &str = "weft";

const LEVELS: &[&str] = &["read uncommitted", "read committed", "repeatable read", "serializable"];
const MESSAGES: &[&str] = &["debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"];

variables! {
    "application_name" "" Takes::Text, Yes, "What the client calls itself.";
    "bytea_output" "hex" Takes::Word(&["hex", "escape"]), No, "How bytea is written as text.";
    "client_encoding" "UTF8" Takes::Encoding, Yes, "Encoding of the client; UTF8 is all there is.";
    "client_min_messages" "notice" Takes::Word(MESSAGES), No, "The least severe message that is sent.";
    "DateStyle" "ISO, MDY" Takes::DateStyle, Yes, "How dates are written; ISO is all there is.";
    "default_transaction_isolation" "read committed" Takes::Word(LEVELS), No, "Accepted; each statement reads what its sources have.";
    "default_transaction_read_only" "off" Takes::Boolean, Yes, "Accepted for clients that set it.";
    "extra_float_digits" "1" Takes::Integer(-15, 3), No, "Accepted; floats are always written so that they read back the same.";
    "idle_in_transaction_session_timeout" "0" Takes::Time, No, "Accepted; a transaction holds nothing here.";
    "in_hot_standby" "off" Takes::Nothing, Yes, "Always off.";
    "integer_datetimes" "on" Takes::Nothing, Yes, "Always on.";
    "IntervalStyle" "postgres" Takes::Word(&["postgres", "iso_8601"]), Yes, "How intervals are written.";
    "is_superuser" "on" Takes::Nothing, Yes, "Whether nothing is forbidden to the user.";
    "lc_collate" "C" Takes::Nothing, No, "Text sorts by bytes.";
    "lc_ctype" "C.UTF-8" Takes::Nothing, No, "Letters are Unicode's.";
    "lock_timeout" "0" Takes::Time, No, "Accepted; nothing locks.";
    "max_identifier_length" "63" Takes::Nothing, No, "Bytes of the longest name.";
    "max_index_keys" "32" Takes::Nothing, No, "Columns of the widest index, as drivers expect it.";
    "role" "none" Takes::Text, No, "The role as which statements are run; none is who logged in.";
    "row_security" "on" Takes::Boolean, No, "Accepted for clients that set it.";
    "search_path" "\"$user\", public" Takes::Text, No, "Schemas in which a bare name is looked up.";
    "server_encoding" "UTF8" Takes::Nothing, Yes, "Always UTF8.";
    "server_version" "16.4" Takes::Nothing, Yes, "The PostgreSQL that Weft speaks like.";
    "server_version_num" "160004" Takes::Nothing, No, "The same as a number.";
    "session_authorization" "" Takes::Nothing, Yes, "The user of the session.";
    "standard_conforming_strings" "on" Takes::Word(&["on"]), Yes, "A backslash in a string is a backslash.";
    "statement_timeout" "0" Takes::Time, No, "A statement that runs longer is cancelled; 0 never.";
    "TimeZone" "UTC" Takes::Zone, Yes, "The zone of timestamptz: how it is shown, read without a zone, and cast.";
    "transaction_isolation" "read committed" Takes::Word(LEVELS), No, "Accepted; each statement reads what its sources have.";
    "transaction_read_only" "off" Takes::Boolean, No, "Accepted for clients that set it.";
    "weft.pushdown" "on" Takes::Boolean, No, "Whether joins, aggregates and sorts may leave the gateway; scans always do.";
    "weft.spread" "auto" Takes::Word(&["auto", "on", "off"]), No, "Whether a statement on many files is divided among workers: where it is worth it, wherever it is possible, or never.";
}

/// The variables of a session, with the layers that a transaction adds.
#[derive(Debug, Clone)]
pub struct Variables {
    /// What RESET goes back to.
    initial: HashMap<String, String>,
    session: HashMap<String, String>,
    local: HashMap<String, String>,
    /// The session layer as it was when the transaction began.
    before: Option<HashMap<String, String>>,
    /// Both layers as they were at each savepoint.
    savepoints: Vec<[HashMap<String, String>; 2]>,
    /// Another after each change.
    version: u64,
}

impl Variables {
    /// The values with which a session of this user begins.
    pub fn new(settings: &Settings, user: &str) -> Self {
        let mut initial: HashMap<String, String> =
            VARIABLES.iter().map(|v| (v.name.to_lowercase(), v.default.to_owned())).collect();
        initial.insert("session_authorization".to_owned(), user.to_owned());
        initial.insert("statement_timeout".to_owned(), settings.statement_timeout.to_string());
        Variables {
            initial,
            session: HashMap::new(),
            local: HashMap::new(),
            before: None,
            savepoints: Vec::new(),
            version: 0,
        }
    }

    /// The value in force.
    pub fn get(&self, name: &str) -> Result<String> {
        let key = name.to_lowercase();
        let found = [&self.local, &self.session].into_iter().find_map(|layer| layer.get(&key));
        if let (None, "transaction_read_only" | "transaction_isolation") = (found, key.as_str()) {
            // What was not said of this transaction is as it was said of all.
            return self.get(&format!("default_{key}"));
        }
        found.or_else(|| self.initial.get(&key)).cloned().ok_or_else(|| unrecognized(name))
    }

    /// The value after RESET.
    pub fn initial(&self, name: &str) -> String {
        self.initial.get(&name.to_lowercase()).cloned().unwrap_or_default()
    }

    /// A value from the start-up message: RESET goes back to it.
    pub fn set_initial(&mut self, name: &str, value: &str) -> Result<()> {
        let (key, value) = checked(name, value)?;
        self.version += 1;
        self.initial.insert(key, value);
        Ok(())
    }

    /// A value that the gateway decides.
    pub fn tell(&mut self, name: &str, value: &str) {
        self.version += 1;
        self.initial.insert(name.to_lowercase(), value.to_owned());
    }

    /// The role that was chosen, if one was.
    pub fn role(&self) -> Option<String> {
        self.get("role").ok().filter(|role| role != "none")
    }

    /// SET.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let (key, value) = checked(name, value)?;
        self.version += 1;
        self.local.remove(&key);
        self.session.insert(key, value);
        Ok(())
    }

    /// SET LOCAL.
    pub fn set_local(&mut self, name: &str, value: &str) -> Result<()> {
        let (key, value) = checked(name, value)?;
        self.version += 1;
        self.local.insert(key, value);
        Ok(())
    }

    /// RESET and SET … TO DEFAULT.
    pub fn reset(&mut self, name: &str) -> Result<()> {
        if let Some(spec) = spec(name) {
            changeable(spec)?;
        } else if !is_clients(name) {
            return Err(unrecognized(name));
        }
        let key = name.to_lowercase();
        self.version += 1;
        self.local.remove(&key);
        self.session.remove(&key);
        Ok(())
    }

    /// RESET ALL.
    pub fn reset_all(&mut self) {
        self.version += 1;
        self.session.clear();
        self.local.clear();
    }

    /// A transaction begins.
    pub fn begin(&mut self) {
        self.before = Some(self.session.clone());
    }

    /// It is committed: what was SET stays, what was SET LOCAL goes.
    pub fn commit(&mut self) {
        self.before = None;
        self.savepoints.clear();
        if !self.local.is_empty() {
            self.version += 1;
            self.local.clear();
        }
    }

    /// It is rolled back: both go.
    pub fn rollback(&mut self) {
        self.savepoints.clear();
        if let Some(before) = self.before.take() {
            self.session = before;
        }
        self.version += 1;
        self.local.clear();
    }

    /// A savepoint is set.
    pub fn savepoint(&mut self) {
        self.savepoints.push([self.session.clone(), self.local.clone()]);
    }

    /// Back to the savepoint at this place, which stays.
    pub fn rollback_to(&mut self, place: usize) {
        self.savepoints.truncate(place + 1);
        if let Some([session, local]) = self.savepoints.last().cloned() {
            self.version += 1;
            self.session = session;
            self.local = local;
        }
    }

    /// The savepoints from this place on are forgotten.
    pub fn release(&mut self, place: usize) {
        self.savepoints.truncate(place);
    }

    /// Another number after each change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Every variable that the client is told of, with its value.
    pub fn reported(&self) -> BTreeMap<&'static str, String> {
        let reported = VARIABLES.iter().filter(|v| v.reported == Reported::Yes);
        reported.map(|v| (v.name, self.get(v.name).unwrap_or_default())).collect()
    }

    /// `statement_timeout`; nothing if there is none.
    pub fn statement_timeout(&self) -> Option<Duration> {
        let span: Span = self.get("statement_timeout").ok()?.parse().ok()?;
        (!span.0.is_zero()).then_some(span.0)
    }

    /// Whether a message of this severity is sent to the client.
    pub fn lets_through(&self, severity: &str) -> bool {
        let rank = |word: &str| MESSAGES.iter().position(|m| m.eq_ignore_ascii_case(word)).unwrap_or_default();
        self.get("client_min_messages").is_ok_and(|least| rank(severity) >= rank(&least))
    }

    /// Whether sub-plans may leave the gateway.
    pub fn pushdown(&self) -> bool {
        self.get("weft.pushdown").is_ok_and(|v| v == "on")
    }

    /// When statements are spread over several workers.
    pub fn spread(&self) -> Spread {
        match self.get("weft.spread").as_deref() {
            Ok("on") => Spread::Always,
            Ok("off") => Spread::Never,
            _ => Spread::Auto,
        }
    }

    /// The schemas in which bare names are looked up, `"$user"` taken out.
    pub fn search_path(&self) -> Vec<String> {
        let path = self.get("search_path").unwrap_or_default();
        let schemas =
            path.split(',').map(|s| s.trim()).map(|s| match s.strip_prefix('"').and_then(|s| s.strip_suffix('"')) {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => s.to_lowercase(),
            });
        schemas.filter(|s| !s.is_empty() && s != "$user").collect()
    }

    /// The zone of the session's clocks.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.get("TimeZone").ok().and_then(|zone| zone.parse().ok()).unwrap_or(chrono_tz::UTC)
    }

    /// How values become text.
    pub fn text_format(&self) -> TextFormat {
        let is = |name: &str, value: &str| self.get(name).is_ok_and(|v| v == value);
        TextFormat {
            time_zone: self.zone(),
            bytea: if is("bytea_output", "escape") { ByteaOutput::Escape } else { ByteaOutput::Hex },
            interval: if is("IntervalStyle", "iso_8601") { IntervalStyle::Iso8601 } else { IntervalStyle::Postgres },
            extra_float_digits: self.get("extra_float_digits").ok().and_then(|d| d.parse().ok()).unwrap_or(1),
        }
    }
}

fn spec(name: &str) -> Option<&'static VariableSpec> {
    VARIABLES.iter().find(|v| v.name.eq_ignore_ascii_case(name))
}

/// Whether it is the client's own: a name with a dot, as in PostgreSQL, unless the prefix is Weft's.
fn is_clients(name: &str) -> bool {
    name.split_once('.').is_some_and(|(prefix, _)| !prefix.eq_ignore_ascii_case(PREFIX))
}

fn unrecognized(name: &str) -> Error {
    let error = Error::new(ErrorKind::UndefinedObject, format!("unrecognized configuration parameter \"{name}\""));
    match nearest(name, VARIABLES.iter().map(|v| v.name)) {
        Some(near) => error.with_hint(format!("Did you mean {near}?")),
        None => error.with_hint("SHOW ALL lists the parameters."),
    }
}

fn changeable(spec: &VariableSpec) -> Result<()> {
    match spec.takes {
        Takes::Nothing => Err(Error::new(
            ErrorKind::ObjectNotInPrerequisiteState,
            format!("parameter \"{}\" cannot be changed", spec.name),
        )),
        _ => Ok(()),
    }
}

/// The key and the value as it is kept.
fn checked(name: &str, value: &str) -> Result<(String, String)> {
    let Some(spec) = spec(name) else {
        return if is_clients(name) { Ok((name.to_lowercase(), value.to_owned())) } else { Err(unrecognized(name)) };
    };
    changeable(spec)?;
    let invalid = |hint: String| {
        Error::new(
            ErrorKind::InvalidParameterValue,
            format!("invalid value for parameter \"{}\": \"{value}\"", spec.name),
        )
        .with_hint(hint)
    };
    let kept = match spec.takes {
        Takes::Nothing | Takes::Text => value.to_owned(),
        Takes::Boolean => match weft_core::option::parse_boolean(value) {
            Some(true) => "on".to_owned(),
            Some(false) => "off".to_owned(),
            None => return Err(invalid("It takes on or off.".to_owned())),
        },
        Takes::Integer(low, high) => match value.trim().parse::<i64>() {
            Ok(n) if (low..=high).contains(&n) => n.to_string(),
            _ => return Err(invalid(format!("It takes a whole number from {low} to {high}."))),
        },
        Takes::Time => value.parse::<Span>().map_err(|expected| invalid(format!("It takes {expected}.")))?.to_string(),
        Takes::Word(words) => match words.iter().find(|w| w.eq_ignore_ascii_case(value)) {
            Some(word) => (*word).to_owned(),
            None => return Err(invalid(format!("It takes {}.", words.join(", ")))),
        },
        Takes::Zone => match value.parse::<chrono_tz::Tz>().or_else(|_| title_case(value).parse()) {
            Ok(zone) => zone.name().to_owned(),
            Err(_) => return Err(invalid("It takes the name of a zone, such as Europe/Berlin or UTC.".to_owned())),
        },
        Takes::Encoding => match value.to_lowercase().replace(['-', '_'], "").as_str() {
            "utf8" | "unicode" => "UTF8".to_owned(),
            _ => return Err(invalid("Weft speaks UTF8.".to_owned())),
        },
        Takes::DateStyle => {
            let order = ["DMY", "YMD", "MDY"].into_iter().find(|o| value.to_uppercase().contains(o)).unwrap_or("MDY");
            let words: Vec<_> = value.split(',').map(|w| w.trim().to_uppercase()).collect();
            if words.iter().any(|w| !["ISO", "DMY", "YMD", "MDY"].contains(&w.as_str())) {
                return Err(invalid("Weft writes dates in ISO form.".to_owned()));
            }
            format!("ISO, {order}")
        }
    };
    Ok((spec.name.to_lowercase(), kept))
}

/// `utc` and `europe/berlin`, which PostgreSQL accepts.
fn title_case(name: &str) -> String {
    if name.len() <= 3 {
        return name.to_uppercase();
    }
    let mut up = true;
    name.chars()
        .map(|c| {
            let c = if up { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            up = matches!(c, '/' | '_' | '-');
            c
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        Variables::new(&Settings::defaults().expect("defaults"), "weft")
    }

    #[test]
    fn a_rollback_undoes_set() {
        let mut v = variables();
        v.begin();
        v.set("timezone", "europe/berlin").expect("a zone");
        v.set_local("statement_timeout", "5s").expect("a time");
        assert_eq!(v.get("TimeZone").expect("known"), "Europe/Berlin");
        assert_eq!(v.statement_timeout(), Some(Duration::from_secs(5)));
        v.rollback();
        assert_eq!(v.get("TimeZone").expect("known"), "UTC");
        assert_eq!(v.statement_timeout(), None);
    }

    #[test]
    fn mistakes() {
        let mut v = variables();
        assert_eq!(v.set("serch_path", "x").unwrap_err().hint(), Some("Did you mean search_path?"));
        assert_eq!(v.set("server_version", "17").unwrap_err().kind(), ErrorKind::ObjectNotInPrerequisiteState);
        assert_eq!(v.set("client_encoding", "LATIN1").unwrap_err().kind(), ErrorKind::InvalidParameterValue);
        let typo = v.set("Weft.pushdwn", "off").unwrap_err();
        assert_eq!((typo.kind(), typo.hint()), (ErrorKind::UndefinedObject, Some("Did you mean weft.pushdown?")));
        assert_eq!(v.reset("weft.pushdwn").unwrap_err().kind(), ErrorKind::UndefinedObject);
        v.set("my.own", "1").expect("a client's own");
        assert_eq!(v.get("my.own").expect("set"), "1");
    }

    #[test]
    fn search_path_is_split() {
        let mut v = variables();
        v.set("search_path", "\"Big\", sales").expect("text");
        assert_eq!(v.search_path(), ["Big", "sales"]);
    }
}
