//! From PostgreSQL's binary results to the very text that PostgreSQL would print for them, with its default settings (ISO dates, UTC, hex
//! bytea, shortest floats). Written apart from Weft's own encoders on purpose, so that both protocols can be held against each other.

mod array;
pub mod arrow;
mod float;
mod numeric;
mod record;
mod time;

use crate::{Error, Result};
use tokio_postgres::types::{FromSql, Kind, Type};

/// The bytes of a cell of any type, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a>(pub &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The text of a value that is not null. An error names the type: it is either unknown here, or the bytes are not of that type.
pub fn text(ty: &Type, raw: &[u8]) -> Result<String> {
    let mut bytes = Bytes(raw);
    let decoded = scalar(ty, &mut bytes);
    match decoded {
        Some(Ok(text)) if bytes.0.is_empty() => Ok(text),
        Some(Ok(text)) => Err(Error::new(format!("{ty}: {} bytes left over after {text}", bytes.0.len()))),
        Some(Err(error)) => Err(Error::new(format!("{ty}: {error}"))),
        None => Err(Error::new(format!("binary results of type {ty} cannot be read by the test kit"))),
    }
}

/// `None` if the type is unknown.
fn scalar(ty: &Type, bytes: &mut Bytes<'_>) -> Option<Result<String>> {
    Some(match *ty {
        Type::BOOL => bytes.take::<1>().map(|[b]| if b == 0 { "f" } else { "t" }.to_owned()),
        Type::INT2 => bytes.take().map(|b| i16::from_be_bytes(b).to_string()),
        Type::INT4 => bytes.take().map(|b| i32::from_be_bytes(b).to_string()),
        Type::INT8 => bytes.take().map(|b| i64::from_be_bytes(b).to_string()),
        Type::OID | Type::XID | Type::CID => bytes.take().map(|b| u32::from_be_bytes(b).to_string()),
        Type::FLOAT4 => bytes.take().map(|b| float::float4(f32::from_be_bytes(b))),
        Type::FLOAT8 => bytes.take().map(|b| float::float8(f64::from_be_bytes(b))),
        Type::NUMERIC => numeric::numeric(bytes),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON | Type::XML => {
            bytes.rest_text()
        }
        // PostgreSQL prints the zero byte as nothing.
        Type::CHAR => bytes.take::<1>().map(|[b]| if b == 0 { String::new() } else { char::from(b).to_string() }),
        Type::JSONB => bytes.version(1).and_then(|()| bytes.rest_text()),
        Type::BYTEA => Ok(format!("\\x{}", hex(bytes.rest()))),
        Type::UUID => bytes.take::<16>().map(|b| {
            let digits = hex(&b);
            [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
        }),
        Type::DATE => bytes.take().map(|b| time::date(i32::from_be_bytes(b))),
        Type::TIME => bytes.take().map(|b| time::time(i64::from_be_bytes(b))),
        Type::TIMETZ => time::timetz(bytes),
        Type::TIMESTAMP => bytes.take().map(|b| time::timestamp(i64::from_be_bytes(b), "")),
        Type::TIMESTAMPTZ => bytes.take().map(|b| time::timestamp(i64::from_be_bytes(b), "+00")),
        Type::INTERVAL => time::interval(bytes),
        Type::VOID => Ok(String::new()),
        Type::RECORD => record::record(bytes),
        Type::RECORD_ARRAY => array::array(&Type::RECORD, bytes),
        Type::INT2_VECTOR | Type::OID_VECTOR => array::vector(bytes),
        _ => match ty.kind() {
            Kind::Array(element) => array::array(element, bytes),
            Kind::Domain(base) => return scalar(base, bytes),
            Kind::Enum(_) => bytes.rest_text(),
            _ => return None,
        },
    })
}

/// What of a value has not been read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, tail) = self
            .0
            .split_first_chunk::<N>()
            .ok_or_else(|| Error::new(format!("{N} bytes wanted, {} there", self.0.len())))?;
        self.0 = tail;
        Ok(*head)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8]> {
        let (head, tail) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| Error::new(format!("{length} bytes wanted, {} there", self.0.len())))?;
        self.0 = tail;
        Ok(head)
    }

    fn int16(&mut self) -> Result<i16> {
        self.take().map(i16::from_be_bytes)
    }

    fn int32(&mut self) -> Result<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn int64(&mut self) -> Result<i64> {
        self.take().map(i64::from_be_bytes)
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn rest_text(&mut self) -> Result<String> {
        String::from_utf8(self.rest().to_vec()).map_err(|_| Error::new("not UTF-8"))
    }

    fn version(&mut self, expected: u8) -> Result<()> {
        match self.take::<1>()? {
            [found] if found == expected => Ok(()),
            [found] => Err(Error::new(format!("version {found} instead of {expected}"))),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_types() {
        let cases: &[(Type, &[u8], &str)] = &[
            (Type::BOOL, &[1], "t"),
            (Type::BOOL, &[0], "f"),
            (Type::INT2, &[0xff, 0xfe], "-2"),
            (Type::INT4, &[0, 0, 1, 0], "256"),
            (Type::INT8, &[0x80, 0, 0, 0, 0, 0, 0, 0], "-9223372036854775808"),
            (Type::OID, &[0xff; 4], "4294967295"),
            (Type::TEXT, "a b\u{e9}".as_bytes(), "a b\u{e9}"),
            (Type::BPCHAR, b"x  ", "x  "),
            (Type::CHAR, b"r", "r"),
            (Type::CHAR, &[0], ""),
            (Type::JSONB, b"\x01{\"a\": 1}", "{\"a\": 1}"),
            (Type::BYTEA, &[0, 0xab], "\\x00ab"),
            (Type::BYTEA, &[], "\\x"),
            (Type::UUID, &[0x12; 16], "12121212-1212-1212-1212-121212121212"),
        ];
        for (ty, raw, expected) in cases {
            assert_eq!(text(ty, raw).unwrap(), *expected, "{ty}");
        }
    }

    #[test]
    fn wrong_bytes_and_unknown_types_are_errors() {
        assert!(text(&Type::INT4, &[0; 3]).unwrap_err().to_string().contains("4 bytes wanted"));
        assert!(text(&Type::INT4, &[0; 5]).unwrap_err().to_string().contains("left over"));
        assert!(text(&Type::JSONB, &[2]).unwrap_err().to_string().contains("version 2"));
        assert!(text(&Type::POINT, &[0; 16]).unwrap_err().to_string().contains("point"));
    }
}
