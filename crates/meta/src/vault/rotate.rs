//! Changing the master key. At every moment the file holds the keys of all values in the database (ADR 0007): first the new key joins the old ones in
//! the file, then one transaction encrypts all values anew, then the old keys leave the file. A crash in between is finished at the next start.

use super::key::MasterKey;
use super::{Ring, Vault, read, values, write};
use crate::db::Pool;
use crate::error::Failure;
use crate::versions::{Part, note};

/// Values that are encrypted anew at a time.
const PAGE: i64 = 500;

impl Vault {
    /// Puts a new key in force and encrypts every value under it; tells how many. If it fails, the old key stays in force, and nothing is lost.
    pub(crate) async fn rotate(&self, db: &Pool) -> Result<u64, Failure> {
        let _alone = db.hold_keys().await?;
        let mut ring = self.ring.write().await;
        if let (true, Some(keys)) = (self.is_shared, read(&self.file).await?) {
            ring.0 = keys;
        }
        // Keys that an earlier failure has left over.
        ring.retain(&values::keys(&mut db.snapshot().await?).await?);
        let new = MasterKey::generate()?;
        let mut keys = vec![new.clone()];
        keys.extend(ring.0.iter().cloned());
        write(&self.file, &keys).await?;
        // From here on the database may be under either, even if it reports a failure.
        ring.0.push(new.clone());
        let count = reseal(db, &ring, &new).await?;
        ring.0 = vec![new];
        self.shrink(&ring).await;
        scrub(db).await;
        Ok(count)
    }

    /// Finishes what a crash has interrupted: the first key of the file is the one that was to be in force.
    pub(super) async fn finish_rotation(&self, db: &Pool) -> Result<(), Failure> {
        let mut ring = self.ring.write().await;
        let (Some(first), true) = (ring.0.first().cloned(), ring.0.len() > 1) else { return Ok(()) };
        let count = reseal(db, &ring, &first).await?;
        tracing::info!(values = count, key = first.id(), "finished an interrupted change of the master key");
        ring.0 = vec![first];
        self.shrink(&ring).await;
        scrub(db).await;
        Ok(())
    }

    /// Takes the old keys out of the file. If that fails they only stay longer than needed.
    async fn shrink(&self, ring: &Ring) {
        if let Err(error) = write(&self.file, &ring.0).await {
            tracing::warn!(file = %self.file.path().display(), %error, "old master keys are still in the file");
        }
    }
}

/// Encrypts every value under the key, in one transaction.
async fn reseal(db: &Pool, ring: &Ring, key: &MasterKey) -> Result<u64, Failure> {
    let mut transaction = db.begin().await?;
    let mut count = 0;
    loop {
        let page = values::others(&mut transaction, key.id(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        for (object, name, sealed) in page {
            let value = ring.open(object, &name, &sealed)?;
            values::put(&mut transaction, object, &name, &key.seal(object, &name, &value)?).await?;
            count += 1;
        }
    }
    // Copies of the database must follow.
    note(&mut transaction, Part::Secrets, "master key", "weft").await?;
    transaction.commit().await?;
    Ok(count)
}

/// Takes values under old keys out of the write-ahead log too; SQLite overwrites deleted ones in the file itself (`secure_delete`). PostgreSQL keeps
/// them until it vacuums, and in its logs and backups: under a key that nobody has any more.
async fn scrub(db: &Pool) {
    if let Err(error) = db.scrub().await {
        tracing::warn!(%error, "the log of the metastore could not be emptied");
    }
}
