//! What stands in the headers of a request: who asks, and for which catalog. It must not know whose a token is.

use crate::access::basic;
pub(crate) use crate::access::basic::Credentials;
use tonic::metadata::MetadataMap;
use weft_core::{Error, ErrorKind, Result};

/// The header's name.
pub(crate) const AUTHORIZATION: &str = "authorization";

/// What stands before a token.
pub(crate) const BEARER: &str = "Bearer ";

/// Headers that choose the catalog of a session, as drivers call it.
const CATALOG: [&str; 2] = ["database", "catalog"];

/// Headers by which a client says what it calls itself: its own word, or that of its driver.
const APPLICATION: [&str; 2] = ["application_name", "user-agent"];

/// Who asks; `None` if nobody says so.
pub(crate) fn credentials(headers: &MetadataMap) -> Result<Option<Credentials>> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let malformed = |_| Error::new(ErrorKind::InvalidAuthorization, "malformed authorization header");
    basic::credentials(value.to_str().map_err(malformed)?).map(Some)
}

/// The catalog that the client wants to be in.
pub(crate) fn catalog(headers: &MetadataMap) -> Option<String> {
    first(headers, &CATALOG)
}

/// What the client calls itself.
pub(crate) fn application(headers: &MetadataMap) -> Option<String> {
    first(headers, &APPLICATION)
}

fn first(headers: &MetadataMap, names: &[&str]) -> Option<String> {
    let value = names.iter().find_map(|name| headers.get(*name))?;
    value.to_str().ok().filter(|text| !text.is_empty()).map(str::to_owned)
}
