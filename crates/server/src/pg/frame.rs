//! Messages of a client as bytes: framing with a bound on length, and a reader of their fields that answers malformed ones with an error. Source:
//! chapter 55.7 of PostgreSQL's manual. (pgwire's own decoders panic on short bodies and read invalid UTF-8 lossily.)

use super::error::Stop;
use bytes::{Buf, Bytes, BytesMut};
use weft_core::{Error, ErrorKind, Result};

/// Type byte and length.
const HEADER_BYTES: usize = 5;

/// One message, unread.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Its type byte.
    pub tag: u8,
    /// What follows the length.
    pub body: Body,
}

impl Frame {
    /// Takes the first message off the buffer if it is there as a whole. One that is longer than `limit` bytes, or shorter than its own length
    /// field, ends the connection: its end cannot be found.
    pub(crate) fn take(inbox: &mut BytesMut, limit: usize) -> std::result::Result<Option<Frame>, Stop> {
        let Some((&[tag, a, b, c, d], _)) = inbox.split_first_chunk::<HEADER_BYTES>() else { return Ok(None) };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if !is_known(tag) {
            let message = format!("invalid frontend message type {tag}");
            return Err(Stop::Fatal(Error::new(ErrorKind::ProtocolViolation, message)));
        }
        if length < 4 || length > limit {
            let error = Error::new(ErrorKind::ProtocolViolation, "invalid message length")
                .with_detail(format!("The message says it has {length} bytes; 4 to {limit} are accepted."));
            return Err(Stop::Fatal(error));
        }
        if inbox.len() < 1 + length {
            return Ok(None);
        }
        inbox.advance(HEADER_BYTES);
        Ok(Some(Frame { tag, body: Body(inbox.split_to(length - 4).freeze()) }))
    }
}

/// The messages a client may send after start-up.
fn is_known(tag: u8) -> bool {
    matches!(tag, b'Q' | b'P' | b'B' | b'D' | b'E' | b'C' | b'S' | b'H' | b'X' | b'F' | b'd' | b'c' | b'f' | b'p')
}

/// The fields of a message, read from the front.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Bytes);

impl Body {
    /// One byte.
    pub(crate) fn byte(&mut self) -> Result<u8> {
        self.bytes(1).map(|b| b[0])
    }

    /// `Int16`
    pub(crate) fn int16(&mut self) -> Result<i16> {
        self.bytes(2).map(|mut b| b.get_i16())
    }

    /// `Int32`
    pub(crate) fn int32(&mut self) -> Result<i32> {
        self.bytes(4).map(|mut b| b.get_i32())
    }

    /// A count of things that follow, each of at least `item_bytes`.
    pub(crate) fn count(&mut self, item_bytes: usize) -> Result<usize> {
        let count = usize::from(self.bytes(2)?.get_u16());
        if count * item_bytes > self.0.len() { Err(too_short()) } else { Ok(count) }
    }

    /// So many bytes, shared with the message.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<Bytes> {
        if count > self.0.len() { Err(too_short()) } else { Ok(self.0.split_to(count)) }
    }

    /// `String`: text up to a zero byte.
    pub(crate) fn text(&mut self) -> Result<String> {
        let Some(end) = self.0.iter().position(|b| *b == 0) else { return Err(too_short()) };
        let bytes = self.0.split_to(end);
        self.0.advance(1);
        utf8(&bytes).map(str::to_owned)
    }

    /// Nothing may follow.
    pub(crate) fn end(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(malformed("invalid message format")) }
    }
}

/// The bytes as text, else `22021`.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let rest = &bytes[error.valid_up_to()..];
        let shown: Vec<_> =
            rest[..error.error_len().unwrap_or(rest.len()).min(4)].iter().map(|b| format!("0x{b:02x}")).collect();
        Error::new(
            ErrorKind::CharacterNotInRepertoire,
            format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" ")),
        )
    })
}

fn too_short() -> Error {
    malformed("insufficient data left in message")
}

fn malformed(message: &str) -> Error {
    Error::new(ErrorKind::ProtocolViolation, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_taken_whole() {
        let mut inbox = BytesMut::from(&b"Q\0\0\0\x07ab\0S\0\0"[..]);
        let mut frame = Frame::take(&mut inbox, 100).ok().flatten().expect("a message");
        assert_eq!((frame.tag, frame.body.text().ok().as_deref()), (b'Q', Some("ab")));
        assert!(frame.body.end().is_ok());
        assert!(matches!(Frame::take(&mut inbox, 100), Ok(None)));
    }

    #[test]
    fn impossible_lengths_end_the_connection() {
        for bytes in [&b"Q\0\0\0\x03"[..], b"Q\x7f\xff\xff\xff", b"Q\xff\xff\xff\xff", b"!\0\0\0\x04"] {
            assert!(matches!(Frame::take(&mut BytesMut::from(bytes), 1000), Err(Stop::Fatal(_))));
        }
    }

    #[test]
    fn malformed_fields_are_errors() {
        let body = |bytes: &'static [u8]| Body(Bytes::from_static(bytes));
        assert_eq!(body(b"abc").text().unwrap_err().kind(), ErrorKind::ProtocolViolation);
        assert_eq!(body(b"\xffa\0").text().unwrap_err().message(), "invalid byte sequence for encoding \"UTF8\": 0xff");
        assert!(body(b"\xff\xff").count(4).is_err());
        assert!(body(b"\0").int16().is_err());
        assert!(body(b"\0").end().is_err());
    }
}
