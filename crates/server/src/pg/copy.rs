//! COPY … TO STDOUT: the rows of a query as CopyData messages, the same in both protocols. Source: chapter 55.2.7 of PostgreSQL's manual.

use super::connection::Connection;
use super::encode::CopyEncoder;
use super::error::Trouble;
use super::message;
use super::rows::{Cursor, Fetched, tag_of};
use weft_engine::Rows;
use weft_sql::CopyOptions;

/// Sends all of it.
pub(super) async fn out(connection: &mut Connection, rows: Rows, options: &CopyOptions) -> Result<(), Trouble> {
    let encoder = CopyEncoder::new(options, &rows.columns);
    message::copy_out(&mut connection.wire.outbox, encoder.format(), rows.columns.len());
    let mut header = Vec::new();
    encoder.put_header(&rows.columns, &mut header);
    connection.wire.outbox.extend_from_slice(&header);
    let mut cursor = Cursor::copying(rows, encoder, connection.session.text_format());
    let Fetched { count, .. } = cursor.fetch(&mut connection.wire, None).await?;
    let tag = tag_of(cursor.tag(), count);
    cursor.put_trailer(&mut connection.wire);
    drop(cursor);
    message::bare(&mut connection.wire.outbox, b'c');
    connection.put_notices();
    message::command_complete(&mut connection.wire.outbox, &tag);
    Ok(())
}
