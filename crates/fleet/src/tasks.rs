//! The statements that workers had lately, for whoever wants to look. Their number is bounded.

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use weft_core::executor::RemoteStatement;
use weft_core::report::Report;

/// A statement that was handed to workers.
#[derive(Debug)]
pub struct Task {
    /// Counts up from the start of the gateway.
    pub id: u64,
    /// The statement.
    pub sql: String,
    /// Files that it reads.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
    /// When it was handed over.
    pub started_at: DateTime<Utc>,
    /// Who ran it, and how that went.
    pub report: Arc<Report>,
}

/// The last tasks.
#[derive(Debug)]
pub(crate) struct Tasks {
    last: Mutex<VecDeque<Arc<Task>>>,
    most: usize,
    next: AtomicU64,
}

impl Tasks {
    /// Remembers this many.
    pub(crate) fn new(most: usize) -> Tasks {
        Tasks { last: Mutex::default(), most, next: AtomicU64::new(1) }
    }

    /// Takes note of a statement.
    pub(crate) fn add(&self, statement: &RemoteStatement) {
        if self.most == 0 {
            return;
        }
        let task = Task {
            id: self.next.fetch_add(1, Ordering::Relaxed),
            sql: statement.sql.clone(),
            files: statement.inputs.iter().map(|i| i.files.len()).sum(),
            bytes: statement.inputs.iter().map(|i| i.bytes).sum(),
            started_at: Utc::now(),
            report: statement.report.clone(),
        };
        let mut last = self.last.lock();
        if last.len() >= self.most {
            last.pop_front();
        }
        last.push_back(Arc::new(task));
    }

    /// The oldest first.
    pub(crate) fn list(&self) -> Vec<Arc<Task>> {
        self.last.lock().iter().cloned().collect()
    }
}
