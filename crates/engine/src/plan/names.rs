//! The names of result columns, as PostgreSQL chooses them: `count`, `?column?`, `case`. They are written into the query as aliases before it is bound,
//! because DataFusion's own names (`count(Int64(1))`) would reach the client. Source: PostgreSQL `parse_target.c`, `FigureColname`.
//!
//! DataFusion wants the columns of a SELECT to have different names, PostgreSQL does not: a repeated name is given an invisible mark, which
//! [`displayed`] takes off.

use sqlparser::ast::{
    AccessExpr, DataType, Expr, Ident, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, TableFactor, Value, visit_expressions,
};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Stands before the number of a repeated name.
const MARK: char = '\u{1}';

/// The name without its mark.
pub fn displayed(name: &str) -> &str {
    name.split(MARK).next().unwrap_or(name)
}

/// A name that is displayed as another, and is different from every other.
pub fn hidden_name(name: &str, number: usize) -> String {
    format!("{name}{MARK}{number}")
}

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Its columns go to the client, who may be given a name twice.
    Outermost,
    /// Another query calls its columns by their names.
    Inside,
}

/// Names every column of the query's own SELECTs (not of subqueries, which are visited by themselves).
pub fn name_columns(query: &mut Query, stands: Stands) {
    match (query.body.as_mut(), &mut query.order_by) {
        (SetExpr::Select(select), Some(OrderBy { kind: OrderByKind::Expressions(order), .. }))
            if stands == Stands::Outermost =>
        {
            let sorted_by = give_way(select, order);
            name_select(select, stands, &sorted_by);
        }
        (body, _) => name_body(body, stands),
    }
}

fn name_body(body: &mut SetExpr, stands: Stands) {
    match body {
        SetExpr::Select(select) => name_select(select, stands, &HashSet::new()),
        SetExpr::SetOperation { left, right, .. } => {
            name_body(left, stands);
            name_body(right, stands);
        }
        _ => {}
    }
}

/// The names of columns of tables by which ORDER BY sorts (`t.x`) although another column of the result is called so: what is called so must have a mark, and
/// where ORDER BY means it, its number stands in its place.
fn give_way(select: &Select, order: &mut [OrderByExpr]) -> HashSet<String> {
    let items = || {
        select.projection.iter().enumerate().filter_map(|(i, item)| match item {
            SelectItem::UnnamedExpr(expr) => Some((i, expr, column_name(expr))),
            SelectItem::ExprWithAlias { expr, alias } => Some((i, expr, folded(alias))),
            _ => None,
        })
    };
    let mut sorted_by = HashSet::new();
    for by in order.iter() {
        let _ = visit_expressions(&by.expr, |expr| {
            if let Expr::CompoundIdentifier(parts) = expr
                && let Some(name) = parts.last().map(folded)
                && items().any(|(_, item, called)| called == name && item != expr)
            {
                sorted_by.insert(name);
            }
            ControlFlow::<()>::Continue(())
        });
    }
    for by in order.iter_mut() {
        if let Expr::Identifier(name) = &by.expr
            && let name = folded(name)
            && sorted_by.contains(&name)
            && let Some((i, ..)) = items().find(|(_, _, called)| *called == name)
        {
            by.expr = Expr::value(Value::Number((i + 1).to_string(), false));
        }
    }
    sorted_by
}

fn name_select(select: &mut Select, stands: Stands, sorted_by: &HashSet<String>) {
    let wildcards = Wildcards::of(select);
    let tables = tables(select);
    let mut taken: HashSet<String> = HashSet::new();
    let repeated_names = repeated(select);
    for (position, item) in select.projection.iter_mut().enumerate() {
        let (expr, name, chosen) = match item {
            SelectItem::UnnamedExpr(expr) => (expr.clone(), column_name(expr), Chosen::by(expr, &tables)),
            SelectItem::ExprWithAlias { expr, alias } => (expr.clone(), folded(alias), Chosen::ByUser),
            _ => continue,
        };
        // Whoever calls a repeated name means none of its columns.
        let repeated = !taken.insert(name.clone()) || (stands == Stands::Inside && repeated_names.contains(&name));
        // A wildcard may bring a column of the same name.
        let marked = repeated
            || sorted_by.contains(&name)
            || (stands == Stands::Outermost && wildcards.may_bring(&expr, &chosen));
        let alias = match chosen {
            _ if marked => hidden_name(&name, position),
            Chosen::ByUser | Chosen::Plain => continue,
            Chosen::Derived => name,
        };
        *item = SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', alias) };
    }
}

