//! Plans as SQL. Each operator adds a clause to the SELECT below it where SQL's order of evaluation allows, and wraps it as a derived table
//! where it does not. Inside of the statement every column is known by the text that computes it, so no name can be mistaken for another.

use super::allow::is_plain_column;
use super::expression::{Scope, write, write_order};
use super::{NamedQueries, Words};
use crate::plan::remote::{self, RemoteTable, TableText};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result, TableReference, internal_err};
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Distinct, Expr, Filter, Join, JoinType, Limit, LogicalPlan, Operator, Projection, Sort,
    TableScan, Union, Window,
};
use std::collections::HashMap;
use weft_core::name::quote_always;

/// The statement for the plan. It carries everything that its place needs.
pub fn statement(words: &dyn Words, plan: &LogicalPlan) -> Result<String> {
    let mut writer = Writer::new(words);
    let query = writer.query(plan, None)?;
    Ok(writer.with_queries(query))
}

/// The statement for some rows of one table.
pub fn scan(words: &dyn Words, table: &RemoteTable, asked: &Asked<'_>) -> Result<String> {
    let mut writer = Writer::new(words);
    let schema = DFSchema::try_from(table.schema.as_ref().clone())?;
    let mut select = writer.table("t", table);
    let scope = Scope::new(&schema, &select.columns, None);
    let conditions = asked.filters.iter().map(|f| write(&mut writer, f, &scope)).collect::<Result<Vec<_>>>()?;
    drop(scope);
    select.conditions = conditions;
    select.columns = asked.columns.iter().filter_map(|i| select.columns.get(*i).cloned()).collect();
    select.fetch = asked.limit.map(|n| n.to_string());
    let query = select.text(words);
    Ok(writer.with_queries(query))
}

/// What is asked of one table.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Columns, by their places in its schema.
    pub columns: &'a [usize],
    /// Conditions, all of which hold; columns are named bare.
    pub filters: &'a [Expr],
    /// The most rows.
    pub limit: Option<usize>,
}

/// An expression over the columns of one table, to see whether it can be written.
pub fn expression(words: &dyn Words, expr: &Expr, schema: &DFSchema) -> Result<String> {
    let texts: Vec<String> = schema.fields().iter().map(|f| words.identifier(f.name())).collect();
    write(&mut Writer::new(words), expr, &Scope::new(schema, &texts, None))
}

/// The name of a table inside of a statement.
fn local_name(reference: &TableReference) -> String {
    match reference {
        TableReference::Bare { table } => table.to_string(),
        TableReference::Partial { schema, table } => format!("{schema}.{table}"),
        TableReference::Full { catalog, schema, table } => format!("{catalog}.{schema}.{table}"),
    }
}

/// How far a SELECT has been filled, in the order in which SQL evaluates its clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    From,
    Where,
    Group,
    Window,
    Distinct,
    Order,
    Limit,
}

/// What stands after FROM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Table,
    Join,
}

/// A SELECT in the making.
struct Select {
    from: String,
    /// Whether `from` is a join, which keeps its own parentheses on the right of another.
    shape: Shape,
    conditions: Vec<String>,
    /// The keys, if it groups.
    group: Option<Vec<String>>,
    having: Vec<String>,
    distinct: bool,
    order: Option<String>,
    skip: Option<String>,
    fetch: Option<String>,
    /// The text of each column of the plan's schema, in its order.
    columns: Vec<String>,
    /// Whether all of these are plain columns of `from`.
    plain: bool,
    stage: Stage,
}

impl Select {
    fn from(from: String, columns: Vec<String>) -> Select {
        Select {
            from,
            shape: Shape::Table,
            conditions: Vec::new(),
            group: None,
            having: Vec::new(),
            distinct: false,
            order: None,
            skip: None,
            fetch: None,
            columns,
            plain: true,
            stage: Stage::From,
        }
    }

