//! Tests of who serves when.

use super::*;
use weft_core::Secret;
use weft_core::store::Addressing;

const TOOK: Duration = Duration::from_millis(1);

fn store(role: StoreRole, host: &str) -> (Arc<Store>, String) {
    let endpoint = format!("http://{host}");
    let store = Store {
        catalog: "c".to_owned(),
        role,
        scope: "s3://b/".to_owned(),
        endpoint: endpoint.clone(),
        region: "r".to_owned(),
        key_id: None,
        secret: Some(Secret::new("hush")),
        session_token: None,
        addressing: Addressing::Path,
        request_timeout: Duration::from_secs(1),
        max_retries: 0,
    };
    (Arc::new(store), format!("{endpoint}/b"))
}

fn pool(interval: Duration) -> StorePool {
    let rules = Rules { interval, fail_over_after: 2, fail_back_after: 2 };
    StorePool::new(store(StoreRole::Primary, "p"), Some(store(StoreRole::Backup, "b")), rules)
}

fn away(host: &str) -> Error {
    Error::new(ErrorKind::ConnectionFailed, "no").with_detail(format!("{host}: refused"))
}

fn refused() -> Error {
    Error::new(ErrorKind::InsufficientPrivilege, "no").with_detail("p: AccessDenied")
}

use StoreRole::{Backup, Primary};

#[test]
fn checks_move_reads_there_and_back() {
    let pool = pool(Duration::ZERO);
    pool.checked(Primary, TOOK, None);
    pool.checked(Backup, TOOK, None);
    pool.checked(Primary, TOOK, Some(&away("p")));
    assert_eq!(pool.serving(), Primary, "one is not enough");
    pool.checked(Primary, TOOK, None);
    pool.checked(Primary, TOOK, Some(&away("p")));
    assert_eq!(pool.serving(), Primary, "not in a row");
    pool.checked(Primary, TOOK, Some(&away("p")));
    assert_eq!(pool.serving(), Backup);
    assert!(pool.reason().is_some_and(|why| why.ends_with(": no (p: refused)")), "{:?}", pool.reason());
    pool.checked(Primary, TOOK, None);
    pool.checked(Primary, TOOK, Some(&refused()));
    pool.checked(Primary, TOOK, None);
    assert_eq!(pool.serving(), Backup, "not in a row");
    pool.checked(Primary, TOOK, None);
    assert_eq!((pool.serving(), pool.reason()), (Primary, None));
    let [primary, backup] = pool.figures().try_into().expect("two");
    assert_eq!((primary.failovers, backup.failovers, primary.checks, backup.checks), (1, 1, 9, 1));
    assert_eq!((primary.failures, primary.consecutive_failures, primary.serving), (3, 0, true));
}

#[test]
fn good_checks_count_at_intervals_only() {
    let pool = pool(Duration::from_secs(3600));
    assert!(pool.failed(Primary, &away("p"), Instant::now()));
    for _ in 0..9 {
        pool.checked(Primary, TOOK, None);
    }
    assert_eq!(pool.serving(), Backup);
}

#[test]
fn a_read_that_fails_moves_reads_at_once() {
    let pool = pool(Duration::ZERO);
    let begun = Instant::now();
    for error in [away("elsewhere"), refused()] {
        assert!(!pool.failed(Primary, &error, begun), "{error}");
    }
    assert!(pool.failed(Primary, &away("p"), begun));
    pool.checked(Primary, TOOK, None);
    pool.checked(Primary, TOOK, None);
    assert_eq!(pool.serving(), Primary);
    assert!(!pool.failed(Primary, &away("p"), begun), "it was begun before the store came back");
    assert_eq!(pool.serving(), Primary);
}

#[test]
fn if_both_are_away_the_first_is_tried() {
    let pool = pool(Duration::ZERO);
    assert!(pool.failed(Primary, &away("p"), Instant::now()));
    assert!(pool.failed(Backup, &away("b"), Instant::now()), "back to the first");
    assert!(!pool.failed(Primary, &away("p"), Instant::now()));
    pool.checked(Backup, TOOK, None);
    pool.checked(Backup, TOOK, None);
    assert_eq!(pool.serving(), Backup);
}

#[test]
fn a_backup_that_refuses_is_none() {
    let pool = pool(Duration::ZERO);
    pool.checked(Backup, TOOK, Some(&refused()));
    assert!(!pool.failed(Primary, &away("p"), Instant::now()));
}

#[test]
fn what_is_not_known_may_fail_once_only() {
    let pool = pool(Duration::from_secs(30));
    pool.checked(Primary, TOOK, Some(&away("p")));
    assert_eq!(pool.serving(), Backup);
}

#[tokio::test]
async fn who_waits_hears_that_a_store_is_left() {
    let pool = pool(Duration::ZERO);
    let (primary, _) = store(Primary, "p");
    let (other, _) = store(Primary, "x");
    assert!(pool.left(&other).is_none() && pool.serves(&other) && pool.serves(&primary));
    let left = pool.left(&primary).expect("a backup");
    let fail = async { pool.blame(&primary, &away("p"), Instant::now()) };
    let (error, ()) = tokio::join!(left, fail);
    assert_eq!(error.detail(), Some("p: refused"));
    assert!(!pool.serves(&primary));
}
