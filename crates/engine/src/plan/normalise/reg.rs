//! `'t'::regclass` → `weft_regclass('t')`: a name becomes its number, a number stays one. Cast to text or concatenated it is its name again, and so it is
//! in the result of a statement (`plan::display`).

use super::{call, take, unqualify_type};
use sqlparser::ast::{BinaryOperator, CastKind, DataType, Expr};

/// Rewrites a cast to such a type, and a cast of one to text.
pub(super) fn cast(expr: &mut Expr) {
    let Expr::Cast { expr: inner, data_type, .. } = expr else { return };
    if let Some(function) = function(data_type) {
        let inner = take(inner);
        *expr = call(function, vec![inner]);
    } else if is_text(data_type)
        && let Some(name) = name_of(inner)
    {
        **inner = name;
    }
}

/// Rewrites `text || x::regclass`.
pub(super) fn concatenated(expr: &mut Expr) {
    if let Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } = expr {
        for side in [left, right] {
            if let Some(name) = name_of(side) {
                **side = name;
            }
        }
    }
}

/// The name of what is cast to such a type.
fn name_of(expr: &mut Expr) -> Option<Expr> {
    match expr {
        Expr::Nested(inner) => name_of(inner),
        Expr::Cast { kind: CastKind::DoubleColon | CastKind::Cast, data_type, .. } => {
            unqualify_type(data_type);
            let function = function(data_type)?;
            Some(call(&format!("{function}_name"), vec![take(expr)]))
        }
        _ => None,
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Text | DataType::Varchar(_) | DataType::CharacterVarying(_))
}

fn function(data_type: &DataType) -> Option<&'static str> {
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
        "regproc" | "regprocedure" => "weft_regproc",
        _ => return None,
    })
}
