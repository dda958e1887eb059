//! Rows on their way to a client: batch by batch, row by row into a bounded buffer, never collected. Knows the two protocols' common part: how many
//! rows were sent, and whether there may be more.

use super::encode::{CopyEncoder, Format, RowEncoder};
use super::error::Trouble;
use super::wire::Wire;
use futures::StreamExt;
use weft_engine::{Rows, TextFormat};

/// A result that is being sent, perhaps in several portions.
pub(crate) struct Cursor {
    rows: Rows,
    formats: Vec<Format>,
    text: TextFormat,
    form: Form,
    portion: Option<Portion>,
    /// Rows that are not in the outbox yet: a vector takes small values much faster.
    encoded: Vec<u8>,
}

/// Bytes of rows that go to the outbox together.
const CHUNK: usize = 8 << 10;

/// What a row becomes.
enum Form {
    /// A DataRow message.
    Row,
    /// A CopyData message.
    Copy(CopyEncoder),
}

/// A batch and how much of it has been sent.
struct Portion {
    encoder: RowEncoder,
    sent: usize,
}

/// What one portion came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// Rows sent.
    pub count: u64,
    /// Whether the limit was reached before the end was seen.
    pub end: End,
}

/// Whether there may be more rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// There are none.
    Reached,
    /// The limit was reached first.
    Open,
}

impl Cursor {
    /// At the first row. `formats` has one entry a column.
    pub(crate) fn new(rows: Rows, formats: Vec<Format>, text: TextFormat) -> Self {
        Cursor { rows, formats, text, form: Form::Row, portion: None, encoded: Vec::new() }
    }

    /// The same for COPY.
    pub(crate) fn copying(rows: Rows, encoder: CopyEncoder, text: TextFormat) -> Self {
        let formats = vec![encoder.format(); rows.columns.len()];
        Cursor { rows, formats, text, form: Form::Copy(encoder), portion: None, encoded: Vec::new() }
    }

    /// The command tag, without a number of rows.
    pub(crate) fn tag(&self) -> &'static str {
        self.rows.tag
    }

    /// What COPY sends after the last row.
    pub(crate) fn put_trailer(&mut self, wire: &mut Wire) {
        if let Form::Copy(encoder) = &mut self.form {
            let mut trailer = Vec::new();
            encoder.put_trailer(&mut trailer);
            wire.outbox.extend_from_slice(&trailer);
        }
    }

    /// Sends up to `limit` rows, a message each. Hears a cancel while it computes and while it waits for a slow client.
    pub(crate) async fn fetch(&mut self, wire: &mut Wire, limit: Option<u64>) -> Result<Fetched, Trouble> {
        let mut count = 0;
        loop {
            let Some(portion) = self.portion.as_mut() else {
                match wire.attend_sending(self.rows.batches.next()).await? {
                    Some(batch) => {
                        let encoder = RowEncoder::new(&batch?, &self.rows.columns, &self.formats, self.text)?;
                        self.portion = Some(Portion { encoder, sent: 0 });
                        continue;
                    }
                    None => return Ok(Fetched { count, end: End::Reached }),
                }
            };
            while portion.sent < portion.encoder.rows() {
                if limit == Some(count) {
                    return Ok(Fetched { count, end: End::Open });
                }
                let most = limit.map_or(u64::MAX, |limit| limit - count);
                let done = portion.encode(most, &mut self.form, &mut self.encoded);
                wire.outbox.extend_from_slice(&self.encoded);
                self.encoded.clear();
                count += done?;
                if wire.is_full() {
                    tokio::select! {
                        biased;
                        flushed = wire.flush() => flushed?,
                        error = self.rows.interrupt.fired() => return Err(error.into()),
                    }
                }
            }
            self.portion = None;
            if limit == Some(count) {
                // PostgreSQL does not look for an end either when the limit is met.
                return Ok(Fetched { count, end: End::Open });
            }
        }
    }
}

impl Portion {
    /// Appends some of the next rows, at most so many; tells how many. Before an error stand those that came before it.
    fn encode(&mut self, most: u64, form: &mut Form, out: &mut Vec<u8>) -> weft_core::Result<u64> {
        let mut count = 0;
        while count < most && self.sent < self.encoder.rows() && out.len() < CHUNK {
            match form {
                Form::Row => self.encoder.put(self.sent, out)?,
                Form::Copy(copy) => copy.put(&self.encoder, self.sent, out)?,
            }
            self.sent += 1;
            count += 1;
        }
        Ok(count)
    }
}

/// The command tag as CommandComplete has it: with the number of rows where PostgreSQL says it.
pub(crate) fn tag_of(tag: &str, count: u64) -> String {
    match tag {
        "SELECT" | "FETCH" | "MOVE" | "COPY" | "UPDATE" | "DELETE" | "MERGE" => format!("{tag} {count}"),
        "INSERT" => format!("INSERT 0 {count}"),
        _ => tag.to_owned(),
    }
}
