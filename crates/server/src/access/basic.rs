//! The `authorization` header of HTTP: user and password, or a token. It must not know whose they are.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use weft_core::{Error, ErrorKind, Result, Secret};

/// Go's clients write no padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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

/// Reads the header's value. Source: RFC 7617 and RFC 6750.
pub(crate) fn credentials(value: &str) -> Result<Credentials> {
    let malformed = || Error::new(ErrorKind::InvalidAuthorization, "malformed authorization header");
    let (scheme, rest) = value.split_once(' ').ok_or_else(malformed)?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Credentials::Token(Secret::new(rest)));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed().with_hint("It takes Basic with user and password, or Bearer with a token."));
    }
    let decoded = BASE64.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(malformed)?;
    let (user, password) = decoded.split_once(':').ok_or_else(malformed)?;
    Ok(Credentials::Password { user: user.to_owned(), password: Secret::new(password) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens() {
        let Ok(Credentials::Password { user, password }) = credentials(&format!("Basic {}", BASE64.encode("a:b:c")))
        else {
            panic!("a password");
        };
        assert_eq!((user.as_str(), password.expose()), ("a", "b:c"));
        assert!(
            matches!(credentials("Basic YTo"), Ok(Credentials::Password { password, .. }) if password.expose().is_empty())
        );
        assert!(matches!(credentials("bearer xyz"), Ok(Credentials::Token(t)) if t.expose() == "xyz"));
        for wrong in ["Basic", "Basic ???", "Basic YQ==", "Digest x"] {
            assert!(credentials(wrong).is_err(), "{wrong}");
        }
    }
}
