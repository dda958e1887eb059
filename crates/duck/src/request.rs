//! What DuckDB says when a request to an object store fails, and what that means to whoever reads a catalog. It must not know how stores are opened.

use crate::cache::Visit;
use percent_encoding::percent_decode_str;
use std::fmt;
use std::sync::Arc;
use weft_core::name::quote_always;
use weft_core::store::Store;
use weft_core::{Error, ErrorKind};

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestFailure {
    url: String,
    why: Why,
}

/// Why it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// No answer, and the reason.
    Unreachable(String),
    /// Another answer than the wanted one, and the store's words.
    Status(u16, String),
    /// The object is not the one any more that it was when reading began.
    Changed,
}

impl Why {
    /// The store did not answer in time.
    pub(crate) fn too_late() -> Why {
        Why::Unreachable("no answer in time".to_owned())
    }
}

impl RequestFailure {
    /// Reads a text of DuckDB's; `None` if it is about something else.
    pub(crate) fn read(text: &str) -> Option<RequestFailure> {
        let (class, said) = text.trim().split_once(" Error: ")?;
        if !matches!(class, "HTTP" | "IO") {
            return None;
        }
        // URLs are in quotes.
        let url = said.split(['\'', '"']).skip(1).step_by(2).find(|part| part.contains("://"))?.to_owned();
        if said.starts_with("ETag on reading file") || said.contains("This could mean the file was changed") {
            return Some(RequestFailure { url, why: Why::Changed });
        }
        if let Some((why, _)) = said.split_once(" error for HTTP ") {
            return Some(RequestFailure { url, why: Why::Unreachable(why.to_owned()) });
        }
        let line = said.lines().next()?;
        let (_, status) = line.rsplit_once("(HTTP ").or_else(|| line.rsplit_once(" returned HTTP "))?;
        let code = status.get(..3)?.parse().ok()?;
        // The store's own words come in a paragraph of their own; what follows is DuckDB's advice.
        let own = said.split("\n\n").nth(1).and_then(|paragraph| paragraph.trim().lines().next());
        let words = own.filter(|own| !own.starts_with("Authentication Failure")).unwrap_or_default();
        Some(RequestFailure { url, why: Why::Status(code, words.to_owned()) })
    }

    /// The error for those who do not know whose store it is.
    pub(crate) fn into_error(self) -> Error {
        self.error("the object store", &self.url, "").with_source(self)
    }

    fn error(&self, source: &str, key: &str, address: &str) -> Error {
        let object = format!("object \"{key}\" of {source}");
        let said = |words: &str| format!("{address}: {words}");
        match &self.why {
            Why::Unreachable(why) => {
                Error::new(ErrorKind::ConnectionFailed, format!("{source} cannot be reached")).with_detail(said(why))
            }
            Why::Status(404, _) => Error::new(ErrorKind::UndefinedFile, format!("{object} does not exist any more")),
            Why::Status(401 | 403, words) => {
                Error::new(ErrorKind::InsufficientPrivilege, format!("{object} may not be read"))
                    .with_detail(said(words))
                    .with_hint("Check key_id, secret and session_token of the catalog, and what they allow.")
            }
            // 412 and 416: it was cut short after its length had been asked for.
            Why::Status(412 | 416, _) | Why::Changed => {
                Error::new(ErrorKind::ObjectNotInPrerequisiteState, format!("{object} changed while it was read"))
                    .with_hint("Run the statement again.")
            }
            Why::Status(status, words) => Error::new(refusal(*status), format!("{object} cannot be read"))
                .with_detail(said(format!("HTTP status {status} {words}").trim_end())),
        }
    }
}

/// A store that answers otherwise than it was asked to is not away, unless it says that it is: another worker or another store would get the same answer.
fn refusal(status: u16) -> ErrorKind {
    match status {
        408 | 429 => ErrorKind::ConnectionFailed,
        300..500 => ErrorKind::SourceFailed,
        _ => ErrorKind::ConnectionFailed,
    }
}

/// What DuckDB says when one of its threads has failed and another one, which goes on, finds that out first: the reason is lost.
const LOST: &str = "unsuccessful or closed pending query result";

/// The error, naming the catalog and the object's key if it is about one of these stores. Whoever asked them in the place of DuckDB knows better why.
pub(crate) fn named(error: Error, stores: &[Arc<Store>], visit: Option<&Visit>) -> Error {
    let source = std::error::Error::source(&error);
    let failure = match source.and_then(|source| source.downcast_ref::<RequestFailure>()) {
        Some(failure) => failure.clone(),
        None => match visit.and_then(Visit::any_failure).filter(|_| error.message().contains(LOST)) {
            Some((url, why)) => RequestFailure { url, why },
            None => return error,
        },
    };
    let asked = visit.and_then(|visit| requested(&failure.url, &visit.address()));
    let url = asked.as_ref().unwrap_or(&failure.url);
    let found = stores.iter().find_map(|store| Some((store, bucket(store)?, key(store, url)?)));
    let Some((store, bucket, key)) = found else { return error };
    let why = visit.and_then(|visit| visit.failure(bucket, key)).unwrap_or(failure.why);
    let failure = RequestFailure { url: url.clone(), why };
    let source = match store.catalog.as_str() {
        "" => "the source".to_owned(),
        catalog => format!("catalog {}", quote_always(catalog)),
    };
    failure.error(&source, key, store.address()).with_source(failure.clone())
}

