//! `i <> 0 AND 10 / i > 1`: PostgreSQL does not look at the right side where the left decides. DataFusion computes both sides of AND and OR for all rows
//! of a batch, so an AND or OR whose right side can fail becomes a CASE, whose branches it computes for their own rows only.
//!
//! The conjuncts of WHERE and ON stay apart, because joins and scans are found in them.

use super::operand::Family;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::common::{Result, tree_node::TreeNodeRecursion};
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator};

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the condition of a WHERE or ON.
    Condition,
    /// Anywhere else.
    Value,
}

/// Guards an expression.
pub(super) fn guard(expr: Expr, place: Place, schema: &DFSchema) -> Result<Expr> {
    match place {
        Place::Value => Ok(guarded(expr, schema)?.data),
        Place::Condition => {
            let each = split_conjunction_owned(expr).into_iter().map(|e| Ok(guarded(e, schema)?.data));
            Ok(conjunction(each.collect::<Result<Vec<_>>>()?).unwrap_or_else(|| literal(Some(true))))
        }
    }
}

fn guarded(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    expr.transform_up(|e| match e {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right })
            if can_fail(&right, schema)? =>
        {
            Ok(Transformed::yes(as_case(*left, op, *right)))
        }
        other => Ok(Transformed::no(other)),
    })
}

/// `CASE a WHEN false THEN false WHEN true THEN b ELSE b AND NULL END`, and for OR the other way round.
fn as_case(left: Expr, op: Operator, right: Expr) -> Expr {
    let decides = op == Operator::Or;
    let unknown = Expr::BinaryExpr(BinaryExpr::new(Box::new(right.clone()), op, Box::new(literal(None))));
    let whens = vec![
        (Box::new(literal(Some(decides))), Box::new(literal(Some(decides)))),
        (Box::new(literal(Some(!decides))), Box::new(right)),
    ];
    Expr::Case(Case::new(Some(Box::new(left)), whens, Some(Box::new(unknown))))
}

fn literal(value: Option<bool>) -> Expr {
    Expr::Literal(ScalarValue::Boolean(value), None)
}

/// Whether a value in it may be refused: a division by what is no literal, a logarithm, a root, text that is read. Sums and products that overflow are
/// not counted: nobody guards against them, and every condition has some.
fn can_fail(expr: &Expr, schema: &DFSchema) -> Result<bool> {
    let mut found = false;
    expr.apply(|e| {
        found = match e {
            Expr::ScalarFunction(f) => match f.func.name() {
                "weft_int_divide" | "weft_int_modulo" | "weft_float_divide" | "weft_numeric_divide" => {
                    !f.args.get(1).is_some_and(is_constant)
                }
                "ln" | "log" | "log10" | "log2" | "sqrt" | "power" => true,
                name => name.starts_with("weft_") && name.ends_with("_in"),
            },
            Expr::BinaryExpr(b) => matches!(b.op, Operator::Divide | Operator::Modulo) && !is_constant(&b.right),
            Expr::Cast(c) if c.field.data_type().is_numeric() => {
                let from = c.expr.get_type(schema);
                from.is_ok_and(|t| Family::of(&t) == Some(Family::Text)) && !is_constant(&c.expr)
            }
            _ => false,
        };
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => !value.is_null(),
        Expr::Cast(c) => is_constant(&c.expr),
        _ => false,
    }
}
