//! Text of bytes: `\x0102` or `\001\002`, as `bytea_output` says.

use super::Writer;
use arrow::array::{BinaryArray, FixedSizeBinaryArray};
use bytes::BufMut;
use weft_engine::ByteaOutput;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Bytes of varying length.
pub(super) fn text(array: BinaryArray, style: ByteaOutput) -> Writer {
    Box::new(move |row, out| {
        put(array.value(row), style, out);
        Ok(())
    })
}

/// Bytes of one length.
pub(super) fn fixed(array: FixedSizeBinaryArray, style: ByteaOutput) -> Writer {
    Box::new(move |row, out| {
        put(array.value(row), style, out);
        Ok(())
    })
}

/// Two hexadecimal digits.
pub(super) fn put_hex(byte: u8, out: &mut Vec<u8>) {
    out.put_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

fn put(bytes: &[u8], style: ByteaOutput, out: &mut Vec<u8>) {
    match style {
        ByteaOutput::Hex => {
            out.reserve(2 + 2 * bytes.len());
            out.put_slice(b"\\x");
            bytes.iter().for_each(|b| put_hex(*b, out));
        }
        ByteaOutput::Escape => {
            for byte in bytes {
                match byte {
                    b'\\' => out.put_slice(b"\\\\"),
                    0x20..=0x7e => out.put_u8(*byte),
                    b => out.put_slice(&[b'\\', b'0' + (b >> 6), b'0' + (b >> 3 & 7), b'0' + (b & 7)]),
                }
            }
        }
    }
}
