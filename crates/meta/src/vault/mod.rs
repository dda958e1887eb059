//! Values that must not be read by whoever reads the database: sealed under a master key that is kept outside of it. It must not know what the values
//! are for.

mod file;
mod key;
mod rotate;
mod values;

pub(crate) use values::{names, open_all, remove_all};

use crate::db::{Pool, Transaction};
use crate::error::Failure;
use file::KeyFile;
use key::MasterKey;
pub(crate) use key::Sealed;
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
    /// Whether other gateways use the same database and the same file: they may change the keys.
    is_shared: bool,
}

/// Keys that open values. The first one seals new ones; there are more only if a change of keys has failed half-way.
pub(crate) struct Ring(Vec<MasterKey>);

impl Vault {
    /// Reads the keys, or creates the first one if no value needs another. Finishes a change of keys that a crash has interrupted. Nobody else may open
    /// the same file meanwhile; gateways on a server wait for each other here.
    pub(crate) async fn open(path: &Path, db: &Pool) -> Result<Vault, Failure> {
        let _alone = db.hold_keys().await?;
        let file = KeyFile::new(path);
        let used = values::keys(&mut db.snapshot().await?).await?;
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
        let vault = Vault { file, ring: RwLock::new(Ring(keys)), is_shared: db.is_shared() };
        vault.fits(&used, &*vault.ring.read().await)?;
        vault.finish_rotation(db).await?;
        Ok(vault)
    }

    /// Reads the keys for a copy of the database, while the database itself is away: nothing is created or finished.
    pub(crate) async fn for_copy(path: &Path, copy: &Pool) -> Result<Vault, Failure> {
        let file = KeyFile::new(path);
        let keys = read(&file).await?.ok_or_else(|| file.refused("is missing"))?;
        let used = values::keys(&mut copy.snapshot().await?).await?;
        let vault = Vault { file, ring: RwLock::new(Ring(keys)), is_shared: true };
        vault.fits(&used, &*vault.ring.read().await)?;
        Ok(vault)
    }

    /// Every key under which there are values must be there.
    fn fits(&self, used: &HashSet<String>, ring: &Ring) -> Result<()> {
        match used.iter().find(|id| !ring.0.iter().any(|k| k.id() == *id)) {
            None => Ok(()),
            Some(unknown) => Err(self
                .file
                .refused("is not the one of this metastore")
                .with_detail(format!("There are secrets under the key {unknown}, which the file does not hold."))
                .with_hint(match self.is_shared {
                    false => "Restore the file, or name the right one with master_key_file.",
                    true => "All gateways of a metastore use the same file: name it with master_key_file.",
                })),
        }
    }

    /// The keys, for as long as the database is read or written with them. Another gateway may have changed those of a shared file.
    pub(crate) async fn ring(&self) -> Result<RwLockReadGuard<'_, Ring>> {
        if self.is_shared {
            // Read while nobody here changes them.
            let mut ring = self.ring.write().await;
            if let Some(keys) = read(&self.file).await? {
                ring.0 = keys;
            }
            return Ok(ring.downgrade());
        }
        Ok(self.ring.read().await)
    }

    /// Whether opening values may succeed with other keys: another gateway has changed them between the keys were read and the values.
    pub(crate) fn may_have_changed<T>(&self, attempt: u8, opened: &Result<T>) -> bool {
        let damaged = opened.as_ref().is_err_and(|e| e.kind() == ErrorKind::DataCorrupted);
        self.is_shared && damaged && attempt < 3
    }

    /// Whether a value that is sealed now can be opened later, asked while no other gateway writes: 55006 if keys are being changed.
    async fn still_in_force(&self, transaction: &mut Transaction, ring: &Ring) -> Result<(), Failure> {
        if !self.is_shared {
            return Ok(());
        }
        let first = read(&self.file).await?.and_then(|keys| keys.into_iter().next());
        if first.as_ref().map(MasterKey::id) != ring.0.first().map(MasterKey::id) {
            return Err(Error::new(ErrorKind::ObjectInUse, "the master key is being changed by another gateway")
                .with_hint("Try again.")
                .into());
        }
        Ok(self.fits(&values::keys(transaction).await?, ring)?)
    }
}

impl Ring {
    pub(crate) fn seal(&self, object: Uuid, option: &str, value: &Secret) -> Result<Sealed> {
        self.0.first().ok_or_else(|| Error::internal("there is no master key"))?.seal(object, option, value)
    }

    pub(crate) fn open(&self, object: Uuid, option: &str, sealed: &Sealed) -> Result<Secret> {
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
