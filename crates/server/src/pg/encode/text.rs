//! Text of booleans, strings and uuids.

use super::Writer;
use arrow::array::{BooleanArray, FixedSizeBinaryArray, StringArray};
use bytes::BufMut;

/// `t` or `f`.
pub(super) fn boolean(array: BooleanArray) -> Writer {
    Box::new(move |row, out| {
        out.put_u8(if array.value(row) { b't' } else { b'f' });
        Ok(())
    })
}

/// As it is.
pub(super) fn string(array: StringArray) -> Writer {
    Box::new(move |row, out| {
        out.put_slice(array.value(row).as_bytes());
        Ok(())
    })
}

/// Groups of hexadecimal digits, as in `2f1e…-…`.
pub(super) fn uuid(array: FixedSizeBinaryArray) -> Writer {
    Box::new(move |row, out| {
        put_uuid(array.value(row), out);
        Ok(())
    })
}

fn put_uuid(bytes: &[u8], out: &mut Vec<u8>) {
    for (i, byte) in bytes.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out.put_u8(b'-');
        }
        super::bytea::put_hex(*byte, out);
    }
}
