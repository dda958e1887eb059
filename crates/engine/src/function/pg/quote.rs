//! `quote_ident`, `quote_literal`, `quote_nullable`, `parse_ident`'s splitting.

use super::value::Value;
use super::{Spec, seen, strict};
use weft_core::name::{quote_identifier, quote_literal};
use weft_core::pgtype::TEXT;

pub(super) const SPECS: &[Spec] = &[
    strict("quote_ident", &[&["text"]], &TEXT, |_, a| Ok(Value::Text(quote_identifier(&a[0].as_text())))),
    strict("quote_literal", &[&["text"]], &TEXT, |_, a| Ok(Value::Text(quoted(&a[0].as_text())))),
    seen("quote_nullable", &[&["text"]], &TEXT, |_, a| {
        Ok(Value::Text(if a[0] == Value::Null { "NULL".to_owned() } else { quoted(&a[0].as_text()) }))
    }),
];

/// A backslash needs the escaping form.
pub(super) fn quoted(text: &str) -> String {
    if text.contains('\\') { format!(" E{}", quote_literal(&text.replace('\\', "\\\\"))) } else { quote_literal(text) }
}
