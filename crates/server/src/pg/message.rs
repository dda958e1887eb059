//! Writers of the gateway's messages. Each appends one whole message to the buffer. Source: chapter 55.7 of PostgreSQL's manual.

use super::encode::Format;
use bytes::{BufMut, BytesMut};
use weft_core::pgtype::ColumnType;
use weft_engine::{Column, TransactionState};

/// Begins a message, lets `body` write its fields, and fills in its length.
fn message(out: &mut BytesMut, tag: u8, body: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    let start = out.len();
    out.put_i32(0);
    body(out);
    let length = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// `String`: a zero byte ends it, so that a zero byte inside would break the message.
fn text(out: &mut BytesMut, text: &str) {
    out.put_slice(text.split('\0').next().unwrap_or_default().as_bytes());
    out.put_u8(0);
}

/// AuthenticationOk and its relatives: the number says which, `data` follows it.
pub(crate) fn authentication(out: &mut BytesMut, number: i32, data: &[u8]) {
    message(out, b'R', |out| {
        out.put_i32(number);
        out.put_slice(data);
    });
}

/// NegotiateProtocolVersion: the newest version of ours (as in a start-up message), and the options that were not understood.
pub(crate) fn negotiate_version(out: &mut BytesMut, version: i32, options: &[String]) {
    message(out, b'v', |out| {
        out.put_i32(version);
        out.put_i32(options.len() as i32);
        for option in options {
            text(out, option);
        }
    });
}

/// ParameterStatus.
pub(crate) fn parameter_status(out: &mut BytesMut, name: &str, value: &str) {
    message(out, b'S', |out| {
        text(out, name);
        text(out, value);
    });
}

/// BackendKeyData: what a CancelRequest must bring.
pub(crate) fn backend_key(out: &mut BytesMut, pid: i32, secret: &[u8]) {
    message(out, b'K', |out| {
        out.put_i32(pid);
        out.put_slice(secret);
    });
}

/// ReadyForQuery.
pub(crate) fn ready(out: &mut BytesMut, state: TransactionState) {
    message(out, b'Z', |out| {
        out.put_u8(match state {
            TransactionState::Idle => b'I',
            TransactionState::Active => b'T',
            TransactionState::Failed => b'E',
        });
    });
}

/// ErrorResponse (`E`) or NoticeResponse (`N`).
pub(crate) fn response(out: &mut BytesMut, tag: u8, fields: &[(u8, &str)]) {
    message(out, tag, |out| {
        for (field, value) in fields {
            out.put_u8(*field);
            text(out, value);
        }
        out.put_u8(0);
    });
}

/// RowDescription. Each column's format is `formats[i]`.
pub(crate) fn row_description(out: &mut BytesMut, columns: &[Column], formats: &[Format]) {
    message(out, b'T', |out| {
        out.put_u16(columns.len() as u16);
        for (column, format) in columns.iter().zip(formats) {
            text(out, &column.name);
            // Table and attribute number: the columns of a result are not those of a table.
            out.put_i32(0);
            out.put_i16(0);
            out.put_u32(column.column_type.oid());
            out.put_i16(column.column_type.typlen());
            out.put_i32(column.modifier);
            out.put_i16(*format as i16);
        }
    });
}

/// ParameterDescription.
pub(crate) fn parameter_description(out: &mut BytesMut, parameters: &[ColumnType]) {
    message(out, b't', |out| {
        out.put_u16(parameters.len() as u16);
        for parameter in parameters {
            out.put_u32(parameter.oid());
        }
    });
}

/// CommandComplete.
pub(crate) fn command_complete(out: &mut BytesMut, tag: &str) {
    message(out, b'C', |out| text(out, tag));
}

/// CopyOutResponse: the rows of COPY follow, all values in this format.
pub(crate) fn copy_out(out: &mut BytesMut, format: Format, columns: usize) {
    message(out, b'H', |out| {
        out.put_u8(format as u8);
        out.put_u16(columns as u16);
        for _ in 0..columns {
            out.put_i16(format as i16);
        }
    });
}

/// Messages without fields: CopyDone `c`, ParseComplete `1`, BindComplete `2`, CloseComplete `3`, NoData `n`, EmptyQueryResponse `I`, PortalSuspended `s`.
pub(crate) fn bare(out: &mut BytesMut, tag: u8) {
    message(out, tag, |_| {});
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_themselves() {
        let mut out = BytesMut::new();
        command_complete(&mut out, "SELECT 1\0x");
        ready(&mut out, TransactionState::Failed);
        assert_eq!(&out[..], b"C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05E");
    }
}
