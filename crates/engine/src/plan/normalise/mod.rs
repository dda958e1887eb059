//! PostgreSQL's spellings that DataFusion's planner does not read, rewritten in the syntax tree into those it does. Nothing here changes a meaning.

mod array;
mod cast;
mod cte;
mod escape;
mod operator;
mod reg;
mod relation;
mod tableoid;

use super::names::{Stands, is_call, name_columns};
pub(super) use relation::{query_of, select_from};
use sqlparser::ast::{
    AccessExpr, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, ObjectNamePart, Query, Select, Value, VisitMut, VisitorMut,
};
use std::ops::ControlFlow;

/// Rewrites the query in place.
pub fn normalise(query: &mut Query) {
    // The visitor has no way to break.
    let _: ControlFlow<Never> = query.visit(&mut Normaliser { around: Vec::new(), renamed: 0, told_apart: 0 });
}

struct Normaliser {
    /// The names of WITH of each query around, from the outermost.
    around: Vec<Vec<String>>,
    /// How many names of WITH have been changed.
    renamed: usize,
    /// How many expressions have been made different.
    told_apart: usize,
}

/// Never made: the rewrite has no way to fail.
enum Never {}

impl VisitorMut for Normaliser {
    type Break = Never;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Never> {
        // First of all: columns are named by what was written.
        name_columns(query, if self.around.is_empty() { Stands::Outermost } else { Stands::Inside });
        cast::tell_apart(query);
        self.around.push(cte::names(query));
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Never> {
        self.around.pop();
        cte::rename(query, &self.around, &mut self.renamed);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Never> {
        tableoid::rewrite(select);
        relation::rewrite(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Never> {
        match expr {
            Expr::BinaryOp { .. } => {
                operator::rewrite(expr);
                reg::concatenated(expr);
            }
            Expr::Collate { expr: inner, .. } => {
                let inner = take(inner);
                *expr = inner;
                return self.pre_visit_expr(expr);
            }
            Expr::Cast { kind: CastKind::DoubleColon | CastKind::Cast, expr: inner, data_type, .. } => {
                unqualify_type(data_type);
                if let Expr::Cast { data_type: inner_type, .. } = inner.as_mut() {
                    unqualify_type(inner_type);
                }
                array::literal(inner, data_type);
                array::vector(inner, data_type);
                reg::cast(expr);
            }
            Expr::Value(value) => {
                if let Value::UnicodeStringLiteral(text) = &mut value.value {
                    value.value = Value::SingleQuotedString(std::mem::take(text));
                }
            }
            Expr::CompoundFieldAccess { root, access_chain } => field_of_row(root, access_chain),
            Expr::Array(_) => array::constructor(expr),
            Expr::Like { any: false, .. } | Expr::ILike { any: false, .. } => escape::rewrite(expr),
            Expr::Identifier(name) if is_call(name) => *expr = call(&name.value.to_lowercase(), Vec::new()),
            Expr::AnyOp { .. } | Expr::AllOp { .. } | Expr::Like { any: true, .. } | Expr::ILike { any: true, .. } => {
                array::any(expr)
            }
            Expr::Function(function) => {
                unqualify(&mut function.name);
                array::subquery(expr);
                relation::set_returning(expr, &mut self.told_apart);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// `(row).field`: DataFusion wants the field's name as text.
fn field_of_row(root: &Expr, access_chain: &mut [AccessExpr]) {
    if matches!(root, Expr::Identifier(_)) {
        return;
    }
    for access in access_chain {
        if let AccessExpr::Dot(field) = access
            && let Expr::Identifier(name) = field
        {
            let name = if name.quote_style.is_some() { name.value.clone() } else { name.value.to_lowercase() };
            *field = Expr::value(Value::SingleQuotedString(name));
        }
    }
}

/// The expression, with NULL left in its place.
fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::value(Value::Null))
}

/// `pg_catalog.f` → `f`
fn unqualify(name: &mut ObjectName) {
    let built_in = |part: &ObjectNamePart| {
        part.as_ident().is_some_and(|i| {
            i.value.eq_ignore_ascii_case("pg_catalog") || i.value.eq_ignore_ascii_case("information_schema")
        })
    };
    if name.0.len() == 2 && built_in(&name.0[0]) {
        name.0.remove(0);
    }
}

fn unqualify_type(data_type: &mut DataType) {
    match data_type {
        DataType::Custom(name, modifiers) => {
            unqualify(name);
            if modifiers.is_empty()
                && let Some(plain) = builtin_type(&name.to_string().to_lowercase())
            {
                *data_type = plain;
            }
        }
        DataType::Array(sqlparser::ast::ArrayElemTypeDef::SquareBracket(inner, _)) => unqualify_type(inner),
        _ => {}
    }
}

/// Types that sqlparser does not know by these names once they were qualified; the others are `plan::types`'.
fn builtin_type(name: &str) -> Option<DataType> {
    Some(match name {
        "text" | "bpchar" | "unknown" => DataType::Text,
        "int2" => DataType::Int2(None),
        "int4" | "integer" => DataType::Int4(None),
        "int8" | "bigint" => DataType::Int8(None),
        "bool" => DataType::Bool,
        "float8" => DataType::Float8,
        "float4" => DataType::Float4,
        "timestamptz" => DataType::Timestamp(None, sqlparser::ast::TimezoneInfo::Tz),
        _ => return None,
    })
}

/// The function's name, if it is one bare word that was not quoted.
fn function_name(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] if ident.quote_style.is_none() => Some(ident.value.to_lowercase()),
        _ => None,
    }
}

/// A call. Quoted, so that it is not rewritten again.
pub(in crate::plan) fn call(function: &str, arguments: Vec<Expr>) -> Expr {
    let args = arguments.into_iter().map(|e| FunctionArg::Unnamed(FunctionArgExpr::Expr(e))).collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::with_quote('"', function)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: vec![] }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

/// The plain arguments of a call; nothing where there are others.
fn arguments(function: &Function) -> Option<Vec<Expr>> {
    let FunctionArguments::List(list) = &function.args else { return None };
    plain(&list.args)
}

fn plain(args: &[FunctionArg]) -> Option<Vec<Expr>> {
    let each = args.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => Some(e.clone()),
        _ => None,
    });
    each.collect()
}
