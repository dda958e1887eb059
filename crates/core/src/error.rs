//! One error type for the whole gateway. The kind alone decides the SQLSTATE, whether a retry can help and how much a client may see; drivers'
//! errors are classified where they are called, and only the protocol rooms of `server` turn an [`Error`] into wire bytes.

use serde::{Deserialize, Serialize};
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// The result of anything in Weft that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by the class that a client can act upon. See PostgreSQL's appendix A for the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorKind {
    /// A source or worker cannot be reached. `08001`
    ConnectionFailed,
    /// The client broke the protocol. `08P01`
    ProtocolViolation,
    /// What was asked for is not supported. `0A000`
    FeatureNotSupported,
    /// More than one row came out of a scalar subquery. `21000`
    CardinalityViolation,
    /// A value does not fit its type. `22003`
    NumericOutOfRange,
    /// `22007`
    InvalidDatetimeFormat,
    /// `22008`
    DatetimeOutOfRange,
    /// `22012`
    DivisionByZero,
    /// A text is longer than its column may have. `22001`
    StringDataRightTruncation,
    /// A null where there must be a value. `23502`
    NotNullViolation,
    /// Bytes that are not UTF-8 where text is expected. `22021`
    CharacterNotInRepertoire,
    /// `22023`
    InvalidParameterValue,
    /// Text that cannot be read as the wanted type. `22P02`
    InvalidTextRepresentation,
    /// Binary data that cannot be read as the wanted type. `22P03`
    InvalidBinaryRepresentation,
    /// The logarithm of zero or less. `2201E`
    InvalidArgumentForLogarithm,
    /// A power or root that has no real value. `2201F`
    InvalidArgumentForPower,
    /// A malformed regular expression. `2201B`
    InvalidRegularExpression,
    /// The length of a part of a text is negative. `22011`
    SubstringError,
    /// `22025`
    InvalidEscapeSequence,
    /// A negative LIMIT. `2201W`
    InvalidRowCountInLimit,
    /// A negative OFFSET. `2201X`
    InvalidRowCountInOffset,
    /// Another failure of a value. `22000`
    DataException,
    /// `24000`
    InvalidCursorState,
    /// BEGIN inside a transaction and the like. `25001`
    ActiveTransaction,
    /// A grant that makes no sense. `0LP01`
    InvalidGrantOperation,
    /// A write in a read-only transaction. `25006`
    ReadOnlyTransaction,
    /// COMMIT outside of a transaction and the like. `25P01`
    NoActiveTransaction,
    /// A statement after an error in a transaction. `25P02`
    InFailedTransaction,
    /// `26000`
    InvalidStatementName,
    /// A wrong password or an unknown role. `28P01`
    InvalidPassword,
    /// The role may not log in at all. `28000`
    InvalidAuthorization,
    /// `34000`
    InvalidCursorName,
    /// `3B001`
    InvalidSavepoint,
    /// `3D000`
    UndefinedCatalog,
    /// `3F000`
    UndefinedSchema,
    /// `42501`
    InsufficientPrivilege,
    /// `42601`
    SyntaxError,
    /// `42602`
    InvalidName,
    /// `42622`
    NameTooLong,
    /// A name that is kept for something else. `42939`
    ReservedName,
    /// `42701`
    DuplicateColumn,
    /// `42P16`
    InvalidTableDefinition,
    /// `42P17`
    InvalidObjectDefinition,
    /// `42702`
    AmbiguousColumn,
    /// `42703`
    UndefinedColumn,
    /// `42704`
    UndefinedObject,
    /// A table or view of this name is there.
    DuplicateTable,
    /// Others depend on it.
    DependentObjects,
    /// `42710`
    DuplicateObject,
    /// A name that stands twice in one FROM or WITH. `42712`
    DuplicateAlias,
    /// `42725`
    AmbiguousFunction,
    /// `42803`
    GroupingError,
    /// `42804`
    DatatypeMismatch,
    /// `42809`
    WrongObjectType,
    /// `42846`
    CannotCoerce,
    /// `42883`
    UndefinedFunction,
    /// `42P01`
    UndefinedTable,
    /// `42P02`
    UndefinedParameter,
    /// `42P03`
    DuplicateCursor,
    /// `42P11`
    InvalidCursorDefinition,
    /// `42P04`
    DuplicateCatalog,
    /// `42P05`
    DuplicateStatement,
    /// A number in ORDER BY or GROUP BY that no column of the SELECT list has. `42P10`
    InvalidColumnReference,
    /// `42P18`
    IndeterminateDatatype,
    /// A window function where there is no window. `42P20`
    WindowingError,
    /// A limit that the operator set. `53400`
    ConfigurationLimitExceeded,
    /// `53100`
    DiskFull,
    /// `53200`
    OutOfMemory,
    /// `53300`
    TooManyConnections,
    /// `54000`
    ProgramLimitExceeded,
    /// `55000`
    ObjectNotInPrerequisiteState,
    /// `55006`
    ObjectInUse,
    /// `57014`
    QueryCanceled,
    /// The server is going down. `57P01`
    AdminShutdown,
    /// `57P03`
    CannotConnectNow,
    /// A file cannot be read. `58030`
    IoError,
    /// `58P01`
    UndefinedFile,
    /// A source failed in a way that has no kind of its own. `HV000`
    SourceFailed,
    /// A file holds something else than its name promises. `XX001`
    DataCorrupted,
    /// A defect of Weft. The client sees an id; the cause is in the log. `XX000`
    Internal,
}

