//! What a new database is set up with: limits, macros, stores, and the walls around it. Text only.

use crate::config::Config;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use weft_core::name::quote_literal;
use weft_core::store::{Addressing, Store};

/// The options that a database is opened with.
pub(crate) fn options(config: &Config, spill: &Path) -> Vec<(&'static str, String)> {
    let mut options = vec![
        ("temp_directory", spill.display().to_string()),
        ("autoinstall_known_extensions", "false".to_owned()),
        ("autoload_known_extensions", "false".to_owned()),
        ("allow_community_extensions", "false".to_owned()),
        ("allow_persistent_secrets", "false".to_owned()),
        // LIMIT without ORDER BY and plain scans keep the files' order, as a user of PostgreSQL expects of a heap.
        ("preserve_insertion_order", "true".to_owned()),
    ];
    if config.threads > 0 {
        options.push(("threads", config.threads.to_string()));
    }
    options
}

/// Loads the extension that reads object stores, and makes it forget what it found in the environment of the process: a catalog without a session
/// token would be opened with the machine's.
pub(crate) fn load_httpfs(file: &Path) -> Vec<String> {
    let mut statements = vec![format!("LOAD {}", quote_literal(&file.display().to_string()))];
    for setting in ["access_key_id", "secret_access_key", "session_token", "region", "endpoint", "kms_key_id"] {
        statements.push(format!("SET GLOBAL s3_{setting} = ''"));
    }
    statements
}

/// How long DuckDB waits for the cache, which has limits of its own for every request: it would not do without.
const CACHE_TIMEOUT: Duration = Duration::from_secs(3600);

/// How requests to these stores behave, if DuckDB asks them itself.
fn requests(stores: &[Arc<Store>]) -> Vec<String> {
    let timeout = stores.iter().map(|s| s.request_timeout).max().unwrap_or(Duration::ZERO);
    let retries = stores.iter().map(|s| s.max_retries).max().unwrap_or(0);
    vec![
        // DuckDB takes whole seconds.
        format!("SET GLOBAL http_timeout = {}", timeout.as_secs_f64().ceil().max(1.0)),
        format!("SET GLOBAL http_retries = {retries}"),
    ]
}

/// How requests to the cache behave. It repeats what fails itself.
fn requests_to(cache: SocketAddr) -> Vec<String> {
    vec![
        format!("SET GLOBAL http_timeout = {}", CACHE_TIMEOUT.as_secs()),
        "SET GLOBAL http_retries = 0".to_owned(),
        // The environment may name a proxy, through which nobody in this process is reached. With this one, whether it is used or not, they are.
        format!("SET GLOBAL http_proxy = '{cache}'"),
        // Requests are signed by who asks (see `Visit`), with a key that nobody checks.
        "SET GLOBAL s3_secret_access_key = 'none'".to_owned(),
    ]
}

/// How objects are asked for: of the cache if there is one, else of their stores.
pub(crate) fn objects(stores: &[Arc<Store>], cache: Option<SocketAddr>) -> Vec<String> {
    let mut statements = cache.map_or_else(|| requests(stores), requests_to);
    statements.extend([
        // A server that ignores ranges would have whole files read into memory.
        "SET GLOBAL auto_fallback_to_full_download = false".to_owned(),
        // Keys are taken literally: no patterns, no parameters after a question mark.
        "SET GLOBAL s3_url_compatibility_mode = true".to_owned(),
    ]);
    statements
}

/// The statement that lets a database open the store. Without a cache it holds the key: it must not be logged, nor what DuckDB says about it.
pub(crate) fn secret(number: usize, store: &Store, cache: Option<SocketAddr>) -> String {
    let mut parts = vec!["TYPE s3".to_owned(), "PROVIDER config".to_owned()];
    let mut text = |name: &str, value: &str| parts.push(format!("{name} {}", quote_literal(value)));
    text("SCOPE", &store.scope);
    text("REGION", &store.region);
    text("URL_COMPATIBILITY_MODE", "true");
    match cache {
        Some(cache) => {
            text("ENDPOINT", &cache.to_string());
            text("USE_SSL", "false");
            text("URL_STYLE", "path");
        }
        None => open(store, text),
    }
    format!("CREATE TEMPORARY SECRET store_{number} ({})", parts.join(", "))
}

/// Where the store is, and its key.
fn open(store: &Store, mut text: impl FnMut(&str, &str)) {
    text("ENDPOINT", store.address());
    text("USE_SSL", if store.endpoint.starts_with("http://") { "false" } else { "true" });
    text(
        "URL_STYLE",
        match store.addressing {
            Addressing::Path => "path",
            Addressing::VirtualHost => "vhost",
        },
    );
    if let (Some(key_id), Some(secret)) = (&store.key_id, &store.secret) {
        text("KEY_ID", key_id);
        text("SECRET", secret.expose());
    }
    if let Some(token) = &store.session_token {
        text("SESSION_TOKEN", token.expose());
    }
}

/// What stays changeable: the limits that databases share, and what DuckDB keeps in memory of files, which is emptied by that.
const CHANGEABLE: [&str; 3] = ["memory_limit", "max_temp_directory_size", "enable_external_file_cache"];

/// What stays changeable besides with a cache: who asks it. A pass that a statement was not given opens nothing to it.
const PASS: &str = "s3_access_key_id";

/// Run last: times are UTC, only the given folders and stores can be read, and nothing can be changed afterwards but [`CHANGEABLE`] and [`PASS`].
pub(crate) fn walls(config: &Config, stores: &[Arc<Store>], cache: Option<SocketAddr>) -> Vec<String> {
    let folders = config.readable.iter().map(|p| format!("{}/", p.display()));
    let readable: Vec<_> = folders.chain(stores.iter().map(|s| s.scope.clone())).map(|p| quote_literal(&p)).collect();
    let mut statements = vec!["SET GLOBAL TimeZone = 'UTC'".to_owned()];
    statements.push(format!("SET GLOBAL allowed_directories = [{}]", readable.join(", ")));
    let changeable: Vec<_> = CHANGEABLE.into_iter().chain(cache.map(|_| PASS)).map(quote_literal).collect();
    statements.push(format!("SET GLOBAL allowed_configs = [{}]", changeable.join(", ")));
    statements.push("SET GLOBAL enable_external_access = false".to_owned());
    statements.push("SET GLOBAL lock_configuration = true".to_owned());
    statements
}
