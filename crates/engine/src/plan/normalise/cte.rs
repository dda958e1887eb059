//! `WITH x … (WITH x …)`: a name of an inner WITH hides that of an outer one. DataFusion refuses the second, so the inner is given a name of its own, and
//! each reference to it says by an alias what it was called.

use super::super::names::{folded, hidden_name};
use super::relation::named;
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart, Query, TableFactor, VisitMut, VisitorMut, With};
use std::ops::ControlFlow;

/// The folded names of a query's WITH.
pub(super) fn names(query: &Query) -> Vec<String> {
    query.with.iter().flat_map(|with| &with.cte_tables).map(|cte| folded(&cte.alias.name)).collect()
}

/// Renames those of a query's WITH that an outer one has too. Queries inside of it must have been visited before: what is still called so afterwards
/// means this one. `number` makes the names different.
pub(super) fn rename(query: &mut Query, outer: &[Vec<String>], number: &mut usize) {
    let own = names(query);
    for (position, name) in own.iter().enumerate() {
        // A name that stands twice in the same WITH is a mistake, which the planner reports.
        if !outer.iter().flatten().any(|o| o == name) || own.iter().filter(|n| *n == name).count() > 1 {
            continue;
        }
        *number += 1;
        let new = hidden_name(name, *number);
        let with = query.with.take();
        let mut references = References { name, new: &new };
        let _: ControlFlow<()> = VisitMut::visit(query, &mut references);
        query.with = with.map(|with| renamed(with, position, &mut references));
    }
}

/// The definitions that may refer to the one at this position: those behind it, and itself if it is recursive.
fn renamed(mut with: With, position: usize, references: &mut References<'_>) -> With {
    let first = if with.recursive { position } else { position + 1 };
    for cte in with.cte_tables.iter_mut().skip(first) {
        let _: ControlFlow<()> = VisitMut::visit(&mut cte.query, references);
    }
    if let Some(cte) = with.cte_tables.get_mut(position) {
        cte.alias.name = Ident::with_quote('"', references.new);
    }
    with
}

struct References<'a> {
    name: &'a str,
    new: &'a str,
}

impl VisitorMut for References<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias, args: None, .. } = factor
            && let [ObjectNamePart::Identifier(ident)] = name.0.as_slice()
            && folded(ident) == self.name
        {
            if alias.is_none() {
                *alias = Some(named(self.name));
            }
            *name = ObjectName::from(vec![Ident::with_quote('"', self.new)]);
        }
        ControlFlow::Continue(())
    }
}
