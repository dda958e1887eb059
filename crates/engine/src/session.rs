//! A session: the only door to statements. It authorises, counts, limits, cancels, and keeps what lives from one statement to the next.

mod run;
mod transaction;

pub(crate) use run::exposure;

use crate::environment::Environment;
use crate::gateway::Gateway;
use crate::outcome::{Notice, TextFormat, TransactionState};
use crate::variables::Variables;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use rand::RngCore;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio_util::sync::CancellationToken;
use transaction::Transaction;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};
use weft_sql::Statement;

/// What a client says of itself when it has logged in.
#[derive(Debug, Clone, Default)]
pub struct Hello {
    /// The role.
    pub user: String,
    /// The catalog to begin in; the default one if there is none.
    pub database: Option<String>,
    /// Where it comes from.
    pub client_addr: Option<SocketAddr>,
    /// Variables of its start-up message.
    pub variables: Vec<(String, String)>,
    /// A job that has its row already: the next one that is started here is this one.
    pub begun_job: Option<Uuid>,
    /// Who it is.
    pub origin: Origin,
}

/// Who opens a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// Somebody who logged in.
    #[default]
    Client,
    /// A schedule.
    Schedule,
    /// The journal, for somebody who logged in before.
    Journal,
}

/// An open session.
pub struct Session {
    gateway: Arc<Gateway>,
    pid: i32,
    secret: [u8; 4],
    user: String,
    superuser: bool,
    catalog: String,
    origin: Origin,
    client_addr: Option<SocketAddr>,
    begun_job: Mutex<Option<Uuid>>,
    started_at: DateTime<Utc>,
    ended: CancellationToken,
    variables: Mutex<Variables>,
    /// ParameterStatus values as the client knows them.
    told: Mutex<Told>,
    transaction: Mutex<Transaction>,
    /// What cancels the running statement.
    current: Mutex<Option<(u64, CancellationToken)>>,
    statements: AtomicU64,
    last_statement: Mutex<Arc<str>>,
    notices: Mutex<Vec<Notice>>,
    named: Mutex<HashMap<String, NamedStatement>>,
}

/// A statement of SQL's own PREPARE.
#[derive(Clone)]
pub(crate) struct NamedStatement {
    pub(crate) statement: Statement,
    pub(crate) parameter_oids: Vec<u32>,
}

/// ParameterStatus values as the client knows them.
struct Told {
    /// Of the variables when they were looked at last.
    version: Option<u64>,
    values: BTreeMap<&'static str, String>,
}

/// Notices that wait to be sent; more are dropped.
const MAX_NOTICES: usize = 100;

impl Session {
    pub(crate) async fn open(
        gateway: Arc<Gateway>,
        hello: Hello,
        pid: i32,
        ended: CancellationToken,
    ) -> Result<Arc<Session>> {
        let role = gateway.login(&hello.user).await?.filter(|role| role.login).ok_or_else(|| {
            Error::new(ErrorKind::InvalidAuthorization, format!("role \"{}\" is not permitted to log in", hello.user))
        })?;
        // A client that names no database means the one called like its user, which is the default here.
        let catalog = match hello.database.as_deref() {
            None | Some("") => crate::catalog::LAKE.to_owned(),
            Some(name) if name == hello.user && gateway.catalogs().canonical(name).is_err() => {
                crate::catalog::LAKE.to_owned()
            }
            Some(name) => gateway.catalogs().canonical(name)?,
        };
        let mut variables = Variables::new(gateway.settings(), &hello.user);
        for (name, value) in &hello.variables {
            variables.set_initial(name, value)?;
        }
        let mut secret = [0; 4];
        rand::rng().fill_bytes(&mut secret);
        let told = variables.reported();
        Ok(Arc::new(Session {
            gateway,
            pid,
            secret,
            user: hello.user,
            superuser: role.superuser,
            catalog,
            origin: hello.origin,
            client_addr: hello.client_addr,
            begun_job: Mutex::new(hello.begun_job),
            started_at: Utc::now(),
            ended,
            variables: Mutex::new(variables),
            told: Mutex::new(Told { version: None, values: told }),
            transaction: Mutex::new(Transaction::default()),
            current: Mutex::new(None),
            statements: AtomicU64::new(0),
            last_statement: Mutex::new(Arc::from("")),
            notices: Mutex::new(Vec::new()),
            named: Mutex::new(HashMap::new()),
        }))
    }

