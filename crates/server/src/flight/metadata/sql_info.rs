//! GetSqlInfo: what this server can do, all that Flight SQL asks about. It must not know how it is sent.

use super::unbuilt;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow_flight::sql::metadata::SqlInfoDataBuilder;
use arrow_flight::sql::{CommandGetSqlInfo, SqlInfo};
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_core::Result;
use weft_core::name::MAX_IDENTIFIER_BYTES;
use weft_engine::Session;

/// Words that SQL:2003 does not have.
const KEYWORDS: &[&str] = &[
    "ANALYZE", "BACKUP", "CATALOG", "CATALOGS", "EXPLAIN", "FLUSH", "FOLDER", "LIMIT", "MANAGE", "MASK", "OFFSET",
    "POLICY", "PREVIEW", "RESTORE", "SCAN", "SCHEDULE", "SECRET", "SHOW", "TENANT", "UNDROP", "UNMANAGE", "WORKER",
];

const NUMERIC_FUNCTIONS: &[&str] = &[
    "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cot", "degrees", "exp", "floor", "ln", "log", "log10",
    "mod", "pi", "power", "radians", "round", "sign", "sin", "sqrt", "tan", "trunc",
];

const STRING_FUNCTIONS: &[&str] = &[
    "ascii",
    "btrim",
    "chr",
    "concat",
    "concat_ws",
    "initcap",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "octet_length",
    "position",
    "repeat",
    "replace",
    "reverse",
    "right",
    "rpad",
    "rtrim",
    "split_part",
    "starts_with",
    "strpos",
    "substring",
    "trim",
    "upper",
];

const SYSTEM_FUNCTIONS: &[&str] = &[
    "coalesce",
    "current_catalog",
    "current_database",
    "current_schema",
    "current_user",
    "nullif",
    "pg_backend_pid",
    "session_user",
    "version",
];

const DATETIME_FUNCTIONS: &[&str] = &["current_date", "current_timestamp", "date_part", "date_trunc", "extract", "now"];

/// Ordinals of enumerations of Flight SQL.
const NO_TRANSACTIONS: i32 = 0;
const LOWERCASE: i32 = 3;
/// Quoted names are as they are written, for which there is no ordinal.
const UNKNOWN_CASE: i32 = 0;
const NULLS_HIGH: i32 = 0;
const FULL_OUTER_JOINS: i32 = 2;
const ISOLATION_NONE: i32 = 0;

/// The columns.
pub(super) fn schema() -> SchemaRef {
    Arc::new(SqlInfoDataBuilder::schema().clone())
}

/// What was asked for; all if nothing was.
pub(super) fn answer(session: &Session, command: CommandGetSqlInfo) -> Result<RecordBatch> {
    let mut builder = SqlInfoDataBuilder::new();
    server(&mut builder, session);
    syntax(&mut builder);
    features(&mut builder);
    limits(&mut builder, session);
    transactions(&mut builder);
    let data = builder.build().map_err(unbuilt)?;
    command.into_builder(&data).build().map_err(unbuilt)
}

