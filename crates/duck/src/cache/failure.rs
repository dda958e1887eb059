//! What a real store, or the way to it, has against a request. It must not know what the request was for.

use crate::request::Why;
use object_store::Error as StoreError;
use object_store::client::{HttpError, HttpErrorKind};
use std::error::Error as StdError;

/// Why a request failed.
pub(crate) fn why(error: &StoreError) -> Why {
    let text = || chain(error).last().map(ToString::to_string).unwrap_or_default();
    match error {
        StoreError::NotFound { .. } => Why::Status(404, String::new()),
        StoreError::Precondition { .. } | StoreError::NotModified { .. } => Why::Changed,
        _ => match chain(error).find_map(|cause| cause.downcast_ref::<HttpError>()) {
            Some(failure) if failure.kind() == HttpErrorKind::Timeout => Why::too_late(),
            Some(failure) => Why::Unreachable(chain(failure).last().map(ToString::to_string).unwrap_or_default()),
            None => match status(&text()) {
                Some(code) => Why::Status(code, words(&text())),
                None => Why::Unreachable(words(&text())),
            },
        },
    }
}

/// The status of an answer: `object_store` tells most of them in words only.
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
        _ if status(text).is_some() => String::new(),
        _ => text.lines().next().unwrap_or_default().to_owned(),
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
        let generic = |text: &str| why(&StoreError::Generic { store: "S3", source: text.into() });
        let said = "Server returned non-2xx status code: 400 Bad: <Error><Code>A</Code><Message>No. </Message></Error>";
        assert_eq!(generic(said), Why::Status(400, "A: No.".to_owned()));
        assert_eq!(generic("Server returned non-2xx status code: 503 x: "), Why::Status(503, String::new()));
        assert_eq!(generic("what"), Why::Unreachable("what".to_owned()));
    }
}
