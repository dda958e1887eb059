//! The texts of `uuid`: 32 hexadecimal digits, with a hyphen after any four of them, perhaps in braces. Source: PostgreSQL's `uuid.c` (`string_to_uuid`).

/// The form in which it is written, in small letters with four hyphens; nothing if it is no UUID.
pub fn read(text: &str) -> Option<String> {
    let inside = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = String::with_capacity(36);
    let mut count = 0;
    let mut may_break = false;
    for c in inside.chars() {
        match c {
            '-' if may_break => may_break = false,
            c if c.is_ascii_hexdigit() && count < 32 => {
                if [8, 12, 16, 20].contains(&count) {
                    digits.push('-');
                }
                digits.push(c.to_ascii_lowercase());
                count += 1;
                may_break = count % 4 == 0 && count < 32;
            }
            _ => return None,
        }
    }
    (count == 32).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn every_form_of_postgresql() {
        let written = Some("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".to_owned());
        for text in [
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
        ] {
            assert_eq!(read(text), written, "{text}");
        }
        for text in [
            "",
            "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a1",
            "a0e-ebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee--bc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a111",
            "g0eebc999c0b4ef8bb6d6bb9bd380a11",
            " a0eebc999c0b4ef8bb6d6bb9bd380a11",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
