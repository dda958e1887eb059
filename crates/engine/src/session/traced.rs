//! The span of a statement: from the moment it is bound to its last row. It must not know how traces are recorded.

use super::Session;
use crate::outcome::Prepared;
use crate::trail;
use std::sync::{Arc, Weak};
use std::time::SystemTime;
use weft_core::Error;
use weft_core::trace::{Role, Span, TraceContext};
use weft_core::trace_at::TraceText;
use weft_sql::Statement;

/// A statement that was bound and not run yet.
#[derive(Default)]
pub(crate) struct Opened {
    prepared: Weak<Prepared>,
    caller: Option<TraceContext>,
    /// When binding it began and ended.
    bound: Option<(SystemTime, SystemTime)>,
}

/// A statement that is being bound.
pub(super) struct Binding {
    caller: Option<TraceContext>,
    /// None if nobody wants traces.
    began: Option<SystemTime>,
    operation: String,
}

impl Session {
    /// A statement is about to be bound.
    pub(super) fn binding(&self, statement: &Statement) -> Binding {
        if !self.gateway.tracer().is_on() {
            return Binding { caller: None, began: None, operation: String::new() };
        }
        let caller = trail::caller().or(statement.caller);
        Binding { caller, began: Some(SystemTime::now()), operation: operation(&statement.text) }
    }

    /// It was bound: when it is run, that is a part of it.
    pub(super) fn is_bound(&self, binding: Binding, prepared: &Arc<Prepared>) {
        if let Some(began) = binding.began {
            let bound = Some((began, SystemTime::now()));
            *self.opened.lock() = Opened { prepared: Arc::downgrade(prepared), caller: binding.caller, bound };
        }
    }

    /// It could not be bound: that is all there is to tell.
    pub(super) fn is_unbound(&self, binding: Binding, error: &Error) {
        if let Some(began) = binding.began {
            let mut span = self.gateway.tracer().begin(binding.operation.clone(), Role::Server, binding.caller);
            span.began_at(began);
            self.tell(&mut span, binding.operation);
            span.fail(error.kind());
        }
    }

    /// The span of a statement that is about to be run.
    pub(super) fn span(&self, prepared: &Arc<Prepared>) -> Span {
        let tracer = self.gateway.tracer();
        if !tracer.is_on() {
            return Span::none();
        }
        let opened = std::mem::take(&mut *self.opened.lock());
        let is_same = std::ptr::eq(opened.prepared.as_ptr(), Arc::as_ptr(prepared));
        let opened = if is_same { opened } else { Opened::default() };
        let operation = operation(&prepared.statement.text);
        // Who asks for the rows counts, if he says so.
        let mut span = tracer.begin(operation.clone(), Role::Server, trail::caller().or(opened.caller));
        if !span.is_recorded() {
            return span;
        }
        if let Some((began, ended)) = opened.bound {
            span.began_at(began);
            span.trail().passed("bind", began, ended);
        }
        self.tell(&mut span, operation);
        if self.gateway.settings().trace_statement_text == TraceText::On {
            span.tell("db.query.text", &*super::run::shown(prepared));
        }
        span
    }

    /// What is known of every statement.
    fn tell(&self, span: &mut Span, operation: String) {
        if !span.is_recorded() {
            return;
        }
        span.tell("db.system.name", "weft");
        span.tell("db.namespace", self.catalog());
        span.tell("db.query.summary", operation.clone());
        span.tell("db.operation.name", operation);
        span.tell("user.name", self.user());
        span.tell("weft.session.id", i64::from(self.pid));
        span.tell("weft.statement.id", self.statements.load(std::sync::atomic::Ordering::Relaxed));
    }
}

/// What a statement does, in one or two words and without any name or value of it: `SELECT`, `CREATE CATALOG`.
fn operation(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let mut words = words.map(str::to_ascii_uppercase);
    let first = words.next().unwrap_or_default();
    match first.as_str() {
        "WITH" | "VALUES" | "TABLE" => "SELECT".to_owned(),
        _ if text.starts_with('(') => "SELECT".to_owned(),
        // What comes after these is a word of the language: otherwise the statement could not have been read.
        "CREATE" | "ALTER" | "DROP" | "UNDROP" => {
            words.next().map_or(first.clone(), |second| format!("{first} {second}"))
        }
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::operation;

    #[test]
    fn an_operation_names_no_value() {
        for (text, expected) in [
            ("select 'secret'", "SELECT"),
            ("(SELECT 1)", "SELECT"),
            ("with a as (select 1) select * from a", "SELECT"),
            ("create\n catalog c using file", "CREATE CATALOG"),
            ("SHOW WORKERS", "SHOW"),
            ("SET x='secret'", "SET"),
        ] {
            assert_eq!(operation(text), expected);
        }
    }
}