/// The names that several columns have.
fn repeated(select: &Select) -> HashSet<String> {
    let mut seen = HashSet::new();
    let names = select.projection.iter().filter_map(|item| match item {
        SelectItem::UnnamedExpr(expr) => Some(column_name(expr)),
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        _ => None,
    });
    names.filter(|name| !seen.insert(name.clone())).collect()
}

/// The `*` and `t.*` of a SELECT.
struct Wildcards {
    all: bool,
    of: Vec<String>,
}

impl Wildcards {
    fn of(select: &Select) -> Wildcards {
        let mut found = Wildcards { all: false, of: Vec::new() };
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) => found.all = true,
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    found.of.extend(name.0.last().and_then(|part| part.as_ident()).map(folded));
                }
                _ => {}
            }
        }
        found
    }

    /// Whether a column of theirs may have the name of this item.
    fn may_bring(&self, expr: &Expr, chosen: &Chosen) -> bool {
        match (chosen, expr) {
            (Chosen::ByUser, _) => false,
            (Chosen::Plain, Expr::CompoundIdentifier(parts)) => {
                let qualifier = parts.len().checked_sub(2).and_then(|i| parts.get(i)).map(folded);
                self.all || qualifier.is_some_and(|q| self.of.contains(&q))
            }
            (Chosen::Plain, _) => self.all,
            (Chosen::Derived, _) => self.all || !self.of.is_empty(),
        }
    }
}

/// Where a column's name comes from.
enum Chosen {
    /// An alias.
    ByUser,
    /// A column.
    Plain,
    /// The rules below.
    Derived,
}

impl Chosen {
    fn by(expr: &Expr, tables: &[Ident]) -> Chosen {
        match expr {
            Expr::Identifier(name) if is_call(name) => Chosen::Derived,
            Expr::Identifier(_) => Chosen::Plain,
            // A column of an outer query keeps its name here.
            Expr::CompoundIdentifier(parts)
                if parts.len() == 2 && !tables.iter().any(|t| folded(t) == folded(&parts[0])) =>
            {
                Chosen::Derived
            }
            Expr::CompoundIdentifier(_) => Chosen::Plain,
            _ => Chosen::Derived,
        }
    }
}

/// The names by which the columns of FROM are qualified.
fn tables(select: &Select) -> Vec<Ident> {
    let factors = select
        .from
        .iter()
        .flat_map(|item| std::iter::once(&item.relation).chain(item.joins.iter().map(|join| &join.relation)));
    factors.flat_map(names_of).collect()
}

fn names_of(factor: &TableFactor) -> Vec<Ident> {
    match factor {
        TableFactor::Table { alias: Some(alias), .. }
        | TableFactor::Derived { alias: Some(alias), .. }
        | TableFactor::UNNEST { alias: Some(alias), .. }
        | TableFactor::Function { alias: Some(alias), .. } => vec![alias.name.clone()],
        TableFactor::Table { name, .. } | TableFactor::Function { name, .. } => {
            name.0.last().and_then(|p| p.as_ident()).cloned().into_iter().collect()
        }
        TableFactor::NestedJoin { table_with_joins, alias: None } => {
            let joined = table_with_joins.joins.iter().map(|join| &join.relation);
            std::iter::once(&table_with_joins.relation).chain(joined).flat_map(names_of).collect()
        }
        TableFactor::NestedJoin { alias: Some(alias), .. } => vec![alias.name.clone()],
        _ => Vec::new(),
    }
}

/// Whether a bare name is the call of a function: a key word, by which no column can be called without quotes.
pub(super) fn is_call(name: &Ident) -> bool {
    name.quote_style.is_none() && name.value.eq_ignore_ascii_case("current_schema")
}

/// The name that an identifier is.
pub fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// The name that PostgreSQL gives an unnamed column.
pub fn column_name(expr: &Expr) -> String {
    strong_name(expr).or_else(|| weak_name(expr)).unwrap_or_else(|| "?column?".to_owned())
}

