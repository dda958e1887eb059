//! Which of a catalog's stores is read: the first while it is well, else its backup, if that is. Checks and reads tell what they met, and it decides. It
//! must not reach any store. The rules, and why they are so, are in ADR 0016.

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use weft_core::store::{Store, StoreRole};
use weft_core::{Error, ErrorKind};

/// When which store is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// How often each is asked; zero if it is not asked by itself.
    pub(crate) interval: Duration,
    /// Checks in a row that fail until it counts as unhealthy.
    pub(crate) fail_over_after: u32,
    /// Checks in a row that succeed until it counts as healthy again.
    pub(crate) fail_back_after: u32,
}

/// What is known of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// It has not been asked yet.
    Unknown,
    /// It answers.
    Healthy,
    /// It does not, or has not answered often enough since.
    Unhealthy,
}

impl fmt::Display for MemberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MemberState::Unknown => "unknown",
            MemberState::Healthy => "healthy",
            MemberState::Unhealthy => "unhealthy",
        })
    }
}

/// What a store has done since its catalog was opened.
#[derive(Debug, Clone)]
pub struct MemberFigures {
    /// Which of the two it is.
    pub role: StoreRole,
    /// Endpoint, bucket and prefix.
    pub address: String,
    /// What is known of it.
    pub state: MemberState,
    /// Whether it is the one that is read.
    pub serving: bool,
    /// How often it was asked whether it is there.
    pub checks: u64,
    /// Checks and reads that failed.
    pub failures: u64,
    /// Those of them since it answered last.
    pub consecutive_failures: u32,
    /// When it was asked last.
    pub last_check_at: Option<DateTime<Utc>>,
    /// When its state changed last.
    pub last_change_at: Option<DateTime<Utc>>,
    /// How long it took to answer then.
    pub latency: Option<Duration>,
    /// How often reads came to it from the other one.
    pub failovers: u64,
    /// What was wrong with it last; none since it is well.
    pub last_error: Option<Error>,
}

/// The stores of a catalog.
#[derive(Debug)]
pub struct StorePool {
    rules: Rules,
    members: Mutex<Members>,
    serving: watch::Sender<StoreRole>,
}

#[derive(Debug)]
struct Members {
    primary: Member,
    backup: Option<Member>,
}

#[derive(Debug)]
struct Member {
    store: Arc<Store>,
    figures: MemberFigures,
    /// Good checks in a row that count, and when the last check was that counted, good or bad.
    good: u32,
    counted: Option<Instant>,
    /// When its state changed last.
    changed: Option<Instant>,
}

impl StorePool {
    /// Nothing is known yet. Each store comes with its address as users read it.
    pub(crate) fn new(primary: (Arc<Store>, String), backup: Option<(Arc<Store>, String)>, rules: Rules) -> StorePool {
        let members = Members {
            primary: Member::new(primary, StoreRole::Primary),
            backup: backup.map(|backup| Member::new(backup, StoreRole::Backup)),
        };
        StorePool { rules, members: Mutex::new(members), serving: watch::Sender::new(StoreRole::Primary) }
    }

    /// How often its stores are to be asked; zero if not by itself.
    pub fn interval(&self) -> Duration {
        self.rules.interval
    }

    /// Whether there is a backup.
    pub fn has_backup(&self) -> bool {
        self.members.lock().backup.is_some()
    }

    /// Whether this store is the one that is read. One that is none of these was taken out of the catalog: what reads it ends on it.
    pub fn serves(&self, store: &Store) -> bool {
        self.role_of(store).is_none_or(|role| role == self.serving())
    }

    /// Why the backup is read, if it is.
    pub fn reason(&self) -> Option<String> {
        if self.serving() == StoreRole::Primary {
            return None;
        }
        let members = self.members.lock();
        let figures = &members.primary.figures;
        let since = figures.last_change_at.map(|at| format!(" since {}", at.format("%Y-%m-%d %H:%M:%SZ")));
        let error = figures.last_error.as_ref().map(|error| match error.detail() {
            Some(detail) => format!(": {} ({detail})", error.message()),
            None => format!(": {}", error.message()),
        });
        Some(format!("the primary store is unhealthy{}{}", since.unwrap_or_default(), error.unwrap_or_default()))
    }

    /// What its stores have done.
    pub fn figures(&self) -> Vec<MemberFigures> {
        let serving = self.serving();
        let members = self.members.lock();
        let all = [Some(&members.primary), members.backup.as_ref()];
        let shown = |m: &Member| MemberFigures { serving: m.figures.role == serving, ..m.figures.clone() };
        all.into_iter().flatten().map(shown).collect()
    }

    /// A statement that was begun then has met this error. If it is one of a store of these, that is read no more, as long as there is another one.
    pub fn blame(&self, store: &Store, error: &Error, begun: Instant) {
        if let Some(role) = self.role_of(store) {
            self.failed(role, error, begun);
        }
    }

    /// Waits until statements on this store had better begin anew on the other one, and tells why; nothing if there is no other.
    pub fn left(&self, store: &Store) -> Option<impl Future<Output = Error> + Send> {
        let role = self.role_of(store).filter(|_| self.has_backup())?;
        Some(async move {
            self.until_left(role).await;
            let mut members = self.members.lock();
            let error = members.get(role).and_then(|member| member.figures.last_error.clone());
            error.unwrap_or_else(|| Error::new(ErrorKind::ConnectionFailed, "another store of the catalog is read now"))
        })
    }

