//! INSERT: rows of a query into a table of the lake. Its query is bound with the types of the table's columns; what it gives is written, and then the table has it.

use super::relation::{change_all, in_lake, is_another, missing};
use super::{Bound, Done, query};
use crate::catalog::{LAKE_SCHEMA, tables};
use crate::plan::assign::{self, Origin, Target};
use crate::plan::bind::{self, BoundQuery};
use crate::session::Session;
use datafusion::common::ScalarValue;
use std::sync::Arc;
use weft_core::name::{nearest, quote_always, quote_identifier};
use weft_core::pgtype::{ColumnType, field_of_text};
use weft_core::{BatchStream, Error, ErrorKind, ObjectName, Privilege, Result};
use weft_lake::TableRef;
use weft_meta::{DatasetChange, DatasetColumn, DatasetKind, DatasetRecord};
use weft_sql::{Insert, Relation};

/// The command tag, without the count.
const TAG: &str = "INSERT 0";

/// A bound INSERT.
pub(crate) struct Insertion {
    table: DatasetRecord,
    /// Its columns are those of the table.
    pub(super) query: BoundQuery,
}

pub(super) async fn bind(
    session: &Arc<Session>,
    insert: &Insert,
    declared: &[Option<ColumnType>],
) -> Result<query::Described> {
    let table = writable(session, &insert.name).await?;
    let places = places(&table, &insert.columns)?;
    let all = table.columns.iter().map(target).collect::<Result<Vec<_>>>()?;
    let targets: Vec<Target> = places.iter().map(|place| all[*place].clone()).collect();
    let environment = session.environment();
    let mut given = match &insert.query {
        Some(query) => query.as_ref().clone(),
        None => assign::parsed("VALUES (DEFAULT)")?,
    };
    assign::type_literals(&mut given, &targets)?;
    let bound = bind::bind(&environment, &given, declared).await?;
    let width = bound.columns.len();
    if width > targets.len() {
        return Err(assign::more_expressions());
    }
    if width < targets.len() && !insert.columns.is_empty() {
        return Err(assign::more_targets());
    }
    let mut columns: Vec<(Target, Origin)> = all.into_iter().map(|target| (target, Origin::Null)).collect();
    for (i, (place, column)) in places.iter().zip(&bound.columns[..]).enumerate() {
        let (target, origin) = &mut columns[*place];
        assign::check(target, column.column_type)?;
        let wanted = field_of_text(&target.name, &target.type_text);
        let is_same =
            column.column_type == target.column_type && bound.schema.field(i).data_type() == wanted.data_type();
        *origin = if is_same { Origin::Same(i) } else { Origin::Cast(i) };
    }
    let is_ready = columns.iter().enumerate().all(|(i, (_, origin))| *origin == Origin::Same(i));
    let query = if is_ready {
        bound
    } else {
        let declared: Vec<_> = bound.parameters.iter().map(|t| Some(*t)).collect();
        bind::bind(&environment, &assign::wrapped(given, width, &columns)?, &declared).await?
    };
    let parameters = query.parameters.clone();
    Ok((Bound::Insert(Box::new(Insertion { table, query })), parameters, None))
}

pub(super) async fn execute(
    session: &Arc<Session>,
    insertion: &Insertion,
    parameters: Vec<ScalarValue>,
) -> Result<Done> {
    let rows = query::answer(session, &insertion.query, parameters).await?;
    let count = fill(session, &insertion.table, Vec::new(), rows).await?;
    Ok(Done::Tag(format!("{TAG} {count}")))
}

/// Gives the table rows that have its columns, with the changes that come before that, all of it or nothing; tells how many rows there were.
pub(super) async fn fill(
    session: &Arc<Session>,
    table: &DatasetRecord,
    mut changes: Vec<DatasetChange>,
    rows: BatchStream,
) -> Result<u64> {
    let columns = tables::columns(table);
    let target = TableRef { id: table.id, name: &table.name, columns: &columns };
    let written = session.gateway().lake().write(target, rows).await?;
    let count = written.rows();
    if count > 0 {
        changes.push(tables::append(table, &written));
    }
    change_all(session, changes, vec![Arc::new(written)]).await?;
    Ok(count)
}

/// The table of this name, if the session's role may write to it.
async fn writable(session: &Arc<Session>, name: &ObjectName) -> Result<DatasetRecord> {
    let name = in_lake(session, name, Relation::Table).map_err(|error| match error.kind() {
        ErrorKind::FeatureNotSupported => Error::unsupported("INSERT into a table of a source")
            .with_hint("Rows are kept in the catalog lake: CREATE TABLE lake.public.… makes a table there."),
        _ => error,
    })?;
    let found = session.drafts().get(session.gateway().metastore(), LAKE_SCHEMA, &name).await?;
    let Some(table) = found else {
        let error = missing(session, Relation::Table, &name).await;
        let message = format!("relation \"{name}\" does not exist");
        let undefined = Error::new(ErrorKind::UndefinedTable, message).about(name);
        return Err(match error.hint() {
            Some(hint) => undefined.with_hint(hint),
            None => undefined,
        });
    };
    if table.kind != DatasetKind::Table {
        return Err(is_another(&table));
    }
    session.rights().require(&session.gateway().catalogs().view(&table)?, Privilege::Insert)?;
    Ok(table)
}

/// The places of the named columns in the table; of all if none is named.
fn places(table: &DatasetRecord, names: &[String]) -> Result<Vec<usize>> {
    if names.is_empty() {
        return Ok((0..table.columns.len()).collect());
    }
    let mut places = Vec::with_capacity(names.len());
    for name in names {
        let Some(place) = table.columns.iter().position(|column| column.name == *name) else {
            let message =
                format!("column {} of relation {} does not exist", quote_always(name), quote_always(&table.name));
            let error = Error::new(ErrorKind::UndefinedColumn, message).about(name);
            return Err(match nearest(name, table.columns.iter().map(|column| column.name.as_str())) {
                Some(near) => error.with_hint(format!("Perhaps you meant {}.", quote_identifier(near))),
                None => error,
            });
        };
        if places.contains(&place) {
            let message = format!("column {} specified more than once", quote_always(name));
            return Err(Error::new(ErrorKind::DuplicateColumn, message).about(name));
        }
        places.push(place);
    }
    Ok(places)
}

fn target(column: &DatasetColumn) -> Result<Target> {
    Target::new(&column.name, &column.data_type)
}