impl ErrorKind {
    /// PostgreSQL's five-character code.
    pub fn sqlstate(self) -> &'static str {
        use ErrorKind::*;
        match self {
            ConnectionFailed => "08001",
            ProtocolViolation => "08P01",
            FeatureNotSupported => "0A000",
            CardinalityViolation => "21000",
            DataException => "22000",
            StringDataRightTruncation => "22001",
            NotNullViolation => "23502",
            NumericOutOfRange => "22003",
            InvalidDatetimeFormat => "22007",
            DatetimeOutOfRange => "22008",
            DivisionByZero => "22012",
            CharacterNotInRepertoire => "22021",
            InvalidParameterValue => "22023",
            InvalidTextRepresentation => "22P02",
            InvalidBinaryRepresentation => "22P03",
            InvalidArgumentForLogarithm => "2201E",
            InvalidArgumentForPower => "2201F",
            InvalidRegularExpression => "2201B",
            SubstringError => "22011",
            InvalidEscapeSequence => "22025",
            InvalidRowCountInLimit => "2201W",
            InvalidRowCountInOffset => "2201X",
            InvalidCursorState => "24000",
            ActiveTransaction => "25001",
            ReadOnlyTransaction => "25006",
            NoActiveTransaction => "25P01",
            InFailedTransaction => "25P02",
            InvalidStatementName => "26000",
            InvalidAuthorization => "28000",
            InvalidPassword => "28P01",
            InvalidCursorName => "34000",
            InvalidSavepoint => "3B001",
            UndefinedCatalog => "3D000",
            UndefinedSchema => "3F000",
            InsufficientPrivilege => "42501",
            SyntaxError => "42601",
            InvalidName => "42602",
            NameTooLong => "42622",
            ReservedName => "42939",
            InvalidGrantOperation => "0LP01",
            DuplicateColumn => "42701",
            InvalidTableDefinition => "42P16",
            InvalidObjectDefinition => "42P17",
            AmbiguousColumn => "42702",
            UndefinedColumn => "42703",
            UndefinedObject => "42704",
            DuplicateTable => "42P07",
            DependentObjects => "2BP01",
            DuplicateObject => "42710",
            DuplicateAlias => "42712",
            AmbiguousFunction => "42725",
            GroupingError => "42803",
            DatatypeMismatch => "42804",
            WrongObjectType => "42809",
            CannotCoerce => "42846",
            UndefinedFunction => "42883",
            UndefinedTable => "42P01",
            UndefinedParameter => "42P02",
            DuplicateCursor => "42P03",
            InvalidCursorDefinition => "42P11",
            DuplicateCatalog => "42P04",
            DuplicateStatement => "42P05",
            InvalidColumnReference => "42P10",
            IndeterminateDatatype => "42P18",
            WindowingError => "42P20",
            DiskFull => "53100",
            OutOfMemory => "53200",
            TooManyConnections => "53300",
            ConfigurationLimitExceeded => "53400",
            ProgramLimitExceeded => "54000",
            ObjectNotInPrerequisiteState => "55000",
            ObjectInUse => "55006",
            QueryCanceled => "57014",
            AdminShutdown => "57P01",
            CannotConnectNow => "57P03",
            IoError => "58030",
            UndefinedFile => "58P01",
            SourceFailed => "HV000",
            DataCorrupted => "XX001",
            Internal => "XX000",
        }
    }

    /// Whether the same statement may succeed when it is sent again unchanged.
    pub fn is_transient(self) -> bool {
        use ErrorKind::*;
        matches!(self, ConnectionFailed | TooManyConnections | OutOfMemory | CannotConnectNow | AdminShutdown)
    }
}

/// What a client is told: a lower-case message in one line, and optionally a detail, a hint that says what to do, and a position.
#[derive(Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    position: Option<usize>,
    subject: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A new error with PostgreSQL's style of message: lower case, no full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                detail: None,
                hint: None,
                position: None,
                subject: None,
                source: None,
            }),
        }
    }

    /// A defect of Weft itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Internal, message)
    }

    /// `0A000`: `what` should read like "INSERT into file catalogs".
    pub fn unsupported(what: impl fmt::Display) -> Self {
        Error::new(ErrorKind::FeatureNotSupported, format!("{what} is not supported"))
    }

    /// Adds the second, longer line.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Adds the line that says what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.inner.hint = Some(hint.into());
        self
    }

    /// Adds the place in the statement: characters, from 1.
    #[must_use]
    pub fn at(mut self, position: usize) -> Self {
        self.inner.position = Some(position);
        self
    }

    /// Says which name of the statement it is about, so that whoever has the statement's text can tell the place.
    #[must_use]
    pub fn about(mut self, name: impl Into<String>) -> Self {
        self.inner.subject = Some(name.into());
        self
    }

    /// Keeps the cause for the log. It is never sent to a client.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.inner.source = Some(Arc::new(source));
        self
    }

    /// The class of this error.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The first line.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The second line.
    pub fn detail(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }

    /// What to do.
    pub fn hint(&self) -> Option<&str> {
        self.inner.hint.as_deref()
    }

    /// The name that it is about.
    pub fn subject(&self) -> Option<&str> {
        self.inner.subject.as_deref()
    }

    /// Characters from 1 into the statement.
    pub fn position(&self) -> Option<usize> {
        self.inner.position
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, detail, hint, position, subject: _, source } = &*self.inner;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("message", message)
            .field("detail", detail)
            .field("hint", hint)
            .field("position", position)
            .field("source", source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_deref().map(|s| s as &(dyn StdError + 'static))
    }
}
