//! The way by which DuckDB asks: HTTP on the loopback address, a bounded number of connections. It must not know what is asked for.

use super::answer::Desk;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at once; more wait. DuckDB has one for each request that runs.
const CONNECTIONS: usize = 1024;

/// A connection on which nothing is asked for this long is closed.
const IDLE: Duration = Duration::from_secs(120);

/// The pause after a connection could not be accepted, as when the process has too many files open.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers until it is stopped.
pub(super) fn start(runtime: &Handle, desk: Arc<Desk>, stop: CancellationToken) -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let _inside = runtime.enter();
    let listener = TcpListener::from_std(listener)?;
    runtime.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = accept(&listener, desk, &stop) => {}
        }
    });
    Ok(address)
}

async fn accept(listener: &TcpListener, desk: Arc<Desk>, stop: &CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((socket, _)) => {
                let (desk, stop) = (desk.clone(), stop.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = serve(socket, desk) => {}
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the cache of objects cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn serve(socket: TcpStream, desk: Arc<Desk>) {
    // Without it answers are only slower.
    let _ = socket.set_nodelay(true);
    let service = service_fn(|request| {
        let desk = desk.clone();
        async move { Ok::<_, Infallible>(desk.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .serve_connection(TokioIo::new(socket), service);
    if let Err(error) = connection.await {
        // DuckDB hangs up when its statement ends; what went wrong in an answer has been noted there.
        tracing::debug!(%error, "a connection of the cache of objects ended");
    }
}
