//! DuckDB as a place where sub-plans run: what may go there ([`allow`]), how it is said ([`select`], [`expression`]), and the macros that our own
//! functions become ([`macros`]). The rule of the house: only what the differential tests prove to give PostgreSQL's answer.
//!
//! DataFusion's unparser is not used: it loses the scope of columns above a derived table (ADR 0001).

pub mod allow;
mod expression;
mod literal;
pub mod macros;
pub mod select;
