//! One cursor: where it stands, and how FETCH and MOVE go from there. Source: PostgreSQL 16 `pquery.c`, `DoPortalRunFetch` and `PortalRunSelect`.

use super::cursor_rows::CursorRows;
use arrow::array::RecordBatch;
use futures::Stream;
use tokio::sync::OwnedMutexGuard;
use weft_core::{Error, ErrorKind, Result};
use weft_sql::{Count, Direction};

/// Rows that are handed on at once.
const PORTION: u64 = 8192;

/// A cursor.
pub(crate) struct Cursor {
    pub(crate) rows: CursorRows,
    backwards: Backwards,
    place: Place,
    state: State,
}

/// Whether it goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backwards {
    /// Its rows are kept for that.
    Allowed,
    /// `55000`
    Refused,
}

/// Where it stands: on the row of this number, or before the first or after the last one. Both if there is none.
#[derive(Debug, Clone, Copy)]
struct Place {
    before_first: bool,
    after_last: bool,
    /// After the last row, that row's number.
    row: u64,
}

/// Whether it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    /// A statement reads it, or was broken off while it did.
    Reading,
}

/// What a statement wants of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// To see them.
    Fetch,
    /// To go past them.
    Move,
}

/// A way that is left to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    sense: Sense,
    /// Rows; `u64::MAX` is all.
    rows: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Forward,
    Backward,
}

/// What is left to do for a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Plan {
    /// To go.
    Go(Way),
    /// Nothing: MOVE says only whether it stands on a row.
    Stay(u64),
}

fn forward(rows: u64) -> Way {
    Way { sense: Sense::Forward, rows }
}

fn backward(rows: u64) -> Way {
    Way { sense: Sense::Backward, rows }
}

impl Cursor {
    /// Before the first row.
    pub(crate) fn new(rows: CursorRows, backwards: Backwards) -> Cursor {
        let place = Place { before_first: true, after_last: false, row: 0 };
        Cursor { rows, backwards, place, state: State::Ready }
    }

    /// The number of the row that comes next.
    pub(crate) fn next_row(&self) -> u64 {
        self.place.row + 1
    }

    /// A statement begins to read. One that is broken off leaves nobody knows what place.
    pub(crate) fn begin(&mut self, name: &str) -> Result<()> {
        if self.state == State::Reading {
            return Err(Error::new(
                ErrorKind::ObjectNotInPrerequisiteState,
                format!("portal \"{name}\" cannot be run"),
            )
            .with_detail("A statement that read it was broken off."));
        }
        self.state = State::Reading;
        Ok(())
    }

    /// It has read what it wanted.
    pub(crate) fn end(&mut self) {
        self.state = State::Ready;
    }

    /// Goes as far as nothing is to be shown; the rest is the way that a statement shows or counts.
    pub(crate) async fn approach(&mut self, direction: Direction, wish: Wish) -> Result<Plan> {
        let way = match direction {
            Direction::Forward(Count::All) => forward(u64::MAX),
            Direction::Backward(Count::All) => backward(u64::MAX),
            Direction::Forward(Count::Rows(0)) | Direction::Backward(Count::Rows(0)) | Direction::Relative(0) => {
                return self.again(wish).await;
            }
            Direction::Forward(Count::Rows(n)) if n < 0 => backward(n.unsigned_abs()),
            Direction::Forward(Count::Rows(n)) => forward(n.unsigned_abs()),
            Direction::Backward(Count::Rows(n)) if n < 0 => forward(n.unsigned_abs()),
            Direction::Backward(Count::Rows(n)) => backward(n.unsigned_abs()),
            Direction::Relative(n) if n < 0 => {
                self.go(backward(n.unsigned_abs() - 1)).await?;
                backward(1)
            }
            Direction::Relative(n) => {
                self.go(forward(n.unsigned_abs() - 1)).await?;
                forward(1)
            }
            Direction::Absolute(0) => {
                self.rewind()?;
                forward(0)
            }
            Direction::Absolute(n) if n < 0 => {
                self.go(forward(u64::MAX)).await?;
                self.go(backward(n.unsigned_abs() - 1)).await?;
                backward(1)
            }
            Direction::Absolute(n) => {
                let n = n.unsigned_abs();
                let here = self.place.row + u64::from(self.place.after_last);
                if n <= here {
                    self.rewind()?;
                    self.go(forward(n - 1)).await?;
                } else {
                    self.go(forward(n - here - 1)).await?;
                }
                forward(1)
            }
        };
        Ok(Plan::Go(way))
    }

