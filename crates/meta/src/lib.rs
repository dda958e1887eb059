//! Durable state: repositories over sqlx on an SQLite file, with the migrations of `migrations/`. It must not know what the state means to the engine,
//! nor any protocol or source.

mod catalogs;
mod error;
mod roles;
mod store;

pub use catalogs::{CatalogRecord, Catalogs, NewCatalog};
pub use roles::{NewRole, Role, Roles};
pub use store::Metastore;
