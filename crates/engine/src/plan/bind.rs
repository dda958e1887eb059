//! Binding: names become tables and functions, the syntax tree a logical plan. Tables are looked up first, because DataFusion's planner cannot wait.

use super::dataset;
use super::execute::Pushdown;
use super::footing::{self, Footing};
use super::lineage::Names;
use super::local;
use super::names::displayed;
use super::normalise::normalise;
use super::placeholders;
use super::provider::{StatementContext, Tables};
use super::remote::RemoteTable;
use super::stores;
use super::table_function::{self, Called, Taken};
use super::template::Template;
use crate::catalog::{self, Hidden, Resolved, tables};
use crate::environment::Environment;
use crate::error::classify;
use crate::function::{pg, session};
use crate::outcome::Column;
use crate::system;
use crate::system::directory::Directory;
use crate::system::table::Rows;
use crate::views::{self, View};
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use chrono_tz::Tz;
use datafusion::catalog::TableProvider;
use datafusion::common::{ScalarValue, TableReference};
use datafusion::datasource::ViewTable;
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement as DataFusionStatement;
use datafusion::sql::planner::{ParserOptions, PlannerContext, SqlToRel};
use datafusion::sql::resolve::resolve_table_references;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use sqlparser::ast::{Expr, Query, Statement};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use weft_core::pgtype::{ColumnType, type_modifier};
use weft_core::store::Store;
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Result, TableName};
use weft_meta::DatasetKind;

/// A query bound to its tables, not yet given PostgreSQL's meaning.
pub struct BoundQuery {
    /// Its plan, with `$n` in it.
    pub plan: LogicalPlan,
    /// The plan with PostgreSQL's meaning, if that does not wait for parameters.
    analysed: Option<LogicalPlan>,
    /// The types of `$1`, `$2`, ….
    pub parameters: Vec<ColumnType>,
    /// What the client is told of its columns.
    pub columns: Arc<[Column]>,
    /// The same as Arrow has it. Any of them may be NULL: who answers may not know better.
    pub schema: SchemaRef,
    /// What its names stand for.
    pub names: Names,
    /// Who may what when it was bound, and as whom it was.
    pub asker: Asker,
    /// What it stands on; nothing if it must be bound each time that it is run.
    pub footing: Option<Footing>,
    /// The object stores that it reads.
    pub stores: Arc<[Arc<Store>]>,
    /// For whom it says the same.
    pub repeats: Repeats,
    /// How it is run again, once somebody has asked for that.
    template: OnceLock<Option<Template>>,
    /// Its optimised plan if it reads what the gateway knows by itself, once somebody has asked for that.
    local: OnceLock<Option<LogicalPlan>>,
}

/// For whom a query says the same as long as what it stands on is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// For everybody.
    ForAll,
    /// For this user in this catalog.
    ForUser,
    /// For nobody: it goes by the moment, or by chance.
    Never,
}

/// Whose privileges a query was bound by, and as of when; and whose clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The role.
    pub user: String,
    /// The number of the snapshot of privileges.
    pub principals: u64,
    /// The zone of the session.
    pub zone: Tz,
}

impl BoundQuery {
    /// The plan with these values for its parameters, and with PostgreSQL's meaning.
    pub fn analysed(&self, state: &SessionState, values: &[ScalarValue]) -> Result<LogicalPlan> {
        match &self.analysed {
            Some(plan) => Ok(plan.clone()),
            None => {
                let plan = super::parameters::replace(self.plan.clone(), values)?;
                super::execute::analyse(state, plan, self.asker.zone)
            }
        }
    }

    /// Its statement with holes for the parameters, if it has one and stands on firm ground.
    pub fn template(&self, state: &SessionState) -> Option<&Template> {
        self.footing.as_ref().filter(|_| self.repeats == Repeats::ForAll)?;
        self.template.get_or_init(|| Template::of(state, self)).as_ref()
    }

    /// Whether it can be run again without being bound anew, as long as it stands on the same.
    pub fn stands_firm(&self) -> bool {
        self.footing.is_some() && self.repeats != Repeats::Never
    }

    /// Its optimised plan with holes for the parameters, if it stands firm and reads what the gateway knows by itself.
    pub fn local(&self, state: &SessionState) -> Option<&LogicalPlan> {
        self.footing.as_ref().filter(|footing| self.stands_firm() && footing.is_of_directories())?;
        self.local.get_or_init(|| local::optimised(state, self)).as_ref()
    }
}

