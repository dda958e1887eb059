//! Functions that give rows: in FROM they become `SELECT unnest(…)`, lateral where they follow other tables; in a SELECT list `unnest(…)`.

use super::{arguments, call, function_name, plain, unqualify};
use sqlparser::ast::{
    Expr, GroupByExpr, Ident, Query, Select, SelectFlavor, SelectItem, SetExpr, TableAlias, TableAliasColumnDef,
    TableFactor, TableWithJoins, helpers::attached_token::AttachedToken,
};

/// Rewrites the functions in FROM.
pub(super) fn rewrite(select: &mut Select) {
    for (position, item) in select.from.iter_mut().enumerate() {
        factor(&mut item.relation, position > 0);
        for join in &mut item.joins {
            factor(&mut join.relation, true);
        }
    }
}

fn factor(factor: &mut TableFactor, lateral: bool) {
    let (name, args, alias, ordinality) = match factor {
        TableFactor::Table { name, args: Some(args), alias, with_ordinality, .. } => {
            unqualify(name);
            let (Some(name), Some(args)) = (function_name(name), plain(&args.args)) else { return };
            (name, args, alias, *with_ordinality)
        }
        TableFactor::Function { name, args, alias, .. } => {
            unqualify(name);
            let (Some(name), Some(args)) = (function_name(name), plain(args)) else { return };
            (name, args, alias, false)
        }
        TableFactor::UNNEST { array_exprs, alias, with_ordinality, with_offset: false, .. } => {
            ("unnest".to_owned(), array_exprs.clone(), alias, *with_ordinality)
        }
        TableFactor::NestedJoin { table_with_joins, .. } => {
            nested(table_with_joins, lateral);
            return;
        }
        _ => return,
    };
    let Some(mut columns) = rows_of(&name, &args) else { return };
    if let Some(alias) = alias
        && alias.columns.is_empty()
    {
        let count = columns.len();
        let expanded = name == "_pg_expandarray";
        let first = if count == 1 {
            vec![alias.name.clone()]
        } else if expanded {
            vec![Ident::new("x"), Ident::new("n")]
        } else {
            Vec::new()
        };
        alias.columns = first.into_iter().map(column).collect();
        if ordinality && count == 1 {
            alias.columns.push(column(Ident::new("ordinality")));
        }
    }
    if !ordinality && name == "generate_series" && args.iter().all(is_constant) {
        // DataFusion's own table function gives its rows piece by piece.
        return;
    }
    if ordinality && let Some(first) = args.first() {
        let counted =
            if name == "unnest" { first.clone() } else { elements(&name, &args).unwrap_or_else(|| first.clone()) };
        columns.push(unnest(call("weft_subscripts", vec![counted, one()])));
    }
    let alias = alias.take().or_else(|| Some(named(&name)));
    *factor =
        TableFactor::Derived { lateral, subquery: Box::new(query(select(columns, Vec::new()))), alias, sample: None };
}

fn nested(tables: &mut TableWithJoins, lateral: bool) {
    factor(&mut tables.relation, lateral);
    for join in &mut tables.joins {
        factor(&mut join.relation, true);
    }
}

/// Whether its value is known without any table.
fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Value(_) | Expr::TypedString(_) | Expr::Interval(_) => true,
        Expr::Cast { expr, .. } | Expr::UnaryOp { expr, .. } | Expr::Nested(expr) => is_constant(expr),
        Expr::Array(array) => array.elem.iter().all(is_constant),
        _ => false,
    }
}

/// The columns of a function in FROM.
fn rows_of(name: &str, args: &[Expr]) -> Option<Vec<Expr>> {
    match name {
        "unnest" => Some(args.iter().cloned().map(|array| unnest(elements_of(array))).collect()),
        "_pg_expandarray" => {
            let array = args.first()?.clone();
            Some(vec![
                unnest(call("weft_elements", vec![array.clone()])),
                unnest(call("weft_subscripts", vec![array, one()])),
            ])
        }
        _ => Some(vec![unnest(elements(name, args)?)]),
    }
}

/// The array whose elements are the function's rows.
fn elements(name: &str, args: &[Expr]) -> Option<Expr> {
    let function = match name {
        "generate_series" => "generate_series",
        "generate_subscripts" => "weft_subscripts",
        "_pg_expandarray" => "weft_expandarray",
        // There are no partitions: what a source has of them is one table.
        "pg_partition_ancestors" => {
            let none = Expr::value(sqlparser::ast::Value::SingleQuotedString(String::new()));
            return Some(call("weft_elements", vec![none]));
        }
        _ => return None,
    };
    Some(call(function, args.to_vec()))
}

/// In a SELECT list: `generate_series(1, 3)` → `unnest(generate_series(1, 3))`
pub(super) fn set_returning(expr: &mut Expr, told_apart: &mut usize) {
    let Expr::Function(function) = expr else { return };
    let Some(name) = function_name(&function.name) else { return };
    let Some(args) = arguments(function) else { return };
    if let Some(array) = elements(&name, &args) {
        *expr = unnest(array);
    } else if name == "unnest"
        && let [array @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))] = args.as_slice()
    {
        *expr = unnest(elements_of(array.clone()));
    } else if name == "unnest"
        && let [array @ (Expr::Subquery(_) | Expr::Nested(_))] = args.as_slice()
    {
        // DataFusion would take two of them for one: it calls all subqueries the same.
        *told_apart += 1;
        let number = sqlparser::ast::Value::Number(told_apart.to_string(), false);
        *expr = unnest(call("weft_apart", vec![array.clone(), Expr::value(number)]));
    }
}

/// A column may be a vector.
fn elements_of(array: Expr) -> Expr {
    match array {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => call("weft_vector", vec![array]),
        other => other,
    }
}

fn unnest(array: Expr) -> Expr {
    call("unnest", vec![array])
}

fn one() -> Expr {
    Expr::value(sqlparser::ast::Value::Number("1".to_owned(), false))
}

fn column(name: Ident) -> TableAliasColumnDef {
    TableAliasColumnDef { name, data_type: None }
}

/// `AS "name"`
pub(super) fn named(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::with_quote('"', name), columns: Vec::new(), at: None }
}

/// `SELECT columns FROM (query) AS alias (names)`
pub(in crate::plan) fn select_from(columns: Vec<Expr>, from: Query, alias: &str, names: Vec<Ident>) -> Query {
    let mut alias = named(alias);
    alias.columns = names.into_iter().map(column).collect();
    let relation = TableFactor::Derived { lateral: false, subquery: Box::new(from), alias: Some(alias), sample: None };
    query(select(columns, vec![TableWithJoins { relation, joins: Vec::new() }]))
}

fn query(select: Select) -> Query {
    query_of(SetExpr::Select(Box::new(select)))
}

fn select(columns: Vec<Expr>, from: Vec<TableWithJoins>) -> Select {
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection: columns.into_iter().map(SelectItem::UnnamedExpr).collect(),
        exclude: None,
        into: None,
        from,
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

/// A query without anything around its body.
pub(in crate::plan) fn query_of(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}