    /// The text, its columns named `c0`, `c1`, ….
    fn text(&self, words: &dyn Words) -> String {
        let mut text = "SELECT ".to_owned();
        if self.distinct {
            text.push_str("DISTINCT ");
        }
        let columns: Vec<_> = self.columns.iter().enumerate().map(|(i, c)| format!("{c} AS c{i}")).collect();
        // A row without columns is still a row.
        text.push_str(if columns.is_empty() { "TRUE AS present" } else { "" });
        text.push_str(&columns.join(", "));
        text.push_str(" FROM ");
        text.push_str(&self.from);
        let mut clause = |word: &str, parts: &[String], separator: &str| {
            if !parts.is_empty() {
                text.push_str(&format!(" {word} {}", parts.join(separator)));
            }
        };
        clause("WHERE", &self.conditions, " AND ");
        clause("GROUP BY", self.group.as_deref().unwrap_or_default(), ", ");
        clause("HAVING", &self.having, " AND ");
        clause("ORDER BY", self.order.as_slice(), ", ");
        text.push_str(&words.limit(self.fetch.as_deref(), self.skip.as_deref()));
        text
    }
}

/// Writes one statement.
pub(super) struct Writer<'w> {
    pub(super) words: &'w dyn Words,
    /// Derived tables so far, which are numbered.
    tables: usize,
    /// Tables that stand in WITH, and their queries.
    named: Vec<(String, String)>,
}

impl<'w> Writer<'w> {
    fn new(words: &'w dyn Words) -> Self {
        Writer { words, tables: 0, named: Vec::new() }
    }

    /// The query below the tables that it calls by name.
    fn with_queries(&self, query: String) -> String {
        if self.named.is_empty() {
            return query;
        }
        let named: Vec<_> = self
            .named
            .iter()
            .map(|(name, sql)| format!("{} AS NOT MATERIALIZED ({sql})", quote_always(name)))
            .collect();
        format!("WITH {} {query}", named.join(", "))
    }

    /// The name in WITH of a table that is a query.
    fn name_query(&mut self, wanted: &str, sql: &str) -> String {
        if let Some((name, _)) = self.named.iter().find(|(_, known)| known == sql) {
            return name.clone();
        }
        let mut name = wanted.to_owned();
        while self.named.iter().any(|(taken, _)| *taken == name) {
            name.push('_');
        }
        self.named.push((name.clone(), sql.to_owned()));
        name
    }

    /// A table as what a SELECT begins with.
    fn table(&mut self, name: &str, table: &RemoteTable) -> Select {
        let alias = self.alias();
        let column = |name: &str| format!("{alias}.{}", self.words.identifier(name));
        match &table.text {
            TableText::Query(sql) => {
                let columns = table.schema.fields().iter().map(|f| column(f.name())).collect();
                let from = match self.words.named_queries() {
                    NamedQueries::Common => quote_always(&self.name_query(name, sql)),
                    NamedQueries::Inline => format!("({sql})"),
                };
                Select::from(format!("{from} AS {alias}"), columns)
            }
            TableText::Named { from, columns } => {
                let columns = columns.iter().map(|c| c.value.replace("{}", &column(&c.name))).collect();
                Select::from(format!("{from} AS {alias}"), columns)
            }
        }
    }

    fn scan(&mut self, scan: &TableScan) -> Result<Select> {
        let Some(table) = remote::table(scan) else {
            return internal_err!("{} is not at any place", scan.table_name);
        };
        let mut select = self.table(&local_name(&scan.table_name), &table);
        if let Some(projection) = &scan.projection {
            select.columns = projection.iter().filter_map(|i| select.columns.get(*i).cloned()).collect();
        }
        Ok(select)
    }

    /// The query for a plan; `outer` is the scope around a subquery.
    pub(super) fn query(&mut self, plan: &LogicalPlan, outer: Option<&Scope<'_>>) -> Result<String> {
        Ok(self.select(plan, outer)?.text(self.words))
    }

    fn alias(&mut self) -> String {
        self.tables += 1;
        format!("t{}", self.tables)
    }

    /// The SELECT as a derived table, to be filled anew.
    fn wrap(&mut self, inner: Select) -> Select {
        let alias = self.alias();
        let columns = (0..inner.columns.len()).map(|i| format!("{alias}.c{i}")).collect();
        Select::from(format!("({}) AS {alias}", inner.text(self.words)), columns)
    }

    /// The SELECT, wrapped if it has been filled beyond the stage.
    fn up_to(&mut self, select: Select, stage: Stage) -> Select {
        if select.stage > stage { self.wrap(select) } else { select }
    }

