//! Functions that stand for tables: `preview('c.s.t', 100)`, `remote_query('c', '…')` and `search('…')`. They are taken out of the syntax tree before a query
//! is bound, because DataFusion's planner cannot wait for a source. It must not look anything up itself.

use crate::views::PG_CATALOG;
use sqlparser::ast::{
    self, Expr, FunctionArg, FunctionArgExpr, Ident, ObjectNamePart, Query, TableAlias, TableFactor, UnaryOperator,
    Value, VisitMut, VisitorMut,
};
use std::collections::HashMap;
use std::ops::ControlFlow;
use weft_core::{Error, ErrorKind, ObjectName, Result};
use weft_sql::{Preview, StatementKind};

/// What stands in place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// A query in the words of a source.
    RemoteQuery {
        /// The catalog of the source.
        catalog: String,
        /// The query.
        sql: String,
    },
    /// What a search finds.
    Search {
        /// The words.
        text: String,
        /// The most rows.
        rows: u64,
    },
}

/// The functions that are taken out here, and those that the normaliser makes queries of.
pub const NAMES: [&str; 5] = ["preview", "remote_query", "search", "unnest", "generate_subscripts"];

/// Rows of a search unless more are asked for, and at most.
const SEARCH_ROWS: (u64, u64) = (100, 10_000);

/// Puts names in place of the functions: a preview becomes a query with its limit, of at most so many rows; another function becomes a table of a name
/// that the map has.
pub fn take(query: &mut Query, preview_rows: u64) -> Result<Taken> {
    let mut taker = Taker { preview_rows, taken: Taken::default() };
    match query.visit(&mut taker) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(taker.taken),
    }
}

/// What was taken out.
#[derive(Debug, Default)]
pub struct Taken {
    /// What stands in place of tables, by the names that it has now.
    pub called: HashMap<String, Called>,
    /// The tables whose first rows are asked for, each as often as it is.
    pub previewed: Vec<ObjectName>,
}

struct Taker {
    preview_rows: u64,
    taken: Taken,
}

impl VisitorMut for Taker {
    type Break = Error;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        match self.replace(factor) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }
}

impl Taker {
    fn replace(&mut self, factor: &mut TableFactor) -> Result<()> {
        let TableFactor::Table { name, args: Some(args), alias, .. } = factor else { return Ok(()) };
        let function = match name.0.as_slice() {
            [ObjectNamePart::Identifier(function)] => function,
            // Where PostgreSQL has its own; ours are nowhere.
            [ObjectNamePart::Identifier(schema), ObjectNamePart::Identifier(function)]
                if schema.value.eq_ignore_ascii_case(PG_CATALOG) && view_of(&function.value).is_some() =>
            {
                function
            }
            _ => return Ok(()),
        };
        let function = function.value.to_ascii_lowercase();
        let arguments = args.args.as_slice();
        if let Some(query) = view_of(&function).filter(|_| arguments.is_empty() || function == OPTIONS) {
            let alias = Some(alias.take().unwrap_or_else(|| named(&function)));
            *factor = TableFactor::Derived { lateral: false, subquery: parsed(query)?, alias, sample: None };
            return Ok(());
        }
        match function.as_str() {
            "preview" => {
                let subquery = Box::new(self.preview(arguments)?);
                let alias = Some(alias.take().unwrap_or_else(|| named(&function)));
                *factor = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
            }
            "remote_query" => {
                let [catalog, sql] = arguments else { return Err(wrong("remote_query(catalog, query)")) };
                let called = Called::RemoteQuery { catalog: text(catalog, &function)?, sql: text(sql, &function)? };
                self.put(factor, &function, called);
            }
            "search" => {
                let called = search(arguments)?;
                self.put(factor, &function, called);
            }
            _ => {}
        }
        Ok(())
    }

    /// A table of a name that nobody types stands for the call.
    fn put(&mut self, factor: &mut TableFactor, function: &str, called: Called) {
        let key = format!("{function}#{}", self.taken.called.len());
        if let TableFactor::Table { name, args, alias, .. } = factor {
            *name = ast::ObjectName::from(vec![Ident::with_quote('"', &key)]);
            *args = None;
            alias.get_or_insert_with(|| named(function));
        }
        self.taken.called.insert(key, called);
    }

    fn preview(&mut self, arguments: &[FunctionArg]) -> Result<Query> {
        let (table, limit) = match arguments {
            [table] => (table, None),
            [table, rows] => (table, Some(number(rows)?)),
            _ => return Err(wrong("preview(table [, rows])")),
        };
        let table = weft_sql::ident::parse_name(&text(table, "preview")?)?;
        let rows = crate::handle::preview_rows(limit, self.preview_rows)?;
        self.taken.previewed.push(table.clone());
        Preview { table, columns: Vec::new(), filter: None, limit }.query(rows)
    }
}

/// A function of PostgreSQL that takes options of foreign objects apart. There are no such objects.
const OPTIONS: &str = "pg_options_to_table";

/// Functions of PostgreSQL that views of it are made of, as queries on these.
fn view_of(function: &str) -> Option<&'static str> {
    Some(match function.to_ascii_lowercase().as_str() {
        "pg_available_extensions" => "SELECT name, default_version, comment FROM pg_catalog.pg_available_extensions",
        "pg_show_all_settings" => "SELECT * FROM pg_catalog.pg_settings",
        "pg_timezone_names" => "SELECT * FROM pg_catalog.pg_timezone_names",
        "pg_cursor" => "SELECT * FROM pg_catalog.pg_cursors",
        "pg_prepared_statement" => "SELECT * FROM pg_catalog.pg_prepared_statements",
        OPTIONS => "SELECT CAST(NULL AS text) AS option_name, CAST(NULL AS text) AS option_value WHERE false",
        _ => return None,
    })
}