/// How often a query is bound until all of a catalog is read from one of its stores.
const TRIES: usize = 3;

/// The most parameters that the protocol can carry.
const MAX_PARAMETERS: usize = 65_535;

/// Binds a query; `declared` are the types that the client gave its parameters, where it gave any.
pub async fn bind(environment: &Environment, query: &Query, declared: &[Option<ColumnType>]) -> Result<BoundQuery> {
    bind_preview(environment, query, declared, &[]).await
}

/// Binds a query that shows the first rows of these tables; of all others it takes more to read them.
pub async fn bind_preview(
    environment: &Environment,
    query: &Query,
    declared: &[Option<ColumnType>],
    previewed: &[ObjectName],
) -> Result<BoundQuery> {
    for _ in 0..TRIES {
        let bound = bind_once(environment, query, declared, previewed).await?;
        if !stores::are_mixed(&bound.stores) {
            return Ok(bound);
        }
    }
    Err(Error::new(ErrorKind::ConnectionFailed, "a catalog went from one of its stores to the other again and again")
        .with_hint("system.runtime.pools tells why."))
}

async fn bind_once(
    environment: &Environment,
    query: &Query,
    declared: &[Option<ColumnType>],
    previewed: &[ObjectName],
) -> Result<BoundQuery> {
    let asked = Asked { declared, previewed, hidden: Hidden::Invisible };
    let Logical { plan, mut footing, names } = logical(environment, query.clone(), asked).await?;
    let plan = super::display::names(environment, plan, footing.as_mut()).await?;
    let parameters = parameters(&plan, declared)?;
    let zone = environment.variables.zone();
    let analysed = super::execute::analyse(&environment.state, typed(&plan, &parameters)?, zone)?;
    let planned = Arc::new(analysed.schema().as_arrow().clone());
    let (columns, schema) = (columns(&planned), told(&planned));
    let repeats = match () {
        () if footing::is_timeless(&analysed) => Repeats::ForAll,
        () if footing::is_repeatable(&analysed) => Repeats::ForUser,
        () => Repeats::Never,
    };
    // A session may set something else before the statement is run again.
    let footing = footing.filter(|_| !footing::has_settings(&analysed));
    let stores = stores::read_by(&analysed);
    let analysed = Some(analysed).filter(|_| parameters.is_empty());
    let asker = Asker { user: environment.user.clone(), principals: environment.principals, zone };
    let (template, local) = (OnceLock::new(), OnceLock::new());
    Ok(BoundQuery {
        plan,
        analysed,
        parameters,
        columns,
        schema,
        names,
        asker,
        footing,
        stores,
        repeats,
        template,
        local,
    })
}

/// The columns by the names that a client is told.
fn told(schema: &SchemaRef) -> SchemaRef {
    let field = |field: &FieldRef| field.as_ref().clone().with_name(displayed(field.name())).with_nullable(true);
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>()))
}

/// What a client is told of these columns.
pub fn columns(schema: &SchemaRef) -> Arc<[Column]> {
    let column = |field: &FieldRef| Column {
        name: displayed(field.name()).to_owned(),
        column_type: ColumnType::of_field(field),
        modifier: type_modifier(field.data_type()),
    };
    schema.fields().iter().map(column).collect()
}

/// The columns of a built-in view.
pub async fn describe_view(environment: &Environment, view: &'static View) -> Result<Vec<Field>> {
    let plan = view_plan(environment, view).await?.plan;
    let analysed = super::execute::analyse(&environment.state, plan, Tz::UTC)?;
    Ok(analysed.schema().fields().iter().map(|f| f.as_ref().clone()).collect())
}

/// A query with its names bound, and nothing else.
struct Logical {
    plan: LogicalPlan,
    footing: Option<Footing>,
    names: Names,
}

/// What is known of a query before it is bound.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// The types that the client gave its parameters.
    declared: &'a [Option<ColumnType>],
    /// The tables of which it shows the first rows.
    previewed: &'a [ObjectName],
    /// Whether it sees hidden tables.
    hidden: Hidden,
}

