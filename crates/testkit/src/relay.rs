//! A way to a server that can fall silent as a network does: packets are dropped, nothing is refused. Knows nothing of what goes through it.

use crate::error::Context;
use crate::{Error, Result};
use rustix::net::listen;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// Passes connections on until it is cut, and again when it is mended. Dropping it closes them.
#[derive(Debug)]
pub struct Relay {
    /// Its TCP port on 127.0.0.1.
    pub port: u16,
    cut: watch::Sender<State>,
    /// Connections that nobody accepted: they keep the queue full.
    waiting: Vec<TcpStream>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Cut,
}

/// A first packet that was not answered by then was dropped.
const ANSWERED: Duration = Duration::from_millis(300);

impl Relay {
    /// A relay to this port of 127.0.0.1.
    pub async fn to(server: u16) -> Result<Relay> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("a relay")?;
        let port = listener.local_addr().context("a relay")?.port();
        let (cut, state) = watch::channel(State::Open);
        tokio::spawn(pass(listener, server, state));
        Ok(Relay { port, cut, waiting: Vec::new() })
    }

    /// From now on nothing passes and nothing is answered, not even the first packet of a connection.
    pub async fn cut(&mut self) -> Result<()> {
        self.cut.send(State::Cut).map_err(|_| Error::new("the relay has ended"))?;
        // The kernel drops what asks for a place in a full queue.
        for _ in 0..100 {
            match timeout(ANSWERED, TcpStream::connect(("127.0.0.1", self.port))).await {
                Err(_) => return Ok(()),
                Ok(connection) => self.waiting.push(connection.context("filling the queue")?),
            }
        }
        Err(Error::new("the queue of the relay does not become full"))
    }

    /// What comes from now on passes again. Connections from before are closed.
    pub fn mend(&mut self) -> Result<()> {
        self.waiting.clear();
        self.cut.send(State::Open).map_err(|_| Error::new("the relay has ended"))
    }
}

/// Connections that wait to be accepted, as long as they are.
const QUEUE: i32 = 128;

async fn pass(listener: TcpListener, server: u16, mut state: watch::Receiver<State>) {
    loop {
        let of_now = state.clone();
        tokio::select! {
            biased;
            change = until(&mut state, State::Cut) => {
                // The listener stays, so that nothing is refused, with a queue of one.
                let is_mended = change && listen(&listener, 0).is_ok() && until(&mut state, State::Open).await;
                if !is_mended || listen(&listener, QUEUE).is_err() {
                    return;
                }
            }
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { return };
                tokio::spawn(both_ways(client, server, of_now));
            }
        }
    }
}

async fn both_ways(mut client: TcpStream, server: u16, mut state: watch::Receiver<State>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        is_cut = until(&mut state, State::Cut) => if !is_cut { return },
    }
    until(&mut state, State::Open).await;
}

/// Waits for the state; whether it came before the relay was dropped.
async fn until(state: &mut watch::Receiver<State>, wanted: State) -> bool {
    state.wait_for(|now| *now == wanted).await.is_ok()
}
