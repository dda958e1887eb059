//! Free TCP ports on the loopback address. A server that can take port 0 by itself should do so; this is for those that cannot.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Below the range from which the kernel takes ports of outgoing connections, or a client could take the port before the server does. Not
/// the lowest thousands either: fixed ports of real servers are there.
const RANGE: std::ops::Range<u16> = 12_000..32_000;

/// A port that nobody listens on now. Chosen at random, so that test processes running at once do not choose the same.
pub fn free() -> u16 {
    loop {
        let random = RandomState::new().build_hasher().finish();
        let port = RANGE.start + (random % u64::from(RANGE.end - RANGE.start)) as u16;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_in_range_and_can_be_bound() {
        let port = super::free();
        assert!(super::RANGE.contains(&port));
        assert!(std::net::TcpListener::bind(("127.0.0.1", port)).is_ok());
    }
}