    /// Waits until another store than this one is read.
    pub(crate) async fn until_left(&self, role: StoreRole) {
        // The sender is here: it does not end.
        let _ = self.serving.subscribe().wait_for(|now| *now != role).await;
    }

    /// The store that is read now.
    pub(crate) fn serving(&self) -> StoreRole {
        *self.serving.borrow()
    }

    /// Takes note of a read that was begun then and met this error; whether the other store is read now.
    pub(crate) fn failed(&self, role: StoreRole, error: &Error, begun: Instant) -> bool {
        let mut members = self.members.lock();
        if let Some(member) = members.get(role)
            && member.store.is_blamed(error)
            // It may have come back since.
            && member.changed.is_none_or(|changed| changed <= begun)
        {
            member.ill(error);
            member.turn(MemberState::Unhealthy);
        }
        self.settle(&mut members);
        self.serving() != role
    }

    /// Takes note of a check.
    pub(crate) fn checked(&self, role: StoreRole, latency: Duration, error: Option<&Error>) {
        let mut members = self.members.lock();
        if let Some(member) = members.get(role) {
            member.figures.checks += 1;
            member.figures.last_check_at = Some(Utc::now());
            member.figures.latency = Some(latency);
            match error {
                None => member.well(&self.rules),
                Some(error) if member.store.is_blamed(error) => {
                    member.ill(error);
                    let enough = member.figures.consecutive_failures >= self.rules.fail_over_after;
                    if enough || member.figures.state == MemberState::Unknown {
                        member.turn(MemberState::Unhealthy);
                    }
                }
                Some(error) => member.refuse(error),
            }
        }
        self.settle(&mut members);
    }

    fn role_of(&self, store: &Store) -> Option<StoreRole> {
        let members = self.members.lock();
        let all = [Some(&members.primary), members.backup.as_ref()];
        all.into_iter().flatten().find(|member| *member.store == *store).map(|member| member.figures.role)
    }

    fn settle(&self, members: &mut Members) {
        let is_usable = |member: &Member| member.figures.state != MemberState::Unhealthy;
        let now = match &members.backup {
            Some(backup) if !is_usable(&members.primary) && is_usable(backup) => StoreRole::Backup,
            _ => StoreRole::Primary,
        };
        if now == self.serving() {
            return;
        }
        let error = members.primary.figures.last_error.as_ref().map(ToString::to_string);
        if let Some(member) = members.get(now) {
            member.figures.failovers += 1;
            let (catalog, address) = (&member.store.catalog, &member.figures.address);
            tracing::warn!(catalog, address, error, "reads go to the {now} store");
        }
        self.serving.send_replace(now);
    }
}

impl Members {
    fn get(&mut self, role: StoreRole) -> Option<&mut Member> {
        match role {
            StoreRole::Primary => Some(&mut self.primary),
            StoreRole::Backup => self.backup.as_mut(),
        }
    }
}

impl Member {
    fn new((store, address): (Arc<Store>, String), role: StoreRole) -> Member {
        let figures = MemberFigures {
            role,
            address,
            state: MemberState::Unknown,
            serving: false,
            checks: 0,
            failures: 0,
            consecutive_failures: 0,
            last_check_at: None,
            last_change_at: None,
            latency: None,
            failovers: 0,
            last_error: None,
        };
        Member { store, figures, good: 0, counted: None, changed: None }
    }

    fn turn(&mut self, state: MemberState) {
        if self.figures.state != state {
            self.figures.state = state;
            self.figures.last_change_at = Some(Utc::now());
            self.changed = Some(Instant::now());
        }
    }

    /// It answered.
    fn well(&mut self, rules: &Rules) {
        self.figures.consecutive_failures = 0;
        if self.figures.state == MemberState::Unhealthy {
            // Somebody may ask it again and again.
            if self.counted.is_some_and(|counted| counted.elapsed() < rules.interval / 2) {
                return;
            }
            self.good += 1;
            self.counted = Some(Instant::now());
            if self.good < rules.fail_back_after {
                return;
            }
        }
        self.figures.last_error = None;
        self.turn(MemberState::Healthy);
    }

    /// It did not answer.
    fn ill(&mut self, error: &Error) {
        self.figures.failures += 1;
        self.figures.consecutive_failures = self.figures.consecutive_failures.saturating_add(1);
        self.figures.last_error = Some(error.clone());
        self.good = 0;
        self.counted = Some(Instant::now());
    }

    /// It answered that it does not know the key, or the bucket. That is no reason to read elsewhere what it refuses; but a backup that refuses is none, and
    /// a store that was away is not back.
    fn refuse(&mut self, error: &Error) {
        self.figures.last_error = Some(error.clone());
        self.good = 0;
        self.counted = Some(Instant::now());
        match (self.figures.role, self.figures.state) {
            (StoreRole::Backup, _) => {
                self.figures.failures += 1;
                self.turn(MemberState::Unhealthy);
            }
            (StoreRole::Primary, MemberState::Unknown) => self.turn(MemberState::Healthy),
            (StoreRole::Primary, _) => {}
        }
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
