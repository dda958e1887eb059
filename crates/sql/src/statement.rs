//! What a statement is, once read. Each kind of administrative statement has a file of its own under `stmt`; this one only names them.

use crate::redact::redact;
use crate::{
    AlterCatalog, AlterRole, AlterSchedule, AlterView, AlterWorker, Analyze, Annotate, Begin, CheckCatalog, Close,
    Commit, Copy, CreateCatalog, CreateRole, CreateSchedule, CreateSecret, CreateTable, CreateView, Deallocate,
    Declare, Discard, DropCatalog, DropRelation, DropRole, DropSecret, Execute, Explain, Fetch, Folder, Grant,
    GrantRole, Insert, Manage, Prepare, Preview, Relation, ResetTarget, Rollback, Scan, Set, SetTransaction, Show,
};
use sqlparser::ast::Query;
use std::fmt;
use weft_core::ObjectName;
use weft_core::name::{quote_identifier, quote_literal};
use weft_core::option::Exposure;
use weft_core::trace::TraceContext;

/// One statement of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it asks for.
    pub kind: StatementKind,
    /// Its own text, from its first token to its last.
    pub text: String,
    /// Characters before it in the whole message.
    pub offset: usize,
    /// The trace that its client began, if a comment of it says so.
    pub caller: Option<TraceContext>,
}

impl Statement {
    /// Its text for logs, the history and other people: values of options and passwords are `***`, save those that the callback (kind of source,
    /// name of option) calls public.
    pub fn redacted(&self, exposure: &dyn Fn(&str, &str) -> Exposure) -> String {
        redact(&self.text, exposure)
    }
}

/// What a statement asks for. Its `Display` is SQL that reads back to the same.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// SELECT, WITH, VALUES or TABLE.
    Query(Box<Query>),
    /// EXPLAIN of a query.
    Explain(Explain),
    /// CREATE CATALOG.
    CreateCatalog(CreateCatalog),
    /// ALTER CATALOG.
    AlterCatalog(AlterCatalog),
    /// DROP CATALOG.
    DropCatalog(DropCatalog),
    /// UNDROP CATALOG of this name.
    UndropCatalog(String),
    /// CHECK CATALOG.
    CheckCatalog(CheckCatalog),
    /// CREATE SECRET.
    CreateSecret(CreateSecret),
    /// DROP SECRET.
    DropSecret(DropSecret),
    /// ALTER SYSTEM ROTATE ENCRYPTION KEY.
    RotateEncryptionKey,
    /// CREATE ROLE, CREATE USER.
    CreateRole(CreateRole),
    /// ALTER ROLE, ALTER USER, REASSIGN OWNED.
    AlterRole(AlterRole),
    /// DROP ROLE, DROP USER.
    DropRole(DropRole),
    /// GRANT or REVOKE of privileges.
    Grant(Grant),
    /// GRANT or REVOKE of roles.
    GrantRole(GrantRole),
    /// SCAN.
    Scan(Scan),
    /// ANALYZE.
    Analyze(Analyze),
    /// DROP CACHE ALL.
    DropCaches,
    /// CANCEL JOB of this id.
    CancelJob(String),
    /// CREATE SCHEDULE.
    CreateSchedule(CreateSchedule),
    /// PAUSE, RESUME or DROP SCHEDULE.
    AlterSchedule(AlterSchedule),
    /// CREATE VIEW.
    CreateView(Box<CreateView>),
    /// ALTER VIEW.
    AlterView(AlterView),
    /// CREATE TABLE.
    CreateTable(Box<CreateTable>),
    /// INSERT.
    Insert(Box<Insert>),
    /// DROP VIEW, DROP TABLE.
    DropRelation(DropRelation),
    /// UNDROP VIEW or TABLE of this name.
    UndropRelation(Relation, ObjectName),
    /// COMMENT ON, ALTER … SET TAG, FOLDER or FAVORITE.
    Annotate(Annotate),
    /// CREATE or DROP FOLDER.
    Folder(Folder),
    /// MANAGE, UNMANAGE.
    Manage(Manage),
    /// ALTER WORKER, DROP WORKER.
    AlterWorker(AlterWorker),
    /// PREVIEW.
    Preview(Box<Preview>),
    /// SHOW of anything.
    Show(Show),
    /// SET of a session variable.
    Set(Set),
    /// SET TRANSACTION, SET SESSION CHARACTERISTICS.
    SetTransaction(SetTransaction),
    /// RESET.
    Reset(ResetTarget),
    /// DISCARD.
    Discard(Discard),
    /// BEGIN, START TRANSACTION.
    Begin(Begin),
    /// COMMIT, END.
    Commit(Commit),
    /// ROLLBACK, ABORT.
    Rollback(Rollback),
    /// SAVEPOINT of this name.
    Savepoint(String),
    /// ROLLBACK TO the savepoint of this name.
    RollbackTo(String),
    /// RELEASE the savepoint of this name.
    Release(String),
    /// PREPARE.
    Prepare(Prepare),
    /// EXECUTE.
    Execute(Execute),
    /// DEALLOCATE.
    Deallocate(Deallocate),
    /// DECLARE CURSOR.
    Declare(Declare),
    /// FETCH.
    Fetch(Fetch),
    /// MOVE.
    Move(Fetch),
    /// CLOSE.
    Close(Close),
    /// UNLISTEN of this channel, or of all.
    Unlisten(Option<String>),
    /// COPY … TO STDOUT.
    Copy(Copy),
    /// A statement of PostgreSQL or of a later Weft that is not available.
    Unsupported {
        /// Its first words, such as `CREATE TABLE`.
        what: String,
    },
}

