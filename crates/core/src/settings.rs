//! The settings of the program, declared once: each has a flag (`--data-dir`), an environment variable (`WEFT_DATA_DIR`) and a key in `weft.toml`
//! (`data_dir`). This module knows names, types, defaults and how to read text; the layering of sources is `server`'s.

use crate::key_prefix::{self, KeyPrefix};
use crate::metastore_at::{HIDDEN, MetastoreAt};
use crate::name::nearest;
use crate::redis_at::{self, RedisAt};
use crate::trace_at::{self, Ratio, TraceAt, TraceText};
use crate::{Error, ErrorKind, Result};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A size in bytes, written `512MB`, `2GiB` or plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// A span of time, written `30s`, `500ms`, `5min`, `1h` or plain milliseconds, as in PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

/// Folders, separated by `:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders(pub Vec<PathBuf>);

/// How clients prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// SCRAM-SHA-256.
    Scram,
    /// Whoever connects is who they say; loopback only.
    Trust,
}

/// Whether the listeners speak TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Never.
    Off,
    /// If the client asks for it.
    Allowed,
    /// Plain connections are refused.
    Required,
}

/// What becomes of changes while the metadata store is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetastoreWrites {
    /// They are refused.
    Refuse,
    /// They are kept, and made when it is back.
    Journal,
}

/// Who runs a statement that no worker can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerFallback {
    /// The gateway's own DuckDB.
    Embedded,
    /// Nobody.
    Refused,
}

macro_rules! settings {
    ($($field:ident: $type:ty = $default:literal, $doc:literal;)*) => {
        /// The effective settings.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Settings { $(#[doc = $doc] pub $field: $type,)* }

        /// Name, default and meaning of every setting, for flags, the reference and `SHOW`.
        pub static SPECS: &[SettingSpec] = &[$(SettingSpec { key: stringify!($field), default: $default, doc: $doc }),*];

        impl Settings {
            /// The defaults.
            pub fn defaults() -> Result<Self> {
                Ok(Settings { $($field: <$type as Setting>::read($default).map_err(|e| invalid(stringify!($field), $default, &e))?,)* })
            }

            /// Changes one setting by its key. An unknown key names the nearest known one.
            pub fn set(&mut self, key: &str, text: &str) -> Result<()> {
                match key {
                    $(stringify!($field) => { self.$field = <$type as Setting>::read(text).map_err(|e| invalid(key, &<$type as Setting>::shown(text), &e))?; Ok(()) })*
                    _ => Err(unknown(key)),
                }
            }

            /// Key and value of every setting, as `weft.toml` would have them; passwords are not told.
            pub fn list(&self) -> Vec<(&'static str, String)> {
                vec![$((stringify!($field), self.$field.write()),)*]
            }
        }
    };
}

