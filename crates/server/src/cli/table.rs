//! Rows as an aligned table, as psql prints them.

use std::fmt;

/// Column names and rows of text; `None` is NULL, which is printed as nothing.
pub(super) struct Table {
    pub names: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |row: &[Option<String>], column: usize| row.get(column).cloned().flatten().unwrap_or_default();
        let widths: Vec<usize> = (0..self.names.len())
            .map(|c| {
                self.rows
                    .iter()
                    .map(|r| cell(r, c).chars().count())
                    .chain([self.names[c].chars().count()])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        // Numbers stand at the right, if a column has nothing else.
        let numeric: Vec<bool> = (0..self.names.len())
            .map(|c| {
                let mut values = self.rows.iter().filter_map(|r| r.get(c).cloned().flatten()).peekable();
                values.peek().is_some() && values.all(|v| v.parse::<f64>().is_ok())
            })
            .collect();
        let heading: Vec<_> = self.names.iter().zip(&widths).map(|(name, width)| format!(" {name:^width$} ")).collect();
        writeln!(f, "{}", heading.join("|").trim_end())?;
        let rule: Vec<_> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
        writeln!(f, "{}", rule.join("+"))?;
        for row in &self.rows {
            let cells: Vec<_> = (0..widths.len())
                .map(|c| {
                    let (text, width) = (cell(row, c), widths[c]);
                    if numeric[c] { format!(" {text:>width$} ") } else { format!(" {text:<width$} ") }
                })
                .collect();
            writeln!(f, "{}", cells.join("|").trim_end())?;
        }
        let plural = if self.rows.len() == 1 { "" } else { "s" };
        write!(f, "({} row{plural})", self.rows.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let row = |a: &str, b: Option<&str>| vec![Some(a.to_owned()), b.map(str::to_owned)];
        let table = Table { names: vec!["n".into(), "name".into()], rows: vec![row("1", Some("x")), row("20", None)] };
        assert_eq!(table.to_string(), " n  | name\n----+------\n  1 | x\n 20 |\n(2 rows)");
    }
}
