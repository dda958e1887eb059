//! What a statement sees of the world: the gateway, who runs it, where names are looked up. Built anew for each statement.

use crate::catalog::{Drafts, Hidden, Lookup, SearchPath};
use crate::gateway::Gateway;
use crate::plan::execute::Pushdown;
use crate::plan::spread::Limits;
use crate::principals::Rights;
use crate::system::directory::Directory;
use crate::variables::Variables;
use datafusion::execution::SessionState;
use std::sync::Arc;
use tokio::sync::OnceCell;
use weft_core::Result;

/// The surroundings of one statement.
#[derive(Clone)]
pub struct Environment {
    /// The process.
    pub gateway: Arc<Gateway>,
    /// The role that runs it.
    pub user: String,
    /// Who logged in.
    pub login: String,
    /// By which names are looked up: those of the role, or within a view those of its owner.
    pub rights: Rights,
    /// The number of the snapshot that they are of.
    pub principals: u64,
    /// The session's number.
    pub pid: i32,
    /// Where names are looked up.
    pub path: SearchPath,
    /// The session's variables as the statement began.
    pub variables: Arc<Variables>,
    /// DataFusion's state for this statement.
    pub state: Arc<SessionState>,
    /// Changes of datasets that its transaction has made.
    pub drafts: Arc<Drafts>,
    /// In how many views within views its names are looked up.
    pub depth: usize,
    /// The current catalog's objects, once the statement has asked for them.
    pub directory: Arc<OnceCell<Arc<Directory>>>,
}

impl Environment {
    /// The same, with another current catalog: how a view sees the catalog that it is in.
    pub fn inside(&self, catalog: &str) -> Environment {
        let mut inside = self.clone();
        if inside.path.catalog != catalog {
            inside.path.catalog = catalog.to_owned();
            inside.directory = Arc::default();
        }
        inside
    }

    /// The same within a view, whose names are looked up along this path and by these rights.
    pub fn within_view(&self, path: SearchPath, rights: Rights) -> Environment {
        Environment { path, rights, depth: self.depth + 1, directory: Arc::default(), ..self.clone() }
    }

    /// The same with other rights.
    pub fn with(self, rights: Rights) -> Environment {
        Environment { rights, ..self }
    }

    /// How its names are looked up.
    pub fn lookup(&self, hidden: Hidden) -> Lookup<'_> {
        Lookup { path: &self.path, rights: &self.rights, hidden, drafts: &self.drafts }
    }

    /// What the role itself may do, within a view too: what a listing shows is by whom it is read, as in PostgreSQL.
    pub fn viewer(&self) -> Rights {
        self.gateway.principals().rights(&self.user)
    }

    /// How much may leave the gateway.
    pub fn pushdown(&self) -> Pushdown {
        if self.variables.pushdown() { Pushdown::On(limits(&self.gateway, &self.variables)) } else { Pushdown::Off }
    }

    /// The objects of the current catalog as this statement sees them.
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        let make = || async { Directory::of(self).await.map(Arc::new) };
        self.directory.get_or_try_init(make).await.cloned()
    }
}

/// When statements are spread over several workers.
pub fn limits(gateway: &Gateway, variables: &Variables) -> Limits {
    let settings = gateway.settings();
    Limits {
        spread: variables.spread(),
        min_bytes: settings.spread_min_bytes.0,
        efficiency: settings.spread_efficiency,
    }
}
