//! A session: the only door to statements. It authorises, counts, limits, cancels, and keeps what lives from one statement to the next.

mod cursor;
mod cursor_rows;
mod cursors;
mod ingest;
mod run;
mod traced;
mod transaction;

pub(crate) use cursor::{Cursor, Plan as CursorPlan, Wish, rows_of as cursor_rows_of};
pub(crate) use cursors::Open as OpenCursor;
pub(crate) use run::exposure;

use crate::catalog::Drafts;
use crate::environment::Environment;
use crate::gateway::Gateway;
use crate::outcome::{Column, Notice, TextFormat, TransactionState};
use crate::plan::bind::Asker;
use crate::principals::{Rights, Snapshot};
use crate::variables::Variables;
use chrono::{DateTime, Utc};
use cursors::Cursors;
use parking_lot::Mutex;
use rand::RngCore;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio_util::sync::CancellationToken;
use traced::Opened;
use transaction::Transaction;
use uuid::Uuid;
use weft_core::name::quote_identifier;
use weft_core::{Error, ErrorKind, Result};
use weft_sql::{SetScope, Statement, StatementKind};

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
    login: String,
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
    moments: Mutex<Moments>,
    notices: Mutex<Vec<Notice>>,
    named: Mutex<HashMap<String, NamedStatement>>,
    cursors: Cursors,
    /// What was bound last, for its trace.
    opened: Mutex<Opened>,
}

/// When what happened last in a session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    /// The statement that runs or ran last began.
    pub(crate) statement: Option<DateTime<Utc>>,
    /// It became active or idle.
    pub(crate) state: DateTime<Utc>,
}

