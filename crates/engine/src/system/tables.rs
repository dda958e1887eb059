//! The system tables that users see, in the catalog `system`: a file for each kind of them.

mod admin;
mod metadata;
mod runtime;

use super::TableDoc;
pub use admin::*;
pub use metadata::*;
pub use runtime::*;

/// Every table of this module: the one list that registers them.
pub fn declared() -> Vec<TableDoc> {
    vec![
        TableDoc::of::<CatalogRow>(),
        TableDoc::of::<SchemaRow>(),
        TableDoc::of::<TableRow>(),
        TableDoc::of::<ColumnRow>(),
        TableDoc::of::<ScanRow>(),
        TableDoc::of::<ChangeRow>(),
        TableDoc::of::<ConstraintRow>(),
        TableDoc::of::<IndexRow>(),
        TableDoc::of::<DatasetRow>(),
        TableDoc::of::<DatasetColumnRow>(),
        TableDoc::of::<LineageRow>(),
        TableDoc::of::<TagRow>(),
        TableDoc::of::<FolderRow>(),
        TableDoc::of::<FavoriteRow>(),
        TableDoc::of::<VersionRow>(),
        TableDoc::of::<StatisticsRow>(),
        TableDoc::of::<SampleRow>(),
        TableDoc::of::<FileRow>(),
        TableDoc::of::<JobRow>(),
        TableDoc::of::<SessionRow>(),
        TableDoc::of::<GatewayRow>(),
        TableDoc::of::<TaskRow>(),
        TableDoc::of::<WorkerRow>(),
        TableDoc::of::<CacheRow>(),
        TableDoc::of::<MetricRow>(),
        TableDoc::of::<super::pools::PoolRow>(),
        TableDoc::of::<HealthRow>(),
        TableDoc::of::<JournalRow>(),
        TableDoc::of::<SecretRow>(),
        TableDoc::of::<ScheduleRow>(),
        TableDoc::of::<RoleRow>(),
        TableDoc::of::<MemberRow>(),
        TableDoc::of::<GrantRow>(),
        TableDoc::of::<SettingRow>(),
    ]
}
