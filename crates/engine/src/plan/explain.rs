//! A plan in words: its operators with what they did, the statement of each remote part, and why each operator of the gateway is there.

use super::execute::Physical;
use super::giving_way::GivingWay;
use super::remote::RemoteExec;
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use weft_core::executor::Dialect;
use weft_core::report::{Attempt, Outcome};
use weft_core::{Error, Result};

/// What a run showed.
#[derive(Debug, Clone, Copy)]
pub struct Ran {
    /// Rows returned.
    pub rows: usize,
    /// From the start to the last row.
    pub time: Duration,
}

/// How much is told of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Who runs what.
    Plain,
    /// What each attempt read and gave, too.
    Distributed,
}

/// The plan as lines.
pub fn text(physical: &Physical, detail: Detail, planned: Duration, ran: Option<Ran>) -> Vec<String> {
    let mut lines = Vec::new();
    node_lines(&physical.plan, 0, detail, ran.is_some(), &mut lines);
    for stayed in &physical.stayed {
        lines.push(format!("Stays in the gateway: {}", stayed.operator));
        lines.push(format!("  because {}", stayed.reason));
    }
    lines.extend(physical.notes.iter().cloned());
    lines.push(format!("Planning Time: {:.3} ms", millis(planned)));
    if let Some(ran) = ran {
        lines.push(format!("Execution Time: {:.3} ms", millis(ran.time)));
        lines.push(format!("Rows: {}", ran.rows));
    }
    lines
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn node_lines(
    plan: &Arc<dyn ExecutionPlan>,
    depth: usize,
    detail: Detail,
    with_figures: bool,
    lines: &mut Vec<String>,
) {
    let plan = without_wrapping(plan);
    let indent = "  ".repeat(depth);
    let figures = if with_figures { figures(plan) } else { String::new() };
    match plan.downcast_ref::<RemoteExec>() {
        Some(remote) => {
            lines.push(format!("{indent}{}{figures}", whereabouts(remote)));
            lines.push(format!("{indent}  {}", remote.sql()));
            if detail == Detail::Distributed {
                lines.extend(part_lines(remote).into_iter().map(|line| format!("{indent}  {line}")));
            }
            match (remote.awaits_keys(), with_figures) {
                (true, false) => lines.push(format!("{indent}  and the keys of the other side of the join")),
                (true, true) => {
                    lines.push(format!("{indent}  and {} keys of the other side of the join", remote.keys_sent()))
                }
                (false, _) => {}
            }
        }
        None => lines.push(format!("{indent}{}{figures}", OneLine(plan))),
    }
    for child in plan.children() {
        node_lines(child, depth + 1, detail, with_figures, lines);
    }
}

/// What workers read for a statement, and what became of each attempt.
fn part_lines(remote: &RemoteExec) -> Vec<String> {
    let inputs = &remote.place().inputs;
    let files: usize = inputs.iter().map(|i| i.files.len()).sum();
    let bytes: u64 = inputs.iter().map(|i| i.bytes).sum();
    let mut lines = vec![format!("reads {files} files of {}", size(bytes))];
    for (number, attempt) in remote.report().attempts().iter().enumerate() {
        let Attempt { worker, rows, bytes, cached_bytes, fetched_bytes, outcome, .. } = attempt;
        let time = attempt.ended_at.map_or(0, |end| (end - attempt.started_at).num_milliseconds());
        let outcome = match outcome {
            Outcome::Running => "running".to_owned(),
            Outcome::Finished => "finished".to_owned(),
            Outcome::Abandoned => "no more rows were wanted".to_owned(),
            Outcome::Failed(why) => format!("failed: {why}"),
        };
        let mut line = format!("attempt {} on {worker}: {rows} rows, {}, {time} ms", number + 1, size(*bytes));
        if cached_bytes + fetched_bytes > 0 {
            line.push_str(&format!(", {} cached, {} fetched", size(*cached_bytes), size(*fetched_bytes)));
        }
        lines.push(format!("{line}, {outcome}"));
    }
    lines
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} bytes"),
        10_000..=9_999_999 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// Who runs a statement, in words.
fn whereabouts(remote: &RemoteExec) -> String {
    match remote.place().executor.dialect() {
        Dialect::DuckDb => format!("{} on worker {}", product(remote), remote.whereabouts()),
        _ => format!("{} of catalog {}", product(remote), id(remote)),
    }
}

fn product(remote: &RemoteExec) -> &'static str {
    remote.place().words().product()
}

fn id(remote: &RemoteExec) -> &str {
    remote.place().executor.id()
}

/// The node itself: what only gives way to others says nothing to a reader.
fn without_wrapping(plan: &Arc<dyn ExecutionPlan>) -> &Arc<dyn ExecutionPlan> {
    match plan.downcast_ref::<GivingWay>() {
        Some(wrapping) => without_wrapping(wrapping.input()),
        None => plan,
    }
}

fn figures(plan: &Arc<dyn ExecutionPlan>) -> String {
    let metrics = plan.metrics().map(|m| m.aggregate_by_name());
    match metrics.and_then(|m| m.output_rows()) {
        Some(rows) => format!(" (rows={rows})"),
        None => String::new(),
    }
}

/// The plan as one JSON document, in the outline of PostgreSQL's.
pub fn json(physical: &Physical, detail: Detail, planned: Duration, ran: Option<Ran>) -> Result<String> {
    let stayed: Vec<Value> =
        physical.stayed.iter().map(|s| json!({ "Operator": s.operator, "Reason": s.reason })).collect();
    let mut document = json!({ "Plan": node_json(&physical.plan, detail), "Planning Time": millis(planned) });
    if !stayed.is_empty() {
        document["Stays in the gateway"] = Value::Array(stayed);
    }
    if !physical.notes.is_empty() {
        document["Placement"] = json!(physical.notes);
    }
    if let Some(ran) = ran {
        document["Execution Time"] = json!(millis(ran.time));
        document["Rows"] = json!(ran.rows);
    }
    serde_json::to_string_pretty(&json!([document])).map_err(|e| Error::internal("a plan is no JSON").with_source(e))
}

fn node_json(plan: &Arc<dyn ExecutionPlan>, detail: Detail) -> Value {
    let plan = without_wrapping(plan);
    let mut node = match plan.downcast_ref::<RemoteExec>() {
        Some(remote) => match remote.place().executor.dialect() {
            Dialect::DuckDb => {
                json!({ "Node Type": "DuckDB", "Worker": &*remote.whereabouts(), "Remote SQL": remote.sql() })
            }
            _ => json!({ "Node Type": product(remote), "Catalog": id(remote), "Remote SQL": remote.sql() }),
        },
        None => json!({ "Node Type": plan.name(), "Details": OneLine(plan).to_string() }),
    };
    if let (Some(remote), Detail::Distributed) = (plan.downcast_ref::<RemoteExec>(), detail) {
        node["Parts"] = json!(part_lines(remote));
    }
    let children: Vec<Value> = plan.children().into_iter().map(|child| node_json(child, detail)).collect();
    if !children.is_empty() {
        node["Plans"] = Value::Array(children);
    }
    node
}

struct OneLine<'a>(&'a Arc<dyn ExecutionPlan>);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_as(DisplayFormatType::Default, f)
    }
}
