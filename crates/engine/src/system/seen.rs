//! What of the metastore's records a role is shown: those of objects on which, above which or below which something was granted to it. It must not know
//! what the records are about.

use crate::catalog::LAKE;
use crate::environment::Environment;
use crate::principals::{Rights, Thing};
use std::collections::HashMap;
use uuid::Uuid;
use weft_core::{Privilege, Result};

/// What the role of a statement sees.
pub(super) struct Seen<'e> {
    environment: &'e Environment,
    rights: Rights,
    /// Id and owner of the views of the lake, by schema and name.
    views: HashMap<(String, String), (Uuid, String)>,
}

impl<'e> Seen<'e> {
    pub(super) async fn of(environment: &'e Environment) -> Result<Seen<'e>> {
        let rights = environment.viewer();
        let mut views = HashMap::new();
        if !rights.is_everything() {
            let datasets = environment.drafts.list(environment.gateway.metastore()).await?.into_iter();
            views = datasets.map(|d| ((d.schema, d.name), (d.id, d.owner))).collect();
        }
        Ok(Seen { environment, rights, views })
    }

    /// Whether nothing is hidden.
    pub(super) fn everything(&self) -> bool {
        self.rights.is_everything()
    }

    /// An object of a catalog: the schema, the table, or the catalog itself if they are not named.
    pub(super) fn object(&self, catalog: &str, schema: Option<&str>, table: Option<&str>) -> bool {
        self.everything() || self.thing(catalog, schema, table).is_some_and(|thing| self.rights.sees(&thing))
    }

    pub(super) fn table(&self, catalog: &str, schema: &str, table: &str) -> bool {
        self.object(catalog, Some(schema), Some(table))
    }

    /// Whether the role may use the table so.
    pub(super) fn may(&self, catalog: &str, schema: &str, table: &str, privilege: Privilege) -> bool {
        let may = |thing: Thing| self.rights.may(&thing, privilege);
        self.everything() || self.thing(catalog, Some(schema), Some(table)).is_some_and(may)
    }

    /// Nothing if there is no such catalog any more.
    fn thing(&self, catalog: &str, schema: Option<&str>, table: Option<&str>) -> Option<Thing> {
        let place = self.environment.gateway.catalogs().thing(catalog).ok()?;
        let Some(schema) = schema.filter(|s| !s.is_empty()) else { return Some(place) };
        let place = place.schema_in(schema);
        let Some(table) = table.filter(|t| !t.is_empty()) else { return Some(place) };
        let view = || self.views.get(&(schema.to_owned(), table.to_owned()));
        Some(match (catalog == LAKE).then(view).flatten() {
            Some((id, owner)) => place.view_in(table, *id, owner),
            None => place.table_in(table),
        })
    }
}
