//! `c.tableoid` of PostgreSQL's catalogs: the number of the table that the row is of, known from the FROM.

use super::call;
use sqlparser::ast::{Expr, Select, TableFactor, Value, visit_expressions_mut};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Rewrites it where it is qualified with a table of `pg_catalog`.
pub(super) fn rewrite(select: &mut Select) {
    let tables: HashMap<String, String> = select
        .from
        .iter()
        .flat_map(|item| std::iter::once(&item.relation).chain(item.joins.iter().map(|join| &join.relation)))
        .filter_map(|factor| match factor {
            TableFactor::Table { name, alias: Some(alias), args: None, .. } => {
                Some((alias.name.value.clone(), name.to_string()))
            }
            _ => None,
        })
        .filter(|(_, table)| table.starts_with("pg_"))
        .collect();
    if tables.is_empty() {
        return;
    }
    let _: ControlFlow<()> = visit_expressions_mut(select, |expr| {
        if let Expr::CompoundIdentifier(parts) = expr
            && let [table, column] = parts.as_slice()
            && column.value == "tableoid"
            && let Some(table) = tables.get(&table.value)
        {
            *expr = call("weft_regclass", vec![Expr::value(Value::SingleQuotedString(table.clone()))]);
        }
        ControlFlow::Continue(())
    });
}
