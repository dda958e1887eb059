//! The `authorization` header: user and password, or a token. It must not know whose they are.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use tonic::metadata::MetadataMap;
use weft_core::{Error, ErrorKind, Result, Secret};

/// The header's name.
pub(crate) const AUTHORIZATION: &str = "authorization";

/// What stands before a token.
pub(crate) const BEARER: &str = "Bearer ";

/// Go's clients write no padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Headers that choose the catalog of a session, as drivers call it.
const CATALOG: [&str; 2] = ["database", "catalog"];

/// Headers by which a client says what it calls itself: its own word, or that of its driver.
const APPLICATION: [&str; 2] = ["application_name", "user-agent"];

/// What a client sends to be let in.
pub(crate) enum Credentials {
    /// A token that it was given.
    Token(Secret),
    /// Who it is.
    Password {
        /// The role.
        user: String,
        /// Its password.
        password: Secret,
    },
}

/// Reads the header; `None` if there is none.
pub(crate) fn credentials(headers: &MetadataMap) -> Result<Option<Credentials>> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let malformed = || Error::new(ErrorKind::InvalidAuthorization, "malformed authorization header");
    let value = value.to_str().map_err(|_| malformed())?;
    let (scheme, rest) = value.split_once(' ').ok_or_else(malformed)?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(Credentials::Token(Secret::new(rest))));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed().with_hint("It takes Basic with user and password, or Bearer with a token."));
    }
    let decoded = BASE64.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(malformed)?;
    let (user, password) = decoded.split_once(':').ok_or_else(malformed)?;
    Ok(Some(Credentials::Password { user: user.to_owned(), password: Secret::new(password) }))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<Credentials>> {
        let mut headers = MetadataMap::new();
        headers.insert(AUTHORIZATION, value.parse().expect("a header"));
        credentials(&headers)
    }

    #[test]
    fn passwords_and_tokens() {
        let Ok(Some(Credentials::Password { user, password })) = read(&format!("Basic {}", BASE64.encode("a:b:c")))
        else {
            panic!("a password");
        };
        assert_eq!((user.as_str(), password.expose()), ("a", "b:c"));
        assert!(
            matches!(read("Basic YTo"), Ok(Some(Credentials::Password { password, .. })) if password.expose().is_empty())
        );
        assert!(matches!(read("bearer xyz"), Ok(Some(Credentials::Token(t))) if t.expose() == "xyz"));
        for wrong in ["Basic", "Basic ???", "Basic YQ==", "Digest x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(matches!(credentials(&MetadataMap::new()), Ok(None)));
    }
}
