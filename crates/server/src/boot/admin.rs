//! The first superuser: `weft`, with a password from the environment or a generated one.

use super::folder::DataFolder;
use crate::cli::ADMIN_PASSWORD;
use rand::Rng;
use rand::distr::Alphanumeric;
use weft_core::{Error, ErrorKind, Result, Secret};
use weft_meta::{Metastore, Role};

/// The superuser's name.
const NAME: &str = "weft";

/// The file in the data folder with a generated password.
const PASSWORD_FILE: &str = "admin-password";

/// Characters of a generated password; 62 different ones make 142 bits.
const PASSWORD_LENGTH: usize = 24;

/// Creates the superuser on the first start. Later a password in the environment changes nothing.
pub(super) async fn ensure(metastore: &Metastore, folder: &DataFolder) -> Result<()> {
    // Its name may be another one by now, and then no second one must appear.
    if metastore.roles().list().await?.iter().any(|role| role.superuser) {
        return Ok(());
    }
    let (password, origin) = match std::env::var_os(ADMIN_PASSWORD) {
        Some(given) => (read(given)?, Origin::Environment),
        None => (generate(), Origin::Generated),
    };
    if origin == Origin::Generated {
        // Before the role is there: a crash in between must not lose the only password.
        folder.write(PASSWORD_FILE, &format!("{}\n", password.expose()))?;
    }
    let text = password.clone();
    let verifier = tokio::task::spawn_blocking(move || weft_engine::verifier(text.expose()))
        .await
        .map_err(|e| Error::internal("the password could not be hashed").with_source(e))?;
    let superuser = Role { verifier: Some(verifier), superuser: true, login: true, ..Role::new(NAME) };
    match metastore.roles().create(&superuser, &[], NAME).await {
        // Another gateway on the same metastore was first: its password counts.
        Err(error) if error.kind() == ErrorKind::DuplicateObject => {
            if origin == Origin::Generated {
                let _ = std::fs::remove_file(folder.path(PASSWORD_FILE));
            }
            return Ok(());
        }
        other => other?,
    };
    if origin == Origin::Generated {
        eprintln!(
            "weft: created superuser \"{NAME}\" with password {} (also in {})",
            password.expose(),
            folder.path(PASSWORD_FILE).display()
        );
    }
    Ok(())
}

/// Where the password is from.
#[derive(PartialEq, Eq)]
enum Origin {
    Environment,
    Generated,
}

fn read(given: std::ffi::OsString) -> Result<Secret> {
    match given.into_string() {
        Ok(text) if !text.is_empty() => Ok(Secret::new(text)),
        _ => Err(Error::new(ErrorKind::InvalidParameterValue, format!("{ADMIN_PASSWORD} is empty or not UTF-8"))),
    }
}

fn generate() -> Secret {
    Secret::new(rand::rng().sample_iter(Alphanumeric).take(PASSWORD_LENGTH).map(char::from).collect::<String>())
}
