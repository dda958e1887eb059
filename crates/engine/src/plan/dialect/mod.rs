//! The places where sub-plans run, by the SQL that they speak. [`Words`] says what may be left to a place and how it is said there; [`select`] and
//! [`expression`] turn plans into statements out of these words. The rule of the house: only what is proven to give PostgreSQL's answer.
//!
//! DataFusion's unparser is not used: it loses the scope of columns above a derived table (ADR 0001).

mod allow;
pub mod duckdb;
mod expression;
mod mysql;
mod postgres;
pub mod select;

pub use allow::{Failure, Refusal, condition, operator};

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};
use weft_core::executor::Dialect;

/// One dialect of SQL: what means the same in it, and how that is written.
pub trait Words: Sync {
    /// The product that speaks it, for EXPLAIN.
    fn product(&self) -> &'static str;

    /// Whether its answer to this node of an expression is PostgreSQL's. The node's operands are asked about by themselves.
    fn expression(&self, expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal>;

    /// Whether it has this operator of a plan, of those that any dialect has. Expressions are asked about by themselves.
    fn operator(&self, node: &LogicalPlan) -> Result<(), Refusal>;

    /// How a table that is a query stands in a statement.
    fn named_queries(&self) -> NamedQueries;

    /// A name, quoted.
    fn identifier(&self, name: &str) -> String;

    /// A value as an expression of exactly its type.
    fn literal(&self, value: &ScalarValue) -> Result<String>;

    /// A value of one type as another.
    fn cast(&self, value: Operand<'_>, target: &DataType) -> Result<String>;

    /// An operator between two values of these types.
    fn binary(&self, left: Operand<'_>, op: Operator, right: Operand<'_>) -> Result<String>;

    /// A LIKE with a pattern that was allowed.
    fn like(&self, value: &str, negated: &str, pattern: &str) -> String;

    /// A call.
    fn function(&self, function: &ScalarFunction, arguments: &[Operand<'_>]) -> Result<String>;

    /// An aggregate, or an aggregate as a window function.
    fn aggregate(&self, call: &AggregateCall<'_>) -> Result<String>;

    /// A key of ORDER BY.
    fn order_key(&self, key: &OrderKey<'_>) -> String;

    /// `LIMIT` and `OFFSET`, as far as given.
    fn limit(&self, fetch: Option<&str>, skip: Option<&str>) -> String;
}

/// A written operand.
#[derive(Debug, Clone, Copy)]
pub struct Operand<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its type.
    pub data_type: &'a DataType,
}

/// A written call of an aggregate.
#[derive(Debug)]
pub struct AggregateCall<'a> {
    /// Its name.
    pub name: &'a str,
    /// `DISTINCT ` or nothing.
    pub distinct: &'a str,
    /// Its arguments.
    pub arguments: &'a [Operand<'a>],
    /// The condition of its FILTER.
    pub filter: Option<&'a str>,
    /// What it returns in the plan.
    pub returns: &'a DataType,
    /// The text after it: ` OVER (…)` or nothing.
    pub over: &'a str,
}

/// A written key of ORDER BY.
#[derive(Debug)]
pub struct OrderKey<'a> {
    /// The expression.
    pub value: Operand<'a>,
    /// `ASC` or `DESC`.
    pub direction: &'static str,
    /// Where NULLs go.
    pub nulls: Nulls,
}

/// Where NULLs go in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
    /// There are none.
    Absent,
}

/// How a table that is a query stands in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedQueries {
    /// In WITH: a table that is read twice is read about once.
    Common,
    /// In place, in parentheses.
    Inline,
}

/// The words of a dialect.
pub fn words(dialect: Dialect) -> &'static dyn Words {
    match dialect {
        Dialect::DuckDb => &duckdb::DuckDb,
        Dialect::Postgres => &postgres::Postgres,
        Dialect::MySql(_) => &mysql::MySql,
    }
}

/// Whether it is one of arrow's types of text.
pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}
