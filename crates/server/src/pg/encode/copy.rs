//! Rows as COPY writes them: lines of text, lines of CSV, or the binary form. Source: PostgreSQL 16 `copyto.c`.

use super::{Format, RowEncoder, put_value};
use bytes::BufMut;
use weft_core::Result;
use weft_engine::Column;
use weft_sql::{CopyFormat, CopyOptions, ForceQuote};

/// Signature, flags, and the length of an extension: none of either.
const BINARY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// A row of -1 columns.
const BINARY_TRAILER: &[u8] = b"\xff\xff";

/// Writes rows as CopyData messages, one each.
pub(crate) struct CopyEncoder {
    options: CopyOptions,
    /// Which columns of CSV are always quoted.
    forced: Vec<bool>,
    /// What still has to stand before the next row in its message: clients look for both there, as PostgreSQL sends them.
    lead: &'static [u8],
    value: Vec<u8>,
}

impl CopyEncoder {
    /// For rows of these columns.
    pub(crate) fn new(options: &CopyOptions, columns: &[Column]) -> CopyEncoder {
        let forced = |column: &Column| match &options.force_quote {
            ForceQuote::All => true,
            ForceQuote::Columns(names) => names.contains(&column.name),
        };
        let lead = if options.format == CopyFormat::Binary { BINARY_HEADER } else { &[] };
        let forced = columns.iter().map(forced).collect();
        CopyEncoder { forced, lead, options: options.clone(), value: Vec::new() }
    }

    /// In which format the values are needed.
    pub(crate) fn format(&self) -> Format {
        match self.options.format {
            CopyFormat::Text | CopyFormat::Csv => Format::Text,
            CopyFormat::Binary => Format::Binary,
        }
    }

    /// The line of names, if there is to be one.
    pub(crate) fn put_header(&self, columns: &[Column], out: &mut Vec<u8>) {
        if self.options.header {
            in_message(out, |out| {
                for (i, column) in columns.iter().enumerate() {
                    if i > 0 {
                        out.put_u8(self.options.delimiter);
                    }
                    match self.options.format {
                        CopyFormat::Csv => self.put_csv(column.name.as_bytes(), Quoting::IfNeeded, columns.len(), out),
                        _ => put_text(column.name.as_bytes(), self.options.delimiter, out),
                    }
                }
                out.put_u8(b'\n');
                Ok(())
            })
            // Names are written, not computed.
            .unwrap_or_default();
        }
    }

    /// What comes after the last row.
    pub(crate) fn put_trailer(&mut self, out: &mut Vec<u8>) {
        if self.options.format == CopyFormat::Binary {
            // It is written, not computed.
            let _ = in_message(out, |out| {
                out.put_slice(std::mem::take(&mut self.lead));
                out.put_slice(BINARY_TRAILER);
                Ok(())
            });
        }
    }

    /// Appends the row; nothing if it fails.
    pub(crate) fn put(&mut self, rows: &RowEncoder, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let mut value = std::mem::take(&mut self.value);
        let lead = std::mem::take(&mut self.lead);
        let done = in_message(out, |out| match self.options.format {
            CopyFormat::Binary => {
                out.put_slice(lead);
                out.put_u16(self.forced.len() as u16);
                rows.writers(row).try_for_each(|writer| put_value(writer, row, out))
            }
            CopyFormat::Text | CopyFormat::Csv => {
                for (i, writer) in rows.writers(row).enumerate() {
                    if i > 0 {
                        out.put_u8(self.options.delimiter);
                    }
                    let Some(write) = writer else {
                        out.put_slice(self.options.null.as_bytes());
                        continue;
                    };
                    value.clear();
                    write(row, &mut value)?;
                    if self.options.format == CopyFormat::Text {
                        put_text(&value, self.options.delimiter, out);
                    } else {
                        let forced = self.forced.get(i).copied().unwrap_or_default();
                        let quoting = if forced { Quoting::Always } else { Quoting::IfNeeded };
                        self.put_csv(&value, quoting, self.forced.len(), out);
                    }
                }
                out.put_u8(b'\n');
                Ok(())
            }
        });
        self.value = value;
        done
    }

    fn put_csv(&self, value: &[u8], quoting: Quoting, columns: usize, out: &mut Vec<u8>) {
        let CopyOptions { delimiter, quote, escape, null, .. } = &self.options;
        let quoted = quoting == Quoting::Always
            || value == null.as_bytes()
            // Alone in its line it would be taken for the end.
            || (columns == 1 && value == b"\\.")
            || value.iter().any(|byte| byte == delimiter || byte == quote || matches!(byte, b'\n' | b'\r'));
        if !quoted {
            out.put_slice(value);
            return;
        }
        out.put_u8(*quote);
        for byte in value {
            if byte == quote || byte == escape {
                out.put_u8(*escape);
            }
            out.put_u8(*byte);
        }
        out.put_u8(*quote);
    }
}