settings! {
    data_dir: PathBuf = "./weft-data", "Folder of everything that Weft keeps: metastore, lake, keys.";
    metastore: MetastoreAt = "sqlite", "Where definitions, jobs and scans are kept: `sqlite`, a file in `data_dir`, or `postgres://user:password@host:port/database`, which several gateways share.";
    metastore_writes: MetastoreWrites = "refuse", "What becomes of statements that change definitions while a metastore on a server is away: `refuse`, or `journal`, which keeps those of superusers in `data_dir` and runs them when it is back.";
    metastore_journal_entries: usize = "1000", "The most statements that wait in the journal; of more that were run, the oldest are forgotten.";
    redis: RedisAt = "", "Where workers register: `redis://[user:password@]host:port[/database]`, `rediss://…` with TLS, `redis+sentinel://[user:password@]host:port,…/master-name[/database]` or `redis+cluster://[user:password@]host:port,…`; without it the gateway has its embedded worker only. Signs that mean something in a URL are written `%40`.";
    redis_prefix: KeyPrefix = "weft", "What keys and channels in Redis begin with, in braces: `{weft}:nodes:services`. Gateways and workers that belong together have the same.";
    redis_tls_ca: Option<PathBuf> = "", "PEM file of the authorities that Redis's certificate must be signed by; those of the web unless given.";
    redis_timeout: Span = "2s", "A command of Redis that has not been answered by then has failed, and so has a connection.";
    worker_heartbeat: Span = "5s", "How often a worker tells Redis that it is there.";
    worker_ttl: Span = "15s", "A worker that has told Redis nothing for this long is gone. Gateways and workers that belong together have the same.";
    pg_listen: SocketAddr = "127.0.0.1:5433", "Address of the PostgreSQL protocol. Port 0 takes a free one; `<data_dir>/pg-address` tells which.";
    flight_listen: SocketAddr = "127.0.0.1:50051", "Address of Flight SQL. Port 0 takes a free one; `<data_dir>/flight-address` tells which.";
    http_listen: SocketAddr = "127.0.0.1:8433", "Address of HTTP: `/health`, `/ready`, `/metrics` and, for roles with their password, a status page. Port 0 takes a free one; `<data_dir>/http-address` tells which.";
    flight_address: String = "", "Where clients of Flight SQL are told to fetch their results, such as `grpc+tls://weft.example.com:50051`; unless given, they use the connection that they have.";
    flight_session_timeout: Span = "30min", "A session of Flight SQL that has been asked nothing for this long is ended, and its token with it; `idle_session_timeout` may end it earlier.";
    flight_ticket_timeout: Span = "5min", "A result of Flight SQL that has not been fetched by then must be asked for again.";
    auth: Auth = "scram", "`scram`, or `trust` (no password; refused off loopback).";
    tls: Tls = "off", "`off`, `allowed` or `required` (plain connections are refused).";
    tls_cert: Option<PathBuf> = "", "PEM file of the certificate chain; needed unless `tls = \"off\"`.";
    tls_key: Option<PathBuf> = "", "PEM file of the private key; needed unless `tls = \"off\"`.";
    max_connections: usize = "200", "Clients at once, of all protocols; one more is refused with 53300.";
    authentication_timeout: Span = "60s", "A client that has not logged in by then is dropped.";
    idle_session_timeout: Span = "0", "A session without a statement for this long is ended; 0 never.";
    statement_timeout: Span = "0", "Default of the session variable of this name; 0 never.";
    client_write_timeout: Span = "10min", "A client that takes no bytes for this long is dropped.";
    drain_timeout: Span = "30s", "After SIGTERM, running statements may finish for this long.";
    max_message_bytes: Bytes = "64MiB", "The longest message of a client after login.";
    max_result_buffer: Bytes = "256KiB", "Bytes of a result encoded ahead of what the client has taken.";
    max_cursors: usize = "100", "Cursors that a session may have open at once.";
    cursor_memory: Bytes = "64MiB", "What the cursors of a session may keep of their rows: all that SCROLL has read, and what WITH HOLD has not when its transaction ends.";
    file_roots: Folders = ".", "Folders that catalogs of kind `file` may read, separated by `:`.";
    max_files_per_table: usize = "100000", "A table of more files is refused rather than listed.";
    master_key_file: Option<PathBuf> = "", "File of the key under which secrets are stored; `<data_dir>/master-key` unless given. Created at the first start. Gateways that share a metastore share this file.";
    metadata_ttl: Span = "5s", "How long a listing of a source answers before it is looked at again.";
    listing_timeout: Span = "5s", "A statement waits this long for the listing of a source; then it is told what was known before.";
    health_interval: Span = "30s", "How often each source is asked whether it is there.";
    store_health_interval: Span = "30s", "How often each object store is asked whether it is there, backups too, if its catalog does not say otherwise; 0 never by itself.";
    health_timeout: Span = "5s", "A source that has not answered by then is `unreachable`.";
    preview_rows: usize = "1000", "The most rows that PREVIEW gives, and what it gives unless told less.";
    duckdb_memory: Bytes = "2GiB", "Memory limit of the embedded DuckDB worker; more spills to disk.";
    duckdb_threads: usize = "0", "Threads of the embedded DuckDB worker; 0 takes one a core.";
    duckdb_spill: Bytes = "20GiB", "Limit of what DuckDB spills under `<data_dir>/spill`.";
    duckdb_databases: usize = "4", "DuckDB databases at once in the embedded worker: one for each combination of object stores that statements read; they share memory and disk.";
    duckdb_extensions: Option<PathBuf> = "", "Folder with `httpfs.duckdb_extension`, by which DuckDB reads object stores; if not given, beside DuckDB's library and the program.";
    worker_cache: Bytes = "10GiB", "Bytes of objects that a worker keeps on its disk, the embedded one included; those used longest ago go. 0 keeps none.";
    worker_cache_dir: Option<PathBuf> = "", "Folder of the objects that a worker keeps, and no other worker; `<data_dir>/cache` unless given.";
    max_worker_statements: usize = "16", "DuckDB statements at once in the embedded worker; more wait.";
    query_memory: Bytes = "1GiB", "Memory of joins, sorts and aggregates that run in the gateway itself.";
    join_keys: usize = "10000", "Keys that the smaller side of a join sends to the source of the larger one; of more, only the smallest and the largest.";
    join_keys_wait: Span = "30s", "How long the statement of a join's larger side waits for the keys of the smaller one; 0 sends none.";
    plan_cache: usize = "500", "Queries whose plans are kept for the next time that the same text is run; 0 keeps none.";
    job_history: usize = "1000", "Jobs that are kept after their end, with what their scans found changed; the oldest go.";
    analyze_rows: usize = "1000000", "The most rows that ANALYZE and scans with statistics read of a table unless told otherwise; of more, figures are those of a sample.";
    sample_bytes: Bytes = "64MiB", "Bytes of all samples that are kept for `system.metadata.samples`; the oldest go.";
    scan_full_bytes: Bytes = "64MiB", "Tables of files up to this size are analysed as a whole when they are scanned.";
    scan_sample_bytes: Bytes = "1GiB", "Of tables of files above this size a sample is analysed when they are scanned.";
    scan_untouched: Span = "90d", "Of tables of files that nobody has changed for this long a sample is analysed when they are scanned, if they are not small.";
    scan_files: usize = "100000", "Files that a scan keeps for `system.metadata.files`; of more, only the number is kept.";
    worker_key_file: Option<PathBuf> = "", "File of the key that gateways and workers share; `<data_dir>/worker-key` unless given. A gateway with `redis` creates it at its first start.";
    worker_fallback: WorkerFallback = "embedded", "Who runs a statement that no worker can run: `embedded`, the gateway's own DuckDB, or `refused`, nobody (53400).";
    worker_attempts: usize = "3", "Workers that one statement, or part of one, is tried on.";
    worker_holdback: Bytes = "16MiB", "Rows of a statement are held back until it has ended or there are so many bytes of them: until then it can be begun anew on another worker.";
    worker_id: String = "", "The name of a worker; the machine's name and the port unless given.";
    worker_listen: SocketAddr = "127.0.0.1:7433", "Address at which a worker takes statements. Port 0 takes a free one.";
    worker_advertise: String = "", "The `host:port` by which gateways reach a worker; `worker_listen` unless given.";
    spread_min_bytes: Bytes = "64MiB", "A table of files below this size is not divided among workers.";
    spread_efficiency: usize = "80", "Work is divided among so many workers that each is of this use at least, in percent: 80 means that two are 1.6 times as fast as one.";
    task_history: usize = "1000", "Statements for workers that are kept for `system.runtime.tasks`.";
    trace_endpoint: TraceAt = "", "Where traces of OpenTelemetry are sent: a collector that takes OTLP over gRPC, such as `http://127.0.0.1:4317`; without it there are none. A worker sends its part of what its gateways trace.";
    trace_sample_ratio: Ratio = "1", "Of statements whose client began no trace, this share is traced, from 0 to 1; one whose client did is traced if the client says so (`traceparent`).";
    trace_statement_text: TraceText = "off", "Whether traces have the texts of statements, with the values in them: `off` or `on`. Passwords are left out.";
    log: String = "info", "What is logged: `error`, `warn`, `info`, `debug`, or a filter such as `weft_engine=debug`.";
}

