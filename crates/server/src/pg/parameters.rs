//! The parameters of a start-up message: user, database, and session variables, given one by one or as `options` (`-c name=value`).

use super::frame::Body;
use weft_core::option::parse_boolean;
use weft_core::{Error, ErrorKind, Result};

/// What a client said when it started.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// The role.
    pub user: String,
    /// The catalog it wants to be in.
    pub database: Option<String>,
    /// Session variables, in the order given.
    pub variables: Vec<(String, String)>,
    /// Options of the protocol (`_pq_.…`), none of which is known.
    pub protocol_options: Vec<String>,
}

impl Parameters {
    /// Reads name and value pairs up to the empty name.
    pub(crate) fn read(mut body: Body) -> Result<Parameters> {
        let mut parameters = Parameters::default();
        loop {
            let name = body.text().map_err(layout)?;
            if name.is_empty() {
                break;
            }
            let value = body.text().map_err(layout)?;
            match name.as_str() {
                "user" => parameters.user = value,
                "database" => parameters.database = Some(value).filter(|v| !v.is_empty()),
                "options" => parameters.variables.extend(options(&value)?),
                "replication" if parse_boolean(&value) == Some(false) => {}
                "replication" => return Err(Error::unsupported("replication")),
                "client_encoding" => parameters.variables.push((name, encoding(&value)?)),
                _ if name.starts_with("_pq_.") => parameters.protocol_options.push(name),
                _ => parameters.variables.push((name, value)),
            }
        }
        body.end().map_err(layout)?;
        if parameters.user.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidAuthorization,
                "no PostgreSQL user name specified in startup packet",
            ));
        }
        Ok(parameters)
    }
}

fn layout(error: Error) -> Error {
    match error.kind() {
        ErrorKind::ProtocolViolation => {
            Error::new(ErrorKind::ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
        }
        _ => error,
    }
}

/// UTF-8 by any of its names; text is nothing else here.
fn encoding(name: &str) -> Result<String> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    match plain.as_str() {
        "UTF8" | "UNICODE" => Ok("UTF8".to_owned()),
        _ => Err(Error::new(
            ErrorKind::InvalidParameterValue,
            format!("invalid value for parameter \"client_encoding\": \"{name}\""),
        )
        .with_hint("Only UTF8 is supported.")),
    }
}

/// `-c name=value` and `--name=value`, separated by spaces; a backslash takes the next character as it is.
fn options(text: &str) -> Result<Vec<(String, String)>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.extend(chars.next()),
            c if c.is_whitespace() => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            c => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    let mut variables = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c").filter(|rest| !rest.is_empty()))
        {
            Some(setting) => Some(setting.to_owned()),
            None if word == "-c" => words.next(),
            None => None,
        };
        match setting.as_deref().and_then(|s| s.split_once('=')) {
            // A dash may stand for an underscore here, as in PostgreSQL.
            Some((name, value)) => variables.push((name.replace('-', "_"), value.to_owned())),
            None => {
                let message = format!("invalid command-line argument for server process: {word}");
                return Err(Error::new(ErrorKind::SyntaxError, message));
            }
        }
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn read(bytes: &'static [u8]) -> Result<Parameters> {
        Parameters::read(Body(Bytes::from_static(bytes)))
    }

    #[test]
    fn pairs_and_options() {
        let read = read(
            b"user\0u\0database\0d\0client_encoding\0'utf-8'\0options\0-c a=b\\ c --work-mem=1 -cx=y\0_pq_.z\0\x31\0\0",
        )
        .expect("read");
        let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        assert_eq!((read.user.as_str(), read.database.as_deref()), ("u", Some("d")));
        assert_eq!(
            read.variables,
            [pair("client_encoding", "UTF8"), pair("a", "b c"), pair("work_mem", "1"), pair("x", "y")]
        );
        assert_eq!(read.protocol_options, ["_pq_.z"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let sqlstate = |bytes| read(bytes).unwrap_err().kind().sqlstate();
        assert_eq!(sqlstate(b"user\0u\0client_encoding\0LATIN1\0\0"), "22023");
        assert_eq!(sqlstate(b"user\0u\0"), "08P01");
        assert_eq!(sqlstate(b"user\0u\0\0x"), "08P01");
        assert_eq!(sqlstate(b"\0"), "28000");
        assert_eq!(sqlstate(b"user\0u\0options\0-x\0\0"), "42601");
    }
}
