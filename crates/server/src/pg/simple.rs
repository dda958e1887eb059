//! The simple protocol: one message with any number of statements, which are one transaction unless they say otherwise. Source: chapter 55.2.2 of
//! PostgreSQL's manual.

use super::connection::Connection;
use super::copy;
use super::encode::Format;
use super::error::Trouble;
use super::frame::Body;
use super::message;
use super::rows::{Cursor, Fetched, tag_of};
use weft_engine::{Outcome, Rows};
use weft_sql::StatementKind;

/// Runs the statements of a Query message; the first that fails ends it.
pub(super) async fn query(connection: &mut Connection, mut body: Body) -> Result<(), Trouble> {
    // Whatever has no name lives until the next Query.
    connection.statements.remove("");
    connection.portals.remove("");
    let sql = body.text()?;
    body.end()?;
    let statements = connection.session.statements(&sql)?;
    if statements.is_empty() {
        message::bare(&mut connection.wire.outbox, b'I');
    }
    if statements.len() > 1 {
        connection.session.begin_message();
    }
    for statement in statements {
        let session = &connection.session;
        let prepared = connection.wire.attend(session.prepare(statement, &[])).await??;
        if connection.deallocate(&prepared) {
            message::command_complete(&mut connection.wire.outbox, "DEALLOCATE");
            continue;
        }
        let session = &connection.session;
        let outcome = connection.wire.attend(session.execute(&prepared, Vec::new())).await??;
        match outcome {
            Outcome::Rows(rows) => match &prepared.statement.kind {
                StatementKind::Copy(statement) => copy::out(connection, rows, &statement.options).await?,
                _ => {
                    let format = if session.is_binary(&prepared.statement) { Format::Binary } else { Format::Text };
                    send(connection, rows, format).await?;
                }
            },
            Outcome::Done(tag) => {
                connection.put_notices();
                connection.forget(&tag);
                message::command_complete(&mut connection.wire.outbox, &tag);
            }
            Outcome::Empty => message::bare(&mut connection.wire.outbox, b'I'),
        }
        connection.put_reports();
    }
    Ok(())
}

/// Sends all rows, with what they are before and how many there were after.
async fn send(connection: &mut Connection, rows: Rows, format: Format) -> Result<(), Trouble> {
    let formats = vec![format; rows.columns.len()];
    message::row_description(&mut connection.wire.outbox, &rows.columns, &formats);
    let mut cursor = Cursor::new(rows, formats, connection.session.text_format());
    let Fetched { count, .. } = cursor.fetch(&mut connection.wire, None).await?;
    let tag = tag_of(cursor.tag(), count);
    drop(cursor);
    connection.put_notices();
    message::command_complete(&mut connection.wire.outbox, &tag);
    Ok(())
}
