//! What kind `s3` takes: declared, from which checks, redaction and the reference are made. It must not know what is done with it.

use crate::files::options::{option, with_formats};
use std::time::Duration;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence};

const fn secret(name: &'static str, doc: &'static str) -> OptionSpec {
    OptionSpec { exposure: Exposure::Secret, ..option(name, OptionType::Text, Presence::Default(""), doc) }
}

const fn text(name: &'static str, presence: Presence, doc: &'static str) -> OptionSpec {
    option(name, OptionType::Text, presence, doc)
}

/// What `CREATE CATALOG … USING s3 OPTIONS (…)` takes.
pub(crate) static OPTIONS: &[OptionSpec] = &with_formats::<18, 24>([
    text("bucket", Presence::Required, "The bucket."),
    text("prefix", Presence::Default(""), "The folder in the bucket; all of it unless given."),
    text(
        "endpoint",
        Presence::Default(""),
        "URL of the store, such as `https://minio.example:9000`; Amazon's own for the region unless given.",
    ),
    text("region", Presence::Default("us-east-1"), "The region that requests are signed for."),
    text("key_id", Presence::Default(""), "The id of the access key; requests are not signed without one."),
    secret("secret", "The secret access key."),
    secret("session_token", "The session token of temporary keys."),
    option(
        "addressing",
        OptionType::Choice(&["path", "virtual"]),
        Presence::Default(""),
        "`path` (`https://host/bucket`) or `virtual` (`https://bucket.host`); `virtual` for Amazon's own, `path` for an `endpoint` unless given.",
    ),
    option(
        "allow_http",
        OptionType::Boolean,
        Presence::Default("false"),
        "Whether `endpoint` may be `http://`: everybody on the way can read what is read.",
    ),
    text(
        "backup_bucket",
        Presence::Default(""),
        "The bucket of a backup store, which holds the same objects under the same keys below its prefix and is read while the first store is away; \
         `bucket` unless given, if there is a `backup_endpoint`.",
    ),
    text(
        "backup_prefix",
        Presence::Default(""),
        "The folder in the backup's bucket; `prefix` unless given, `/` for all of it.",
    ),
    text(
        "backup_endpoint",
        Presence::Default(""),
        "URL of the backup store; Amazon's own for its region unless given, if there is a `backup_bucket`.",
    ),
    text(
        "backup_region",
        Presence::Default(""),
        "The region that requests to the backup are signed for; `region` unless given.",
    ),
    text(
        "backup_key_id",
        Presence::Default(""),
        "The id of the backup's access key; requests to it are not signed without one, whatever `key_id` is.",
    ),
    secret("backup_secret", "The backup's secret access key."),
    secret("backup_session_token", "The session token of temporary keys of the backup."),
    option(
        "backup_addressing",
        OptionType::Choice(&["path", "virtual"]),
        Presence::Default(""),
        "As `addressing`, of the backup.",
    ),
    option(
        "backup_allow_http",
        OptionType::Boolean,
        Presence::Default(""),
        "Whether `backup_endpoint` may be `http://`; not unless given.",
    ),
]);

const fn property(name: &'static str, kind: OptionType, default: &'static str, doc: &'static str) -> OptionSpec {
    option(name, kind, Presence::Default(default), doc)
}

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(3600);

/// What `WITH (…)` takes.
pub(crate) static PROPERTIES: &[OptionSpec] = &[
    crate::kind::MANAGE,
    crate::kind::SCAN_LEVEL,
    crate::kind::SCAN_SCHEDULE,
    property(
        "connect_timeout",
        OptionType::Time(SHORTEST, LONGEST),
        "5s",
        "A store that has not accepted a connection after this long cannot be reached: 08001.",
    ),
    property(
        "request_timeout",
        OptionType::Time(SHORTEST, LONGEST),
        "30s",
        "A request that has not ended after this long has failed; the worker counts in whole seconds.",
    ),
    property(
        "max_retries",
        OptionType::Integer(0, 20),
        "2",
        "How often a request that failed is sent again; one for a listing only within `connect_timeout`.",
    ),
    property(
        "health_interval",
        OptionType::Time(Duration::ZERO, Duration::from_secs(86_400)),
        "",
        "How often each of its stores is asked whether it is there, at most once a second; `0` never by itself; the setting `store_health_interval` unless given.",
    ),
    property(
        "fail_over_after",
        OptionType::Integer(1, 100),
        "2",
        "Checks of the store in a row that fail until the backup is read; a read that cannot reach it is enough.",
    ),
    property(
        "fail_back_after",
        OptionType::Integer(1, 100),
        "2",
        "Checks of the store in a row that succeed until it is read again; of two within half a `health_interval` one counts.",
    ),
];
