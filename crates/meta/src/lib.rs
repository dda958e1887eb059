//! Durable state: repositories over sqlx on an SQLite file or a PostgreSQL server, with the migrations of `migrations/`. It must not know what the state
//! means to the engine, nor any protocol or source.

mod annotations;
mod catalogs;
mod datasets;
mod db;
mod error;
mod filesets;
mod gateways;
mod grants;
mod jobs;
mod journal;
mod lake_files;
mod managed;
mod replica;
mod roles;
mod scanned;
mod scans;
mod schedules;
mod search;
mod secrets;
mod standby;
mod statistics;
mod store;
mod vault;
mod versions;

pub use annotations::{AnnotationRecord, Annotations, FolderRecord, Object, TagRecord};
pub use catalogs::{Availability, CatalogDefinition, CatalogRecord, Catalogs, NewCatalog};
pub use datasets::{DatasetChange, DatasetColumn, DatasetKind, DatasetRecord, Datasets, Origin};
pub use filesets::{FileSets, Mark, ScannedFiles, TableState};
pub use gateways::{BEAT, GatewayRecord, Gateways};
pub use grants::{
    Dependents, GrantObject, GrantOption, GrantRecord, Grants, MemberRecord, PUBLIC, PrincipalRecords, Revoked, Terms,
};
pub use jobs::{JobRecord, JobState, Jobs, Moment, NewJob, TakenOver};
pub use journal::{Journal, JournalCounts, JournalRecord, NewEntry, PendingEntry, as_entry, carried};
pub use lake_files::{LakeFigures, LakeFile, LakeFiles};
pub use managed::{ManageState, Managed, ManagedRecord};
pub use roles::{Role, Roles};
pub use scans::{ChangeRecord, Counts, NewScan, ScanMethod, ScanRecord, ScannedSchema, ScannedTable, Scans};
pub use schedules::{Pause, ScheduleRecord, Schedules};
pub use search::Hit;
pub use secrets::{NewSecret, SecretRecord, Secrets};
pub use standby::StoreHealth;
pub use statistics::{
    Candidate, ColumnFigures, Depth, Extent, SampleRecord, Statistics, StatisticsRecord, TableFigures, TableKey,
};
pub use store::Metastore;
pub use versions::{Part, VersionRecord, Versions, Watch};
