//! A FROM in which a table's name stands twice. Source: PostgreSQL `parse_relation.c` (`checkNameSpaceConflicts`).

use super::super::names::folded;
use sqlparser::ast::{Ident, ObjectName, Select, TableFactor, TableWithJoins};

/// A table as the rest of the SELECT calls it.
struct Called<'a> {
    name: String,
    /// What it is, if it has no alias.
    table: Option<&'a ObjectName>,
}

/// The first name that stands twice. Tables of the same name in different schemas are no conflict.
pub(super) fn repeated(select: &Select) -> Option<String> {
    let mut seen: Vec<Called<'_>> = Vec::new();
    for called in select.from.iter().flat_map(joined) {
        let conflict = seen.iter().any(|other| {
            let same_name = other.name == called.name;
            same_name && !matches!((other.table, called.table), (Some(a), Some(b)) if a.to_string() != b.to_string())
        });
        if conflict {
            return Some(called.name);
        }
        seen.push(called);
    }
    None
}

fn joined(item: &TableWithJoins) -> Vec<Called<'_>> {
    std::iter::once(&item.relation).chain(item.joins.iter().map(|join| &join.relation)).flat_map(called).collect()
}

fn called(factor: &TableFactor) -> Vec<Called<'_>> {
    let aliased = |alias: &Ident| vec![Called { name: folded(alias), table: None }];
    match factor {
        TableFactor::Table { alias: Some(alias), .. }
        | TableFactor::Derived { alias: Some(alias), .. }
        | TableFactor::UNNEST { alias: Some(alias), .. }
        | TableFactor::Function { alias: Some(alias), .. }
        | TableFactor::NestedJoin { alias: Some(alias), .. } => aliased(&alias.name),
        TableFactor::Table { name, .. } => {
            let last = name.0.last().and_then(|part| part.as_ident());
            last.map(|ident| Called { name: folded(ident), table: Some(name) }).into_iter().collect()
        }
        TableFactor::NestedJoin { table_with_joins, alias: None } => joined(table_with_joins),
        _ => Vec::new(),
    }
}
