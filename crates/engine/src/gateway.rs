//! The process-wide parts: catalogs, metastore, worker, and the sessions that are open. A protocol room holds one of these.

use crate::catalog::{Catalogs, Patience, SearchPath};
use crate::counts::Counts;
use crate::environment::Environment;
use crate::error::classify;
use crate::function;
use crate::jobs::Jobs;
use crate::journal;
use crate::plan::keys::KeyPatience;
use crate::plan::semantics::PostgresOperators;
use crate::plans::Plans;
use crate::presence::{self, Identity};
use crate::principals::{Principals, Rights};
use crate::schedule;
use crate::session::{Hello, Session};
use crate::system::directory::Inventories;
use crate::trail;
use crate::variables::Variables;
use crate::views;
use chrono::{DateTime, Utc};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_connect::Context;
use weft_core::settings::Settings;
use weft_core::trace::Tracer;
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind, Result};
use weft_fleet::{Fleet, Registry};
use weft_lake::Lake;
use weft_meta::{Metastore, Role};

/// Consumers of memory that an out-of-memory error names.
const BLAMED_CONSUMERS: NonZeroUsize = NonZeroUsize::MIN;

/// Bytes of the keys that one side of a join sends to the other.
const JOIN_KEYS_BYTES: usize = 4 << 20;

/// Rows of a batch between operators of the gateway.
const BATCH_ROWS: usize = 8192;

/// How long the end of the gateway may be delayed by telling others of it.
const LAST_WORD: Duration = Duration::from_secs(2);

/// The gateway of one process.
pub struct Gateway {
    settings: Arc<Settings>,
    metastore: Arc<Metastore>,
    worker: Arc<dyn Worker>,
    fleet: Arc<Fleet>,
    registry: Arc<Registry>,
    catalogs: Catalogs,
    lake: Lake,
    principals: Principals,
    state: SessionState,
    plans: Plans,
    inventories: Inventories,
    jobs: Arc<Jobs>,
    identity: Uuid,
    started_at: DateTime<Utc>,
    sessions: Mutex<HashMap<i32, Weak<Session>>>,
    next_pid: AtomicI32,
    counts: Arc<Counts>,
    tracer: Tracer,
    stopping: CancellationToken,
}

impl Gateway {
    /// Opens the sources and binds the built-in views.
    pub async fn open(
        settings: Arc<Settings>,
        metastore: Arc<Metastore>,
        fleet: Arc<Fleet>,
        registry: Arc<Registry>,
        lake: Lake,
        identity: Identity,
        tracer: Tracer,
    ) -> Result<Arc<Gateway>> {
        let worker: Arc<dyn Worker> = fleet.clone();
        let context = Context {
            worker: worker.clone(),
            file_roots: settings.file_roots.0.clone(),
            max_files_per_table: settings.max_files_per_table,
            metadata_ttl: settings.metadata_ttl.0,
            store_health_interval: settings.store_health_interval.0,
            health_timeout: settings.health_timeout.0,
        };
        let principals = Principals::open(metastore.clone()).await?;
        let catalogs = Catalogs::open(metastore.clone(), principals.clone(), context, Patience::of(&settings)).await?;
        let state = state(&settings)?;
        let left = presence::enter(&metastore, &identity).await?;
        let stopping = CancellationToken::new();
        let gateway = Arc::new(Gateway {
            plans: Plans::new(settings.plan_cache),
            inventories: Inventories::default(),
            identity: identity.id,
            started_at: Utc::now(),
            jobs: Jobs::new(metastore.clone(), identity.id, settings.job_history, stopping.clone()),
            settings,
            metastore,
            worker,
            fleet,
            registry,
            catalogs,
            lake,
            principals,
            state,
            sessions: Mutex::new(HashMap::new()),
            next_pid: AtomicI32::new(1),
            counts: Arc::default(),
            tracer,
            stopping,
        });
        gateway.describe_views().await?;
        schedule::start(&gateway, gateway.stopping.clone());
        journal::start(&gateway, gateway.stopping.clone());
        presence::start(&gateway, identity, left, gateway.stopping.clone());
        gateway.catalogs.follow(gateway.stopping.clone());
        Ok(gateway)
    }