/// When a value is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Always,
    IfNeeded,
}

/// Appends a CopyData message; nothing if `body` fails.
fn in_message(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    let start = out.len();
    out.put_u8(b'd');
    out.put_u32(0);
    if let Err(error) = body(out) {
        out.truncate(start);
        return Err(error);
    }
    let length = (out.len() - start - 1) as u32;
    out[start + 1..start + 5].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Text with backslashes where it would be taken for something else.
fn put_text(value: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    let mut plain = 0;
    for (i, byte) in value.iter().enumerate() {
        let escaped = match byte {
            b'\\' => b'\\',
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            other if *other == delimiter => delimiter,
            _ => continue,
        };
        out.put_slice(&value[plain..i]);
        out.put_slice(&[b'\\', escaped]);
        plain = i + 1;
    }
    out.put_slice(&value[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int32Array, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use arrow::record_batch::RecordBatch;
    use std::sync::Arc;
    use weft_core::pgtype::{self, ColumnType};
    use weft_engine::{ByteaOutput, IntervalStyle, TextFormat};
    use weft_sql::StatementKind;

    /// What is written of a number and a text, without the heads of the messages.
    fn copied(options: &str, rows: &[(Option<i32>, Option<&str>)]) -> Vec<u8> {
        let sql = format!("COPY t TO STDOUT {options}");
        let StatementKind::Copy(copy) = weft_sql::parse(&sql).unwrap().remove(0).kind else { panic!("no COPY") };
        let named = |name: &str, t| Column { name: name.to_owned(), column_type: ColumnType::Scalar(t), modifier: -1 };
        let columns = [named("n", &pgtype::INT4), named("a,b", &pgtype::TEXT)];
        let schema = Schema::new(vec![Field::new("n", DataType::Int32, true), Field::new("a,b", DataType::Utf8, true)]);
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|r| r.0).collect::<Int32Array>()),
            Arc::new(rows.iter().map(|r| r.1).collect::<StringArray>()),
        ];
        let batch = RecordBatch::try_new(Arc::new(schema), arrays).unwrap();
        let mut encoder = CopyEncoder::new(&copy.options, &columns);
        let style = TextFormat {
            time_zone: chrono_tz::UTC,
            bytea: ByteaOutput::Hex,
            interval: IntervalStyle::Postgres,
            extra_float_digits: 1,
        };
        let encoded = RowEncoder::new(&batch, &columns, &[encoder.format(); 2], style).unwrap();
        let mut out = Vec::new();
        encoder.put_header(&columns, &mut out);
        for row in 0..rows.len() {
            encoder.put(&encoded, row, &mut out).unwrap();
        }
        encoder.put_trailer(&mut out);
        let mut bytes = Vec::new();
        while !out.is_empty() {
            let length = u32::from_be_bytes([out[1], out[2], out[3], out[4]]) as usize;
            let message: Vec<u8> = out.drain(..length + 1).collect();
            assert_eq!(message[0], b'd');
            bytes.extend_from_slice(&message[5..]);
        }
        bytes
    }

    #[test]
    fn lines_are_postgresqls() {
        let rows = [(Some(1), Some("a\tb\\\n\u{b}")), (None, Some("")), (Some(-2), None), (None, Some("x|y"))];
        let text = |options| String::from_utf8(copied(options, &rows)).unwrap();
        assert_eq!(text(""), "1\ta\\tb\\\\\\n\\v\n\\N\t\n-2\t\\N\n\\N\tx|y\n");
        assert_eq!(text("(DELIMITER '|', NULL 'nil', HEADER)"), "n|a,b\n1|a\\tb\\\\\\n\\v\nnil|\n-2|nil\nnil|x\\|y\n");
        assert_eq!(text("(FORMAT csv, HEADER)"), "n,\"a,b\"\n1,\"a\tb\\\n\u{b}\"\n,\"\"\n-2,\n,x|y\n");
        assert_eq!(text("(FORMAT csv, QUOTE '|', FORCE_QUOTE *)"), "|1|,|a\tb\\\n\u{b}|\n,||\n|-2|,\n,|x||y|\n");
        assert_eq!(
            text("(FORMAT csv, DELIMITER '|', ESCAPE 'x', NULL '-2')"),
            "1|\"a\tb\\\n\u{b}\"\n-2|\n\"-2\"|-2\n-2|\"xx|y\"\n"
        );
    }

    #[test]
    fn binary_is_postgresqls() {
        let bytes = copied("(FORMAT binary)", &[(Some(1), Some("ab")), (None, None)]);
        let rows = b"\0\x02\0\0\0\x04\0\0\0\x01\0\0\0\x02ab\0\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
        assert_eq!(bytes, [BINARY_HEADER, rows].concat());
    }
}