    /// The row that it stands on, once more.
    async fn again(&mut self, wish: Wish) -> Result<Plan> {
        let on_row = !self.place.before_first && !self.place.after_last;
        if wish == Wish::Move {
            return Ok(Plan::Stay(u64::from(on_row)));
        }
        if !on_row {
            return Ok(Plan::Go(forward(0)));
        }
        self.go(backward(1)).await?;
        Ok(Plan::Go(forward(1)))
    }

    /// Goes the whole way, and says how many rows that were.
    pub(crate) async fn go(&mut self, mut way: Way) -> Result<u64> {
        let mut passed = 0;
        while let Some(batch) = self.step(&mut way).await? {
            passed += batch.num_rows() as u64;
        }
        Ok(passed)
    }

    /// The next rows of the way; nothing when it is gone.
    pub(crate) async fn step(&mut self, way: &mut Way) -> Result<Option<RecordBatch>> {
        let most = way.rows.min(PORTION) as usize;
        let batch = match way.sense {
            Sense::Forward => self.forward(most).await?,
            Sense::Backward => self.backward(most)?,
        };
        match &batch {
            Some(batch) if way.rows != u64::MAX => way.rows -= batch.num_rows() as u64,
            Some(_) => {}
            None => way.rows = 0,
        }
        Ok(batch)
    }

    async fn forward(&mut self, most: usize) -> Result<Option<RecordBatch>> {
        if self.place.after_last || most == 0 {
            return Ok(None);
        }
        let batch = self.rows.forward(self.next_row(), most).await?;
        match &batch {
            Some(batch) => {
                self.place.before_first = false;
                self.place.row += batch.num_rows() as u64;
            }
            None => self.place.after_last = true,
        }
        Ok(batch)
    }

    fn backward(&mut self, most: usize) -> Result<Option<RecordBatch>> {
        self.require_backwards()?;
        if self.place.before_first || most == 0 {
            return Ok(None);
        }
        // The row before this one; after the last one that is the last.
        let row = if self.place.after_last { self.place.row } else { self.place.row - 1 };
        if row == 0 {
            self.place.before_first = true;
            self.place.row = 0;
            return Ok(None);
        }
        let batch = self.rows.backward(row, most)?;
        self.place.after_last = false;
        self.place.row = row + 1 - batch.num_rows() as u64;
        Ok(Some(batch))
    }

    fn rewind(&mut self) -> Result<()> {
        if self.place.before_first && !self.place.after_last {
            return Ok(());
        }
        self.require_backwards()?;
        self.place = Place { before_first: true, after_last: false, row: 0 };
        Ok(())
    }

    fn require_backwards(&self) -> Result<()> {
        match self.backwards {
            Backwards::Allowed => Ok(()),
            Backwards::Refused => {
                Err(Error::new(ErrorKind::ObjectNotInPrerequisiteState, "cursor can only scan forward")
                    .with_hint("Declare it with SCROLL option to enable backward scan."))
            }
        }
    }
}

