//! What CREATE ROLE and ALTER ROLE say of a role. What it means is the engine's to know.

use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::quote_literal;
use weft_core::{Error, ErrorKind, Result};

/// A password, or none.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// No password fits.
    Null,
    /// This one, or the verifier of one.
    Text(String),
}

/// Passwords are secret.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Password::Null => "Null",
            Password::Text(_) => "***",
        })
    }
}

/// What is said; what is not said stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleOptions {
    /// SUPERUSER or NOSUPERUSER.
    pub superuser: Option<bool>,
    /// LOGIN or NOLOGIN.
    pub login: Option<bool>,
    /// PASSWORD.
    pub password: Option<Password>,
    /// VALID UNTIL, as it was written.
    pub valid_until: Option<String>,
    /// CONNECTION LIMIT; -1 is none.
    pub connection_limit: Option<i64>,
}

/// Words that say what is so anyway, and their opposites, which are not supported.
const FIXED: [(&str, &str); 5] = [
    ("INHERIT", "NOINHERIT"),
    ("NOCREATEDB", "CREATEDB"),
    ("NOCREATEROLE", "CREATEROLE"),
    ("NOREPLICATION", "REPLICATION"),
    ("NOBYPASSRLS", "BYPASSRLS"),
];

impl RoleOptions {
    /// Reads the next option; tells whether there was one.
    pub(crate) fn read(&mut self, c: &mut Cursor<'_>) -> Result<bool> {
        let place = c.position();
        let redundant = || Error::new(ErrorKind::SyntaxError, "conflicting or redundant options").at(place);
        for (word, value) in [("SUPERUSER", true), ("NOSUPERUSER", false)] {
            if c.eat(&[word]) {
                return once(&mut self.superuser, value).ok_or_else(redundant).map(|()| true);
            }
        }
        for (word, value) in [("LOGIN", true), ("NOLOGIN", false)] {
            if c.eat(&[word]) {
                return once(&mut self.login, value).ok_or_else(redundant).map(|()| true);
            }
        }
        if c.eat(&["PASSWORD"]) || c.eat(&["ENCRYPTED", "PASSWORD"]) {
            let password = if c.eat(&["NULL"]) { Password::Null } else { Password::Text(c.string()?) };
            return once(&mut self.password, password).ok_or_else(redundant).map(|()| true);
        }
        if c.eat(&["VALID"]) {
            c.expect(&["UNTIL"])?;
            return once(&mut self.valid_until, c.string()?).ok_or_else(redundant).map(|()| true);
        }
        if c.eat(&["CONNECTION"]) {
            c.expect(&["LIMIT"])?;
            return once(&mut self.connection_limit, whole(c)?).ok_or_else(redundant).map(|()| true);
        }
        for (word, opposite) in FIXED {
            if c.eat(&[word]) {
                return Ok(true);
            }
            if c.at_words(&[opposite]) {
                return Err(Error::unsupported(format!("the option {opposite} of a role")).at(place));
            }
        }
        Ok(false)
    }

    /// The words with which an option begins.
    pub(crate) const WORDS: &'static [&'static str] =
        &["SUPERUSER", "NOSUPERUSER", "LOGIN", "NOLOGIN", "PASSWORD", "VALID", "CONNECTION"];
}

fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    if slot.is_some() {
        return None;
    }
    *slot = Some(value);
    Some(())
}

fn whole(c: &mut Cursor<'_>) -> Result<i64> {
    let sign = if c.eat_sign(&Token::Minus) { "-" } else { "" };
    let Some(Token::Number(digits, _)) = c.peek() else { return Err(c.unexpected()) };
    let number = format!("{sign}{digits}").parse().map_err(|_| c.unexpected())?;
    c.advance();
    Ok(number)
}

impl fmt::Display for RoleOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let no = |said: bool| if said { "" } else { "NO" };
        if let Some(superuser) = self.superuser {
            write!(f, " {}SUPERUSER", no(superuser))?;
        }
        if let Some(login) = self.login {
            write!(f, " {}LOGIN", no(login))?;
        }
        match &self.password {
            Some(Password::Null) => f.write_str(" PASSWORD NULL")?,
            Some(Password::Text(text)) => write!(f, " PASSWORD {}", quote_literal(text))?,
            None => {}
        }
        if let Some(text) = &self.valid_until {
            write!(f, " VALID UNTIL {}", quote_literal(text))?;
        }
        if let Some(limit) = self.connection_limit {
            write!(f, " CONNECTION LIMIT {limit}")?;
        }
        Ok(())
    }
}