    /// The number of the session, which BackendKeyData and `pg_backend_pid()` tell.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The key that a CancelRequest must bring.
    pub fn secret(&self) -> [u8; 4] {
        self.secret
    }

    /// The role.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The catalog that the client chose.
    pub fn catalog(&self) -> &str {
        &self.catalog
    }

    /// Who opened it.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Where the client is.
    pub fn client_addr(&self) -> Option<SocketAddr> {
        self.client_addr
    }

    /// When it began.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// The statement that runs or ran last, without secrets.
    pub fn last_statement(&self) -> String {
        self.last_statement.lock().to_string()
    }

    /// The job that has its row already, once.
    pub(crate) fn begun_job(&self) -> Option<Uuid> {
        self.begun_job.lock().take()
    }

    /// Whether a statement runs.
    pub fn is_active(&self) -> bool {
        self.current.lock().is_some()
    }

    /// The process.
    pub fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// Refuses with 42501 unless the role may do everything.
    pub(crate) fn require_superuser(&self, what: &str) -> Result<()> {
        if self.superuser {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InsufficientPrivilege, format!("permission denied to {what}"))
            .with_hint("A superuser may do it."))
    }

    /// Splits a message into its statements.
    pub fn statements(&self, sql: &str) -> Result<Vec<Statement>> {
        weft_sql::parse(sql)
    }

    /// Stops the running statement, if there is one.
    pub fn cancel(&self) {
        if let Some((_, current)) = self.current.lock().as_ref() {
            current.cancel();
        }
    }

    /// Returns when an administrator has ended the session.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Where the session stands in a transaction.
    pub fn transaction(&self) -> TransactionState {
        self.transaction.lock().state()
    }

    /// Told of every error that is sent: a transaction that sees one has failed.
    pub fn failed(&self, _error: &Error) {
        self.transaction.lock().fail();
    }

    /// The end of an implicit transaction: Sync, or the end of a simple message.
    pub fn sync(&self) {
        if self.transaction.lock().state() == TransactionState::Idle {
            self.variables.lock().commit();
        }
    }

    /// How values become text, as of now.
    pub fn text_format(&self) -> TextFormat {
        self.variables.lock().text_format()
    }

    /// Every ParameterStatus value, for the start.
    pub fn reports(&self) -> Vec<(String, String)> {
        self.told.lock().values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    /// The ParameterStatus values that have changed since the client was told.
    pub fn take_reports(&self) -> Vec<(String, String)> {
        let variables = self.variables.lock();
        let mut told = self.told.lock();
        if told.version == Some(variables.version()) {
            return Vec::new();
        }
        let now = variables.reported();
        let changed = now.iter().filter(|(name, value)| told.values.get(*name) != Some(value));
        let changed = changed.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        *told = Told { version: Some(variables.version()), values: now };
        changed
    }

    /// Messages that wait to be sent.
    pub fn take_notices(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.notices.lock())
    }

    /// Keeps a message for the client, unless `client_min_messages` holds it back. Not to be called while the variables are locked.
    pub(crate) fn notice(&self, severity: &'static str, sqlstate: &'static str, message: impl Into<String>) {
        if !self.variables.lock().lets_through(severity) {
            return;
        }
        let mut notices = self.notices.lock();
        if notices.len() < MAX_NOTICES {
            notices.push(Notice { severity, sqlstate, message: message.into() });
        }
    }

    pub(crate) fn variables(&self) -> &Mutex<Variables> {
        &self.variables
    }

    pub(crate) fn named(&self) -> &Mutex<HashMap<String, NamedStatement>> {
        &self.named
    }

    pub(crate) fn transaction_cell(&self) -> &Mutex<Transaction> {
        &self.transaction
    }

    /// The surroundings of a statement that begins now.
    pub(crate) fn environment(&self) -> Environment {
        let variables = self.variables.lock().clone();
        self.gateway.environment(&self.user, self.pid, &self.catalog, &variables)
    }

    /// The value of `application_name`.
    pub fn application_name(&self) -> String {
        self.variables.lock().get("application_name").unwrap_or_default()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.ended.cancel();
        self.gateway.forget(self.pid);
    }
}
