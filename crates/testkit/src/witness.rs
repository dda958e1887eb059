//! A way to an HTTP server that remembers what was asked of it: the first line of every request. It knows no more of HTTP than that, and expects requests
//! without a body.

use crate::Result;
use crate::error::Context;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};

/// Passes connections on until the runtime ends.
#[derive(Debug)]
pub struct Witness {
    /// Its TCP port on 127.0.0.1.
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Witness {
    /// A way to this port of 127.0.0.1.
    pub async fn to(server: u16) -> Result<Witness> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("a witness")?;
        let port = listener.local_addr().context("a witness")?.port();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let kept = seen.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, kept.clone()));
            }
        });
        Ok(Witness { port, seen })
    }

    /// What was asked since this was asked last: `GET /bucket/key HTTP/1.1`, ….
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn pass(client: TcpStream, server: u16, seen: Arc<Mutex<Vec<String>>>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    tokio::spawn(async move {
        let _ = copy(&mut from_server, &mut to_client).await;
        let _ = to_client.shutdown().await;
    });
    let (mut buffer, mut line) = (vec![0; 64 << 10], Vec::new());
    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
        for byte in &buffer[..read] {
            if *byte != b'\n' {
                line.push(*byte);
                continue;
            }
            let text = String::from_utf8_lossy(&std::mem::take(&mut line)).trim_end().to_owned();
            if text.ends_with("HTTP/1.1") {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            }
        }
        if to_server.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    let _ = to_server.shutdown().await;
}
