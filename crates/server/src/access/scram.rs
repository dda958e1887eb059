//! SCRAM-SHA-256 verifiers as PostgreSQL stores them: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. They prove a password without
//! holding it. Knows no socket.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pgwire::api::auth::sasl::scram::ScramSecret;
use sha2::{Digest, Sha256};

/// PostgreSQL's default, and what a client of an unknown role is told.
const ITERATIONS: usize = 4096;

/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// Reads a stored verifier; `None` if it is none.
pub(crate) fn parse(verifier: &str) -> Option<ScramSecret> {
    let (parameters, keys) = verifier.strip_prefix("SCRAM-SHA-256$")?.split_once('$')?;
    let (iterations, salt) = parameters.split_once(':')?;
    let (stored_key, server_key) = keys.split_once(':')?;
    Some(ScramSecret::Verifier {
        iterations: iterations.parse().ok().filter(|n| *n > 0)?,
        salt: STANDARD.decode(salt).ok()?,
        stored_key: STANDARD.decode(stored_key).ok().filter(|k| k.len() == 32)?,
        server_key: STANDARD.decode(server_key).ok().filter(|k| k.len() == 32)?,
    })
}

/// Plays the login of roles that do not exist or have no password, so that a client cannot tell them from those that do: the same role gets the same
/// salt each time.
pub(crate) struct Decoy {
    key: [u8; 32],
}

impl Decoy {
    /// With a key of its own.
    pub(crate) fn new() -> Self {
        Decoy { key: rand::random() }
    }

    /// A secret that no password opens.
    pub(crate) fn secret(&self, user: &str) -> ScramSecret {
        let salt = Sha256::new().chain_update(self.key).chain_update(user).finalize()[..SALT_BYTES].to_vec();
        let nothing: [u8; 32] = rand::random();
        ScramSecret::Verifier {
            salt,
            iterations: ITERATIONS,
            stored_key: nothing.to_vec(),
            server_key: nothing.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pgwire::api::auth::sasl::scram::gen_salted_password;

    #[test]
    fn a_verifier_is_readable_and_matches_its_password() {
        let Some(ScramSecret::Verifier { salt, iterations, stored_key, server_key }) =
            parse(&weft_engine::verifier("pässword"))
        else {
            panic!("a verifier");
        };
        let salted = gen_salted_password("pässword", &salt, iterations);
        let expected = ScramSecret::verifier_from_salted_password(salt, salted, iterations);
        let ScramSecret::Verifier { stored_key: s, server_key: k, .. } = expected else { panic!("a verifier") };
        assert_eq!((stored_key, server_key), (s, k));
    }

    #[test]
    fn other_text_is_no_verifier() {
        for text in ["", "md5abc", "SCRAM-SHA-256$4096:x$y:z", "SCRAM-SHA-256$0:AAAA$AAAA:AAAA"] {
            assert!(parse(text).is_none());
        }
    }

    #[test]
    fn a_decoy_keeps_its_salt() {
        let decoy = Decoy::new();
        let salt = |user| match decoy.secret(user) {
            ScramSecret::Verifier { salt, .. } => salt,
            ScramSecret::SaltedPassword { .. } => Vec::new(),
        };
        assert_eq!(salt("a"), salt("a"));
        assert_ne!(salt("a"), salt("b"));
    }
}
