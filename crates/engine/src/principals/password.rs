//! Passwords as they are stored: verifiers, which prove a password without holding it. It must not know who logs in.

use weft_core::{Error, ErrorKind, Result};

/// How a verifier begins.
const SCRAM: &str = "SCRAM-SHA-256$";

/// Letters of a key of 32 bytes in Base64.
const KEY_LETTERS: usize = 44;

/// The verifier of a password, with a random salt; takes a while.
pub fn verifier(password: &str) -> String {
    postgres_protocol::password::scram_sha_256(password.as_bytes())
}

/// What is to be stored for what stands after PASSWORD: as in PostgreSQL, a verifier is taken as it is. Takes a while.
pub(crate) fn stored(given: &str) -> Result<String> {
    if is_verifier(given) {
        return Ok(given.to_owned());
    }
    if given.strip_prefix("md5").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(Error::unsupported("a password under MD5")
            .with_hint("Give the password itself, or its SCRAM-SHA-256 verifier."));
    }
    Ok(verifier(given))
}

/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`
fn is_verifier(text: &str) -> bool {
    let base64 = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    let key = |s: &str| s.len() == KEY_LETTERS && base64(s);
    let read = || {
        let (parameters, keys) = text.strip_prefix(SCRAM)?.split_once('$')?;
        let ((iterations, salt), (stored, server)) = (parameters.split_once(':')?, keys.split_once(':')?);
        let iterations: u32 = iterations.parse().ok()?;
        Some(iterations > 0 && !salt.is_empty() && base64(salt) && key(stored) && key(server))
    };
    read().unwrap_or(false)
}

/// `28P01`, the same for a wrong password, one that has expired and a role that is not there.
pub fn invalid_password(user: &str) -> Error {
    Error::new(ErrorKind::InvalidPassword, format!("password authentication failed for user \"{user}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifiers_are_known() {
        let made = verifier("pässword");
        assert!(is_verifier(&made), "{made}");
        assert_eq!(stored(&made).expect("taken"), made);
        for text in ["", "x", "SCRAM-SHA-256$4096:x$y:z", "SCRAM-SHA-256$0:AAAA$AAAA:AAAA"] {
            assert!(!is_verifier(text));
            assert!(is_verifier(&stored(text).expect("hashed")));
        }
        assert!(stored("md5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").is_err());
    }
}
