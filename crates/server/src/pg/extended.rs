//! The extended protocol: statements are parsed, bound to parameters, described, run in portions, and closed. Source: chapter 55.2.3 of PostgreSQL's
//! manual.

use super::connection::Connection;
use super::copy;
use super::decode;
use super::encode::Format;
use super::error::Trouble;
use super::frame::{Body, Frame};
use super::message;
use super::portals::{Portal, Progress};
use super::rows::{Cursor, End, Fetched, tag_of};
use bytes::Bytes;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Outcome, Prepared, TransactionState};
use weft_sql::{Deallocate, StatementKind};

/// Answers Parse, Bind, Describe, Execute or Close.
pub(super) async fn answer(connection: &mut Connection, frame: Frame) -> Result<(), Trouble> {
    match frame.tag {
        b'P' => parse(connection, frame.body).await,
        b'B' => bind(connection, frame.body).map_err(Trouble::from),
        b'D' => describe(connection, frame.body).map_err(Trouble::from),
        b'E' => execute(connection, frame.body).await,
        _ => close(connection, frame.body).map_err(Trouble::from),
    }
}

async fn parse(connection: &mut Connection, mut body: Body) -> Result<(), Trouble> {
    let bytes = body.0.len();
    let name = body.text()?;
    let sql = body.text()?;
    let oids = (0..body.count(4)?).map(|_| body.int32().map(|oid| oid as u32)).collect::<Result<Vec<_>>>()?;
    body.end()?;
    if name.is_empty() {
        connection.statements.remove("");
    }
    connection.statements.check(&name, bytes)?;
    let mut statements = connection.session.statements(&sql)?.into_iter();
    let prepared = match (statements.next(), statements.next()) {
        (Some(_), Some(_)) => {
            let message = "cannot insert multiple commands into a prepared statement";
            return Err(Error::new(ErrorKind::SyntaxError, message).into());
        }
        (Some(statement), None) => Some(connection.wire.attend(connection.session.prepare(statement, &oids)).await??),
        (None, _) => None,
    };
    connection.statements.insert(name, prepared, bytes);
    message::bare(&mut connection.wire.outbox, b'1');
    Ok(())
}

fn bind(connection: &mut Connection, mut body: Body) -> Result<()> {
    let bytes = body.0.len();
    let portal = body.text()?;
    let statement = body.text()?;
    let parameter_codes = codes(&mut body)?;
    let values = (0..body.count(4)?)
        .map(|_| match body.int32()? {
            -1 => Ok(None),
            length => match usize::try_from(length) {
                Ok(length) => body.bytes(length).map(Some),
                Err(_) => Err(Error::new(ErrorKind::ProtocolViolation, "invalid message format")),
            },
        })
        .collect::<Result<Vec<Option<Bytes>>>>()?;
    let result_codes = codes(&mut body)?;
    body.end()?;

    let prepared = connection.statements.get(&statement)?;
    if portal.is_empty() {
        connection.portals.remove("");
    }
    connection.portals.check(&portal, bytes)?;
    let expected = prepared.as_deref().map(|p| p.parameters.as_slice()).unwrap_or_default();
    if values.len() != expected.len() {
        let message = format!(
            "bind message supplies {} parameters, but prepared statement \"{statement}\" requires {}",
            values.len(),
            expected.len()
        );
        return Err(Error::new(ErrorKind::ProtocolViolation, message));
    }
    let formats = spread(&parameter_codes, values.len()).map_err(|given| {
        violation(format!("bind message has {given} parameter formats but {} parameters", values.len()))
    })?;
    let time_zone = connection.session.text_format().time_zone;
    let parameters = values
        .iter()
        .zip(formats)
        .zip(expected)
        .map(|((value, format), column_type)| decode::parameter(value.as_deref(), format, *column_type, time_zone))
        .collect::<Result<Vec<_>>>()?;
    let columns = columns(prepared.as_deref());
    let formats = spread(&result_codes, columns).map_err(|given| {
        violation(format!("bind message has {given} result formats but query has {columns} columns"))
    })?;
    connection.portals.insert(portal, Portal { prepared, formats, progress: Progress::Bound(parameters), bytes });
    message::bare(&mut connection.wire.outbox, b'2');
    Ok(())
}

