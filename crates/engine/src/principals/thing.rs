//! An object that privileges are asked about: what it is called, by which id grants know it, who owns it. It must not know who asks.

use uuid::Uuid;
use weft_core::name::quote_identifier;
use weft_core::{ObjectName, Privilege};
use weft_meta::GrantObject;

/// The ids of Weft's own catalogs.
const LAKE: Uuid = Uuid::nil();
const SYSTEM: Uuid = Uuid::max();

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A catalog.
    Catalog,
    /// A schema of one.
    Schema,
    /// A table of a source.
    Table,
    /// A view of the lake.
    View,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    catalog: Uuid,
    catalog_name: String,
    catalog_owner: Option<String>,
    schema: Option<String>,
    table: Option<String>,
    /// Id and owner of a view.
    view: Option<(Uuid, String)>,
}

impl Thing {
    /// A catalog.
    pub fn of_catalog(id: Uuid, name: &str, owner: Option<&str>) -> Thing {
        Thing {
            catalog: id,
            catalog_name: name.to_owned(),
            catalog_owner: owner.map(str::to_owned),
            schema: None,
            table: None,
            view: None,
        }
    }

    /// A schema of this catalog.
    pub fn schema_in(&self, schema: &str) -> Thing {
        Thing { schema: Some(schema.to_owned()), table: None, view: None, ..self.clone() }
    }

    /// A table of this schema.
    pub fn table_in(&self, table: &str) -> Thing {
        Thing { table: Some(table.to_owned()), view: None, ..self.clone() }
    }

    /// A view of this schema.
    pub fn view_in(&self, view: &str, id: Uuid, owner: &str) -> Thing {
        Thing { table: Some(view.to_owned()), view: Some((id, owner.to_owned())), ..self.clone() }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match (&self.schema, &self.table, &self.view) {
            (None, _, _) => Kind::Catalog,
            (Some(_), None, _) => Kind::Schema,
            (Some(_), Some(_), None) => Kind::Table,
            (Some(_), Some(_), Some(_)) => Kind::View,
        }
    }

    /// Its catalog.
    pub fn catalog(&self) -> Thing {
        Thing { schema: None, table: None, view: None, ..self.clone() }
    }

    /// The catalog or schema that one must enter to reach it, or that it is.
    pub fn place(&self) -> Thing {
        Thing { table: None, view: None, ..self.clone() }
    }

    /// The id of its catalog.
    pub fn catalog_id(&self) -> Uuid {
        self.catalog
    }

    pub(super) fn catalog_owner(&self) -> Option<&str> {
        self.catalog_owner.as_deref()
    }

    pub(super) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    pub(super) fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    pub(super) fn owner(&self) -> Option<&str> {
        self.view.as_ref().map(|(_, owner)| owner.as_str())
    }

    pub(super) fn view_id(&self) -> Option<Uuid> {
        self.view.as_ref().map(|(id, _)| *id)
    }

    pub(super) fn view(&self) -> Option<(Uuid, &str)> {
        self.view.as_ref().map(|(id, owner)| (*id, owner.as_str()))
    }

    /// Whether everybody sees it: one of Weft's own catalogs.
    pub fn is_common(&self) -> bool {
        [LAKE, SYSTEM].contains(&self.catalog)
    }

    /// Whether it is, or lies in, the catalog of system tables.
    pub fn is_system(&self) -> bool {
        self.catalog == SYSTEM
    }

    /// What everybody may do with it without being granted it: enter the lake, and read the system tables.
    pub(super) fn everybodys(&self) -> Option<&'static [Privilege]> {
        match self.catalog {
            LAKE => Some(&[Privilege::Usage]),
            SYSTEM => Some(&[Privilege::Usage, Privilege::Select, Privilege::Preview]),
            _ => None,
        }
    }

    /// Who owns it: of a view who created it, of all else who created the catalog.
    pub fn owned_by(&self) -> Option<&str> {
        self.owner().or(self.catalog_owner())
    }

    /// As grants know it.
    pub fn object(&self) -> GrantObject {
        match &self.view {
            Some((id, _)) => GrantObject::whole(*id),
            None => GrantObject {
                id: self.catalog,
                schema: self.schema.clone().unwrap_or_default(),
                table: self.table.clone().unwrap_or_default(),
            },
        }
    }

    /// Its own name.
    pub fn last(&self) -> &str {
        self.table.as_deref().or(self.schema.as_deref()).unwrap_or(&self.catalog_name)
    }

    /// Its whole name.
    pub fn name(&self) -> ObjectName {
        let parts = [Some(&self.catalog_name), self.schema.as_ref(), self.table.as_ref()];
        ObjectName(parts.into_iter().flatten().cloned().collect())
    }

    /// As GRANT names it.
    pub fn words(&self) -> String {
        match self.kind() {
            Kind::Catalog => format!("CATALOG {}", quote_identifier(&self.catalog_name)),
            Kind::Schema => format!("SCHEMA {}", self.name()),
            Kind::Table | Kind::View => format!("TABLE {}", self.name()),
        }
    }
}