/// One declared setting.
#[derive(Debug)]
pub struct SettingSpec {
    /// Snake case.
    pub key: &'static str,
    /// As a user would type it.
    pub default: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

/// How the text of a setting is read and written.
trait Setting: Sized {
    fn read(text: &str) -> Result<Self, String>;
    fn write(&self) -> String;
    /// What an error may repeat of a text that cannot be read.
    fn shown(text: &str) -> String {
        text.to_owned()
    }
}

fn unknown(key: &str) -> Error {
    let error = Error::new(ErrorKind::InvalidParameterValue, format!("unknown setting \"{key}\""));
    match nearest(key, SPECS.iter().map(|s| s.key)) {
        Some(near) => error.with_hint(format!("Did you mean {near}?")),
        None => error.with_hint("`weft help` lists the settings."),
    }
}

fn invalid(key: &str, text: &str, expected: &str) -> Error {
    Error::new(ErrorKind::InvalidParameterValue, format!("setting {key} cannot be \"{text}\""))
        .with_hint(format!("It takes {expected}."))
}

impl Setting for MetastoreAt {
    fn read(text: &str) -> Result<Self, String> {
        MetastoreAt::read(text).ok_or_else(|| "sqlite, or postgres://user:password@host:port/database".to_owned())
    }
    fn write(&self) -> String {
        self.to_string()
    }
    fn shown(_: &str) -> String {
        HIDDEN.to_owned()
    }
}

impl Setting for RedisAt {
    fn read(text: &str) -> Result<Self, String> {
        RedisAt::read(text).ok_or_else(|| redis_at::EXPECTED.to_owned())
    }
    fn write(&self) -> String {
        self.to_string()
    }
    fn shown(_: &str) -> String {
        HIDDEN.to_owned()
    }
}

impl Setting for KeyPrefix {
    fn read(text: &str) -> Result<Self, String> {
        KeyPrefix::read(text).ok_or_else(|| key_prefix::EXPECTED.to_owned())
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for TraceAt {
    fn read(text: &str) -> Result<Self, String> {
        TraceAt::read(text).ok_or_else(|| trace_at::EXPECTED.to_owned())
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for Ratio {
    fn read(text: &str) -> Result<Self, String> {
        Ratio::read(text).ok_or_else(|| trace_at::EXPECTED_RATIO.to_owned())
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for TraceText {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(TraceText::Off),
            "on" => Ok(TraceText::On),
            _ => Err(trace_at::EXPECTED_TEXT.to_owned()),
        }
    }
    fn write(&self) -> String {
        match self {
            TraceText::Off => "off",
            TraceText::On => "on",
        }
        .to_owned()
    }
}

impl Setting for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a path".to_owned()) } else { Ok(PathBuf::from(text)) }
    }
    fn write(&self) -> String {
        self.display().to_string()
    }
}

impl Setting for Option<PathBuf> {
    fn read(text: &str) -> Result<Self, String> {
        Ok((!text.is_empty()).then(|| PathBuf::from(text)))
    }
    fn write(&self) -> String {
        self.as_ref().map(|p| p.display().to_string()).unwrap_or_default()
    }
}

impl Setting for String {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
    fn write(&self) -> String {
        self.clone()
    }
}

impl Setting for SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:5433".to_owned())
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for usize {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "a whole number".to_owned())
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for Folders {
    fn read(text: &str) -> Result<Self, String> {
        Ok(Folders(text.split(':').filter(|p| !p.is_empty()).map(PathBuf::from).collect()))
    }
    fn write(&self) -> String {
        self.0.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(":")
    }
}

impl Setting for Auth {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "scram" => Ok(Auth::Scram),
            "trust" => Ok(Auth::Trust),
            _ => Err("scram or trust".to_owned()),
        }
    }
    fn write(&self) -> String {
        match self {
            Auth::Scram => "scram",
            Auth::Trust => "trust",
        }
        .to_owned()
    }
}

impl Setting for MetastoreWrites {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "refuse" => Ok(MetastoreWrites::Refuse),
            "journal" => Ok(MetastoreWrites::Journal),
            _ => Err("refuse or journal".to_owned()),
        }
    }
    fn write(&self) -> String {
        match self {
            MetastoreWrites::Refuse => "refuse",
            MetastoreWrites::Journal => "journal",
        }
        .to_owned()
    }
}

