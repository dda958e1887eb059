//! The open database: its pool, its migrations, its repositories.

use crate::annotations::Annotations;
use crate::catalogs::Catalogs;
use crate::datasets::Datasets;
use crate::db::Pool;
use crate::error::{Failure, Place, away};
use crate::filesets::FileSets;
use crate::gateways::Gateways;
use crate::grants::Grants;
use crate::jobs::Jobs;
use crate::journal::{Journal, JournalFile};
use crate::lake_files::LakeFiles;
use crate::managed::Managed;
use crate::roles::Roles;
use crate::scans::Scans;
use crate::schedules::Schedules;
use crate::secrets::Secrets;
use crate::standby::{Standby, StoreHealth};
use crate::statistics::Statistics;
use crate::vault::Vault;
use crate::versions::{self, Versions, Watch};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use weft_core::{Error, Result, Secret};

/// A server that has not answered a reading by then has gone without a word.
const READING: Duration = Duration::from_secs(35);

/// The same for a writing, which may have many statements.
const WRITING: Duration = Duration::from_secs(300);

/// The metadata store.
pub struct Metastore {
    pool: Pool,
    place: Place,
    vault: Vault,
    /// What answers while a server is away.
    standby: Option<Arc<Standby>>,
    /// What is to be written when it is back.
    journal: OnceLock<JournalFile>,
}

impl Metastore {
    /// Opens the file, creating it with mode 0600, and brings it to the newest migration. `key_file` has the master key of the secrets in it, and is
    /// created with the first one.
    pub async fn open_sqlite(path: &Path, key_file: &Path) -> Result<Arc<Metastore>> {
        let (pool, place, _lock) = Pool::open_sqlite(path).await?;
        Self::of(pool, place, key_file).await
    }

    /// Connects to a PostgreSQL server by its URL, and brings the database to the newest migration. All gateways of it share one `key_file`. `copy` is
    /// a file of this gateway alone, which answers reads while the server is away, also when that is so from the beginning.
    pub async fn open_postgres(url: &Secret, key_file: &Path, copy: &Path) -> Result<Arc<Metastore>> {
        let (server, place) = Pool::server(url)?;
        let (copy, _, _lock) = Pool::open_sqlite(copy).await?;
        let standby = Standby::open(server.clone(), copy, place.clone()).await?;
        let vault = match standby.is_away() {
            true => Vault::for_copy(key_file, standby.copy()).await,
            false => Vault::open(key_file, &server).await,
        };
        let vault = vault.map_err(|e| e.told(&place))?;
        standby.start();
        Ok(Arc::new(Metastore { pool: server, place, vault, standby: Some(standby), journal: OnceLock::new() }))
    }

    async fn of(pool: Pool, place: Place, key_file: &Path) -> Result<Arc<Metastore>> {
        versions::note_layout(&pool, pool.layout()).await.map_err(|e| e.told(&place))?;
        let vault = Vault::open(key_file, &pool).await.map_err(|e| e.told(&place))?;
        Ok(Arc::new(Metastore { pool, place, vault, standby: None, journal: OnceLock::new() }))
    }

    /// Opens the file in which at most so many statements wait while the server is away.
    pub async fn open_journal(&self, path: &Path, most: usize) -> Result<()> {
        let opened = JournalFile::open(path, most).await?;
        self.journal.set(opened).map_err(|_| Error::internal("the journal is open already"))
    }