fn server(builder: &mut SqlInfoDataBuilder, session: &Session) {
    use SqlInfo::*;
    builder.append(FlightSqlServerName, "Weft");
    builder.append(FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    builder.append(FlightSqlServerArrowVersion, arrow::ARROW_VERSION);
    builder.append(FlightSqlServerReadOnly, false);
    builder.append(FlightSqlServerSql, true);
    builder.append(FlightSqlServerSubstrait, false);
    builder.append(FlightSqlServerSubstraitMinVersion, "");
    builder.append(FlightSqlServerSubstraitMaxVersion, "");
    builder.append(FlightSqlServerTransaction, NO_TRANSACTIONS);
    builder.append(FlightSqlServerCancel, true);
    builder.append(FlightSqlServerBulkIngestion, true);
    builder.append(FlightSqlServerIngestTransactionsSupported, false);
    // Prepared statements live as long as their session, which ends when nobody uses it for this long.
    let idle = session.gateway().settings().flight_session_timeout.0.as_millis();
    builder.append(FlightSqlServerStatementTimeout, i32::try_from(idle).unwrap_or(i32::MAX));
    builder.append(FlightSqlServerTransactionTimeout, 0);
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn syntax(builder: &mut SqlInfoDataBuilder) {
    use SqlInfo::*;
    builder.append(SqlDdlCatalog, true);
    builder.append(SqlDdlSchema, false);
    builder.append(SqlDdlTable, true);
    builder.append(SqlIdentifierCase, LOWERCASE);
    builder.append(SqlIdentifierQuoteChar, "\"");
    builder.append(SqlQuotedIdentifierCase, UNKNOWN_CASE);
    // Privileges decide.
    builder.append(SqlAllTablesAreSelectable, false);
    builder.append(SqlNullOrdering, NULLS_HIGH);
    builder.append(SqlKeywords, texts(KEYWORDS));
    builder.append(SqlNumericFunctions, texts(NUMERIC_FUNCTIONS));
    builder.append(SqlStringFunctions, texts(STRING_FUNCTIONS));
    builder.append(SqlSystemFunctions, texts(SYSTEM_FUNCTIONS));
    builder.append(SqlDatetimeFunctions, texts(DATETIME_FUNCTIONS));
    builder.append(SqlSearchStringEscape, "\\");
    builder.append(SqlExtraNameCharacters, "");
    builder.append(SqlSchemaTerm, "schema");
    builder.append(SqlProcedureTerm, "procedure");
    builder.append(SqlCatalogTerm, "catalog");
    builder.append(SqlCatalogAtStart, true);
}

/// A set of ordinals.
fn bits(ordinals: &[u32]) -> i32 {
    ordinals.iter().fold(0, |bits, ordinal| bits | (1 << ordinal))
}

fn features(builder: &mut SqlInfoDataBuilder) {
    use SqlInfo::*;
    builder.append(SqlSupportsColumnAliasing, true);
    builder.append(SqlNullPlusNullIsNull, true);
    // Of the function CONVERT; CAST takes what PostgreSQL's takes.
    builder.append(SqlSupportsConvert, BTreeMap::<i32, Vec<i32>>::new());
    builder.append(SqlSupportsTableCorrelationNames, true);
    builder.append(SqlSupportsDifferentTableCorrelationNames, false);
    builder.append(SqlSupportsExpressionsInOrderBy, true);
    builder.append(SqlSupportsOrderByUnrelated, true);
    // Unrelated to the SELECT list, and beyond it.
    builder.append(SqlSupportedGroupBy, bits(&[0, 1]));
    builder.append(SqlSupportsLikeEscapeClause, true);
    builder.append(SqlSupportsNonNullableColumns, true);
    // Minimum and core.
    builder.append(SqlSupportedGrammar, bits(&[0, 1]));
    // Entry level.
    builder.append(SqlAnsi92SupportedLevel, bits(&[0]));
    builder.append(SqlSupportsIntegrityEnhancementFacility, false);
    builder.append(SqlOuterJoinsSupportLevel, FULL_OUTER_JOINS);
    // In GRANT and REVOKE.
    builder.append(SqlSchemasSupportedActions, bits(&[2]));
    builder.append(SqlCatalogsSupportedActions, bits(&[2]));
    builder.append(SqlSupportedPositionedCommands, bits(&[]));
    builder.append(SqlSelectForUpdateSupported, false);
    builder.append(SqlStoredProceduresSupported, false);
    // In comparisons, EXISTS, IN, and with ANY and ALL.
    builder.append(SqlSupportedSubqueries, bits(&[0, 1, 2, 3]));
    builder.append(SqlCorrelatedSubqueriesSupported, true);
    // UNION and UNION ALL.
    builder.append(SqlSupportedUnions, bits(&[0, 1]));
    // Forward only, and read only.
    builder.append(SqlSupportedResultSetTypes, bits(&[1]));
    builder.append(SqlSupportedConcurrenciesForResultSetUnspecified, bits(&[]));
    builder.append(SqlSupportedConcurrenciesForResultSetForwardOnly, bits(&[1]));
    builder.append(SqlSupportedConcurrenciesForResultSetScrollSensitive, bits(&[]));
    builder.append(SqlSupportedConcurrenciesForResultSetScrollInsensitive, bits(&[]));
    builder.append(SqlBatchUpdatesSupported, false);
    builder.append(SqlNamedParametersSupported, false);
    builder.append(SqlLocatorsUpdateCopy, false);
    builder.append(SqlStoredFunctionsUsingCallSyntaxSupported, false);
}

/// Zero is no limit.
fn limits(builder: &mut SqlInfoDataBuilder, session: &Session) {
    use SqlInfo::*;
    let settings = session.gateway().settings();
    for info in [
        SqlMaxBinaryLiteralLength,
        SqlMaxCharLiteralLength,
        SqlMaxColumnsInGroupBy,
        SqlMaxColumnsInIndex,
        SqlMaxColumnsInOrderBy,
        SqlMaxColumnsInSelect,
        SqlMaxColumnsInTable,
        SqlMaxCursorNameLength,
        SqlMaxIndexLength,
        SqlMaxProcedureNameLength,
        SqlMaxRowSize,
        SqlMaxStatements,
        SqlMaxTablesInSelect,
    ] {
        builder.append(info, 0i64);
    }
    for info in [
        SqlMaxColumnNameLength,
        SqlDbSchemaNameLength,
        SqlMaxCatalogNameLength,
        SqlMaxTableNameLength,
        SqlMaxUsernameLength,
    ] {
        builder.append(info, MAX_IDENTIFIER_BYTES as i64);
    }
    builder.append(SqlMaxRowSizeIncludesBlobs, true);
    builder.append(SqlMaxConnections, i64::try_from(settings.max_connections).unwrap_or(i64::MAX));
    builder.append(SqlMaxStatementLength, i64::try_from(settings.max_message_bytes.0).unwrap_or(i64::MAX));
}

/// Those of SQL isolate nothing, and the protocol's are not there.
fn transactions(builder: &mut SqlInfoDataBuilder) {
    use SqlInfo::*;
    builder.append(SqlDefaultTransactionIsolation, ISOLATION_NONE);
    builder.append(SqlTransactionsSupported, false);
    builder.append(SqlSupportedTransactionsIsolationLevels, bits(&[ISOLATION_NONE as u32]));
    builder.append(SqlDataDefinitionCausesTransactionCommit, false);
    builder.append(SqlDataDefinitionsInTransactionsIgnored, false);
    builder.append(SqlSavepointsSupported, false);
}
