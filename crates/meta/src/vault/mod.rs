//! Values that must not be read by whoever reads the database: sealed under a master key that is kept outside of it. It must not know what the values
//! are for.

mod file;
mod key;
mod rotate;
mod values;

pub(crate) use values::{names, open_all, put_all, remove_all};

use crate::error::Failure;
use file::KeyFile;
use key::{MasterKey, Sealed};
use sqlx::SqliteConnection;
use std::collections::HashSet;
use std::path::Path;
use tokio::sync::{RwLock, RwLockReadGuard};
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result, Secret};

/// The keys, and the file that they are from. Whoever reads or writes values holds the lock shared until the database has answered; whoever changes
/// keys holds it alone.
pub(crate) struct Vault {
    file: KeyFile,
    ring: RwLock<Ring>,
}

/// Keys that open values. The first one seals new ones; there are more only if a change of keys has failed half-way.
pub(crate) struct Ring(Vec<MasterKey>);

impl Vault {
    /// Reads the keys, or creates the first one if no value needs another. Finishes a change of keys that a crash has interrupted. Nobody else may open
    /// the same database meanwhile.
    pub(crate) async fn open(path: &Path, connection: &mut SqliteConnection) -> Result<Vault, Failure> {
        let file = KeyFile::new(path);
        let used = values::keys(connection).await?;
        let keys = match read(&file).await? {
            Some(keys) => keys,
            None if used.is_empty() => {
                let keys = vec![MasterKey::generate()?];
                write(&file, &keys).await?;
                keys
            }
            None => {
                return Err(file
                    .refused("is missing")
                    .with_detail("The metastore holds secrets that only this file opens.")
                    .with_hint("Restore the file, or name the right one with master_key_file.")
                    .into());
            }
        };
        if let Some(unknown) = used.iter().find(|id| !keys.iter().any(|k| k.id() == *id)) {
            return Err(file
                .refused("is not the one of this metastore")
                .with_detail(format!("There are secrets under the key {unknown}, which the file does not hold."))
                .with_hint("Restore the file, or name the right one with master_key_file.")
                .into());
        }
        let vault = Vault { file, ring: RwLock::new(Ring(keys)) };
        vault.finish_rotation(connection).await?;
        Ok(vault)
    }

    /// The keys, for as long as the database is read or written with them.
    pub(crate) async fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().await
    }
}

impl Ring {
    fn seal(&self, object: Uuid, option: &str, value: &Secret) -> Result<Sealed> {
        self.0.first().ok_or_else(|| Error::internal("there is no master key"))?.seal(object, option, value)
    }

    fn open(&self, object: Uuid, option: &str, sealed: &Sealed) -> Result<Secret> {
        let key = self.0.iter().find(|k| k.id() == sealed.key_id).ok_or_else(|| {
            Error::new(ErrorKind::DataCorrupted, format!("the stored value of option {option} does not open"))
                .with_detail(format!("It was encrypted under the key {}, which is not there.", sealed.key_id))
        })?;
        key.open(object, option, sealed)
    }

    /// Forgets the keys that open nothing, save the first.
    fn retain(&mut self, used: &HashSet<String>) {
        let first = self.0.first().map(|k| k.id().to_owned());
        self.0.retain(|k| used.contains(k.id()) || first.as_deref() == Some(k.id()));
    }
}

async fn read(file: &KeyFile) -> Result<Option<Vec<MasterKey>>> {
    let file = file.clone();
    blocking(move || file.read()).await
}

async fn write(file: &KeyFile, keys: &[MasterKey]) -> Result<()> {
    let (file, keys) = (file.clone(), keys.to_vec());
    blocking(move || file.write(&keys)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::internal("the master key file was not waited for").with_source(e))?
}