/// A name that a cast around the expression does not change.
fn strong_name(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::Identifier(ident) => folded(ident),
        Expr::CompoundIdentifier(parts) => folded(parts.last()?),
        Expr::Function(function) => function.name.0.last()?.as_ident().map(folded)?,
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => return strong_name(inner),
        Expr::Cast { expr: inner, .. } => return strong_name(inner),
        Expr::CompoundFieldAccess { root, access_chain } => match access_chain.last() {
            Some(AccessExpr::Dot(Expr::Identifier(field))) => folded(field),
            _ => return strong_name(root),
        },
        Expr::Extract { .. } => "extract".to_owned(),
        Expr::Substring { .. } => "substring".to_owned(),
        Expr::Position { .. } => "position".to_owned(),
        Expr::Trim { trim_where, .. } => match trim_where {
            Some(sqlparser::ast::TrimWhereField::Leading) => "ltrim".to_owned(),
            Some(sqlparser::ast::TrimWhereField::Trailing) => "rtrim".to_owned(),
            _ => "btrim".to_owned(),
        },
        Expr::Overlay { .. } => "overlay".to_owned(),
        Expr::Ceil { .. } => "ceil".to_owned(),
        Expr::Floor { .. } => "floor".to_owned(),
        Expr::AtTimeZone { .. } => "timezone".to_owned(),
        Expr::Exists { .. } => "exists".to_owned(),
        Expr::Array(_) => "array".to_owned(),
        Expr::Tuple(_) => "row".to_owned(),
        Expr::Subquery(query) => return subquery_name(query),
        _ => return None,
    })
}

/// A name that is taken only where nothing better is inside.
fn weak_name(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::Case { else_result, .. } => {
            else_result.as_deref().and_then(strong_name).unwrap_or_else(|| "case".to_owned())
        }
        Expr::Cast { data_type, .. } => type_name(data_type),
        Expr::TypedString(typed) => type_name(&typed.data_type),
        Expr::Interval(_) => "interval".to_owned(),
        Expr::Value(value) if matches!(value.value, Value::Boolean(_)) => "bool".to_owned(),
        Expr::Nested(inner) => return weak_name(inner),
        _ => return None,
    })
}

fn subquery_name(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    match select.projection.first()? {
        SelectItem::UnnamedExpr(expr) => Some(column_name(expr)),
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        _ => None,
    }
}

/// `pg_type`'s name of a type as it was typed.
fn type_name(data_type: &DataType) -> String {
    let text = data_type.to_string().to_lowercase();
    let base = text.split(['(', ' ']).next().unwrap_or(&text);
    let base = base.rsplit('.').next().unwrap_or(base).trim_matches('"');
    match base {
        "int" | "integer" | "int4" => "int4",
        "bigint" | "int8" => "int8",
        "smallint" | "int2" => "int2",
        "double" | "float8" | "float" => "float8",
        "real" | "float4" => "float4",
        "decimal" | "dec" | "numeric" => "numeric",
        "boolean" | "bool" => "bool",
        "character" if text.contains("varying") => "varchar",
        "char" | "character" => "bpchar",
        "timestamp" if text.contains("with time zone") => "timestamptz",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::PostgreSqlDialect;
    use sqlparser::parser::Parser;

    fn names(sql: &str) -> Vec<String> {
        let mut parser = Parser::new(&PostgreSqlDialect {}).try_with_sql(sql).expect("tokens");
        let mut query = parser.parse_query().expect("query");
        name_columns(&mut query, Stands::Outermost);
        let SetExpr::Select(select) = query.body.as_ref() else { panic!("a SELECT") };
        select
            .projection
            .iter()
            .map(|item| match item {
                SelectItem::ExprWithAlias { alias, .. } => displayed(&alias.value).to_owned(),
                SelectItem::UnnamedExpr(expr) => column_name(expr),
                other => other.to_string(),
            })
            .collect()
    }

    #[test]
    fn as_postgresql_names_them() {
        let sql = "SELECT 1, 1+1, count(*), a, t.b, a::text, '1'::int, CASE WHEN a THEN 1 END, extract(year FROM d), true, date '2020-01-01', (SELECT max(x) FROM t)";
        let expected =
            ["?column?", "?column?", "count", "a", "b", "a", "int4", "case", "extract", "bool", "date", "max"];
        assert_eq!(names(sql), expected);
        assert_eq!(names("SELECT 'pg_class'::regclass::oid, (CASE WHEN a THEN 1 END)::int"), ["oid", "int4"]);
        assert_eq!(names("SELECT a, a, b AS a, *"), ["a", "a", "a", "*"]);
    }
}
