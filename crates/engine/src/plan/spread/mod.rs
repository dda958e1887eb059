//! Whether a sub-plan for DuckDB runs in one place or is spread over several workers, and how: the files of its largest table are divided, each worker
//! answers for its files (with filters, projections, joins with the other tables, partial aggregates and limits), and the gateway merges. What a
//! worker's part means, and how parts are merged, is in `parts.rs` and `aggregate.rs`.

mod aggregate;
mod parts;

use super::place::Place;
use super::remote::table;
use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;
use parking_lot::Mutex;
use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;
use weft_core::executor::Dialect;
use weft_core::input::Input;
use weft_core::settings::Bytes;
use weft_core::worker::{Seat, Worker};

/// When sub-plans are spread (`SET weft.spread`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Where it is thought to be worth it.
    Auto,
    /// Wherever it is possible.
    Always,
    /// Never.
    Never,
}

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// When.
    pub spread: Spread,
    /// The least bytes of the divided table.
    pub min_bytes: u64,
    /// The least use that each worker must be of, in percent: with two of them, 80 means 1.6 times as fast as one.
    pub efficiency: usize,
}

/// Decides for one statement, and remembers why.
pub struct Spreading {
    limits: Limits,
    worker: Option<Arc<dyn Worker>>,
    notes: Mutex<Vec<String>>,
}

impl Spreading {
    /// By these limits, over these workers.
    pub fn new(limits: Limits, worker: Arc<dyn Worker>) -> Spreading {
        Spreading { limits, worker: Some(worker), notes: Mutex::default() }
    }

    /// Everything stays in one place.
    pub fn never() -> Spreading {
        let limits = Limits { spread: Spread::Never, min_bytes: 0, efficiency: 0 };
        Spreading { limits, worker: None, notes: Mutex::default() }
    }

    /// Why things are where they are, in sentences.
    pub fn into_notes(self) -> Vec<String> {
        self.notes.into_inner()
    }

    /// Whether a statement at this place could be spread at all: if not, nobody needs to look at its plan.
    pub fn is_open(&self, place: &Place) -> bool {
        self.limits.spread != Spread::Never
            && place.executor.dialect() == Dialect::DuckDb
            && place.inputs.iter().any(|input| self.is_divisible(input))
            && self.seats(place).len() > 1
    }

    /// The sub-plan, spread, if that is possible and worth it.
    pub(super) fn spread(&self, plan: &LogicalPlan, place: &Place) -> Result<Option<LogicalPlan>> {
        let seats = self.seats(place);
        if self.limits.spread == Spread::Never || seats.len() < 2 || place.executor.dialect() != Dialect::DuckDb {
            return Ok(None);
        }
        let read = reads(plan)?;
        let all: u64 = read.iter().map(|input| input.bytes).sum();
        let mut divisible: Vec<&Arc<Input>> = read.iter().filter(|input| self.is_divisible(input)).collect();
        divisible.sort_by_key(|input| Reverse(input.bytes));
        divisible.dedup();
        let noted = self.notes.lock().len();
        if divisible.is_empty() {
            self.note(format!(
                "One place: no table of {} in several Parquet files is read.",
                Bytes(self.limits.min_bytes)
            ));
        }
        for divided in divisible {
            let useful = match self.limits.spread {
                Spread::Always => seats.len(),
                _ => self.useful(divided.bytes, all),
            };
            let workers = useful.min(seats.len()).min(divided.files.len());
            let size = Size { divided, all };
            if workers < 2 {
                self.note(format!("One place: {size}, too little for {} workers to be of use.", seats.len()));
                return Ok(None);
            }
            let spread = parts::spread(plan, place, divided, seats.get(..workers).unwrap_or_default())?;
            if spread.is_some() {
                // What was said of tables that could not be divided does not matter any more.
                self.notes.lock().truncate(noted);
                self.note(format!("Spread over {workers} workers: {size}."));
                return Ok(spread);
            }
            self.note(format!("One place: what is asked of {} cannot be answered in parts.", divided.name));
        }
        Ok(None)
    }

    /// How many workers are of enough use. Each does its share of the divided table, and all of the rest.
    fn useful(&self, divided: u64, all: u64) -> usize {
        let rest = all.saturating_sub(divided) as f64;
        let (divided, all) = (divided as f64, all as f64);
        let is_useful = |workers: &usize| {
            let count = *workers as f64;
            all / (count * (rest + divided / count)) * 100.0 >= self.limits.efficiency as f64
        };
        (2..=MOST_WORKERS).take_while(is_useful).last().unwrap_or(1)
    }

    fn is_divisible(&self, input: &Input) -> bool {
        let is_large = self.limits.spread == Spread::Always || input.bytes >= self.limits.min_bytes;
        is_large && input.split.is_some() && input.files.len() > 1
    }

    fn seats(&self, place: &Place) -> Vec<Seat> {
        let mut seats = self.worker.as_ref().map(|worker| worker.crew(&place.inputs)).unwrap_or_default();
        seats.sort_by(|a, b| b.cores.cmp(&a.cores).then_with(|| a.executor.id().cmp(b.executor.id())));
        seats
    }

    fn note(&self, note: String) {
        self.notes.lock().push(note);
    }
}

/// Parts of one statement: more would only cost.
const MOST_WORKERS: usize = 256;

/// The tables of files that the plan reads, as often as it does.
fn reads(plan: &LogicalPlan) -> Result<Vec<Arc<Input>>> {
    let mut read = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(table) = table(scan)
        {
            read.extend(table.place.inputs.iter().cloned());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(read)
}

/// What is read, in words.
struct Size<'a> {
    divided: &'a Input,
    all: u64,
}

impl fmt::Display for Size<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.divided.bytes.saturating_mul(100) / self.all.max(1);
        let (name, files, bytes) = (&self.divided.name, self.divided.files.len(), self.divided.bytes >> 20);
        write!(f, "{name} has {files} files, {bytes} MiB and {share} % of what is read")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_must_be_of_use() {
        let limits = Limits { spread: Spread::Auto, min_bytes: 0, efficiency: 80 };
        let spreading = Spreading { limits, worker: None, notes: Mutex::default() };
        for (divided, all, workers) in
            [(100, 100, MOST_WORKERS), (80, 100, 2), (70, 100, 1), (90, 100, 3), (95, 100, 5)]
        {
            assert_eq!(spreading.useful(divided, all), workers, "{divided} of {all}");
        }
    }
}