fn columns(prepared: Option<&Prepared>) -> usize {
    prepared.and_then(|p| p.columns.as_deref()).map_or(0, <[_]>::len)
}

fn violation(message: String) -> Error {
    Error::new(ErrorKind::ProtocolViolation, message)
}

fn codes(body: &mut Body) -> Result<Vec<Format>> {
    (0..body.count(2)?).map(|_| Format::from_code(body.int16()?)).collect()
}

/// No code means text, one stands for all; else there must be one for each.
fn spread(codes: &[Format], count: usize) -> Result<Vec<Format>, usize> {
    match codes {
        [] => Ok(vec![Format::Text; count]),
        [one] => Ok(vec![*one; count]),
        codes if codes.len() == count => Ok(codes.to_vec()),
        // A statement without rows has nothing to apply them to.
        _ if count == 0 => Ok(Vec::new()),
        codes => Err(codes.len()),
    }
}

/// What Describe and Close are about.
enum Target {
    Statement(String),
    Portal(String),
}

fn target(mut body: Body) -> Result<Target> {
    let kind = body.byte()?;
    let name = body.text()?;
    body.end()?;
    match kind {
        b'S' => Ok(Target::Statement(name)),
        b'P' => Ok(Target::Portal(name)),
        other => Err(violation(format!("invalid DESCRIBE or CLOSE message subtype {other}"))),
    }
}

fn describe(connection: &mut Connection, body: Body) -> Result<()> {
    let (prepared, formats) = match target(body)? {
        Target::Statement(name) => {
            let prepared = connection.statements.get(&name)?;
            let parameters = prepared.as_deref().map(|p| p.parameters.as_slice()).unwrap_or_default();
            message::parameter_description(&mut connection.wire.outbox, parameters);
            // The formats are not known before Bind; text stands for that.
            let formats = vec![Format::Text; columns(prepared.as_deref())];
            (prepared, formats)
        }
        Target::Portal(name) => match connection.portals.get(&name) {
            Ok(portal) => (portal.prepared.clone(), portal.formats.clone()),
            Err(missing) => return describe_cursor(connection, &name, missing),
        },
    };
    match prepared.as_deref().and_then(|p| p.columns.as_deref()) {
        Some(columns) => message::row_description(&mut connection.wire.outbox, columns, &formats),
        None => message::bare(&mut connection.wire.outbox, b'n'),
    }
    Ok(())
}

/// A cursor that SQL has declared is a portal too.
fn describe_cursor(connection: &mut Connection, name: &str, missing: Error) -> Result<()> {
    let (columns, is_binary) = connection.session.cursor(name).ok_or(missing)?;
    let format = if is_binary { Format::Binary } else { Format::Text };
    message::row_description(&mut connection.wire.outbox, &columns, &vec![format; columns.len()]);
    Ok(())
}

fn close(connection: &mut Connection, body: Body) -> Result<()> {
    match target(body)? {
        Target::Statement(name) => {
            connection.statements.remove(&name);
        }
        Target::Portal(name) => {
            connection.portals.remove(&name);
            connection.session.close_cursor(&name);
        }
    }
    message::bare(&mut connection.wire.outbox, b'3');
    Ok(())
}