    /// The statements that wait for the server, if there is a journal.
    pub fn journal(&self) -> Option<Journal<'_>> {
        self.journal.get().map(|file| Journal { store: self, file })
    }

    /// How it does; nothing if it is a file.
    pub fn health(&self) -> Option<StoreHealth> {
        self.standby.as_ref().map(|standby| standby.health())
    }

    /// Whether it is away, and nothing can be written.
    pub fn is_away(&self) -> bool {
        self.standby.as_ref().is_some_and(|standby| standby.is_away())
    }

    /// Closes the database once running statements are done.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(standby) = &self.standby {
            standby.copy().close().await;
        }
        if let Some(journal) = self.journal.get() {
            journal.close().await;
        }
    }

    /// Who may log in.
    pub fn roles(&self) -> Roles<'_> {
        Roles { store: self }
    }

    /// What was granted to whom.
    pub fn grants(&self) -> Grants<'_> {
        Grants { store: self }
    }

    /// Which sources there are.
    pub fn catalogs(&self) -> Catalogs<'_> {
        Catalogs { store: self }
    }

    /// Long work.
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs { store: self }
    }

    /// Who uses this store.
    pub fn gateways(&self) -> Gateways<'_> {
        Gateways { store: self }
    }

    /// What was changed when.
    pub fn versions(&self) -> Versions<'_> {
        Versions { store: self }
    }

    /// Hears of changes by other gateways; nothing if there can be none.
    pub fn watch(&self) -> Option<Watch> {
        self.pool.is_shared().then(|| Watch::new(self.pool.clone()))
    }

    /// Statements that are run at certain times.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules { store: self }
    }

    /// The files of tables.
    pub fn lake_files(&self) -> LakeFiles<'_> {
        LakeFiles { store: self }
    }

    /// Queries that are kept as views, and tables.
    pub fn datasets(&self) -> Datasets<'_> {
        Datasets { store: self }
    }

    /// Which tables may be queried.
    pub fn managed(&self) -> Managed<'_> {
        Managed { store: self }
    }

    /// What people say of objects.
    pub fn annotations(&self) -> Annotations<'_> {
        Annotations { store: self }
    }

    /// What is known of the insides of sources.
    pub fn scans(&self) -> Scans<'_> {
        Scans { store: self }
    }

    /// The files that scans list.
    pub fn filesets(&self) -> FileSets<'_> {
        FileSets { store: self }
    }

    /// Figures of columns.
    pub fn statistics(&self) -> Statistics<'_> {
        Statistics { store: self }
    }

    /// The values that catalogs use by a name.
    pub fn secrets(&self) -> Secrets<'_> {
        Secrets { store: self }
    }

    /// Puts a new master key in force and encrypts every secret under it; tells how many values there were. It is done to its end even if nobody waits
    /// for it any more.
    pub async fn rotate_key(self: &Arc<Self>) -> Result<u64> {
        let store = Arc::clone(self);
        let rotated = tokio::spawn(async move { store.write(|db| store.rotate(db)).await });
        rotated.await.map_err(|e| Error::internal("the change of the master key broke off").with_source(e))?
    }

    async fn rotate(&self, db: Pool) -> Result<u64, Failure> {
        self.vault.rotate(&db).await
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    // All of it is on the heap: a statement's future holds those of everything that it may do.

    /// Does something that only reads. It may be done anew: on the copy, if the server turns out to be away.
    pub(crate) async fn read<T, F: Future<Output = Result<T, Failure>>>(&self, work: impl Fn(Pool) -> F) -> Result<T> {
        Box::pin(self.read_here_or_there(work)).await
    }

    async fn read_here_or_there<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        work: impl Fn(Pool) -> F,
    ) -> Result<T> {
        let Some(standby) = &self.standby else {
            return work(self.pool.clone()).await.map_err(|e| e.told(&self.place));
        };
        let done = self.within(READING, work(standby.reading().clone())).await;
        let done = match done {
            Err(failure) => match standby.instead(&failure).await {
                Some(copy) => work(copy.clone()).await,
                None => Err(failure),
            },
            done => done,
        };
        done.map_err(|e| e.told(&self.place))
    }

    /// Does something that writes, once.
    pub(crate) async fn write<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        work: impl FnOnce(Pool) -> F,
    ) -> Result<T> {
        Box::pin(self.write_there(work)).await
    }

    async fn write_there<T, F: Future<Output = Result<T, Failure>>>(&self, work: impl FnOnce(Pool) -> F) -> Result<T> {
        if let Some(standby) = &self.standby {
            standby.refuse()?;
        }
        let done = self.within(WRITING, work(self.pool.clone())).await;
        if let (Some(standby), Err(failure)) = (&self.standby, &done) {
            // The next one is told at once.
            standby.instead(failure).await;
        }
        done.map_err(|e| e.told(&self.place))
    }

    async fn within<T>(&self, limit: Duration, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        match self.pool {
            Pool::Sqlite(_) => work.await,
            Pool::Postgres(_) => tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(away().into())),
        }
    }
}
