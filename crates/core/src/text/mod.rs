//! Values as PostgreSQL writes them, one writer a type. The protocol room and casts to text share these, so that a value looks the same wherever it becomes
//! text.

mod boundary;
pub mod bytea;
pub mod civil;
pub mod float;
pub mod interval;
pub mod moment;
pub mod uuid;

use crate::Result;

/// Appends the value of one row, which is not null.
pub type Writer = Box<dyn Fn(usize, &mut Vec<u8>) -> Result<()> + Send + Sync>;

/// `IntervalStyle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalStyle {
    /// `1 mon 2 days 03:00:00`
    Postgres,
    /// `P1M2DT3H`
    Iso8601,
}
