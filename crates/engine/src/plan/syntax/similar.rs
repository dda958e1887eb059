//! SIMILAR TO.

/// The regular expression that an SQL pattern means. Source: PostgreSQL `regexp.c` (`similar_escape`).
pub(super) fn regex(pattern: &str) -> String {
    let mut regex = "^(?:".to_owned();
    let mut in_class = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                regex.push('\\');
                regex.extend(chars.next());
            }
            '[' => {
                in_class = true;
                regex.push(c);
            }
            ']' => {
                in_class = false;
                regex.push(c);
            }
            c if in_class => regex.push(c),
            '%' => regex.push_str("(?s:.*)"),
            '_' => regex.push_str("(?s:.)"),
            '.' | '^' | '$' => {
                regex.push('\\');
                regex.push(c);
            }
            c => regex.push(c),
        }
    }
    regex.push_str(")$");
    regex
}
