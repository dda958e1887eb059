//! Divides memory and disk between databases, for each of which DuckDB keeps a limit of its own. It must not know what they are for.

use crate::room::Room;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use weft_core::Result;

/// A new database gets at least this part of its fair share, though others have not let go of theirs yet.
const LEAST: u64 = 4;

/// What databases share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Bytes of memory.
    Memory,
    /// Bytes of disk.
    Disk,
}

impl Resource {
    /// Both.
    pub(crate) const ALL: [Resource; 2] = [Resource::Memory, Resource::Disk];

    /// What DuckDB calls the limit.
    pub(crate) fn setting(self) -> &'static str {
        match self {
            Resource::Memory => "memory_limit",
            Resource::Disk => "max_temp_directory_size",
        }
    }
}

/// Something with limits.
pub(crate) trait Tenant {
    /// What it may use now.
    fn granted(&self, resource: Resource) -> u64;

    /// Lets it use this much from now on; an error if it uses more already and cannot let go.
    fn limit(&self, resource: Resource, bytes: u64) -> Result<()>;
}

/// All that there is.
pub(crate) struct Budget {
    totals: [u64; 2],
    is_even: AtomicBool,
    /// Held while it is divided.
    dividing: Mutex<()>,
}

impl Budget {
    /// Nobody has anything yet.
    pub(crate) fn new(memory: u64, disk: u64) -> Budget {
        Budget { totals: [memory, disk], is_even: AtomicBool::new(true), dividing: Mutex::default() }
    }

    /// Whether everybody had an equal share when it was last divided.
    pub(crate) fn is_even(&self) -> bool {
        self.is_even.load(Ordering::Relaxed)
    }

    /// Makes room for one more; tells what there is for it. Blocks while the others let go.
    pub(crate) fn for_one_more(&self, tenants: &[Arc<impl Tenant>]) -> [u64; 2] {
        let _turn = self.dividing.lock();
        Resource::ALL.map(|resource| {
            let share = self.totals[resource as usize] / (tenants.len() as u64 + 1);
            self.spare(resource, share, tenants).clamp(share / LEAST, share)
        })
    }

    /// Gives everybody an equal share. Who uses more than that keeps what it has until a later time. Blocks while they let go.
    pub(crate) fn divide(&self, tenants: &[Arc<impl Tenant>]) {
        let _turn = self.dividing.lock();
        let mut is_even = true;
        for resource in Resource::ALL {
            let share = self.totals[resource as usize] / (tenants.len() as u64).max(1);
            let mut spare = self.spare(resource, share, tenants);
            for tenant in tenants.iter().filter(|tenant| tenant.granted(resource) < share) {
                let more = spare.min(share - tenant.granted(resource));
                if tenant.limit(resource, tenant.granted(resource) + more).is_ok() {
                    spare -= more;
                }
            }
            is_even &= tenants.iter().all(|tenant| tenant.granted(resource) == share);
        }
        self.is_even.store(is_even, Ordering::Relaxed);
    }

    /// What is left when nobody has more than the share, as far as they can let go.
    fn spare(&self, resource: Resource, share: u64, tenants: &[Arc<impl Tenant>]) -> u64 {
        for tenant in tenants.iter().filter(|tenant| tenant.granted(resource) > share) {
            // Whoever refuses is asked again when the next statement ends.
            let _ = tenant.limit(resource, share);
        }
        let granted: u64 = tenants.iter().map(|tenant| tenant.granted(resource)).sum();
        self.totals[resource as usize].saturating_sub(granted)
    }
}

impl Tenant for Room {
    fn granted(&self, resource: Resource) -> u64 {
        Room::granted(self, resource)
    }

    fn limit(&self, resource: Resource, bytes: u64) -> Result<()> {
        Room::limit(self, resource, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_core::Error;

    /// Uses some of what it has been granted.
    struct House {
        used: u64,
        granted: Mutex<[u64; 2]>,
    }

    impl House {
        fn new(used: u64, granted: [u64; 2]) -> Arc<House> {
            Arc::new(House { used, granted: Mutex::new(granted) })
        }

        fn memory(&self) -> u64 {
            self.granted(Resource::Memory)
        }
    }

    impl Tenant for House {
        fn granted(&self, resource: Resource) -> u64 {
            self.granted.lock()[resource as usize]
        }

        fn limit(&self, resource: Resource, bytes: u64) -> Result<()> {
            if bytes < self.used {
                return Err(Error::internal("in use"));
            }
            self.granted.lock()[resource as usize] = bytes;
            Ok(())
        }
    }

    #[test]
    fn shares_are_equal_as_soon_as_they_can_be() {
        let budget = Budget::new(120, 1200);
        let first = House::new(10, budget.for_one_more(&Vec::<Arc<House>>::new()));
        assert_eq!(first.memory(), 120);
        let second = House::new(70, budget.for_one_more(std::slice::from_ref(&first)));
        assert_eq!((first.memory(), second.memory()), (60, 60));
        let busy = House::new(0, [100, 1000]);
        let tenants = [busy.clone(), House::new(0, [0, 0])];
        budget.divide(&tenants);
        assert!(budget.is_even());
        assert_eq!((busy.memory(), tenants[1].memory()), (60, 60));
    }

    #[test]
    fn who_cannot_let_go_is_waited_for() {
        let budget = Budget::new(120, 1200);
        let busy = House::new(110, [120, 1200]);
        let granted = budget.for_one_more(std::slice::from_ref(&busy));
        assert_eq!(granted, [15, 600], "at least a part, though it is more than there is");
        let tenants = [busy, House::new(0, granted)];
        budget.divide(&tenants);
        assert!(!budget.is_even());
        let idle = [House::new(0, [120, 1200]), tenants[1].clone()];
        budget.divide(&idle);
        assert!(budget.is_even());
        assert_eq!((idle[0].memory(), idle[1].memory()), (60, 60));
    }
}
