//! What DataFusion's SQL planner asks while it binds: the tables that were resolved beforehand, functions, options. It must not do I/O: the planner
//! is not asynchronous.

use super::table_function;
use super::types::PostgresTypes;
use crate::function::raise;
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::execution::SessionState;
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, TypePlanner};
use datafusion::logical_expr::{AggregateUDF, Expr, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};
use std::collections::HashMap;
use std::sync::Arc;
use weft_core::name::nearest;
use weft_core::{Error, ErrorKind};

/// The tables of one statement, by the names by which it calls them.
pub type Tables = HashMap<TableReference, weft_core::Result<Arc<dyn TableProvider>>>;

/// The planner's view of the world for one statement.
pub struct StatementContext<'a> {
    /// Functions, planners and options.
    pub state: &'a SessionState,
    /// Tables, or why each cannot be had.
    pub tables: &'a Tables,
    /// Functions of this session (`current_user`, …), which go before the others.
    pub functions: &'a HashMap<String, Arc<ScalarUDF>>,
}

impl ContextProvider for StatementContext<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        match self.tables.get(&name) {
            Some(Ok(provider)) => Ok(provider_as_source(provider.clone())),
            Some(Err(error)) => Err(raise(error.clone())),
            None => Err(raise(Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist")))),
        }
    }

    fn get_table_function_source(&self, name: &str, args: Vec<Expr>) -> Result<Arc<dyn TableSource>> {
        let function = self.state.table_functions().get(name).ok_or_else(|| {
            let message = format!("function {name}(…) does not exist as a table");
            let error = Error::new(ErrorKind::UndefinedFunction, message);
            let known = self.state.table_functions().keys().map(String::as_str).chain(table_function::NAMES);
            raise(match nearest(name, known) {
                Some(near) => error.with_hint(format!("Perhaps you meant {near}.")),
                None => error,
            })
        })?;
        let arguments = datafusion::catalog::TableFunctionArgs::new(&args, self.state);
        Ok(provider_as_source(function.create_table_provider_with_args(arguments)?))
    }

    fn create_cte_work_table(&self, name: &str, schema: SchemaRef) -> Result<Arc<dyn TableSource>> {
        Ok(provider_as_source(Arc::new(datafusion::datasource::cte_worktable::CteWorkTable::new(name, schema))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.state.expr_planners()
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::new(PostgresTypes))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.functions.get(name).or_else(|| self.state.scalar_functions().get(name)).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _names: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        self.state.higher_order_functions().keys().cloned().collect()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.state.window_functions().keys().cloned().collect()
    }
}

impl StatementContext<'_> {
    /// The error with the function that was likely meant in its hint. DataFusion's own guess takes two swapped letters for two mistakes, and
    /// names one that is not near at all rather than none.
    pub fn with_function_hint(&self, error: Error) -> Error {
        let Some(name) = error.subject().filter(|_| error.kind() == ErrorKind::UndefinedFunction) else { return error };
        let name = name.to_owned();
        let mut known = [self.udf_names(), self.udaf_names(), self.udwf_names()].concat();
        known.extend(self.functions.keys().cloned());
        // Those of our own that nobody types.
        known.retain(|name| !name.starts_with("weft_"));
        match nearest(&name, known.iter().map(String::as_str)) {
            Some(near) => error.with_hint(format!("Perhaps you meant {near}.")),
            None => error,
        }
    }
}
