//! What the store, or the way to it, has against a listing. It must not know DuckDB: what that meets when it reads is told by the worker.

use super::site::Site;
use object_store::Error as StoreError;
use object_store::client::{HttpError, HttpErrorKind};
use std::error::Error as StdError;
use weft_core::store::StoreRole;
use weft_core::{Error, ErrorKind};

/// The error that a client gets.
pub(crate) fn explain(site: &Site, error: StoreError) -> Error {
    let (which, keys) = match site.store.role {
        StoreRole::Primary => ("bucket", "key_id, secret and session_token"),
        StoreRole::Backup => ("backup bucket", "backup_key_id, backup_secret and backup_session_token"),
    };
    let bucket = format!("{which} \"{}\" of {}", site.bucket, site.place.subject());
    let told = if let StoreError::InvalidPath { source } = &error {
        Error::unsupported("a key with empty parts, with . or .. as a part, or with control characters")
            .with_detail(source.to_string())
    } else if let Some(failure) = chain(&error).find_map(|cause| cause.downcast_ref::<HttpError>()) {
        site.unreachable(why(failure))
    } else {
        let text = chain(&error).last().map(ToString::to_string).unwrap_or_default();
        let (kind, problem) = match status(&text) {
            Some(401 | 403) => (ErrorKind::InsufficientPrivilege, "may not be read"),
            Some(404) => (ErrorKind::UndefinedFile, "does not exist"),
            // It is there, and answers otherwise than it was asked to.
            Some(status @ 300..500) if !matches!(status, 408 | 429) => (ErrorKind::SourceFailed, "cannot be listed"),
            _ => (ErrorKind::ConnectionFailed, "cannot be listed"),
        };
        let told = Error::new(kind, format!("{bucket} {problem}")).with_detail(format!(
            "{}: {}",
            site.place.address,
            words(&text)
        ));
        match kind {
            ErrorKind::InsufficientPrivilege => told.with_hint(format!("Check {keys}, and what they allow.")),
            _ => told,
        }
    };
    told.with_source(error)
}

/// The status of an answer: of listings `object_store` tells it in words only.
fn status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

/// What the store said: the code and the message of its XML, else the first line.
fn words(text: &str) -> String {
    let tag = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text.trim())
    };
    match (tag("Code"), tag("Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => text.lines().next().unwrap_or_default().trim_end_matches([':', ' ']).to_owned(),
    }
}

fn why(failure: &HttpError) -> String {
    match failure.kind() {
        HttpErrorKind::Timeout => "no answer in time".to_owned(),
        _ => chain(failure).last().map(ToString::to_string).unwrap_or_default(),
    }
}

/// The error, its cause, the cause of that, ….
fn chain<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let text = "Server returned non-2xx status code: 403 Forbidden: <?xml?>\n<Error><Code>AccessDenied</Code><Message>No. </Message></Error>";
        assert_eq!((status(text), words(text)), (Some(403), "AccessDenied: No.".to_owned()));
        let bare = "Server returned non-2xx status code: 503 Service Unavailable: ";
        assert_eq!(
            (status(bare), words(bare)),
            (Some(503), "Server returned non-2xx status code: 503 Service Unavailable".to_owned())
        );
        assert_eq!(status("error decoding response body"), None);
    }
}