    /// The SELECT, wrapped if one of its columns is a constant: `ORDER BY 2` and `GROUP BY 2` would mean the second column.
    fn without_constants(&mut self, select: Select) -> Select {
        let constant = |text: &String| text.starts_with(|c: char| c.is_ascii_digit() || c == '\'');
        if select.columns.iter().any(constant) { self.wrap(select) } else { select }
    }

    fn select(&mut self, plan: &LogicalPlan, outer: Option<&Scope<'_>>) -> Result<Select> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(scan),
            LogicalPlan::SubqueryAlias(alias) => self.select(&alias.input, outer),
            LogicalPlan::Projection(p) => self.projection(p, outer),
            LogicalPlan::Filter(f) => self.filter(f, outer),
            LogicalPlan::Aggregate(a) => self.aggregate(a, outer),
            LogicalPlan::Window(w) => self.window(w, outer),
            LogicalPlan::Sort(s) => self.sort(s, outer),
            LogicalPlan::Limit(l) => self.limit(l, outer),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let input = self.select(input, outer)?;
                let mut select = self.up_to(input, Stage::Window);
                select.distinct = true;
                select.stage = Stage::Distinct;
                Ok(select)
            }
            LogicalPlan::Join(j) => self.join(j, outer),
            LogicalPlan::Union(u) => self.union(u, outer),
            other => internal_err!("{} cannot be said in SQL", other.display()),
        }
    }

    fn projection(&mut self, node: &Projection, outer: Option<&Scope<'_>>) -> Result<Select> {
        let mut select = self.select(&node.input, outer)?;
        // A computed column that is used twice is computed once, below. DISTINCT is over the columns as they were.
        if select.stage == Stage::Distinct || (!select.plain && repeats(&node.expr)?) {
            select = self.wrap(select);
        }
        let scope = Scope::new(node.input.schema(), &select.columns, outer);
        let columns = node.expr.iter().map(|e| write(self, e, &scope)).collect::<Result<Vec<_>>>()?;
        drop(scope);
        select.plain = select.plain && node.expr.iter().all(is_plain_column);
        select.columns = columns;
        Ok(select)
    }

    fn filter(&mut self, node: &Filter, outer: Option<&Scope<'_>>) -> Result<Select> {
        let input = self.select(&node.input, outer)?;
        let mut select = self.up_to(input, Stage::Group);
        let scope = Scope::new(node.input.schema(), &select.columns, outer);
        let mut conditions = Vec::new();
        for part in datafusion::logical_expr::utils::split_conjunction(&node.predicate) {
            conditions.push(write(self, part, &scope)?);
        }
        drop(scope);
        if select.stage == Stage::Group {
            select.having.extend(conditions);
        } else {
            select.conditions.extend(conditions);
            select.stage = Stage::Where;
        }
        Ok(select)
    }

    fn aggregate(&mut self, node: &Aggregate, outer: Option<&Scope<'_>>) -> Result<Select> {
        let input = self.select(&node.input, outer)?;
        let input = self.without_constants(input);
        let mut select = self.up_to(input, Stage::Where);
        let scope = Scope::new(node.input.schema(), &select.columns, outer);
        let keys = node.group_expr.iter().map(|e| write(self, e, &scope)).collect::<Result<Vec<_>>>()?;
        let aggregates = node.aggr_expr.iter().map(|e| write(self, e, &scope)).collect::<Result<Vec<_>>>()?;
        drop(scope);
        select.plain = false;
        select.columns = keys.iter().cloned().chain(aggregates).collect();
        select.group = Some(keys);
        select.stage = Stage::Group;
        Ok(select)
    }

    fn window(&mut self, node: &Window, outer: Option<&Scope<'_>>) -> Result<Select> {
        let input = self.select(&node.input, outer)?;
        let mut select = self.up_to(input, Stage::Where);
        let scope = Scope::new(node.input.schema(), &select.columns, outer);
        let windows = node.window_expr.iter().map(|e| write(self, e, &scope)).collect::<Result<Vec<_>>>()?;
        drop(scope);
        select.plain = false;
        select.columns.extend(windows);
        select.stage = Stage::Window;
        Ok(select)
    }

    fn sort(&mut self, node: &Sort, outer: Option<&Scope<'_>>) -> Result<Select> {
        let input = self.select(&node.input, outer)?;
        let input = self.without_constants(input);
        let mut select = self.up_to(input, Stage::Window);
        let scope = Scope::new(node.input.schema(), &select.columns, outer);
        let order = write_order(self, &node.expr, &scope)?;
        drop(scope);
        select.order = Some(order);
        select.fetch = node.fetch.map(|n| n.to_string());
        select.stage = if node.fetch.is_some() { Stage::Limit } else { Stage::Order };
        Ok(select)
    }

    fn limit(&mut self, node: &Limit, outer: Option<&Scope<'_>>) -> Result<Select> {
        let input = self.select(&node.input, outer)?;
        let mut select = self.up_to(input, Stage::Order);
        let count = |e: &Option<Box<Expr>>| match e.as_deref() {
            Some(Expr::Literal(value, _)) if !value.is_null() => Some(value.to_string()),
            _ => None,
        };
        select.fetch = count(&node.fetch);
        select.skip = count(&node.skip).filter(|n| n != "0");
        select.stage = Stage::Limit;
        Ok(select)
    }

    fn join(&mut self, node: &Join, outer: Option<&Scope<'_>>) -> Result<Select> {
        let left = self.join_side(&node.left, outer)?;
        let right = self.join_side(&node.right, outer)?;
        let columns: Vec<String> = left.columns.into_iter().chain(right.columns).collect();
        let schema = joined(node)?;
        let scope = Scope::new(&schema, &columns, outer);
        let mut conditions = Vec::new();
        for (l, r) in &node.on {
            let equal = Expr::BinaryExpr(BinaryExpr::new(Box::new(l.clone()), Operator::Eq, Box::new(r.clone())));
            conditions.push(write(self, &equal, &scope)?);
        }
        if let Some(filter) = &node.filter {
            conditions.push(write(self, filter, &scope)?);
        }
        drop(scope);
        let word = match node.join_type {
            JoinType::Inner if conditions.is_empty() => "CROSS JOIN",
            JoinType::Inner => "JOIN",
            JoinType::Left => "LEFT JOIN",
            JoinType::Right => "RIGHT JOIN",
            JoinType::Full => "FULL JOIN",
            other => return internal_err!("join {other} cannot be said in SQL"),
        };
        let on = match (conditions.is_empty(), word) {
            (true, "CROSS JOIN") => String::new(),
            (true, _) => " ON TRUE".to_owned(),
            (false, _) => format!(" ON {}", conditions.join(" AND ")),
        };
        let right = if right.shape == Shape::Join { format!("({})", right.from) } else { right.from };
        let mut select = Select::from(format!("{} {word} {right}{on}", left.from), columns);
        select.shape = Shape::Join;
        Ok(select)
    }

    /// A side of a join: what stands in FROM, with plain columns.
    fn join_side(&mut self, plan: &LogicalPlan, outer: Option<&Scope<'_>>) -> Result<Select> {
        let side = self.select(plan, outer)?;
        Ok(if side.stage > Stage::From || !side.plain { self.wrap(side) } else { side })
    }

    fn union(&mut self, node: &Union, outer: Option<&Scope<'_>>) -> Result<Select> {
        let parts = node
            .inputs
            .iter()
            .map(|input| Ok(format!("({})", self.query(input, outer)?)))
            .collect::<Result<Vec<_>>>()?;
        let alias = self.alias();
        let columns = (0..node.schema.fields().len()).map(|i| format!("{alias}.c{i}")).collect();
        Ok(Select::from(format!("({}) AS {alias}", parts.join(" UNION ALL ")), columns))
    }
}

fn joined(node: &Join) -> Result<DFSchema> {
    node.left.schema().join(node.right.schema())
}

/// Whether some column is used more than once.
fn repeats(exprs: &[Expr]) -> Result<bool> {
    let mut uses: HashMap<Column, usize> = HashMap::new();
    for expr in exprs {
        expr.apply(|e| {
            if let Expr::Column(column) = e {
                *uses.entry(column.clone()).or_default() += 1;
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    Ok(uses.values().any(|n| *n > 1))
}

/// `LIMIT` and `OFFSET` as the standard's followers have them.
pub(super) fn limit_and_offset(fetch: Option<&str>, skip: Option<&str>) -> String {
    let fetch = fetch.map(|n| format!(" LIMIT {n}")).unwrap_or_default();
    let skip = skip.map(|n| format!(" OFFSET {n}")).unwrap_or_default();
    fetch + &skip
}
