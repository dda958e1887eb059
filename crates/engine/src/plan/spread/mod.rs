//! Whether a sub-plan for DuckDB runs in one place or is spread over several workers, and how: the files of its largest table are divided, each worker
//! answers for its files (with filters, projections, joins with the other tables, partial aggregates and limits), and the gateway merges. What a
//! worker's part means, and how parts are merged, is in `parts.rs` and `aggregate.rs`; what of the other tables it need not read in `companion.rs`.

mod aggregate;
mod companion;
mod parts;

use self::companion::Companion;
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
            let companions = companion::companions(plan, divided)?;
            let useful = match self.limits.spread {
                Spread::Always => seats.len(),
                _ => self.useful(&Load::of(divided, &companions, all)),
            };
            let workers = useful.min(seats.len()).min(divided.files.len());
            let size = Size { divided, companions: &companions, all };
            if workers < 2 {
                self.note(format!("One place: {size}, too little for {} workers to be of use.", seats.len()));
                continue;
            }
            let seats = seats.get(..workers).unwrap_or_default();
            let spread = parts::spread(plan, place, divided, &companions, seats)?;
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

    /// How many workers are of enough use.
    fn useful(&self, load: &Load) -> usize {
        let all = load.each(1.0);
        let is_useful = |workers: &usize| {
            let count = *workers as f64;
            all / (count * load.each(count)) * 100.0 >= self.limits.efficiency as f64
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

/// Bytes that are read.
struct Load {
    divided: f64,
    /// Of each companion its bytes, and how many times they are read if each file of the divided table is a part.
    companions: Vec<(f64, f64)>,
    rest: f64,
}

impl Load {
    fn of(divided: &Input, companions: &[Companion], all: u64) -> Load {
        let beside: u64 = companions.iter().map(|c| c.input.bytes).sum();
        Load {
            divided: divided.bytes as f64,
            companions: companions.iter().map(|c| (c.input.bytes as f64, c.readings)).collect(),
            rest: all.saturating_sub(divided.bytes).saturating_sub(beside) as f64,
        }
    }

    /// What each of so many workers reads: its share of the divided table, what goes with it of the companions, and all of the rest.
    fn each(&self, workers: f64) -> f64 {
        let beside: f64 = self.companions.iter().map(|(bytes, readings)| bytes * (readings / workers).min(1.0)).sum();
        self.divided / workers + beside + self.rest
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
    companions: &'a [Companion],
    all: u64,
}

impl fmt::Display for Size<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.divided.bytes.saturating_mul(100) / self.all.max(1);
        let (name, files, bytes) = (&self.divided.name, self.divided.files.len(), self.divided.bytes >> 20);
        write!(f, "{name} has {files} files, {bytes} MiB and {share} % of what is read")?;
        for Companion { input, key, .. } in self.companions {
            write!(f, ", {} is read by its {key}", input.name)?;
        }
        Ok(())
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
            [(100u32, 100u32, MOST_WORKERS), (80, 100, 2), (70, 100, 1), (90, 100, 3), (94, 100, 5)]
        {
            let load = Load { divided: divided.into(), companions: Vec::new(), rest: (all - divided).into() };
            assert_eq!(spreading.useful(&load), workers, "{divided} of {all}");
        }
        for (readings, workers) in [(1.0, MOST_WORKERS), (3.0, 1)] {
            let load = Load { divided: 50.0, companions: vec![(50.0, readings)], rest: 0.0 };
            assert_eq!(spreading.useful(&load), workers, "{readings}");
        }
    }
}
