//! Remembers for a while what a source's catalogs said. One question at a time for each key: who asks meanwhile gets the same answer, failures
//! included. It must not know what is remembered.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weft_core::Result;

/// Answers by key, each good for a time.
pub(crate) struct Cache<K, V> {
    time_to_live: Duration,
    capacity: usize,
    slots: Mutex<HashMap<K, Arc<Slot<V>>>>,
}

/// Held by whoever asks the source.
type Slot<V> = tokio::sync::Mutex<Option<Answer<V>>>;

struct Answer<V> {
    begun: Instant,
    ended: Instant,
    outcome: Result<V>,
}

impl<V: Clone> Answer<V> {
    /// A success answers for as long as it lives; a failure only those who waited for it.
    fn is_good(&self, asked: Instant, time_to_live: Duration) -> bool {
        match self.outcome {
            Ok(_) => self.begun.elapsed() < time_to_live,
            Err(_) => self.ended >= asked,
        }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    /// An empty one that keeps at most `capacity` answers.
    pub(crate) fn new(time_to_live: Duration, capacity: usize) -> Self {
        Cache { time_to_live, capacity, slots: Mutex::default() }
    }

    /// The answer that is remembered, or what `ask` finds out.
    pub(crate) async fn get<F>(&self, key: &K, ask: impl FnOnce() -> F) -> Result<V>
    where
        F: Future<Output = Result<V>>,
    {
        let asked = Instant::now();
        let slot = self.slot(key);
        let mut held = slot.lock().await;
        if let Some(answer) = held.as_ref().filter(|a| a.is_good(asked, self.time_to_live)) {
            return answer.outcome.clone();
        }
        let begun = Instant::now();
        let outcome = ask().await;
        *held = Some(Answer { begun, ended: Instant::now(), outcome: outcome.clone() });
        outcome
    }

    /// Forgets everything; what is being asked now is not remembered either.
    pub(crate) fn clear(&self) {
        self.slots.lock().clear();
    }

    fn slot(&self, key: &K) -> Arc<Slot<V>> {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(key) {
            return slot.clone();
        }
        if slots.len() >= self.capacity {
            self.make_room(&mut slots);
        }
        slots.entry(key.clone()).or_default().clone()
    }

    /// What has expired goes first; if all is fresh, anything.
    fn make_room(&self, slots: &mut HashMap<K, Arc<Slot<V>>>) {
        slots.retain(|_, slot| match slot.try_lock() {
            Ok(held) => held.as_ref().is_some_and(|a| a.begun.elapsed() < self.time_to_live),
            Err(_) => true,
        });
        if slots.len() >= self.capacity {
            let victim = slots.keys().next().cloned();
            victim.and_then(|victim| slots.remove(&victim));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use weft_core::{Error, ErrorKind};

    const LONG: Duration = Duration::from_secs(60);

    /// Answers with how often it was asked.
    struct Source(AtomicU32);

    impl Source {
        async fn ask(&self) -> Result<u32> {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(self.0.fetch_add(1, Ordering::Relaxed))
        }

        async fn fail(&self) -> Result<u32> {
            let n = self.ask().await?;
            Err(Error::new(ErrorKind::ConnectionFailed, n.to_string()))
        }
    }

    #[tokio::test]
    async fn asks_once_until_it_expires_or_is_cleared() {
        let (cache, source) = (Cache::new(LONG, 10), Source(AtomicU32::new(0)));
        assert_eq!(cache.get(&1, || source.ask()).await.expect("answer"), 0);
        assert_eq!(cache.get(&1, || source.ask()).await.expect("answer"), 0);
        assert_eq!(cache.get(&2, || source.ask()).await.expect("answer"), 1);
        cache.clear();
        assert_eq!(cache.get(&1, || source.ask()).await.expect("answer"), 2);
        let forgetful = Cache::new(Duration::ZERO, 10);
        assert_eq!(forgetful.get(&1, || source.ask()).await.expect("answer"), 3);
        assert_eq!(forgetful.get(&1, || source.ask()).await.expect("answer"), 4);
    }

    #[tokio::test]
    async fn a_failure_answers_only_those_who_waited() {
        let (cache, source) = (Cache::new(LONG, 10), Source(AtomicU32::new(0)));
        let (a, b) = tokio::join!(cache.get(&1, || source.fail()), cache.get(&1, || source.fail()));
        assert_eq!((a.unwrap_err().message(), b.unwrap_err().message()), ("0", "0"));
        assert_eq!(cache.get(&1, || source.ask()).await.expect("answer"), 1);
    }

    #[tokio::test]
    async fn who_gives_up_does_not_keep_others_waiting() {
        let (cache, source) = (Cache::new(LONG, 10), Source(AtomicU32::new(0)));
        let given_up = tokio::time::timeout(Duration::from_millis(1), cache.get(&1, || source.ask())).await;
        assert!(given_up.is_err());
        assert_eq!(cache.get(&1, || source.ask()).await.expect("answer"), 0);
    }

    #[tokio::test]
    async fn is_bounded() {
        let (cache, source) = (Cache::new(LONG, 3), Source(AtomicU32::new(0)));
        for key in 0..10 {
            cache.get(&key, || source.ask()).await.expect("answer");
        }
        assert!(cache.slots.lock().len() <= 3);
    }
}