/// The rows of a way, as they are asked for. The cursor belongs to whoever reads them until there are no more.
pub(crate) fn rows_of(cursor: OwnedMutexGuard<Cursor>, way: Way) -> impl Stream<Item = Result<RecordBatch>> + Send {
    futures::stream::try_unfold((cursor, way), |(mut cursor, mut way)| async move {
        match cursor.step(&mut way).await? {
            Some(batch) => Ok(Some((batch, (cursor, way)))),
            None => {
                cursor.end();
                Ok(None)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::cursor_rows::Budget;
    use arrow::array::{AsArray, Int32Array};
    use arrow::datatypes::{DataType, Field, Int32Type, Schema};
    use datafusion::execution::memory_pool::{MemoryPool, UnboundedMemoryPool};
    use futures::FutureExt;
    use std::sync::Arc;
    use weft_core::BatchStream;

    fn cursor(backwards: Backwards, budget: usize) -> Cursor {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int32, false)]));
        let batch =
            |rows: Vec<i32>| RecordBatch::try_new(schema.clone(), vec![Arc::new(Int32Array::from(rows))]).unwrap();
        let stream = BatchStream::of(schema.clone(), vec![batch(vec![1, 2]), batch(vec![]), batch(vec![3, 4, 5])]);
        let mut rows = CursorRows::of(async move { Ok(stream) }.boxed());
        if backwards == Backwards::Allowed {
            let pool: Arc<dyn MemoryPool> = Arc::new(UnboundedMemoryPool::default());
            rows.keep(1, Budget::new(budget), &pool).unwrap();
        }
        Cursor::new(rows, backwards)
    }

    async fn fetch(cursor: &mut Cursor, direction: Direction) -> Result<Vec<i32>> {
        let Plan::Go(mut way) = cursor.approach(direction, Wish::Fetch).await? else { panic!("FETCH stays") };
        let mut found = Vec::new();
        while let Some(batch) = cursor.step(&mut way).await? {
            found.extend(batch.column(0).as_primitive::<Int32Type>().values().iter().copied());
        }
        Ok(found)
    }

    #[tokio::test]
    async fn goes_as_postgresql_does() {
        use Direction::*;
        let all = Count::All;
        let n = Count::Rows;
        let mut c = cursor(Backwards::Allowed, 1 << 20);
        // What PostgreSQL 15 answers to the same, on generate_series(1, 5).
        for (direction, expected) in [
            (Backward(n(1)), vec![]),
            (Forward(n(0)), vec![]),
            (Forward(n(2)), vec![1, 2]),
            (Forward(n(0)), vec![2]),
            (Absolute(4), vec![4]),
            (Backward(n(2)), vec![3, 2]),
            (Relative(2), vec![4]),
            (Relative(-1), vec![3]),
            (Relative(0), vec![3]),
            (Forward(all), vec![4, 5]),
            (Forward(n(1)), vec![]),
            (Forward(n(0)), vec![]),
            (Backward(n(1)), vec![5]),
            (Absolute(-1), vec![5]),
            (Absolute(-4), vec![2]),
            (Absolute(1), vec![1]),
            (Backward(n(1)), vec![]),
            (Forward(n(1)), vec![1]),
            (Absolute(9), vec![]),
            (Backward(all), vec![5, 4, 3, 2, 1]),
            (Forward(n(-1)), vec![]),
            (Absolute(0), vec![]),
            (Backward(n(-2)), vec![1, 2]),
            (Absolute(-9), vec![]),
            (Relative(1), vec![1]),
        ] {
            assert_eq!(fetch(&mut c, direction).await.unwrap(), expected, "{direction:?}");
        }
    }

    #[tokio::test]
    async fn goes_forward_only_unless_rows_are_kept() {
        use Direction::*;
        let mut c = cursor(Backwards::Refused, 0);
        assert_eq!(fetch(&mut c, Forward(Count::Rows(3))).await.unwrap(), [1, 2, 3]);
        assert_eq!(fetch(&mut c, Absolute(5)).await.unwrap(), [5]);
        for direction in [Backward(Count::Rows(1)), Forward(Count::Rows(0)), Absolute(1), Absolute(0), Relative(-1)] {
            assert_eq!(fetch(&mut c, direction).await.unwrap_err().kind().sqlstate(), "55000", "{direction:?}");
        }
        assert_eq!(fetch(&mut c, Forward(Count::All)).await.unwrap(), [] as [i32; 0]);
    }

    #[tokio::test]
    async fn keeps_no_more_than_it_may() {
        let mut c = cursor(Backwards::Allowed, 1);
        let error = fetch(&mut c, Direction::Forward(Count::All)).await.unwrap_err();
        assert_eq!(error.kind().sqlstate(), "53400");
    }
}
