//! How expressions are spelled for DuckDB, on DataFusion's unparser. Every literal says its type, because DuckDB's own idea of it differs.

use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::sql::unparser::Unparser;
use datafusion::sql::unparser::dialect::{CharacterLengthStyle, DateFieldExtractStyle, Dialect, IntervalStyle};
use sqlparser::ast::{self, BinaryOperator, Ident};

/// DuckDB 1.5.
pub struct DuckDb;

impl Dialect for DuckDb {
    fn identifier_quote_style(&self, _identifier: &str) -> Option<char> {
        Some('"')
    }

    fn full_qualified_col(&self) -> bool {
        true
    }

    fn character_length_style(&self) -> CharacterLengthStyle {
        CharacterLengthStyle::Length
    }

    fn date_field_extract_style(&self) -> DateFieldExtractStyle {
        DateFieldExtractStyle::DatePart
    }

    fn interval_style(&self) -> IntervalStyle {
        IntervalStyle::PostgresVerbose
    }

    fn requires_derived_table_alias(&self) -> bool {
        true
    }

    fn scalar_function_to_sql_overrides(&self, unparser: &Unparser, name: &str, args: &[Expr]) -> Result<Option<ast::Expr>> {
        let sql = |i: usize| -> Result<ast::Expr> {
            let arg = args.get(i).ok_or_else(|| DataFusionError::Internal(format!("{name} lacks an argument")))?;
            unparser.expr_to_sql(arg)
        };
        let binary = |op: BinaryOperator| -> Result<Option<ast::Expr>> {
            let op = ast::Expr::BinaryOp { left: Box::new(sql(0)?), op, right: Box::new(sql(1)?) };
            Ok(Some(ast::Expr::Nested(Box::new(op))))
        };
        match name {
            "weft_add" | "weft_date_add_days" => binary(BinaryOperator::Plus),
            "weft_subtract" => binary(BinaryOperator::Minus),
            "weft_multiply" => binary(BinaryOperator::Multiply),
            "weft_negate" => Ok(Some(ast::Expr::Nested(Box::new(ast::Expr::UnaryOp {
                op: ast::UnaryOperator::Minus,
                expr: Box::new(sql(0)?),
            })))),
            "weft_date_difference" => {
                let difference = ast::Expr::BinaryOp { left: Box::new(sql(0)?), op: BinaryOperator::Minus, right: Box::new(sql(1)?) };
                Ok(Some(cast(difference, ast::DataType::Integer(None))))
            }
            // By way of bigint: DuckDB's casts from double to the smaller ones are wrong at their edges.
            "weft_to_int2" => Ok(Some(cast(cast(sql(0)?, ast::DataType::BigInt(None)), ast::DataType::SmallInt(None)))),
            "weft_to_int4" => Ok(Some(cast(cast(sql(0)?, ast::DataType::BigInt(None)), ast::DataType::Integer(None)))),
            "weft_to_int8" => Ok(Some(cast(sql(0)?, ast::DataType::BigInt(None)))),
            "weft_numeric_divide" => quotient(args, sql(0)?, sql(1)?).map(Some),
            _ => Ok(None),
        }
    }
}

fn cast(expr: ast::Expr, data_type: ast::DataType) -> ast::Expr {
    ast::Expr::Cast { kind: ast::CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}

fn function(name: &str, args: Vec<ast::Expr>) -> ast::Expr {
    let args = args.into_iter().map(|e| ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(e))).collect();
    ast::Expr::Function(ast::Function {
        name: ast::ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: ast::FunctionArguments::None,
        args: ast::FunctionArguments::List(ast::FunctionArgumentList { duplicate_treatment: None, args, clauses: vec![] }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

/// The quotient of a numeric and a whole number, by the macro of this name. [`super::allow`] lets only those through whose digits fit.
fn quotient(args: &[Expr], numerator: ast::Expr, denominator: ast::Expr) -> Result<ast::Expr> {
    let scale = super::allow::declared_scale(&args[0])
        .ok_or_else(|| DataFusionError::Internal("the scale of a numerator is not known".to_owned()))?;
    let power = |digits: i8| ast::Expr::value(ast::Value::Number(format!("1{}", "0".repeat(digits.max(0) as usize)), false));
    let digits = crate::function::numeric::QUOTIENT_SCALE;
    Ok(function("weft_numeric_divide", vec![numerator, denominator, power(scale), power(digits - scale)]))
}
