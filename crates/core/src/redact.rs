//! Hides passwords in text that may reach a log or an error.

/// Replaces the password of every `scheme://user:password@` in the text with `***`.
pub fn redact_urls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("://") {
        let (head, tail) = rest.split_at(start + 3);
        out.push_str(head);
        let authority_end =
            tail.find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '\'' | '"')).unwrap_or(tail.len());
        let authority = &tail[..authority_end];
        match authority.rfind('@').map(|at| (at, authority[..at].find(':'))) {
            Some((at, Some(colon))) => {
                out.push_str(&authority[..=colon]);
                out.push_str("***");
                out.push_str(&authority[at..]);
            }
            _ => out.push_str(authority),
        }
        rest = &tail[authority_end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::redact_urls;

    #[test]
    fn only_the_password_goes() {
        assert_eq!(redact_urls("to postgres://u:p@ss@h:1/db, ok"), "to postgres://u:***@h:1/db, ok");
        assert_eq!(redact_urls("file:///x and redis://h:1"), "file:///x and redis://h:1");
    }
}