impl fmt::Display for StatementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatementKind::Query(query) => query.fmt(f),
            StatementKind::Explain(s) => s.fmt(f),
            StatementKind::CreateCatalog(s) => s.fmt(f),
            StatementKind::AlterCatalog(s) => s.fmt(f),
            StatementKind::DropCatalog(s) => s.fmt(f),
            StatementKind::UndropCatalog(name) => write!(f, "UNDROP CATALOG {}", quote_identifier(name)),
            StatementKind::CheckCatalog(s) => s.fmt(f),
            StatementKind::CreateSecret(s) => s.fmt(f),
            StatementKind::DropSecret(s) => s.fmt(f),
            StatementKind::RotateEncryptionKey => f.write_str("ALTER SYSTEM ROTATE ENCRYPTION KEY"),
            StatementKind::CreateRole(s) => s.fmt(f),
            StatementKind::AlterRole(s) => s.fmt(f),
            StatementKind::DropRole(s) => s.fmt(f),
            StatementKind::Grant(s) => s.fmt(f),
            StatementKind::GrantRole(s) => s.fmt(f),
            StatementKind::Scan(s) => s.fmt(f),
            StatementKind::Analyze(s) => s.fmt(f),
            StatementKind::DropCaches => f.write_str("DROP CACHE ALL"),
            StatementKind::CancelJob(id) => write!(f, "CANCEL JOB {}", quote_literal(id)),
            StatementKind::CreateSchedule(s) => s.fmt(f),
            StatementKind::AlterSchedule(s) => s.fmt(f),
            StatementKind::CreateView(s) => s.fmt(f),
            StatementKind::AlterView(s) => s.fmt(f),
            StatementKind::CreateTable(s) => s.fmt(f),
            StatementKind::Insert(s) => s.fmt(f),
            StatementKind::DropRelation(s) => s.fmt(f),
            StatementKind::UndropRelation(relation, name) => write!(f, "UNDROP {relation} {name}"),
            StatementKind::Annotate(s) => s.fmt(f),
            StatementKind::Folder(s) => s.fmt(f),
            StatementKind::Manage(s) => s.fmt(f),
            StatementKind::AlterWorker(s) => s.fmt(f),
            StatementKind::Preview(s) => s.fmt(f),
            StatementKind::Show(s) => s.fmt(f),
            StatementKind::Set(s) => s.fmt(f),
            StatementKind::SetTransaction(s) => s.fmt(f),
            StatementKind::Reset(s) => s.fmt(f),
            StatementKind::Discard(s) => s.fmt(f),
            StatementKind::Begin(s) => s.fmt(f),
            StatementKind::Commit(s) => s.fmt(f),
            StatementKind::Rollback(s) => s.fmt(f),
            StatementKind::Savepoint(name) => write!(f, "SAVEPOINT {}", quote_identifier(name)),
            StatementKind::RollbackTo(name) => write!(f, "ROLLBACK TO SAVEPOINT {}", quote_identifier(name)),
            StatementKind::Release(name) => write!(f, "RELEASE SAVEPOINT {}", quote_identifier(name)),
            StatementKind::Prepare(s) => s.fmt(f),
            StatementKind::Execute(s) => s.fmt(f),
            StatementKind::Deallocate(s) => s.fmt(f),
            StatementKind::Declare(s) => s.fmt(f),
            StatementKind::Fetch(s) => write!(f, "FETCH {s}"),
            StatementKind::Move(s) => write!(f, "MOVE {s}"),
            StatementKind::Close(s) => s.fmt(f),
            StatementKind::Copy(s) => s.fmt(f),
            StatementKind::Unlisten(None) => f.write_str("UNLISTEN *"),
            StatementKind::Unlisten(Some(name)) => write!(f, "UNLISTEN {}", quote_identifier(name)),
            StatementKind::Unsupported { what } => f.write_str(what),
        }
    }
}
