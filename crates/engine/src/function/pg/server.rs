//! What the server says of itself.

use super::value::Value;
use super::{Spec, seen, strict};
use crate::system::directory::Directory;
use chrono::{DateTime, Utc};
use std::sync::LazyLock;
use weft_core::pgtype::{BOOL, INET, INT4, INT8, NAME, TEXT, TIMESTAMPTZ};
use weft_core::{Error, Result};

static STARTED: LazyLock<DateTime<Utc>> = LazyLock::new(Utc::now);

/// Called when the gateway opens.
pub(super) fn remember_start() {
    LazyLock::force(&STARTED);
}

fn started(_: &Directory, _: &[Value]) -> Result<Value> {
    Ok(Value::Int(STARTED.timestamp_micros()))
}

fn nothing(_: &Directory, _: &[Value]) -> Result<Value> {
    Ok(Value::Null)
}

fn no_transactions(_: &Directory, _: &[Value]) -> Result<Value> {
    Err(Error::unsupported("a transaction's number").with_hint("A transaction of Weft has none."))
}

/// The number of UTF8 in `pg_wchar.h`.
const UTF8: i64 = 6;

pub(super) const SPECS: &[Spec] = &[
    strict("pg_encoding_to_char", &[&["int4"]], &NAME, |_, a| {
        Ok(Value::Text(
            if a[0].int()? == UTF8 {
                "UTF8"
            } else if a[0].int()? == 0 {
                "SQL_ASCII"
            } else {
                ""
            }
            .to_owned(),
        ))
    }),
    strict("pg_char_to_encoding", &[&["name"]], &INT4, |_, a| {
        let name = a[0].as_text().to_lowercase().replace(['-', '_'], "");
        Ok(Value::Int(if matches!(name.as_str(), "utf8" | "unicode") { UTF8 } else { -1 }))
    }),
    strict("getdatabaseencoding", &[&[]], &NAME, |_, _| Ok(Value::Text("UTF8".to_owned()))),
    strict("pg_client_encoding", &[&[]], &NAME, |_, _| Ok(Value::Text("UTF8".to_owned()))),
    strict("pg_postmaster_start_time", &[&[]], &TIMESTAMPTZ, started),
    strict("pg_conf_load_time", &[&[]], &TIMESTAMPTZ, started),
    strict("inet_server_addr", &[&[]], &INET, nothing),
    strict("inet_server_port", &[&[]], &INT4, nothing),
    strict("inet_client_addr", &[&[]], &INET, nothing),
    strict("inet_client_port", &[&[]], &INT4, nothing),
    strict("pg_is_wal_replay_paused", &[&[]], &BOOL, |_, _| Ok(Value::Bool(false))),
    strict("pg_last_wal_replay_lsn", &[&[]], &TEXT, nothing),
    strict("pg_collation_actual_version", &[&["oid"]], &TEXT, nothing),
    strict("pg_safe_snapshot_blocking_pids", &[&["int4"]], &TEXT, nothing),
    strict("pg_jit_available", &[&[]], &BOOL, |_, _| Ok(Value::Bool(false))),
    strict("pg_export_snapshot", &[&[]], &TEXT, no_transactions),
    strict("txid_current", &[&[]], &INT8, no_transactions),
    strict("pg_current_xact_id", &[&[]], &INT8, no_transactions),
    strict("txid_current_if_assigned", &[&[]], &INT8, nothing),
    strict("pg_current_xact_id_if_assigned", &[&[]], &INT8, nothing),
    seen("pg_stat_get_backend_idset", &[&[]], &INT4, nothing),
    strict("pg_stat_get_numscans", &[&["oid"]], &INT8, |_, _| Ok(Value::Int(0))),
];
