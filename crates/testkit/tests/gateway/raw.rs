//! A client that says exactly what it is told to, byte for byte: for what no well-behaved client would send. It logs in where no password is asked for.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// No answer of a test takes this long.
const LIMIT: Duration = Duration::from_secs(30);

/// The version of the protocol that PostgreSQL's clients ask for.
pub const VERSION: i32 = 3 << 16;

/// A connection.
pub struct Raw(pub TcpStream);

/// One message of the server.
#[derive(Debug, Clone)]
pub struct Message {
    pub tag: u8,
    pub body: Vec<u8>,
}

impl Message {
    /// The fields of an ErrorResponse or NoticeResponse by their letter.
    pub fn fields(&self) -> BTreeMap<char, String> {
        let parts = self.body.split(|byte| *byte == 0).filter(|part| !part.is_empty());
        parts.map(|part| (part[0] as char, String::from_utf8_lossy(&part[1..]).into_owned())).collect()
    }

    /// The SQLSTATE of an ErrorResponse.
    pub fn sqlstate(&self) -> String {
        assert_eq!(self.tag, b'E', "{self:?}");
        self.fields()[&'C'].clone()
    }

    /// Texts that end with a zero byte, as in ParameterStatus and CommandComplete.
    pub fn texts(&self) -> Vec<String> {
        let body = self.body.strip_suffix(&[0]).unwrap_or(&self.body);
        body.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    }
}

/// The bytes of a message that begins with its tag.
pub fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], length.to_be_bytes().as_slice(), body].concat()
}

/// The bytes of a start-up message.
pub fn startup(version: i32, parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    for (name, value) in parameters {
        body.extend([name.as_bytes(), &[0], value.as_bytes(), &[0]].concat());
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap();
    [length.to_be_bytes().as_slice(), &body].concat()
}

/// A Parse of the unnamed or a named statement.
pub fn parse(name: &str, sql: &str) -> Vec<u8> {
    framed(b'P', &[name.as_bytes(), &[0], sql.as_bytes(), &[0, 0, 0]].concat())
}

/// A Bind without parameters, for text.
pub fn bind(portal: &str, statement: &str) -> Vec<u8> {
    framed(b'B', &[portal.as_bytes(), &[0], statement.as_bytes(), &[0, 0, 0, 0, 0, 0, 0]].concat())
}

/// An Execute.
pub fn execute(portal: &str, max_rows: i32) -> Vec<u8> {
    framed(b'E', &[portal.as_bytes(), &[0], max_rows.to_be_bytes().as_slice()].concat())
}

/// A Describe or Close of a statement or portal.
pub fn about(tag: u8, kind: u8, name: &str) -> Vec<u8> {
    framed(tag, &[&[kind], name.as_bytes(), &[0]].concat())
}

/// A Sync.
pub fn sync() -> Vec<u8> {
    framed(b'S', &[])
}

/// A simple Query.
pub fn query(sql: &str) -> Vec<u8> {
    framed(b'Q', &[sql.as_bytes(), &[0]].concat())
}

impl Raw {
    /// Connects and says nothing.
    pub fn connect(port: u16) -> Raw {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        Raw(stream)
    }

    /// Logs in as `weft`, up to the first ReadyForQuery.
    pub fn login(port: u16, database: &str) -> Raw {
        let mut raw = Raw::connect(port);
        raw.send(&startup(VERSION, &[("user", "weft"), ("database", database)]));
        let greeting = raw.until_ready();
        assert!(greeting.iter().all(|m| m.tag != b'E'), "{greeting:?}");
        raw
    }

    /// Sends bytes. The server may have closed the connection: what it said before is still to be read.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    /// No more bytes will come from this side.
    pub fn finish(&mut self) {
        let _ = self.0.shutdown(Shutdown::Write);
    }

    /// The next message; `None` at the end of the connection.
    pub fn message(&mut self) -> Option<Message> {
        let mut head = [0; 5];
        match self.0.read_exact(&mut head) {
            Ok(()) => {}
            Err(e) if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                panic!("no answer within {LIMIT:?}")
            }
            Err(_) => return None,
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length.checked_sub(4).unwrap()];
        self.0.read_exact(&mut body).unwrap();
        Some(Message { tag: head[0], body })
    }

    /// All messages up to ReadyForQuery.
    pub fn until_ready(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(message) = self.message() {
            let last = message.tag == b'Z';
            messages.push(message);
            if last {
                return messages;
            }
        }
        panic!("the connection ended after {messages:?}");
    }

    /// All messages up to the end of the connection.
    pub fn until_end(&mut self) -> Vec<Message> {
        std::iter::from_fn(|| self.message()).collect()
    }

    /// Sends bytes that end with a Query or Sync, and returns all that is said to it.
    pub fn ask(&mut self, bytes: &[u8]) -> Vec<Message> {
        self.send(bytes);
        self.until_ready()
    }
}