fn logical<'a>(
    environment: &'a Environment,
    mut query: Query,
    Asked { declared, previewed, hidden }: Asked<'a>,
) -> BoxFuture<'a, Result<Logical>> {
    async move {
        let preview_rows = environment.gateway.settings().preview_rows as u64;
        let Taken { called, previewed: more } = table_function::take(&mut query, preview_rows)?;
        let ways = Ways::of(&query, previewed.iter().chain(&more));
        normalise(&mut query);
        super::syntax::rewrite(&mut query)?;
        let statement = Statement::Query(Box::new(query));
        let wrapped = DataFusionStatement::Statement(Box::new(statement.clone()));
        let (references, _ctes) = resolve_table_references(&wrapped, true).map_err(classify)?;
        let mut tables = Tables::new();
        let mut footing = Some(Footing::new(environment.path.clone()));
        let mut names = Names::new();
        for reference in references {
            let found = match called.get(reference.table()) {
                Some(called) => {
                    if let Called::RemoteQuery { catalog, .. } = called {
                        // Which tables it reads only the source knows.
                        names.insert(reference.clone(), TableName::new(catalog, "", ""));
                    }
                    table_of(environment, called).await.map(Found::Passing)
                }
                None => find(environment, &reference, ways.privilege(&reference), hidden).await.map(|(name, found)| {
                    names.insert(reference.clone(), name);
                    found
                }),
            };
            let provider = found.map(|found| match found {
                Found::Table(table) => {
                    if let Some(footing) = &mut footing {
                        footing.add(reference.clone(), ways.privilege(&reference), table.clone());
                    }
                    table
                }
                Found::View { view, catalog, provider, footing: of } => {
                    match (&mut footing, of) {
                        (Some(footing), Some(of)) => footing.add_view(reference.clone(), view, catalog, of),
                        _ => footing = None,
                    }
                    provider
                }
                Found::OfDirectory { directory, provider } => {
                    if let Some(footing) = &mut footing {
                        footing.add_directory(directory);
                    }
                    provider
                }
                Found::Constant(provider) => provider,
                Found::Passing(provider) => {
                    footing = None;
                    provider
                }
            });
            tables.insert(reference, provider);
        }
        let mut functions = session::functions(environment);
        if calls_the_catalog(&statement) {
            let directory = environment.directory().await?;
            functions.extend(pg::directed(&directory));
            if let Some(footing) = &mut footing {
                footing.add_directory(directory);
            }
        }
        let context = StatementContext { state: &environment.state, tables: &tables, functions: &functions };
        let options = ParserOptions::new()
            .with_parse_float_as_decimal(true)
            .with_map_string_types_to_utf8view(false)
            .with_collect_spans(true);
        let fields = declared.iter().enumerate().map(|(i, t)| parameter_field(i, *t)).collect();
        let mut planner_context = PlannerContext::new().with_prepare_param_data_types(fields);
        SqlToRel::new_with_options(&context, options)
            .sql_statement_to_plan_with_context(statement, &mut planner_context)
            .and_then(super::syntax::number)
            .and_then(super::correlated::rewrite)
            .and_then(super::marks::kept)
            .and_then(super::first_term::nullable)
            .map(|plan| Logical { plan, footing, names })
            .map_err(|error| context.with_function_hint(classify(error)))
    }
    .boxed()
}

/// Whether a function in it needs the directory.
fn calls_the_catalog(statement: &Statement) -> bool {
    let found: ControlFlow<()> = sqlparser::ast::visit_expressions(statement, |expr| match expr {
        Expr::Function(f) if f.name.0.last().and_then(|n| n.as_ident()).is_some_and(|n| pg::is_directed(&n.value)) => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    });
    found.is_break()
}

fn parameter_field(index: usize, declared: Option<ColumnType>) -> Option<FieldRef> {
    let data_type = declared?.arrow_type()?;
    Some(Arc::new(Field::new(format!("${}", index + 1), data_type, true)))
}

/// What tables are named for: only those that are previewed wherever they are named take less than reading does.
struct Ways {
    previewed: HashMap<Vec<String>, usize>,
}

