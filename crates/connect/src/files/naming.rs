//! Gives tables that would have one name a name each. It must not look at the disk.

use super::layout::Table;
use std::collections::{BTreeMap, HashSet};

/// Gives each table a name of its own: the first of each name keeps it, another format adds `_csv` or `_json`, what is left is numbered.
pub(crate) fn settle_names(tables: &mut Vec<Table>) {
    let mut contenders: BTreeMap<(String, String), Vec<Table>> = BTreeMap::new();
    for table in tables.drain(..) {
        contenders.entry((table.schema.clone(), table.name.clone())).or_default().push(table);
    }
    // Names as they lie on disk win over names made up here.
    let mut taken: HashSet<(String, String)> = contenders.keys().cloned().collect();
    for ((schema, name), mut group) in contenders {
        group.sort_by(|a, b| (a.format, &a.origin).cmp(&(b.format, &b.origin)));
        let first_format = group.first().map(|t| t.format);
        for (index, mut table) in group.into_iter().enumerate() {
            if index > 0 {
                let stem = if Some(table.format) == first_format {
                    name.clone()
                } else {
                    format!("{name}_{}", table.format.word())
                };
                let plain = (stem != name).then(|| stem.clone());
                let numbered = (2_usize..).map(|n| format!("{stem}_{n}"));
                let free = plain.into_iter().chain(numbered).find(|n| taken.insert((schema.clone(), n.clone())));
                table.name = free.unwrap_or(stem);
            }
            tables.push(table);
        }
    }
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
}