    async fn describe_views(self: &Arc<Self>) -> Result<()> {
        let variables = Variables::new(&self.settings, "weft");
        let environment = self.environment("weft", 0, crate::catalog::LAKE, &variables).with(Rights::Everything);
        for view in views::all() {
            view.describe(crate::plan::bind::describe_view(&environment, view).await?);
        }
        Ok(())
    }

    /// The settings of the process.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What begins traces.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// The virtual catalogs.
    pub fn catalogs(&self) -> &Catalogs {
        &self.catalogs
    }

    /// The rows of Weft's own tables.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// Roles and what was granted to them.
    pub fn principals(&self) -> &Principals {
        &self.principals
    }

    /// The durable state.
    pub fn metastore(&self) -> &Arc<Metastore> {
        &self.metastore
    }

    /// The workers, one by one.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Where workers on other machines register.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// When it was opened.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// The worker that reads files.
    pub fn worker(&self) -> &Arc<dyn Worker> {
        &self.worker
    }

    /// Functions and options, as every statement has them.
    pub fn state(&self) -> &SessionState {
        &self.state
    }

    /// What is counted of statements.
    pub fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// Long work.
    pub fn jobs(&self) -> &Arc<Jobs> {
        &self.jobs
    }

    /// What catalogs hold, by number.
    pub fn inventories(&self) -> &Inventories {
        &self.inventories
    }

    /// Statements that were bound lately.
    pub fn plans(&self) -> &Plans {
        &self.plans
    }

    /// The role of this name, for the login.
    pub async fn login(&self, user: &str) -> Result<Option<Role>> {
        self.metastore.roles().get(user).await
    }

    /// Opens a session for a client that has proven who it is.
    pub async fn connect(self: &Arc<Self>, hello: Hello) -> Result<Arc<Session>> {
        if self.stopping.is_cancelled() {
            return Err(Error::new(ErrorKind::CannotConnectNow, "the gateway is shutting down"));
        }
        let pid = self.next_pid.fetch_add(1, Ordering::Relaxed);
        let (session, limit) = Session::open(self.clone(), hello, pid, self.stopping.child_token()).await?;
        {
            let mut sessions = self.sessions.lock();
            let all: Vec<_> = match limit {
                Some(_) => sessions.values().filter_map(Weak::upgrade).collect(),
                None => Vec::new(),
            };
            let ours = all.iter().filter(|s| s.login() == session.login()).count();
            let full = limit.is_some_and(|limit| ours >= limit as usize);
            if !full {
                sessions.insert(pid, Arc::downgrade(&session));
            }
            // In this order: a session that ends takes the lock.
            drop(sessions);
            drop(all);
            if full {
                let message = format!("too many connections for role \"{}\"", session.login());
                return Err(Error::new(ErrorKind::TooManyConnections, message)
                    .with_hint("CONNECTION LIMIT of the role says how many it may have at once."));
            }
        }
        self.counts.logged_in();
        Ok(session)
    }

    /// Cancels what the session runs, if the key is its own. A wrong key does nothing, as in PostgreSQL.
    pub fn cancel(&self, pid: i32, secret: &[u8]) {
        if let Some(session) = self.session(pid).filter(|s| constant_time_equal(&s.secret(), secret)) {
            session.cancel();
        }
    }

    /// Ends every session.
    pub fn shutdown(&self) {
        self.stopping.cancel();
    }

    /// Tells the other gateways that this one has ended as it should. It waits for nobody long.
    pub async fn leave(&self) {
        let leaving = tokio::time::timeout(LAST_WORD, self.metastore.gateways().leave(self.identity)).await;
        if !matches!(leaving, Ok(Ok(()))) {
            tracing::debug!("the others learn that this gateway has ended when it gives no sign of life");
        }
    }

    /// Statements that have not ended yet.
    pub fn running_statements(&self) -> usize {
        self.counts.running()
    }