impl Ways {
    fn of<'a>(query: &Query, previewed: impl Iterator<Item = &'a ObjectName>) -> Ways {
        let mut ways = Ways { previewed: HashMap::new() };
        previewed.for_each(|name| *ways.previewed.entry(name.0.clone()).or_default() += 1);
        if ways.previewed.is_empty() {
            return ways;
        }
        let mut named: HashMap<Vec<String>, usize> = HashMap::new();
        let _: ControlFlow<()> = sqlparser::ast::visit_relations(query, |name| {
            let parts = name.0.iter().filter_map(|part| part.as_ident()).map(|ident| match ident.quote_style {
                Some(_) => ident.value.clone(),
                None => ident.value.to_ascii_lowercase(),
            });
            *named.entry(parts.collect()).or_default() += 1;
            ControlFlow::Continue(())
        });
        ways.previewed.retain(|name, times| named.get(name) == Some(times));
        ways
    }

    fn privilege(&self, name: &TableReference) -> Privilege {
        let parts = [name.catalog(), name.schema(), Some(name.table())].into_iter().flatten().map(str::to_owned);
        match !self.previewed.is_empty() && self.previewed.contains_key(&parts.collect::<Vec<_>>()) {
            true => Privilege::Preview,
            false => Privilege::Select,
        }
    }
}

/// What a name stands for.
enum Found {
    /// A table of a source.
    Table(Arc<RemoteTable>),
    /// A built-in view of this catalog, and what that stands on.
    View { view: &'static View, catalog: String, provider: Arc<dyn TableProvider>, footing: Option<Footing> },
    /// Rows of a directory.
    OfDirectory { directory: Arc<Directory>, provider: Arc<dyn TableProvider> },
    /// Rows that never change.
    Constant(Arc<dyn TableProvider>),
    /// Something that is made for this statement.
    Passing(Arc<dyn TableProvider>),
}

async fn find(
    environment: &Environment,
    reference: &TableReference,
    privilege: Privilege,
    hidden: Hidden,
) -> Result<(TableName, Found)> {
    let lookup = environment.lookup(hidden);
    let resolved = footing::resolve(&environment.gateway, lookup, reference).await?;
    let name = resolved.name();
    let found = match resolved {
        Resolved::System(table) if table.schema == INTERNAL && CONSTANT.contains(&table.table) => {
            Found::Constant(Arc::new(system::rows::rows(environment, &table).await?))
        }
        Resolved::System(table) => match system::rows::of_directory(environment, &table).await? {
            Some((directory, rows)) => Found::OfDirectory { directory, provider: Arc::new(rows) },
            None => Found::Passing(Arc::new(system::rows::rows(environment, &table).await?)),
        },
        Resolved::View(view, catalog) => {
            let inside = environment.inside(&catalog);
            let (provider, footing): (Arc<dyn TableProvider>, _) =
                match view.constant(|| constant(&inside, view)).await? {
                    Some(rows) => (Arc::new(rows), Some(Footing::new(inside.path))),
                    None => {
                        let Logical { plan, footing, .. } = view_plan(&inside, view).await?;
                        (Arc::new(ViewTable::new(plan, Some(view.query().to_owned()))), footing)
                    }
                };
            Found::View { view, catalog, provider, footing }
        }
        Resolved::Dataset(dataset) => {
            let catalogs = environment.gateway.catalogs();
            environment.rights.require(&catalogs.view(&dataset)?, privilege)?;
            if dataset.kind == DatasetKind::Table {
                let relation = tables::relation(&environment.gateway, &environment.drafts, &dataset).await?;
                let worker = environment.gateway.worker();
                let table = RemoteTable::of(tables::CONTEXT.to_owned(), relation, worker);
                return Ok((name, Found::Passing(Arc::new(table))));
            }
            let plan = dataset::plan(environment, &dataset).await?;
            Found::Passing(Arc::new(ViewTable::new(plan, Some(dataset.definition))))
        }
        Resolved::Relation { context, relation, .. } => {
            footing::require(&environment.gateway, &environment.rights, &name, privilege)?;
            environment.gateway.catalogs().require_managed(&name).await?;
            Found::Table(Arc::new(RemoteTable::of(context, *relation, environment.gateway.worker())))
        }
    };
    Ok((name, found))
}

/// What a table function stands for.
async fn table_of(environment: &Environment, called: &Called) -> Result<Arc<dyn TableProvider>> {
    match called {
        Called::RemoteQuery { catalog, sql } => {
            let source = environment.gateway.catalogs().source(catalog)?;
            // It can read all of it, whatever it says.
            environment.rights.require(&source.thing(), Privilege::Select)?;
            let context = source.connector()?.compute_context();
            let relation = source.native(sql).await?;
            Ok(Arc::new(RemoteTable::of(context, relation, environment.gateway.worker())))
        }
        Called::Search { text, rows } => {
            Ok(Arc::new(Rows::from(system::scans::search(environment, text, *rows).await?)))
        }
    }
}

/// The plan of a query within a view.
pub(super) async fn inner(environment: &Environment, query: Query) -> Result<LogicalPlan> {
    let asked = Asked { declared: &[], previewed: &[], hidden: Hidden::Invisible };
    let plan = logical(environment, query, asked).await?.plan;
    super::display::names(environment, plan, None).await
}

/// The schema of the tables that are hidden.
const INTERNAL: &str = "internal";

/// Those of its tables that never change.
const CONSTANT: &[&str] = &["functions", "types"];

/// The rows of a view that is made of constants alone. Views such as `pg_type` would otherwise be planned anew in each statement that a client asks
/// about its tables, and are large.
async fn constant(environment: &Environment, view: &'static View) -> Result<Option<Rows>> {
    let bound = view_plan(environment, view).await?;
    let is_constant = |name: &TableName| match views::find(&name.schema, &name.table) {
        // It was looked at when this one was bound.
        Some(inner) => inner.is_constant(),
        None => name.catalog == catalog::SYSTEM && name.schema == INTERNAL && CONSTANT.contains(&name.table.as_str()),
    };
    if !bound.names.values().all(is_constant) {
        return Ok(None);
    }
    let analysed = super::execute::analyse(&environment.state, bound.plan, Tz::UTC)?;
    // Of a number, regproc is that number, whatever functions there are.
    if !footing::is_timeless_but_for(&analysed, &["weft_regproc"]) {
        return Ok(None);
    }
    let schema: SchemaRef = Arc::new(analysed.schema().as_arrow().clone());
    let physical =
        super::execute::plan(&environment.state, analysed, Pushdown::Off, environment.gateway.worker()).await?;
    let mut batches = super::execute::run(&environment.state, &physical)?;
    let mut all = Vec::new();
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(schema.clone(), batch.columns().to_vec(), &options);
        all.push(batch.map_err(|e| Error::internal("a view's rows do not fit its columns").with_source(e))?);
    }
    let batch = concat_batches(&schema, &all);
    Ok(Some(batch.map_err(|e| Error::internal("a view's rows do not fit together").with_source(e))?.into()))
}

