//! Metrics as Prometheus reads them. Source: its text-based exposition format, version 0.0.4. It must not know what they mean.

use std::fmt::{self, Write};
use weft_engine::samples::{Metric, Sample};

/// What the text is.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics as text.
pub(super) fn text(metrics: &[Metric]) -> String {
    let mut text = String::new();
    for metric in metrics {
        // Writing to a string cannot fail.
        let _ = write_metric(&mut text, metric);
    }
    text
}

fn write_metric(text: &mut String, metric: &Metric) -> fmt::Result {
    writeln!(text, "# HELP {} {}", metric.name, metric.help.replace('\\', r"\\").replace('\n', r"\n"))?;
    writeln!(text, "# TYPE {} {}", metric.name, metric.kind.name())?;
    for Sample { suffix, labels, value } in &metric.samples {
        write!(text, "{}{suffix}", metric.name)?;
        for (i, (label, value)) in labels.iter().enumerate() {
            let value = value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
            write!(text, "{}{label}=\"{value}\"", if i == 0 { '{' } else { ',' })?;
        }
        writeln!(text, "{} {value}", if labels.is_empty() { "" } else { "}" })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_engine::samples::Kind;

    #[test]
    fn labels_are_escaped() {
        let labels = vec![("a", "x\"y\\z\n".to_owned()), ("b", String::new())];
        let samples =
            vec![Sample { suffix: "_sum", labels, value: 1.5 }, Sample { suffix: "", labels: vec![], value: 2.0 }];
        let metric = Metric { name: "m", help: "Helps.", kind: Kind::Gauge, samples };
        let expected = "# HELP m Helps.\n# TYPE m gauge\nm_sum{a=\"x\\\"y\\\\z\\n\",b=\"\"} 1.5\nm 2\n";
        assert_eq!(text(&[metric]), expected);
    }
}
