//! The simple protocol: one message with any number of statements, which are one transaction unless they say otherwise. Source: chapter 55.2.2 of
//! PostgreSQL's manual.

use super::connection::Connection;
use super::encode::Format;
use super::error::Trouble;
use super::frame::Body;
use super::message;
use super::rows::{Cursor, Fetched, tag_of};
use weft_engine::Outcome;

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
            Outcome::Rows(rows) => {
                let formats = vec![Format::Text; rows.columns.len()];
                message::row_description(&mut connection.wire.outbox, &rows.columns, &formats);
                let mut cursor = Cursor::new(rows, formats, session.text_format());
                let Fetched { count, .. } = cursor.fetch(&mut connection.wire, None).await?;
                let tag = tag_of(cursor.tag(), count);
                drop(cursor);
                connection.put_notices();
                message::command_complete(&mut connection.wire.outbox, &tag);
            }
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
