//! `x LIKE p ESCAPE 'c'`: what matches it knows the backslash alone, so that the pattern is written with that. Source: PostgreSQL's `like_escape`.

use super::{call, take};
use sqlparser::ast::{Expr, Value, ValueWithSpan};

/// Rewrites LIKE and ILIKE with a character of their own.
pub(super) fn rewrite(expr: &mut Expr) {
    let (Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. }) = expr else { return };
    let Some(ValueWithSpan { value: Value::SingleQuotedString(_), .. }) = escape_char else { return };
    if let Some(escape) = escape_char.take() {
        **pattern = call("like_escape", vec![take(pattern), Expr::Value(escape)]);
    }
}
