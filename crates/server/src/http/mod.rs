//! The HTTP port: whether the gateway lives and is ready, its figures for Prometheus, and a page that shows what goes on. It must not know a table of its own:
//! what the page shows is asked by SQL, in a session of whoever looks.

mod answer;
mod exposition;
mod listener;
mod page;

pub use listener::Listener;
