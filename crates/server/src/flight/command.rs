//! Commands of Flight SQL as bytes. It must not know what they do.

use arrow_flight::sql::{Any, Command};
use prost::Message;
use weft_core::{Error, ErrorKind, Result};

/// Reads a command.
pub(crate) fn read(bytes: &[u8]) -> Result<Command> {
    let malformed = |detail: String| Error::new(ErrorKind::ProtocolViolation, "malformed command").with_detail(detail);
    let any = Any::decode(bytes).map_err(|e| malformed(e.to_string()))?;
    Command::try_from(any).map_err(|e| malformed(e.to_string()))
}

/// `0A000`: it is not served.
pub(crate) fn unsupported(command: &Command) -> Error {
    let name = command.type_url().rsplit('.').next().unwrap_or_default().to_owned();
    let what = match name.as_str() {
        "" => "a command that is not of Flight SQL",
        name if name.contains("Substrait") => "Substrait",
        name => name,
    };
    Error::unsupported(what)
}