async fn execute(connection: &mut Connection, mut body: Body) -> Result<(), Trouble> {
    let name = body.text()?;
    // Zero or less means all rows.
    let limit = u64::try_from(body.int32()?).ok().filter(|limit| *limit > 0);
    body.end()?;
    let portal = connection.portals.get(&name)?;
    let Some(prepared) = portal.prepared.clone() else {
        message::bare(&mut connection.wire.outbox, b'I');
        return Ok(());
    };
    let cursor = match std::mem::replace(&mut portal.progress, Progress::Done) {
        Progress::Bound(parameters) => {
            let formats = portal.formats.clone();
            match start(connection, &prepared, parameters, formats).await? {
                Some(cursor) => Box::new(cursor),
                None => return Ok(()),
            }
        }
        Progress::Rows(cursor) => cursor,
        Progress::Exhausted(tag) => {
            portal.progress = Progress::Exhausted(tag);
            message::command_complete(&mut connection.wire.outbox, &tag_of(tag, 0));
            return Ok(());
        }
        Progress::Done => {
            let error = Error::new(ErrorKind::ObjectNotInPrerequisiteState, format!("portal \"{name}\" cannot be run"));
            return Err(error.into());
        }
    };
    fetch(connection, &name, cursor, limit).await
}

/// Runs the statement: rows to be fetched, or nothing when it is complete.
async fn start(
    connection: &mut Connection,
    prepared: &Arc<Prepared>,
    parameters: Vec<weft_engine::ScalarValue>,
    formats: Vec<Format>,
) -> Result<Option<Cursor>, Trouble> {
    if connection.deallocate(prepared) {
        message::command_complete(&mut connection.wire.outbox, "DEALLOCATE");
        return Ok(None);
    }
    let before = connection.session.transaction();
    let outcome = connection.wire.attend(connection.session.execute(prepared, parameters)).await??;
    let done = match outcome {
        Outcome::Rows(rows) => {
            if let StatementKind::Copy(statement) = &prepared.statement.kind {
                // All of it, whatever number of rows was asked for: as in PostgreSQL.
                return copy::out(connection, rows, &statement.options).await.map(|()| None);
            }
            let formats =
                if formats.len() == rows.columns.len() { formats } else { vec![Format::Text; rows.columns.len()] };
            return Ok(Some(Cursor::new(rows, formats, connection.session.text_format())));
        }
        Outcome::Done(tag) => {
            connection.put_notices();
            connection.forget(&tag);
            message::command_complete(&mut connection.wire.outbox, &tag);
            Ok(None)
        }
        Outcome::Empty => {
            message::bare(&mut connection.wire.outbox, b'I');
            Ok(None)
        }
    };
    connection.put_reports();
    if before != TransactionState::Idle && connection.session.transaction() == TransactionState::Idle {
        connection.portals.clear();
    }
    done
}

async fn fetch(
    connection: &mut Connection,
    name: &str,
    mut cursor: Box<Cursor>,
    limit: Option<u64>,
) -> Result<(), Trouble> {
    let Fetched { count, end } = cursor.fetch(&mut connection.wire, limit).await?;
    let tag = cursor.tag();
    let progress = match end {
        End::Open => Progress::Rows(cursor),
        End::Reached => Progress::Exhausted(tag),
    };
    connection.portals.get(name)?.progress = progress;
    match end {
        End::Open => message::bare(&mut connection.wire.outbox, b's'),
        End::Reached => {
            connection.put_notices();
            message::command_complete(&mut connection.wire.outbox, &tag_of(tag, count));
            connection.put_reports();
        }
    }
    Ok(())
}

impl Connection {
    /// DEALLOCATE of a statement that a message prepared: the names are the same as those of SQL, but they are kept here.
    pub(super) fn deallocate(&mut self, prepared: &Prepared) -> bool {
        match &prepared.statement.kind {
            StatementKind::Deallocate(Deallocate::Name(name)) => self.statements.remove(name),
            _ => false,
        }
    }

    /// SQL can drop prepared statements too.
    pub(super) fn forget(&mut self, tag: &str) {
        if matches!(tag, "DISCARD ALL" | "DEALLOCATE ALL") {
            self.statements.clear();
        }
    }
}
