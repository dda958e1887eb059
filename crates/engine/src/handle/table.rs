//! CREATE TABLE: tables of the lake, empty or made of a query's rows. What a query would fill and its table come into force together, or neither.

use super::relation::{change_all, in_lake};
use super::{Done, insert, query, view};
use crate::catalog::{LAKE, LAKE_SCHEMA};
use crate::plan::{assign, bind};
use crate::session::Session;
use chrono::Utc;
use sqlparser::ast::{ArrayElemTypeDef, CharacterLength, DataType};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;
use weft_core::metastore_at::MetastoreAt;
use weft_core::name::quote_always;
use weft_core::pgtype::{text_of, type_text};
use weft_core::{Error, ErrorKind, Privilege, Result};
use weft_lake::keepable;
use weft_meta::{DatasetChange, DatasetColumn, DatasetKind, DatasetRecord};
use weft_sql::{ColumnDefinition, CreateTable, Nulls, OnDuplicate, Relation, Rows, TableContent};

/// What is kept of a `numeric` without digits.
const NUMERIC: &str = "numeric(38,10)";

pub(super) async fn create(session: &Arc<Session>, create: &CreateTable) -> Result<Done> {
    let name = in_lake(session, &create.name, Relation::Table)?;
    may_create(session)?;
    if session.drafts().get(session.gateway().metastore(), LAKE_SCHEMA, &name).await?.is_some() {
        let message = format!("relation \"{name}\" already exists");
        if create.on_duplicate == OnDuplicate::Fail {
            return Err(Error::new(ErrorKind::DuplicateTable, message));
        }
        session.notice("NOTICE", ErrorKind::DuplicateTable.sqlstate(), format!("{message}, skipping"));
        return Ok(Done::Tag(tag(&create.content).to_owned()));
    }
    match &create.content {
        TableContent::Columns(definitions) => {
            let table = record(session, name, declared(session, definitions).await?);
            change_all(session, vec![DatasetChange::Put { dataset: table, origins: Vec::new() }], Vec::new()).await?;
            Ok(Done::Tag(tag(&create.content).to_owned()))
        }
        TableContent::Query { columns, query, rows, .. } => {
            let bound = bind::bind(&session.environment(), query, &[]).await?;
            if !bound.parameters.is_empty() {
                return Err(Error::new(ErrorKind::UndefinedParameter, "there is no parameter $1"));
            }
            let columns = view::columns("CREATE TABLE AS", columns, &bound)?;
            for column in &bound.columns[..] {
                keepable(&column.name, column.column_type)?;
            }
            // With all digits that numerics have.
            let columns = columns.into_iter().zip(bound.schema.fields()).map(|(column, field)| DatasetColumn {
                data_type: type_text(field),
                query_name: None,
                ..column
            });
            let columns = columns.collect();
            let table = record(session, name, columns);
            let changes = vec![DatasetChange::Put { dataset: table.clone(), origins: Vec::new() }];
            if *rows == Rows::Left {
                change_all(session, changes, Vec::new()).await?;
                return Ok(Done::Tag(tag(&create.content).to_owned()));
            }
            let batches = query::answer(session, &bound, Vec::new()).await?;
            let count = insert::fill(session, &table, changes, batches).await?;
            Ok(Done::Tag(format!("SELECT {count}")))
        }
    }
}

fn tag(content: &TableContent) -> &'static str {
    match content {
        TableContent::Columns(_) => "CREATE TABLE",
        TableContent::Query { .. } => "CREATE TABLE AS",
    }
}

/// 42501 unless the session's role may keep tables, 0A000 where several gateways would have to see them.
pub(super) fn may_create(session: &Arc<Session>) -> Result<()> {
    let schema = session.gateway().catalogs().thing(LAKE)?.schema_in(LAKE_SCHEMA);
    session.rights().require(&schema, Privilege::Manage)?;
    match session.gateway().settings().metastore {
        MetastoreAt::Sqlite => Ok(()),
        MetastoreAt::Postgres(_) => Err(Error::unsupported("a table on a metastore that several gateways share")
            .with_detail("Its rows would lie on the disk of one of them.")),
    }
}

/// A new table of the session's role.
pub(super) fn record(session: &Arc<Session>, name: String, columns: Vec<DatasetColumn>) -> DatasetRecord {
    let now = Utc::now();
    DatasetRecord {
        id: Uuid::now_v7(),
        schema: LAKE_SCHEMA.to_owned(),
        name,
        kind: DatasetKind::Table,
        definition: String::new(),
        catalog: LAKE.to_owned(),
        search_path: Vec::new(),
        columns,
        owner: session.user(),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// The columns that a statement declares.
async fn declared(session: &Arc<Session>, definitions: &[ColumnDefinition]) -> Result<Vec<DatasetColumn>> {
    let mut names = HashSet::new();
    if let Some(twice) = definitions.iter().find(|definition| !names.insert(&definition.name)) {
        let message = format!("column {} specified more than once", quote_always(&twice.name));
        return Err(Error::new(ErrorKind::DuplicateColumn, message).about(&twice.name));
    }
    let plain = definitions.iter().map(|definition| unlimited(&definition.data_type)).collect::<Result<Vec<_>>>()?;
    // What the names of types mean is found where casts find it.
    let casts: Vec<String> = plain.iter().map(|(data_type, _)| format!("CAST(NULL AS {data_type})")).collect();
    let casts = assign::parsed(&format!("SELECT {}", casts.join(", ")))?;
    let bound = bind::bind(&session.environment(), &casts, &[]).await?;
    let columns = definitions.iter().zip(&bound.columns[..]).zip(plain);
    let column = |((definition, bound), (_, max_length)): ((&ColumnDefinition, &crate::outcome::Column), _)| {
        keepable(&definition.name, bound.column_type)?;
        Ok(DatasetColumn {
            name: definition.name.clone(),
            data_type: match text_of(bound.column_type, bound.modifier).as_str() {
                "numeric" => NUMERIC.to_owned(),
                text => text.to_owned(),
            },
            required: definition.nulls == Nulls::Refused,
            max_length,
            ..DatasetColumn::default()
        })
    };
    columns.map(column).collect()
}

/// The type without the most characters that its values may have, and those. Types whose values would have to be changed before they are kept are refused.
fn unlimited(data_type: &DataType) -> Result<(DataType, Option<u64>)> {
    match data_type {
        DataType::Varchar(Some(CharacterLength::IntegerLength { length, .. }))
        | DataType::CharacterVarying(Some(CharacterLength::IntegerLength { length, .. })) => {
            if *length == 0 {
                let message = "length for type varchar must be at least 1";
                return Err(Error::new(ErrorKind::InvalidParameterValue, message));
            }
            Ok((DataType::Varchar(None), Some(*length)))
        }
        DataType::Char(_) | DataType::Character(_) | DataType::Timestamp(Some(_), _) | DataType::Time(Some(_), _) => {
            Err(Error::unsupported(format!("type {data_type} in a table")))
        }
        DataType::Array(ArrayElemTypeDef::SquareBracket(item, _)) => match unlimited(item)? {
            (_, None) => Ok((data_type.clone(), None)),
            _ => Err(Error::unsupported(format!("type {data_type} in a table"))),
        },
        other => Ok((other.clone(), None)),
    }
}
