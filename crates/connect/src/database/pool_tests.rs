//! The pool with connections that are numbers.

use super::*;
use std::collections::HashSet;

/// Numbers its connections; says that some are broken.
#[derive(Default)]
struct Numbers {
    made: AtomicU64,
    broken: Mutex<HashSet<u64>>,
    slow: AtomicBool,
}

#[async_trait]
impl Manager for Numbers {
    type Connection = u64;

    async fn connect(&self) -> Result<u64> {
        if self.slow.load(Relaxed) {
            sleep(Duration::from_secs(60)).await;
        }
        Ok(self.made.fetch_add(1, Relaxed))
    }

    fn is_open(&self, connection: &u64) -> bool {
        !self.broken.lock().contains(connection)
    }

    async fn ping(&self, _: &mut u64) -> Result<()> {
        Ok(())
    }
}

fn pool(max: usize, min: usize) -> Pool<Numbers> {
    let limits = Limits {
        max_connections: max,
        min_connections: min,
        idle_timeout: Some(Duration::from_millis(40)),
        acquire_timeout: Duration::from_millis(50),
        connect_timeout: Duration::from_millis(50),
    };
    let place = Place { catalog: "c".to_owned(), address: "h:1".to_owned() };
    Pool::new(Numbers::default(), place, limits)
}

#[tokio::test]
async fn connections_are_used_again_unless_they_are_dropped_or_broken() {
    let pool = pool(2, 2);
    let first = pool.acquire().await.unwrap();
    assert_eq!((*first, first.origin()), (0, Origin::New));
    first.give_back();
    let again = pool.acquire().await.unwrap();
    assert_eq!((*again, again.origin()), (0, Origin::Reused));
    drop(again);
    assert_eq!(pool.figures().open, 0);
    let next = pool.acquire().await.unwrap();
    assert_eq!(*next, 1);
    next.give_back();
    pool.manager().broken.lock().insert(1);
    assert_eq!(*pool.acquire().await.unwrap(), 2);
}

#[tokio::test]
async fn the_limit_holds_and_says_so() {
    let pool = pool(1, 0);
    let held = pool.acquire().await.unwrap();
    let (refused, figures) = tokio::join!(pool.acquire(), async { pool.figures() });
    let refused = refused.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::TooManyConnections);
    assert_eq!(refused.message(), "catalog \"c\" has no free connection");
    assert_eq!((figures.open, figures.waiting), (1, 1));
    drop(held);
    let figures = pool.figures();
    assert_eq!((figures.open, figures.waiting, figures.acquired, figures.timed_out), (0, 0, 1, 1));
    let (a, b) = tokio::join!(pool.acquire(), async {
        sleep(Duration::from_millis(1)).await;
        pool.figures().open
    });
    assert_eq!((*a.unwrap(), b), (1, 1));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let pool = pool(1, 0);
    pool.manager().slow.store(true, Relaxed);
    let error = pool.acquire().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert_eq!(error.detail(), Some("h:1: no answer within 50ms"));
    assert_eq!(pool.figures().open, 0);
}

#[tokio::test]
async fn idle_connections_are_closed_down_to_the_minimum() {
    let pool = pool(3, 1);
    let (a, b, c) = (pool.acquire().await, pool.acquire().await, pool.acquire().await);
    for lease in [a, b, c] {
        lease.unwrap().give_back();
    }
    assert_eq!((pool.figures().open, pool.figures().idle), (3, 3));
    sleep(Duration::from_millis(150)).await;
    assert_eq!((pool.figures().open, pool.figures().idle), (1, 1));
}
