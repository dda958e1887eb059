//! The operators that look into JSON: `->`, `->>`, `#>` and `#>>`. What they compute is `function/json_path.rs`.

use super::operand;
use crate::function::{call, json_path};
use arrow::datatypes::{DataType, Field};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::Cast;
use datafusion::logical_expr::{Expr, ExprSchemable};
use sqlparser::ast::BinaryOperator;
use std::sync::Arc;
use weft_core::pgtype::{ColumnType, JSON, PG_TYPE_KEY, tagged};

/// The call that the operator stands for; nothing if it is another operator. 42883 if there is none for these operands.
pub(super) fn rewrite(left: &Expr, op: &BinaryOperator, right: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    let (function, gives_json, by_path) = match op {
        BinaryOperator::Arrow => (&json_path::PART, true, false),
        BinaryOperator::LongArrow => (&json_path::PART_TEXT, false, false),
        BinaryOperator::HashArrow => (&json_path::DEEP, true, true),
        BinaryOperator::HashLongArrow => (&json_path::DEEP_TEXT, false, true),
        _ => return Ok(None),
    };
    let (_, document) = left.to_field(schema)?;
    let is_json = document.metadata().get(PG_TYPE_KEY).is_some_and(|tag| tag == "json" || tag == "jsonb");
    let place = if by_path { path(right, schema)? } else { step(right, schema)? };
    let Some(place) = place.filter(|_| is_json) else {
        let (_, beside) = right.to_field(schema)?;
        let name = |field: &Field| ColumnType::of_field(field).sql_name();
        return Err(operand::no_operator(&name(&document), op, &name(&beside)));
    };
    let part = call(function, vec![left.clone(), place]);
    if !gives_json {
        return Ok(Some(part));
    }
    let field = Arc::new(tagged(Field::new("", DataType::Utf8, true), &JSON));
    Ok(Some(Expr::Cast(Cast { expr: Box::new(part), field })))
}

/// A key or an index.
fn step(right: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    let fits = matches!(
        right.get_type(schema)?,
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Int16 | DataType::Int32 | DataType::Int64
    );
    Ok(fits.then(|| right.clone()))
}

/// An array of texts; `'{a,0}'` is one.
fn path(right: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    if let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = right {
        let Some(steps) = weft_core::array::parse(text) else { return Ok(None) };
        let steps: Vec<_> = steps.into_iter().map(ScalarValue::Utf8).collect();
        let list = ScalarValue::new_list_nullable(&steps, &DataType::Utf8);
        return Ok(Some(Expr::Literal(ScalarValue::List(list), None)));
    }
    let is_list = matches!(right.get_type(schema)?, DataType::List(item) if *item.data_type() == DataType::Utf8);
    Ok(is_list.then(|| right.clone()))
}