async fn view_plan(environment: &Environment, view: &'static View) -> Result<Logical> {
    let statements = weft_sql::parse(view.query())?;
    match statements.into_iter().next().map(|s| s.kind) {
        Some(weft_sql::StatementKind::Query(query)) => {
            let wrong = |e: Error| {
                Error::internal(format!("view {}.{}: {}", view.schema, view.name, e.message())).with_source(e)
            };
            let asked = Asked { declared: &[], previewed: &[], hidden: Hidden::Visible };
            logical(environment, *query, asked).await.map_err(wrong)
        }
        _ => Err(Error::internal(format!("view {}.{} is not a query", view.schema, view.name))),
    }
}

/// The types of the parameters: declared, inferred from where they stand, else text as PostgreSQL has it.
fn parameters(plan: &LogicalPlan, declared: &[Option<ColumnType>]) -> Result<Vec<ColumnType>> {
    let inferred = plan.get_parameter_types().map_err(classify)?;
    let mut told = placeholders::inferred(plan)?;
    let mut types: Vec<Option<ColumnType>> = declared.to_vec();
    for (name, data_type) in inferred {
        let number: usize = name
            .trim_start_matches('$')
            .parse()
            .map_err(|_| Error::new(ErrorKind::UndefinedParameter, format!("there is no parameter {name}")))?;
        if number == 0 || number > MAX_PARAMETERS {
            return Err(Error::new(ErrorKind::UndefinedParameter, format!("there is no parameter {name}")));
        }
        if types.len() < number {
            types.resize(number, None);
        }
        if types[number - 1].is_none() {
            types[number - 1] = data_type.as_ref().map(ColumnType::of_arrow).or_else(|| told.remove(&name));
        }
    }
    Ok(types.into_iter().map(|t| t.unwrap_or(ColumnType::Scalar(&weft_core::pgtype::TEXT))).collect())
}

/// The plan with NULLs of the right types for its parameters: enough to know its columns.
fn typed(plan: &LogicalPlan, parameters: &[ColumnType]) -> Result<LogicalPlan> {
    let nulls = parameters
        .iter()
        .map(|t| {
            let data_type = t.arrow_type().unwrap_or(DataType::Utf8);
            ScalarValue::try_from(&data_type).map_err(classify)
        })
        .collect::<Result<Vec<_>>>()?;
    super::parameters::replace(plan.clone(), &nulls)
}
