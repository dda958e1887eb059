//! What a missing key means.

use super::known::*;
use super::order::Order;
use crate::record::{PROTOCOL, Record, State};
use chrono::Utc;
use std::time::{Duration, Instant};

const TTL: Duration = Duration::from_secs(15);

fn record(id: &str, incarnation: u64) -> Record {
    Record {
        id: id.to_owned(),
        incarnation,
        address: format!("{id}:1"),
        cores: 2,
        memory_bytes: 1,
        version: "0".to_owned(),
        protocol: PROTOCOL,
        duckdb_version: "v1".to_owned(),
        setup: String::new(),
        file_roots: vec![],
        state: State::Active,
        running: 0,
        cache: None,
        started_at: Utc::now(),
        heartbeat_at: Utc::now(),
    }
}

fn present(id: &str) -> Found {
    let record = Some(record(id, 1));
    Found { id: id.to_owned(), listing: Listing::Named, record, order: None, left: None }
}

fn missing(id: &str, listing: Listing) -> Found {
    Found { id: id.to_owned(), listing, record: None, order: None, left: None }
}

struct Test {
    known: Known,
    start: Instant,
    connected: u64,
}

impl Test {
    fn new() -> Test {
        let mut test = Test { known: Known::new(TTL), start: Instant::now(), connected: 0 };
        test.at(0, vec![present("a"), present("b")]);
        test
    }

    fn at(&mut self, second: u64, found: Vec<Found>) -> (String, Vec<String>) {
        let (now, connected) = (Duration::from_secs(second), Duration::from_secs(self.connected));
        let moment = Moment { now: self.start + now, connected: self.start + connected };
        let silent = self.known.take(found, moment);
        (self.known.ids().cloned().collect::<Vec<_>>().join(" "), silent)
    }
}

#[test]
fn what_expires_before_our_eyes_is_gone() {
    let mut test = Test::new();
    assert_eq!(test.at(20, vec![present("a"), missing("b", Listing::Named)]), ("a".to_owned(), vec![]));
    assert_eq!(test.known.gone()[0].id, "b");
    // It stays listed until every gateway has had the time to see that.
    let (_, silent) = test.at(35, vec![present("a"), missing("b", Listing::Named)]);
    assert_eq!(silent, ["b"]);
    test.at(36, vec![present("a"), present("b")]);
    assert!(test.known.gone().is_empty());
}

#[test]
fn what_is_lost_has_time_to_come_back() {
    let mut test = Test::new();
    let empty = || vec![missing("a", Listing::Absent), missing("b", Listing::Absent)];
    assert_eq!(test.at(100, empty()).0, "a b");
    assert_eq!(test.at(114, vec![present("a"), missing("b", Listing::Absent)]).0, "a b");
    assert_eq!(test.at(115, vec![present("a"), missing("b", Listing::Absent)]).0, "a");
    assert_eq!(test.known.gone()[0].id, "b");
}

#[test]
fn what_expired_while_redis_was_away_has_time_too() {
    let mut test = Test::new();
    test.connected = 100;
    assert_eq!(test.at(101, vec![missing("a", Listing::Named), missing("b", Listing::Named)]).0, "a b");
    assert_eq!(test.at(110, vec![missing("a", Listing::Named), present("b")]).0, "a b");
    assert_eq!(test.at(115, vec![missing("a", Listing::Named), present("b")]).0, "b");
}

#[test]
fn what_has_left_is_not_told_to_have_gone() {
    let mut test = Test::new();
    let left = |life| Found { left: Some(life), ..missing("a", Listing::Absent) };
    assert_eq!(test.at(1, vec![left(7), present("b")]).0, "a b");
    assert_eq!(test.at(2, vec![left(1), present("b")]).0, "b");
    assert!(test.known.gone().is_empty());
}

#[test]
fn an_order_holds_before_the_worker_obeys() {
    let mut test = Test::new();
    let ordered = |order| Found { order: Some(order), ..present("a") };
    let state = |test: &Test| test.known.workers()[0].state;
    test.at(1, vec![ordered(Order::Draining)]);
    assert_eq!(state(&test), State::Draining);
    test.at(2, vec![ordered(Order::Removed(1))]);
    assert_eq!(state(&test), State::Draining);
    test.at(3, vec![ordered(Order::Removed(7))]);
    assert_eq!(state(&test), State::Active);
}
