//! PostgreSQL's text form of arrays of one dimension: `{a,"b c",NULL}`.

use std::iter::Peekable;
use std::str::Chars;

/// The elements, NULL being `None`; nothing where the text is no such array.
pub fn parse(text: &str) -> Option<Vec<Option<String>>> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut elements = Vec::new();
    let mut chars = inner.chars().peekable();
    if inner.is_empty() {
        return Some(elements);
    }
    loop {
        skip_space(&mut chars);
        elements.push(if chars.next_if_eq(&'"').is_some() { Some(quoted(&mut chars)?) } else { bare(&mut chars)? });
        skip_space(&mut chars);
        match chars.next() {
            None => return Some(elements),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

fn skip_space(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
}

/// Up to the closing quote.
fn quoted(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut element = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(element),
            '\\' => element.push(chars.next()?),
            c => element.push(c),
        }
    }
}

/// Up to a comma or the end.
fn bare(chars: &mut Peekable<Chars<'_>>) -> Option<Option<String>> {
    let mut element = String::new();
    while let Some(c) = chars.next_if(|c| *c != ',') {
        match c {
            '{' | '}' | '"' => return None,
            '\\' => element.push(chars.next()?),
            c => element.push(c),
        }
    }
    let element = element.trim_end();
    Some(if element.eq_ignore_ascii_case("null") { None } else { Some(element.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn texts(text: &str) -> Vec<String> {
        parse(text).expect("an array").into_iter().map(|e| e.unwrap_or_else(|| "∅".to_owned())).collect()
    }

    #[test]
    fn elements() {
        assert_eq!(texts("{}"), [] as [&str; 0]);
        assert_eq!(texts("{0}"), ["0"]);
        assert_eq!(texts("{a, \"b,\\\"c\", NULL ,\"NULL\"}"), ["a", "b,\"c", "∅", "NULL"]);
        assert_eq!(texts("{\"x\",y}"), ["x", "y"]);
        assert_eq!(parse("a,b"), None);
        assert_eq!(parse("{\"a}"), None);
        assert_eq!(parse("{{1},{2}}"), None);
    }
}