    /// The sessions that are open.
    pub fn sessions(&self) -> Vec<Arc<Session>> {
        let mut sessions: Vec<_> = self.sessions.lock().values().filter_map(Weak::upgrade).collect();
        sessions.sort_by_key(|s| s.pid());
        sessions
    }

    /// The open session of this number.
    pub(crate) fn session(&self, pid: i32) -> Option<Arc<Session>> {
        self.sessions.lock().get(&pid).and_then(Weak::upgrade)
    }

    pub(crate) fn forget(&self, pid: i32) {
        self.sessions.lock().remove(&pid);
    }

    /// The surroundings of a statement.
    pub fn environment(self: &Arc<Self>, user: &str, pid: i32, catalog: &str, variables: &Variables) -> Environment {
        let mut state = self.state.clone();
        state.mark_start_execution();
        let trail = trail::now();
        if trail.is_recorded() {
            state.config_mut().set_extension(Arc::new(trail));
        }
        let principals = self.principals.now();
        Environment {
            gateway: self.clone(),
            user: user.to_owned(),
            login: user.to_owned(),
            rights: principals.rights(user),
            principals: principals.number(),
            pid,
            path: SearchPath { catalog: catalog.to_owned(), schemas: variables.search_path() },
            variables: Arc::new(variables.clone()),
            state: Arc::new(state),
            drafts: Arc::default(),
            depth: 0,
            directory: Arc::default(),
        }
    }
}

/// Compares without telling by its time where the difference is.
fn constant_time_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

fn state(settings: &Settings) -> Result<SessionState> {
    let mut config = SessionConfig::new().with_batch_size(BATCH_ROWS).with_information_schema(false);
    config.set_extension(Arc::new(KeyPatience(settings.join_keys_wait.0)));
    let options = config.options_mut();
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.map_string_types_to_utf8view = false;
    options.execution.time_zone = Some("+00:00".to_owned());
    options.optimizer.prefer_existing_sort = true;
    options.optimizer.hash_join_inlist_pushdown_max_distinct_values = settings.join_keys;
    options.optimizer.hash_join_inlist_pushdown_max_size = JOIN_KEYS_BYTES;
    // A statement would wait for ever for the filters of a sort that waits for its rows.
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    // A cast to a marked type (`oid`, `name`) is nullable in the physical plan whatever the logical one knows.
    options.execution.skip_physical_aggregate_schema_check = true;
    let runtime = runtime(settings)?;
    let mut state =
        SessionStateBuilder::new().with_config(config).with_runtime_env(runtime).with_default_features().build();
    let mut planners: Vec<Arc<dyn datafusion::logical_expr::planner::ExprPlanner>> =
        vec![Arc::new(crate::plan::literal::ArrayLiterals), Arc::new(PostgresOperators)];
    planners.extend(state.expr_planners().iter().cloned());
    let builder = SessionStateBuilder::new_from_existing(state.clone()).with_expr_planners(planners);
    state = builder.build();
    for udf in function::all() {
        use datafusion::execution::FunctionRegistry;
        state.register_udf(udf).map_err(classify)?;
    }
    for udaf in function::aggregate::all() {
        use datafusion::execution::FunctionRegistry;
        state.register_udaf(udaf).map_err(classify)?;
    }
    // Their patterns are not PostgreSQL's: an answer would be wrong. What is like PostgreSQL's is among the functions of the session.
    for name in ["to_char", "date_format", "to_date", "to_timestamp"] {
        use datafusion::execution::FunctionRegistry;
        state.deregister_udf(name).map_err(classify)?;
    }
    Ok(state)
}

fn runtime(settings: &Settings) -> Result<Arc<RuntimeEnv>> {
    let bytes = usize::try_from(settings.query_memory.0).unwrap_or(usize::MAX);
    let pool = TrackConsumersPool::new(FairSpillPool::new(bytes), BLAMED_CONSUMERS);
    let spill = settings.data_dir.join("spill");
    RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).with_temp_file_path(spill).build_arc().map_err(classify)
}
