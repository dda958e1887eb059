//! The statements that may ask for objects now: by a pass that only they have, for objects of their own stores, of which each sees one version from its
//! beginning to its end. It must not know what is kept of objects.

use super::origin::Origin;
use crate::request::Why;
use object_store::ObjectMeta;
use object_store::path::Path;
use parking_lot::Mutex;
use rand::RngCore;
use std::collections::HashMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use weft_core::report::Traffic;

/// Objects of one statement that are remembered. Of more, each request asks the store again.
const REMEMBERED: usize = 1 << 20;

/// All statements that read objects now. There are as many as the engine admits at once.
#[derive(Default)]
pub(crate) struct Visits {
    guests: Mutex<HashMap<String, Arc<Guest>>>,
}

/// A statement's right to ask. It ends when this is dropped.
pub(crate) struct Visit {
    pass: String,
    address: SocketAddr,
    guest: Arc<Guest>,
    visits: Arc<Visits>,
}

/// A statement, as the server sees it.
pub(crate) struct Guest {
    origins: Arc<[Arc<Origin>]>,
    objects: Mutex<HashMap<String, Known>>,
    /// What it has been sent.
    pub(crate) traffic: Arc<Traffic>,
    /// When nobody waits for answers any more.
    pub(crate) left: CancellationToken,
}

/// What a statement knows of an object.
#[derive(Clone)]
enum Known {
    Seen(Arc<Object>),
    Failed(Why),
}

/// An object as it was when the statement saw it first.
pub(crate) struct Object {
    /// The store.
    pub(crate) origin: Arc<Origin>,
    /// What it said.
    pub(crate) meta: ObjectMeta,
}

impl Visits {
    /// Lets a statement ask these stores, at this address.
    pub(crate) fn admit(
        self: &Arc<Self>,
        origins: Arc<[Arc<Origin>]>,
        address: SocketAddr,
        traffic: Arc<Traffic>,
    ) -> Visit {
        let guest = Arc::new(Guest { origins, objects: Mutex::default(), traffic, left: CancellationToken::new() });
        let pass = pass();
        self.guests.lock().insert(pass.clone(), guest.clone());
        Visit { pass, address, guest, visits: self.clone() }
    }

    /// Whose pass it is.
    pub(crate) fn guest(&self, pass: &str) -> Option<Arc<Guest>> {
        self.guests.lock().get(pass).cloned()
    }
}

/// 128 bits that nobody can guess.
fn pass() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Visit {
    /// What a connection is told before its statement: by whose right it asks. It serves the one statement only.
    pub(crate) fn introduction(&self) -> String {
        format!("SET SESSION s3_access_key_id = '{}'", self.pass)
    }

    /// Where DuckDB asks, which its errors repeat.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Why the object could not be read, if it could not.
    pub(crate) fn failure(&self, bucket: &str, key: &str) -> Option<Why> {
        match self.guest.objects.lock().get(&path(bucket, key)) {
            Some(Known::Failed(why)) => Some(why.clone()),
            _ => None,
        }
    }

    /// An object that could not be read, as `s3://bucket/key`, and why.
    pub(crate) fn any_failure(&self) -> Option<(String, Why)> {
        self.guest.objects.lock().iter().find_map(|(path, known)| match known {
            Known::Failed(why) => Some((format!("s3://{path}"), why.clone())),
            Known::Seen(_) => None,
        })
    }

    /// What ends all requests of the statement when it is cancelled.
    pub(crate) fn leave(&self) -> CancellationToken {
        self.guest.left.clone()
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.guest.left.cancel();
        self.visits.guests.lock().remove(&self.pass);
    }
}

impl Guest {
    /// The object as the statement sees it; the store is asked when it is asked for first. Whatever lies in none of the statement's stores is refused.
    pub(crate) async fn object(&self, bucket: &str, key: &str) -> Result<Arc<Object>, Why> {
        let known = self.objects.lock().get(&path(bucket, key)).cloned();
        match known {
            Some(Known::Seen(object)) => return Ok(object),
            Some(Known::Failed(why)) => return Err(why),
            None => {}
        }
        let Some(origin) = self.origins.iter().find(|origin| origin.holds(bucket, key)) else {
            return Err(Why::Status(403, "outside of what the statement may read".to_owned()));
        };
        let looked = match Path::parse(key) {
            Ok(location) => origin.look(&location).await,
            Err(error) => Err(Why::Status(400, error.to_string())),
        };
        let known = match looked {
            Ok(meta) => Known::Seen(Arc::new(Object { origin: origin.clone(), meta })),
            Err(why) => Known::Failed(why),
        };
        match self.remember(bucket, key, known) {
            Known::Seen(object) => Ok(object),
            Known::Failed(why) => Err(why),
        }
    }

    /// What another request found meanwhile stays: all of a statement sees the same.
    fn remember(&self, bucket: &str, key: &str, known: Known) -> Known {
        let mut objects = self.objects.lock();
        if objects.len() >= REMEMBERED {
            return known;
        }
        objects.entry(path(bucket, key)).or_insert(known).clone()
    }

    /// The object could not be read: its statement fails.
    pub(crate) fn fail(&self, bucket: &str, key: &str, why: Why) {
        let mut objects = self.objects.lock();
        if objects.len() < REMEMBERED {
            objects.insert(path(bucket, key), Known::Failed(why));
        }
    }
}

fn path(bucket: &str, key: &str) -> String {
    format!("{bucket}/{key}")
}