fn parsed(query: &str) -> Result<Box<Query>> {
    match weft_sql::parse(query)?.into_iter().next().map(|statement| statement.kind) {
        Some(StatementKind::Query(query)) => Ok(query),
        _ => Err(Error::internal("a view's query is none")),
    }
}

fn search(arguments: &[FunctionArg]) -> Result<Called> {
    let (words, rows) = match arguments {
        [words] => (words, SEARCH_ROWS.0),
        [words, rows] => (words, number(rows)?),
        _ => return Err(wrong("search(text [, rows])")),
    };
    if rows > SEARCH_ROWS.1 {
        let message = format!("a search gives at most {} rows", SEARCH_ROWS.1);
        return Err(Error::new(ErrorKind::ConfigurationLimitExceeded, message));
    }
    Ok(Called::Search { text: text(words, "search")?, rows })
}

fn named(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(name), columns: Vec::new(), at: None }
}

fn wrong(usage: &str) -> Error {
    Error::new(ErrorKind::UndefinedFunction, "a table function was called with other arguments than it takes")
        .with_hint(format!("It is called as {usage}."))
}

fn text(argument: &FunctionArg, function: &str) -> Result<String> {
    match constant(argument) {
        Some(Value::SingleQuotedString(text) | Value::EscapedStringLiteral(text)) => Ok(text.clone()),
        Some(Value::DollarQuotedString(text)) => Ok(text.value.clone()),
        _ => Err(not_constant(function)),
    }
}

fn number(argument: &FunctionArg) -> Result<u64> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::UnaryOp { op: UnaryOperator::Minus, .. })) => {
            Err(Error::new(ErrorKind::InvalidRowCountInLimit, "the number of rows must not be negative"))
        }
        argument => match constant(argument) {
            Some(Value::Number(digits, _)) => digits.parse().map_err(|_| {
                Error::new(ErrorKind::InvalidRowCountInLimit, "the number of rows must be a whole number")
            }),
            _ => Err(not_constant("a table function")),
        },
    }
}

fn constant(argument: &FunctionArg) -> Option<&Value> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value))) => Some(&value.value),
        _ => None,
    }
}

/// What is read is needed before there are values of parameters or rows.
fn not_constant(function: &str) -> Error {
    Error::unsupported(format!("an argument of {function} that is no constant"))
        .with_hint("Write the names, the query and the number as constants.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_sql::StatementKind;

    fn taken(sql: &str) -> Result<(String, HashMap<String, Called>)> {
        let statement = weft_sql::parse(sql).expect(sql).remove(0);
        let StatementKind::Query(mut query) = statement.kind else { panic!("{sql}") };
        take(&mut query, 1000).map(|taken| (query.to_string(), taken.called))
    }

    #[test]
    fn a_preview_is_a_query_with_a_limit() {
        for (sql, becomes) in [
            (
                "SELECT * FROM preview('c.s.\"T\"', 5)",
                "SELECT * FROM (SELECT * FROM \"c\".\"s\".\"T\" LIMIT 5) AS preview",
            ),
            (
                "SELECT p.a FROM t JOIN PREVIEW('u') AS p ON true",
                "SELECT p.a FROM t JOIN (SELECT * FROM \"u\" LIMIT 1000) AS p ON true",
            ),
        ] {
            let (text, native) = taken(sql).expect(sql);
            assert_eq!((text.as_str(), native.len()), (becomes, 0));
        }
    }

    #[test]
    fn native_queries_become_tables() {
        let sql = "SELECT * FROM remote_query('c', 'SELECT ''x''') AS r (a), remote_query('d', $$TABLE t$$)";
        let (text, native) = taken(sql).expect(sql);
        assert_eq!(text, "SELECT * FROM \"remote_query#0\" AS r (a), \"remote_query#1\" AS remote_query");
        let query = |catalog: &str, sql: &str| Called::RemoteQuery { catalog: catalog.to_owned(), sql: sql.to_owned() };
        assert_eq!(native.get("remote_query#0"), Some(&query("c", "SELECT 'x'")));
        assert_eq!(native.get("remote_query#1"), Some(&query("d", "TABLE t")));
    }

    #[test]
    fn mistakes_are_named() {
        for (sql, state) in [
            ("SELECT * FROM preview()", "42883"),
            ("SELECT * FROM preview('t', 1, 2)", "42883"),
            ("SELECT * FROM preview('t', 1001)", "53400"),
            ("SELECT * FROM preview('t', -1)", "2201W"),
            ("SELECT * FROM preview('t', 1.5)", "2201W"),
            ("SELECT * FROM preview($1)", "0A000"),
            ("SELECT * FROM preview('a.b.c.d')", "42601"),
            ("SELECT * FROM search()", "42883"),
            ("SELECT * FROM search('a', 100000)", "53400"),
            ("SELECT * FROM remote_query('c')", "42883"),
            ("SELECT * FROM remote_query('c', 'a' || 'b')", "0A000"),
        ] {
            assert_eq!(taken(sql).expect_err(sql).kind().sqlstate(), state, "{sql}");
        }
    }
}
