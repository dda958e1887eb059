//! What statements about the catalog have in common: clients write the number of the object that they ask about into the text, so that two texts differ
//! in a number alone. Such numbers become parameters. It must not know how plans are kept.

use crate::function::pg;
use crate::views;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, Query, Value, VisitMut,
    VisitorMut, visit_expressions, visit_relations,
};
use std::ops::ControlFlow;
use weft_core::pgtype::{ColumnType, TEXT};

/// A query with parameters in place of its numbers.
pub struct Shape {
    /// The query.
    pub query: Query,
    /// Its text.
    pub text: String,
    /// The types of its parameters, where they are not found by where those stand.
    pub declared: Vec<Option<ColumnType>>,
    numbers: Vec<String>,
}

impl Shape {
    /// The shape of a query that names a view of the catalog and has no parameters of its own.
    pub fn of(query: &Query) -> Option<Shape> {
        let named =
            visit_relations(
                query,
                |name| if is_view(name) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) },
            );
        let parameter = visit_expressions(query, |expr| match expr {
            Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        if named.is_continue() || parameter.is_break() {
            return None;
        }
        let mut query = query.clone();
        let mut puncher = Puncher { declared: Vec::new(), numbers: Vec::new() };
        // The visitor has no way to break.
        let _: ControlFlow<Never> = query.visit(&mut puncher);
        let text = query.to_string();
        Some(Shape { query, text, declared: puncher.declared, numbers: puncher.numbers })
    }

    /// The numbers as values of the types that the parameters were found to have; nothing if one does not fit.
    pub fn values(&self, types: &[ColumnType]) -> Option<Vec<ScalarValue>> {
        if types.len() != self.numbers.len() {
            return None;
        }
        let value = |(number, t): (&String, &ColumnType)| {
            Some(match t.arrow_type()? {
                DataType::Int16 => ScalarValue::Int16(Some(number.parse().ok()?)),
                DataType::Int32 => ScalarValue::Int32(Some(number.parse().ok()?)),
                DataType::Int64 => ScalarValue::Int64(Some(number.parse().ok()?)),
                DataType::Utf8 => ScalarValue::Utf8(Some(number.clone())),
                _ => return None,
            })
        };
        self.numbers.iter().zip(types).map(value).collect()
    }
}

fn is_view(name: &ObjectName) -> bool {
    let parts: Vec<_> = name.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.as_str()).collect();
    match parts.as_slice() {
        [table] => views::find(views::PG_CATALOG, table).is_some(),
        [.., schema, table] => views::find(schema, table).is_some(),
        [] => false,
    }
}

struct Puncher {
    declared: Vec<Option<ColumnType>>,
    numbers: Vec<String>,
}

/// Never made: the rewrite has no way to fail.
enum Never {}

impl VisitorMut for Puncher {
    type Break = Never;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Never> {
        match expr {
            // A literal in quotes beside a column is read as what the column is: so is a parameter of no declared type.
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                if is_column(left) {
                    self.punch(right, None);
                } else if is_column(right) {
                    self.punch(left, None);
                }
            }
            Expr::Function(function) => {
                let name = function.name.0.last().and_then(|part| part.as_ident());
                let FunctionArguments::List(list) = &mut function.args else { return ControlFlow::Continue(()) };
                if name.is_some_and(|name| pg::is_directed(&name.value)) {
                    for argument in &mut list.args {
                        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) = argument {
                            self.punch(argument, Some(ColumnType::Scalar(&TEXT)));
                        }
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Puncher {
    /// Puts a parameter in place of digits in quotes.
    fn punch(&mut self, expr: &mut Expr, declared: Option<ColumnType>) {
        let Expr::Value(value) = expr else { return };
        let Value::SingleQuotedString(text) = &value.value else { return };
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        self.numbers.push(text.clone());
        self.declared.push(declared);
        value.value = Value::Placeholder(format!("${}", self.numbers.len()));
    }
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_core::pgtype::{INT8, OID};
    use weft_sql::StatementKind;

    fn shape(sql: &str) -> Option<Shape> {
        let statement = weft_sql::parse(sql).expect("a statement").remove(0);
        let StatementKind::Query(query) = statement.kind else { panic!("no query") };
        Shape::of(&query)
    }

    #[test]
    fn numbers_of_objects_are_holes() {
        let shape = shape(
            "SELECT * FROM pg_catalog.pg_class c WHERE c.oid = '123' AND '7' = relnamespace AND relkind = 'r' AND relname = 'a' || '1' \
             AND pg_relation_is_publishable('123') AND length('99') = 2",
        );
        let shape = shape.expect("a shape");
        assert_eq!(shape.numbers, ["123", "7", "123"]);
        assert_eq!(shape.declared, [None, None, Some(ColumnType::Scalar(&TEXT))]);
        assert!(shape.text.contains("c.oid = $1") && shape.text.contains("relkind = 'r'"), "{}", shape.text);
        let types = [ColumnType::Scalar(&OID), ColumnType::Scalar(&INT8), ColumnType::Scalar(&TEXT)];
        let values = shape.values(&types).expect("values");
        assert_eq!(values[1..], [ScalarValue::Int64(Some(7)), ScalarValue::Utf8(Some("123".to_owned()))]);
    }

    #[test]
    fn only_the_catalog_has_shapes() {
        assert!(shape("SELECT * FROM t WHERE a = '1'").is_none());
        assert!(shape("SELECT * FROM pg_class WHERE oid = $1").is_none());
        assert!(shape("SELECT * FROM c.information_schema.tables").is_some());
    }
}
