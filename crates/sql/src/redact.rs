//! Text of statements without secrets, for logs and histories. It works on tokens, so that it also covers text that no reader accepts, and when in
//! doubt it hides.

use crate::lexeme::{self, Lexeme};
use sqlparser::tokenizer::Token;
use weft_core::option::Exposure;

/// What stands for a hidden value.
const HIDDEN: &str = "'***'";

/// The text with every value in `OPTIONS (…)` hidden that the callback (kind of source, name of option) does not call public, and every constant
/// after PASSWORD or in a statement about a SECRET. Text that cannot even be cut into tokens is hidden but for its first word.
pub fn redact(sql: &str, exposure: &dyn Fn(&str, &str) -> Exposure) -> String {
    let Ok(lexemes) = lexeme::tokenize(sql) else {
        let first: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).take(16).collect();
        return format!("{first} ***").trim_start().to_owned();
    };
    let mut out = String::with_capacity(sql.len());
    let mut copied = 0;
    for statement in lexemes.split(|l| l.token.token == Token::SemiColon) {
        for lexeme in confidential(statement, exposure) {
            out.push_str(sql.get(copied..lexeme.start).unwrap_or_default());
            out.push_str(HIDDEN);
            copied = lexeme.end;
        }
    }
    out.push_str(sql.get(copied..).unwrap_or_default());
    out
}

/// Where in a list of options the next token stands.
enum Place {
    Outside,
    Name,
    Value { exposure: Exposure },
}

/// The tokens of one statement that must not be shown.
fn confidential<'a>(statement: &'a [Lexeme], exposure: &dyn Fn(&str, &str) -> Exposure) -> Vec<&'a Lexeme> {
    let about_secret = statement.iter().take(4).any(|l| l.is_word("SECRET"));
    let mut hidden = Vec::new();
    let mut kind = String::new();
    let mut place = Place::Outside;
    let mut depth = 0;
    let mut after_password = false;
    for (i, lexeme) in statement.iter().enumerate() {
        let before = |n: usize| i.checked_sub(n).and_then(|i| statement.get(i));
        place = match place {
            Place::Outside => {
                if before(1).is_some_and(|l| l.is_word("USING")) {
                    kind = word(lexeme).unwrap_or_default();
                }
                if is_constant(lexeme) && (about_secret || (after_password && lexeme.is_string())) {
                    hidden.push(lexeme);
                }
                let opens = lexeme.token.token == Token::LParen
                    && (about_secret || before(1).is_some_and(|l| l.is_word("OPTIONS")));
                if opens { Place::Name } else { Place::Outside }
            }
            _ if depth == 0 && lexeme.token.token == Token::RParen => Place::Outside,
            _ if depth == 0 && lexeme.token.token == Token::Comma => Place::Name,
            Place::Name => match word(lexeme) {
                // ALTER CATALOG's list: the verb stands before the name.
                Some(verb) if matches!(verb.as_str(), "set" | "add" | "drop") && before(1).is_some_and(is_opening) => {
                    Place::Name
                }
                Some(name) if about_secret => {
                    Place::Value { exposure: if name == "type" { Exposure::Public } else { Exposure::Secret } }
                }
                Some(name) => Place::Value { exposure: exposure(&kind, &name) },
                None => {
                    hidden.push(lexeme);
                    Place::Value { exposure: Exposure::Secret }
                }
            },
            Place::Value { exposure: Exposure::Secret } => {
                match lexeme.token.token {
                    Token::LParen => depth += 1,
                    Token::RParen => depth -= 1,
                    Token::Eq => {}
                    _ => hidden.push(lexeme),
                }
                Place::Value { exposure: Exposure::Secret }
            }
            // One token is the value. If more follow, a comma is missing, and a secret may be among them.
            Place::Value { exposure: Exposure::Public } => Place::Value { exposure: Exposure::Secret },
        };
        let passes = matches!(lexeme.token.token, Token::Eq) || lexeme.is_word("TO") || lexeme.is_word("IS");
        after_password = lexeme.is_word("PASSWORD") || (after_password && passes);
    }
    hidden
}

fn is_opening(lexeme: &Lexeme) -> bool {
    matches!(lexeme.token.token, Token::LParen | Token::Comma)
}

fn is_constant(lexeme: &Lexeme) -> bool {
    lexeme.is_string() || matches!(lexeme.token.token, Token::Number(..))
}

/// The word, folded as the reader of the statement does.
fn word(lexeme: &Lexeme) -> Option<String> {
    match &lexeme.token.token {
        Token::Word(w) if w.quote_style.is_some() => Some(w.value.clone()),
        Token::Word(w) => Some(w.value.to_ascii_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hide(sql: &str) -> String {
        redact(sql, &|kind, option| match (kind, option) {
            ("postgres", "host" | "port" | "set") => Exposure::Public,
            _ => Exposure::Secret,
        })
    }

    #[test]
    fn options_are_hidden_unless_public() {
        assert_eq!(
            hide(
                "CREATE CATALOG c USING Postgres OPTIONS (HOST 'h', port 5, password 'p''w', token abc) WITH (x = 'y')"
            ),
            "CREATE CATALOG c USING Postgres OPTIONS (HOST 'h', port 5, password '***', token '***') WITH (x = 'y')"
        );
        assert_eq!(
            hide("CHECK CATALOG USING mysql OPTIONS (host E'h')"),
            "CHECK CATALOG USING mysql OPTIONS (host '***')"
        );
    }

    #[test]
    fn passwords_are_hidden_anywhere() {
        assert_eq!(
            hide("CREATE USER u WITH PASSWORD 'x'; SELECT 'y'"),
            "CREATE USER u WITH PASSWORD '***'; SELECT 'y'"
        );
        assert_eq!(hide("SET password = $$x$$"), "SET password = '***'");
        assert_eq!(
            hide("CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')"),
            "CREATE SECRET s (TYPE s3, KEY_ID '***', SECRET '***')"
        );
        assert_eq!(
            hide("CREATE SECRET IF NOT EXISTS s (secret bare, type s3)"),
            "CREATE SECRET IF NOT EXISTS s (secret '***', type s3)"
        );
    }

    #[test]
    fn broken_text_does_not_leak() {
        for sql in [
            "CREATE CATALOG c USING postgres OPTIONS (password = 'geheim')",
            "CREATE CATALOG c USING postgres OPTIONS (password 'a' 'geheim', host 'h'",
            "CREATE CATALOG c USING postgres OPTIONS ('geheim')",
            "CREATE CATALOG c USING postgres OPTIONS (password ('geheim'), 'geheim')",
            "CREATE CATALOG c OPTIONS (password 'geheim",
            "CREATE CATALOG c USING postgres OPTIONS (host 'h' password 'geheim')",
            "ALTER CATALOG c OPTIONS (SET password 'geheim')",
            "ALTER CATALOG c OPTIONS (SET host 'h', SET password geheim)",
            "CREATE SECRET s (TYPE s3 'geheim', SECRET geheim)",
            "CREATE SECRET s ('geheim', SECRET = geheim)",
            "CREATE SECRET 'geheim'",
        ] {
            assert!(!hide(sql).contains("geheim"), "{}", hide(sql));
        }
    }
}
