//! The texts of `bytea`: `\\x0102`, or the escape form. Source: PostgreSQL's manual, chapter 8.4.

/// The bytes; nothing if the text is in neither form.
pub fn read(text: &str) -> Option<Vec<u8>> {
    if let Some(hex) = text.strip_prefix("\\x") {
        let digits: Vec<u8> = hex
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_digit(16).map(|d| d as u8))
            .collect::<Option<_>>()?;
        return digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [] => return Some(out),
            [b'\\', b'\\', tail @ ..] => {
                out.push(b'\\');
                rest = tail;
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = tail;
            }
            [b'\\', ..] => return None,
            [byte, tail @ ..] => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn both_forms() {
        assert_eq!(read("\\x01 fF").as_deref(), Some(&[1, 255][..]));
        assert_eq!(read("a\\\\b\\001").as_deref(), Some(&b"a\\b\x01"[..]));
        assert_eq!((read("\\x0"), read("\\xzz"), read("\\9")), (None, None, None));
    }
}
