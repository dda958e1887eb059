//! Where statements run, and which of them can run together. It must not know plans.

use super::dialect::{self, Words};
use std::fmt;
use std::sync::Arc;
use weft_core::executor::{Executor, RemoteStatement, RowOrder};
use weft_core::input::Input;
use weft_core::store::Store;

/// Where a statement runs.
#[derive(Clone)]
pub struct Place {
    /// What may be joined in one statement: the connector's `compute_context`.
    pub context: Arc<str>,
    /// Who runs it.
    pub executor: Arc<dyn Executor>,
    /// The object stores that it needs.
    pub stores: Vec<Arc<Store>>,
    /// The tables of files that it reads, where it reads any.
    pub inputs: Vec<Arc<Input>>,
}

impl Place {
    /// What is spoken there.
    pub fn words(&self) -> &'static dyn Words {
        dialect::words(self.executor.dialect())
    }

    /// The statement, with what it needs there.
    pub fn statement(&self, sql: String, order: RowOrder) -> RemoteStatement {
        let (stores, inputs) = (self.stores.clone(), self.inputs.clone());
        RemoteStatement { stores, inputs, order, ..RemoteStatement::new(sql) }
    }

    /// The place of a statement that reads tables of both; nothing if there is none.
    pub fn joined(&self, other: &Place) -> Option<Place> {
        let collides = |a: &Arc<Store>| other.stores.iter().any(|b| a.collides_with(b));
        if self.context != other.context || self.stores.iter().any(collides) {
            return None;
        }
        let mut joined = self.clone();
        joined.stores.extend(other.stores.iter().filter(|s| !self.stores.contains(s)).cloned());
        joined.inputs.extend(other.inputs.iter().filter(|i| !self.inputs.contains(i)).cloned());
        Some(joined)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.context, self.executor.id())
    }
}
