//! DuckDB as a place where sub-plans run: what may go there ([`allow`]), how it is said ([`dialect`], [`statement`]), and the macros that our own
//! functions become ([`macros`]). The rule of the house: only what the differential tests prove to give PostgreSQL's answer.

pub mod allow;
pub mod dialect;
pub mod macros;
pub mod statement;
