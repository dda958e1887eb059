//! SQL text → [`Statement`] and back. Administrative statements are read by a small parser of this crate, one file each under [`stmt`]; queries
//! are left to sqlparser. Nothing here knows a session, a catalog or the query engine: names are not looked up, only spelled.

mod complexity;
mod cursor;
mod dialect;
mod error;
#[cfg(test)]
mod fuzz;
pub mod ident;
mod lexeme;
mod options;
mod parse;
mod query;
mod redact;
mod statement;
pub mod stmt;
mod unsupported;

pub use parse::parse;
pub use redact::redact;
pub use statement::{Statement, StatementKind};
pub use stmt::alter_catalog::{AlterCatalog, CatalogChange, OptionChange};
pub use stmt::analyze::Analyze;
pub(crate) use stmt::annotate;
pub use stmt::annotate::{Annotate, Favorite, Folder, FolderChange, Remark, Target};
pub use stmt::begin::{Begin, IsolationLevel, TransactionMode};
pub use stmt::check_catalog::CheckCatalog;
pub use stmt::commit::{Chain, Commit};
pub use stmt::create_catalog::{CreateCatalog, OnDuplicate};
pub use stmt::create_secret::CreateSecret;
pub use stmt::deallocate::Deallocate;
pub use stmt::discard::Discard;
pub use stmt::drop_catalog::{Behavior, DropCatalog, OnMissing};
pub use stmt::drop_secret::DropSecret;
pub use stmt::execute::Execute;
pub use stmt::explain::{Explain, ExplainFormat, ExplainOptions};
pub use stmt::manage::{Choice, Manage, ManageScope, Wish};
pub use stmt::prepare::Prepare;
pub use stmt::preview::Preview;
pub use stmt::reset::ResetTarget;
pub use stmt::rollback::Rollback;
pub use stmt::scan::{Scan, ScanTarget};
pub use stmt::schedule::{AlterSchedule, CreateSchedule, ScheduleChange};
pub use stmt::set::{Set, SetScope, SetValue};
pub use stmt::set_transaction::{SetTransaction, TransactionScope};
pub use stmt::show::Show;
pub use stmt::view::{AlterView, CreateView, DropView, OnExisting, ViewChange};
pub use stmt::worker::{AlterWorker, WorkerChange};