impl Setting for WorkerFallback {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "embedded" => Ok(WorkerFallback::Embedded),
            "refused" => Ok(WorkerFallback::Refused),
            _ => Err("embedded or refused".to_owned()),
        }
    }
    fn write(&self) -> String {
        match self {
            WorkerFallback::Embedded => "embedded",
            WorkerFallback::Refused => "refused",
        }
        .to_owned()
    }
}

impl Setting for Tls {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Tls::Off),
            "allowed" => Ok(Tls::Allowed),
            "required" => Ok(Tls::Required),
            _ => Err("off, allowed or required".to_owned()),
        }
    }
    fn write(&self) -> String {
        match self {
            Tls::Off => "off",
            Tls::Allowed => "allowed",
            Tls::Required => "required",
        }
        .to_owned()
    }
}

impl Setting for Bytes {
    fn read(text: &str) -> Result<Self, String> {
        text.parse()
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for Span {
    fn read(text: &str) -> Result<Self, String> {
        text.parse()
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

/// Splits `12.5 MB` into number and unit.
fn number_and_unit(text: &str) -> Option<(u64, String)> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..digits].parse().ok()?, text[digits..].trim().to_ascii_lowercase()))
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "a size such as 512MB or 2GiB".to_owned();
        let (number, unit) = number_and_unit(text).ok_or_else(expected)?;
        let factor: u64 = match unit.as_str() {
            "" | "b" => 1,
            "k" | "kb" | "kib" => 1 << 10,
            "m" | "mb" | "mib" => 1 << 20,
            "g" | "gb" | "gib" => 1 << 30,
            "t" | "tb" | "tib" => 1 << 40,
            _ => return Err(expected()),
        };
        number.checked_mul(factor).map(Bytes).ok_or_else(expected)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("TiB", 1u64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
        match units.iter().find(|(_, size)| self.0 > 0 && self.0.is_multiple_of(*size)) {
            Some((unit, size)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "a time such as 500ms, 30s, 5min or 1h".to_owned();
        let (number, unit) = number_and_unit(text).ok_or_else(expected)?;
        let millis: u64 = match unit.as_str() {
            "" | "ms" => 1,
            "s" => 1_000,
            "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(expected()),
        };
        number.checked_mul(millis).map(|ms| Span(Duration::from_millis(ms))).ok_or_else(expected)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let units = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000)];
        match units.iter().find(|(_, size)| millis > 0 && millis.is_multiple_of(*size)) {
            Some((unit, size)) => write!(f, "{}{unit}", millis / size),
            None if millis == 0 => f.write_str("0"),
            None => write!(f, "{millis}ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_readable_and_is_written_back() {
        let settings = Settings::defaults().expect("defaults");
        let mut copy = settings.clone();
        for (key, value) in settings.list() {
            copy.set(key, &value).expect(key);
        }
        assert_eq!(copy, settings);
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let mut settings = Settings::defaults().expect("defaults");
        assert_eq!(settings.set("data_dri", "x").unwrap_err().hint(), Some("Did you mean data_dir?"));
        assert_eq!(settings.set("tls", "maybe").unwrap_err().hint(), Some("It takes off, allowed or required."));
    }

    #[test]
    fn units() {
        assert_eq!("2GiB".parse::<Bytes>(), Ok(Bytes(2 << 30)));
        assert_eq!(Bytes(64 << 20).to_string(), "64MiB");
        assert_eq!("30s".parse::<Span>(), Ok(Span(Duration::from_secs(30))));
        assert_eq!("250".parse::<Span>().expect("ms").to_string(), "250ms");
        assert!("1 fortnight".parse::<Span>().is_err());
    }
}
