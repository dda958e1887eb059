//! PostgreSQL's spellings that DataFusion's planner does not read, rewritten in the syntax tree into those it does. Nothing here changes a meaning.

use super::names::name_columns;
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName,
    ObjectNamePart, Query, Value, VisitMut, VisitorMut,
};
use std::ops::ControlFlow;

/// Rewrites the query in place.
pub fn normalise(query: &mut Query) {
    // The visitor has no way to break.
    let _: ControlFlow<Never> = query.visit(&mut Normaliser);
}

struct Normaliser;

/// Never made: the rewrite has no way to fail.
enum Never {}

impl VisitorMut for Normaliser {
    type Break = Never;

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Never> {
        name_columns(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Never> {
        match expr {
            Expr::BinaryOp { op, .. } => {
                if let BinaryOperator::PGCustomBinaryOperator(parts) = op
                    && let Some(plain) = parts.last().and_then(|name| plain_operator(name))
                {
                    *op = plain;
                }
            }
            Expr::Collate { expr: inner, .. } => {
                let inner = std::mem::replace(inner.as_mut(), Expr::value(Value::Null));
                *expr = inner;
                return self.pre_visit_expr(expr);
            }
            Expr::Cast { kind: CastKind::DoubleColon | CastKind::Cast, expr: inner, data_type, .. } => {
                unqualify_type(data_type);
                if let Some(function) = reg_function(data_type) {
                    let inner = std::mem::replace(inner.as_mut(), Expr::value(Value::Null));
                    *expr = call(function, vec![inner]);
                }
            }
            Expr::Function(function) => unqualify(&mut function.name),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// `OPERATOR(pg_catalog.~)` → `~`
fn plain_operator(name: &str) -> Option<BinaryOperator> {
    Some(match name {
        "~" => BinaryOperator::PGRegexMatch,
        "~*" => BinaryOperator::PGRegexIMatch,
        "!~" => BinaryOperator::PGRegexNotMatch,
        "!~*" => BinaryOperator::PGRegexNotIMatch,
        "~~" => BinaryOperator::PGLikeMatch,
        "~~*" => BinaryOperator::PGILikeMatch,
        "!~~" => BinaryOperator::PGNotLikeMatch,
        "!~~*" => BinaryOperator::PGNotILikeMatch,
        "=" => BinaryOperator::Eq,
        "<>" => BinaryOperator::NotEq,
        "<" => BinaryOperator::Lt,
        "<=" => BinaryOperator::LtEq,
        ">" => BinaryOperator::Gt,
        ">=" => BinaryOperator::GtEq,
        "+" => BinaryOperator::Plus,
        "-" => BinaryOperator::Minus,
        "*" => BinaryOperator::Multiply,
        "/" => BinaryOperator::Divide,
        "||" => BinaryOperator::StringConcat,
        _ => return None,
    })
}

/// `pg_catalog.f` → `f`
fn unqualify(name: &mut ObjectName) {
    let in_pg_catalog = |part: &ObjectNamePart| part.as_ident().is_some_and(|i| i.value.eq_ignore_ascii_case("pg_catalog"));
    if name.0.len() == 2 && in_pg_catalog(&name.0[0]) {
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

/// Types that sqlparser does not know by these names once they were qualified.
fn builtin_type(name: &str) -> Option<DataType> {
    Some(match name {
        "text" | "name" | "bpchar" | "\"char\"" | "json" | "jsonb" | "unknown" => DataType::Text,
        "int2" => DataType::Int2(None),
        "int4" | "integer" => DataType::Int4(None),
        "int8" | "bigint" | "oid" | "regproc" | "regprocedure" | "xid" => DataType::Int8(None),
        "bool" => DataType::Bool,
        "float8" => DataType::Float8,
        "float4" => DataType::Float4,
        "timestamptz" => DataType::Timestamp(None, sqlparser::ast::TimezoneInfo::Tz),
        _ => return None,
    })
}

/// `'t'::regclass` → `to_regclass_oid('t')`: a name becomes its number, a number its name (see `function::pg`).
fn reg_function(data_type: &DataType) -> Option<&'static str> {
    let name = match data_type {
        DataType::Regclass => "regclass".to_owned(),
        DataType::Custom(name, _) => name.to_string().to_lowercase(),
        _ => return None,
    };
    Some(match name.as_str() {
        "regclass" => "weft_regclass",
        "regtype" => "weft_regtype",
        "regnamespace" => "weft_regnamespace",
        "regrole" => "weft_regrole",
        _ => return None,
    })
}

fn call(function: &str, arguments: Vec<Expr>) -> Expr {
    let args = arguments.into_iter().map(|e| FunctionArg::Unnamed(FunctionArgExpr::Expr(e))).collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(function)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: vec![] }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}
