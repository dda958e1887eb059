//! Proving a role by its password in plain text, as protocols without SCRAM send it. It must not know where the password came from.

use super::{Access, Candidate};
use pgwire::api::auth::sasl::scram::{ScramSecret, gen_salted_password};
use weft_core::settings::Auth;
use weft_core::{Error, Result, Secret};

impl Access {
    /// Refuses with 28P01 unless the password is the candidate's. It takes as long for a role that does not exist.
    pub(crate) async fn prove(&self, candidate: &Candidate, password: Secret) -> Result<()> {
        if self.auth() == Auth::Trust {
            return Ok(());
        }
        let secret = self.secret(candidate);
        let _turn = self.hashing.acquire().await.map_err(|e| Error::internal("nobody hashes").with_source(e))?;
        // It is meant to take long.
        let opened = tokio::task::spawn_blocking(move || opens(&secret, password.expose()))
            .await
            .map_err(|e| Error::internal("a password could not be hashed").with_source(e))?;
        if opened { Ok(()) } else { Err(weft_engine::invalid_password(&candidate.user)) }
    }
}

/// Whether this is the password of the verifier.
fn opens(secret: &ScramSecret, password: &str) -> bool {
    let ScramSecret::Verifier { salt, iterations, stored_key, .. } = secret else { return false };
    let salted = gen_salted_password(password, salt, *iterations);
    match ScramSecret::verifier_from_salted_password(salt.clone(), salted, *iterations) {
        ScramSecret::Verifier { stored_key: made, .. } => is_same(&made, stored_key),
        ScramSecret::SaltedPassword { .. } => false,
    }
}

/// Compares without telling by its time where the difference is.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::super::scram::{Decoy, parse};
    use super::*;

    #[test]
    fn a_password_opens_its_own_verifier_only() {
        let secret = parse(&weft_engine::verifier("pässword")).expect("a verifier");
        assert!(opens(&secret, "pässword"));
        for other in ["", "pässwor", "Pässword"] {
            assert!(!opens(&secret, other));
        }
        assert!(!opens(&Decoy::new().secret("nobody"), ""));
    }
}
