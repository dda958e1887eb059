//! A file of SQL cut into its statements, for the tour. Comments before a statement are its heading; `-- expect error 42501` among them says that it
//! is to fail.

/// One statement of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Lines of comment before it, without their dashes.
    pub heading: Vec<String>,
    /// Its text, with the semicolon.
    pub sql: String,
    /// The SQLSTATE with which it must fail.
    pub expected_error: Option<String>,
}

/// The statements in order. Semicolons inside of quotes, dollar quotes and comments end nothing.
pub(super) fn steps(script: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = script;
    while let Some((heading, after)) = heading(rest) {
        let end = statement_end(after);
        let expected_error =
            heading.iter().find_map(|line| line.strip_prefix("expect error ")).map(|code| code.trim().to_owned());
        let heading = heading.into_iter().filter(|line| !line.starts_with("expect error ")).collect();
        steps.push(Step { heading, sql: after[..end].trim().to_owned(), expected_error });
        rest = &after[end..];
    }
    steps
}

/// The comment lines at the front, and what follows them; `None` at the end of the script.
fn heading(mut text: &str) -> Option<(Vec<String>, &str)> {
    let mut lines = Vec::new();
    loop {
        text = text.trim_start();
        let Some(comment) = text.strip_prefix("--") else { break };
        let (line, rest) = comment.split_once('\n').unwrap_or((comment, ""));
        lines.push(line.trim().to_owned());
        text = rest;
    }
    (!text.is_empty()).then_some((lines, text))
}

/// The byte after the statement's semicolon, or the end.
fn statement_end(text: &str) -> usize {
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let skip = match rest.as_bytes()[0] {
            b';' => return at + 1,
            quote @ (b'\'' | b'"') => 2 + rest[1..].find(char::from(quote)).unwrap_or(rest.len()),
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            b'$' => match rest[1..].find('$').map(|end| &rest[..end + 2]) {
                Some(tag) if tag[1..tag.len() - 1].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                    rest[tag.len()..].find(tag).map_or(rest.len(), |end| end + 2 * tag.len())
                }
                _ => 1,
            },
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        at += skip;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hide_semicolons() {
        let script = "-- One\n-- and more\nSELECT ';' AS \"a;b\"; -- expect error 42P01\nSELECT $x$;$x$, '€' /* ; */ FROM t -- ;\n;\n";
        let steps = steps(script);
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[0].heading, ["One", "and more"]);
        assert_eq!(steps[0].sql, "SELECT ';' AS \"a;b\";");
        assert_eq!(steps[1].expected_error.as_deref(), Some("42P01"));
        assert!(steps[1].sql.ends_with(";") && steps[1].heading.is_empty());
    }
}