/// What DuckDB asked for at this address, as `s3://bucket/key`.
fn requested(url: &str, address: &str) -> Option<String> {
    let path = url.strip_prefix("http://")?.strip_prefix(address)?.strip_prefix('/')?;
    Some(format!("s3://{}", percent_decode_str(path).decode_utf8().ok()?))
}

fn bucket(store: &Store) -> Option<&str> {
    store.scope.strip_prefix("s3://")?.split_once('/').map(|(bucket, _)| bucket)
}

/// The object's key, if the URL, in DuckDB's spelling or as it was requested, lies in the store.
fn key<'u>(store: &Store, url: &'u str) -> Option<&'u str> {
    let bucket = bucket(store)?;
    let (scheme, rest) = url.split_once("://")?;
    if scheme == "s3" {
        return url.starts_with(&store.scope).then(|| rest.split_once('/')).flatten().map(|(_, key)| key);
    }
    let in_path = rest.strip_prefix(store.address()).and_then(|rest| rest.strip_prefix('/')?.strip_prefix(bucket));
    let in_host = rest.strip_prefix(bucket).and_then(|rest| rest.strip_prefix('.')?.strip_prefix(store.address()));
    in_path.or(in_host)?.strip_prefix('/')
}

impl fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.url, self.why)
    }
}

impl std::error::Error for RequestFailure {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::classify;
    use std::time::Duration;
    use weft_core::store::{Addressing, StoreRole};

    fn store(catalog: &str, scope: &str) -> Arc<Store> {
        Arc::new(Store {
            catalog: catalog.to_owned(),
            role: StoreRole::Primary,
            scope: scope.to_owned(),
            endpoint: "http://127.0.0.1:8333".to_owned(),
            region: "us-east-1".to_owned(),
            key_id: None,
            secret: None,
            session_token: None,
            addressing: Addressing::Path,
            request_timeout: Duration::from_secs(1),
            max_retries: 0,
        })
    }

    /// SQLSTATE, message and detail of the error for the text.
    fn told(text: &str) -> (&'static str, String, String) {
        let error = named(classify(text), &[store("lake", "s3://b/p/"), store("other", "s3://c/")], None);
        (error.kind().sqlstate(), error.message().to_owned(), error.detail().unwrap_or_default().to_owned())
    }

    fn expected(state: &'static str, message: &str, detail: &str) -> (&'static str, String, String) {
        (state, message.to_owned(), detail.to_owned())
    }

    #[test]
    fn failures_name_catalog_and_object() {
        assert_eq!(
            told("IO Error: Timeout was reached error for HTTP HEAD to 'http://127.0.0.1:8333/c/p/t.csv'\n\nLINE 1: x"),
            expected("08001", "catalog \"other\" cannot be reached", "127.0.0.1:8333: Timeout was reached")
        );
        assert_eq!(
            told("HTTP Error: HTTP GET error reading 's3://b/p/t.csv' in region 'us-east-1' (HTTP 404 Not Found)"),
            expected("58P01", "object \"p/t.csv\" of catalog \"lake\" does not exist any more", "")
        );
        assert_eq!(
            told(
                "HTTP Error: HTTP GET error reading 'http://127.0.0.1:8333/b/p/t.csv' in region 'r' (HTTP 403 Forbidden)\n\n\
                 SignatureDoesNotMatch: No.\n\nAuthentication Failure - this is"
            ),
            expected(
                "42501",
                "object \"p/t.csv\" of catalog \"lake\" may not be read",
                "127.0.0.1:8333: SignatureDoesNotMatch: No."
            )
        );
        assert_eq!(
            told("HTTP Error: ETag on reading file \"s3://c/x\" was initially \"1\" and now it returned \"2\", this"),
            expected("55000", "object \"x\" of catalog \"other\" changed while it was read", "")
        );
        assert_eq!(
            told("HTTP Error: Request returned HTTP 503 for HTTP GET to 'http://127.0.0.1:8333/c/x'"),
            expected("08001", "object \"x\" of catalog \"other\" cannot be read", "127.0.0.1:8333: HTTP status 503")
        );
        assert_eq!(
            told("HTTP Error: Request returned HTTP 400 for HTTP GET to 'http://127.0.0.1:8333/c/x'"),
            expected("HV000", "object \"x\" of catalog \"other\" cannot be read", "127.0.0.1:8333: HTTP status 400")
        );
    }

    #[test]
    fn what_was_asked_for_elsewhere_is_known() {
        let asked = requested("http://127.0.0.1:7000/b/p/a%20b%25.csv", "127.0.0.1:7000");
        assert_eq!(asked.as_deref(), Some("s3://b/p/a b%.csv"));
        assert_eq!(requested("http://127.0.0.1:70001/b", "127.0.0.1:7000"), None);
    }

    #[test]
    fn other_errors_stay_what_they_are() {
        assert_eq!(told("IO Error: Cannot open file \"/x\": No such file or directory").0, "58P01");
        let foreign = told("HTTP Error: HTTP GET error reading 's3://z/t.csv' in region 'r' (HTTP 404 Not Found)");
        assert_eq!(foreign.1, "object \"s3://z/t.csv\" of the object store does not exist any more");
    }
}