/// A statement of SQL's own PREPARE.
#[derive(Clone)]
pub(crate) struct NamedStatement {
    pub(crate) statement: Statement,
    pub(crate) parameter_oids: Vec<u32>,
    /// The text of PREPARE.
    pub(crate) text: String,
    pub(crate) prepared_at: DateTime<Utc>,
    /// Of its columns, if it has any.
    pub(crate) result_oids: Option<Vec<u32>>,
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
    ) -> Result<(Arc<Session>, Option<u32>)> {
        let role = gateway.login(&hello.user).await?.filter(|role| role.login).ok_or_else(|| {
            Error::new(ErrorKind::InvalidAuthorization, format!("role \"{}\" is not permitted to log in", hello.user))
        })?;
        let principals = gateway.principals();
        let is_known = principals.now().role(&hello.user).is_some_and(|known| known.superuser == role.superuser);
        if !is_known {
            // Another gateway has made it a moment ago.
            principals.learn().await?;
        }
        // A client that names no database means the one called like its user, which is the default here.
        let catalog = match hello.database.as_deref() {
            None | Some("") => crate::catalog::LAKE.to_owned(),
            Some(name) if name == hello.user && gateway.catalogs().canonical(name).is_err() => {
                crate::catalog::LAKE.to_owned()
            }
            Some(name) => gateway.catalogs().canonical(name).map_err(|e| discreet(&gateway, &hello.user, e))?,
        };
        may_connect(&gateway, &catalog, &hello.user)?;
        let mut variables = Variables::new(gateway.settings(), &hello.user);
        variables.tell("is_superuser", if role.superuser { "on" } else { "off" });
        for (name, value) in &role.variables {
            if let Err(error) = variables.set_initial(name, value) {
                tracing::warn!(role = role.name, %error, "a variable of a role is not set");
            }
        }
        for (name, value) in &hello.variables {
            variables.set_initial(name, value)?;
        }
        let mut secret = [0; 4];
        rand::rng().fill_bytes(&mut secret);
        let told = variables.reported();
        // Nobody waits for what runs by itself, and a superuser must be able to come in.
        let limit = role.connection_limit.filter(|_| hello.origin == Origin::Client && !role.superuser);
        let settings = gateway.settings();
        let pool = gateway.state().runtime_env().memory_pool.clone();
        let cursor_bytes = usize::try_from(settings.cursor_memory.0).unwrap_or(usize::MAX);
        let cursors = Cursors::new(settings.max_cursors, cursor_bytes, pool);
        let session = Session {
            cursors,
            opened: Mutex::default(),
            gateway,
            pid,
            secret,
            login: hello.user,
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
            moments: Mutex::new(Moments { statement: None, state: Utc::now() }),
            notices: Mutex::new(Vec::new()),
            named: Mutex::new(HashMap::new()),
        };
        Ok((Arc::new(session), limit))
    }

    /// The number of the session, which BackendKeyData and `pg_backend_pid()` tell.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The key that a CancelRequest must bring.
    pub fn secret(&self) -> [u8; 4] {
        self.secret
    }

    /// Who logged in.
    pub fn login(&self) -> &str {
        &self.login
    }

    /// The role as which statements are run: who logged in, unless SET ROLE has chosen another.
    pub fn user(&self) -> String {
        self.variables.lock().role().unwrap_or_else(|| self.login.clone())
    }

    /// What that role may do.
    pub(crate) fn rights(&self) -> Rights {
        self.gateway.principals().rights(&self.user())
    }

    /// As whom a statement is bound now.
    pub(crate) fn asker(&self) -> Asker {
        let zone = self.variables.lock().zone();
        Asker { user: self.user(), principals: self.gateway.principals().now().number(), zone }
    }

    /// The error without what is not the role's to know.
    pub(crate) fn discreet(&self, error: Error) -> Error {
        discreet(&self.gateway, &self.user(), error)
    }

    /// Refuses a statement of a role that is no more, or of one that was taken from who logged in.
    pub(crate) fn require_role(&self) -> Result<()> {
        let principals = self.gateway.principals().now();
        if principals.role(&self.login).is_none() {
            let message = format!("role \"{}\" does not exist", self.login);
            return Err(Error::new(ErrorKind::InvalidAuthorization, message)
                .with_hint("It was dropped, or has another name by now: log in again."));
        }
        match self.variables.lock().role() {
            Some(role) => may_be(&principals, &self.login, &role),
            None => Ok(()),
        }
    }

    /// Refuses with 42501 unless who logged in may run statements as this role.
    pub(crate) fn may_be(&self, role: &str) -> Result<()> {
        may_be(&self.gateway.principals().now(), &self.login, role)
    }

    /// Sets a variable, or sets it back without a value. What is local lives as long as the transaction, if only the statement's own.
    pub(crate) fn set_variable(&self, name: &str, value: Option<&str>, scope: SetScope) -> Result<()> {
        if let ("role", Some(role)) = (name, value)
            && role != "none"
        {
            self.may_be(role)?;
        }
        let mut variables = self.variables.lock();
        match (value, scope) {
            (None, _) => variables.reset(name),
            (Some(value), SetScope::Session) => variables.set(name, value),
            (Some(value), SetScope::Local) => variables.set_local(name, value),
        }
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

    /// When what happened last.
    pub(crate) fn moments(&self) -> Moments {
        *self.moments.lock()
    }

    /// When the transaction began in which it is.
    pub(crate) fn transaction_began(&self) -> Option<DateTime<Utc>> {
        let began = self.transaction.lock().began();
        began.or_else(|| self.moments().statement.filter(|_| self.is_active()))
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
        if self.rights().is_everything() {
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

    /// Ends the session: its client is told that an administrator did.
    pub(crate) fn end(&self) {
        self.ended.cancel();
    }

    /// Returns when an administrator has ended the session.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Where the session stands in a transaction.
    pub fn transaction(&self) -> TransactionState {
        self.transaction.lock().state()
    }

    /// A message of several statements begins: they are one transaction, in which cursors live.
    pub fn begin_message(&self) {
        self.transaction.lock().begin_implicit();
    }

    /// Told of every error that is sent: a transaction that sees one has failed.
    pub fn failed(&self, _error: &Error) {
        self.transaction.lock().fail();
    }

    /// The end of an implicit transaction: Sync, or the end of a simple message.
    pub fn sync(&self) {
        let mut transaction = self.transaction.lock();
        if transaction.state() == TransactionState::Idle {
            transaction.end();
            drop(transaction);
            self.variables.lock().commit();
            self.cursors.end_transaction();
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
        let superuser = if self.rights().is_everything() { "on" } else { "off" };
        let mut variables = self.variables.lock();
        if variables.initial("is_superuser") != superuser {
            // Another role was chosen, or this one is another kind of role by now.
            variables.tell("is_superuser", superuser);
        }
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

    pub(crate) fn cursors(&self) -> &Cursors {
        &self.cursors
    }

    /// The columns of the cursor of this name, if it is open, and whether its rows are sent in binary: a protocol's portals and SQL's cursors have
    /// the same names.
    pub fn cursor(&self, name: &str) -> Option<(Arc<[Column]>, bool)> {
        self.cursors.find(name).map(|open| (open.columns, open.binary))
    }

    /// Closes the cursor of this name, if it is open.
    pub fn close_cursor(&self, name: &str) {
        if self.cursors.close(name).is_err() {
            tracing::trace!(name, "no such cursor");
        }
    }

    /// Whether the rows of this statement are sent in binary although nobody asked for that: those of a cursor that was declared so.
    pub fn is_binary(&self, statement: &Statement) -> bool {
        match &statement.kind {
            StatementKind::Fetch(fetch) => self.cursors.find(&fetch.cursor).is_some_and(|open| open.binary),
            _ => false,
        }
    }

    /// Changes of datasets that the transaction has made.
    pub(crate) fn drafts(&self) -> Arc<Drafts> {
        self.transaction.lock().drafts()
    }

    pub(crate) fn transaction_cell(&self) -> &Mutex<Transaction> {
        &self.transaction
    }

    /// The surroundings of a statement that begins now.
    pub(crate) fn environment(&self) -> Environment {
        let variables = self.variables.lock().clone();
        let user = variables.role().unwrap_or_else(|| self.login.clone());
        let environment = self.gateway.environment(&user, self.pid, &self.catalog, &variables);
        Environment { login: self.login.clone(), drafts: self.drafts(), ..environment }
    }

    /// The value of `application_name`.
    pub fn application_name(&self) -> String {
        self.variables.lock().get("application_name").unwrap_or_default()
    }
}

/// An unknown catalog is told with the names of those that the role sees.
fn discreet(gateway: &Gateway, role: &str, error: Error) -> Error {
    let rights = gateway.principals().rights(role);
    if rights.is_everything() || error.kind() != ErrorKind::UndefinedCatalog {
        return error;
    }
    let catalogs = gateway.catalogs();
    let mut names = catalogs.names();
    names.retain(|name| catalogs.thing(name).is_ok_and(|thing| rights.sees(&thing)));
    error.with_detail(format!("Catalogs: {}.", names.join(", "))).with_hint("SHOW CATALOGS lists them.")
}

fn may_be(principals: &Snapshot, login: &str, role: &str) -> Result<()> {
    if principals.role(role).is_none() {
        return Err(Error::new(ErrorKind::UndefinedObject, format!("role \"{role}\" does not exist")));
    }
    if principals.is_member(login, role) {
        return Ok(());
    }
    let message = format!("permission denied to set role \"{role}\"");
    let hint = format!("GRANT {} TO {} allows it.", quote_identifier(role), quote_identifier(login));
    Err(Error::new(ErrorKind::InsufficientPrivilege, message).with_hint(hint))
}

/// Refuses with 42501 a catalog of which the role sees nothing.
fn may_connect(gateway: &Gateway, catalog: &str, role: &str) -> Result<()> {
    if gateway.principals().rights(role).sees(&gateway.catalogs().thing(catalog)?) {
        return Ok(());
    }
    let message = format!("permission denied for database \"{catalog}\"");
    let hint = format!("GRANT USAGE ON CATALOG {} TO {} opens it.", quote_identifier(catalog), quote_identifier(role));
    Err(Error::new(ErrorKind::InsufficientPrivilege, message)
        .with_detail("User does not have CONNECT privilege.")
        .with_hint(hint))
}

impl Drop for Session {
    fn drop(&mut self) {
        self.ended.cancel();
        self.gateway.forget(self.pid);
    }
}
