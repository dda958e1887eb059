//! Free TCP ports on the loopback address. A server that can take port 0 by itself should do so; this is for those that cannot.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Below the range from which the kernel takes ports of outgoing connections, or a client could take the port before the server does. Not
/// the lowest thousands either: fixed ports of real servers are there.
const RANGE: std::ops::Range<u16> = 12_000..32_000;

/// A port that nobody listens on and that no other call gets while this process lives, in whichever test process: a server takes seconds until
/// it listens, and one that starts with ten ports would now and then be given one twice.
pub fn free() -> u16 {
    loop {
        let random = RandomState::new().build_hasher().finish();
        let port = RANGE.start + (random % u64::from(RANGE.end - RANGE.start)) as u16;
        if reserve(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Whether the port is now this call's. The lock of its file ends with the process, however that ends.
fn reserve(port: u16) -> bool {
    let folder = std::env::temp_dir().join("weft-test-ports");
    let open = || {
        std::fs::create_dir_all(&folder)?;
        std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(port.to_string()))
    };
    // Without such a folder ports are as free as chance makes them.
    let Ok(file) = open() else { return true };
    let locked = file.try_lock().is_ok();
    if locked {
        std::mem::forget(file);
    }
    locked
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_in_range_and_can_be_bound() {
        let port = super::free();
        assert!(super::RANGE.contains(&port));
        assert!(std::net::TcpListener::bind(("127.0.0.1", port)).is_ok());
    }

    #[test]
    fn is_given_once() {
        let port = super::free();
        assert!(!super::reserve(port));
    }
}
