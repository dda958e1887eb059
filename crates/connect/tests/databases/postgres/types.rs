//! Every type there and back: what it is called here, and its values, at their limits too.

use super::*;

/// A column of each type with one value, beside a NULL: declaration, value, the type that Weft shows, and the value that it reads.
async fn round_trip(database: &'static str, setup: &str, cases: &[(&str, &str, &str, &str)]) {
    let site = Site::new(database).await;
    site.sql(setup).await;
    for (i, (declaration, literal, shown_type, shown)) in cases.iter().enumerate() {
        site.sql(&format!(
            "CREATE TABLE t{i} (n int, c {declaration}); INSERT INTO t{i} VALUES (1, {literal}), (2, NULL)"
        ))
        .await;
        let relation = site.relation(&format!("t{i}")).await;
        let field = relation.schema.field(1);
        let mut name = ColumnType::of_field(field).sql_name();
        if let DataType::Decimal128(precision, scale) = field.data_type() {
            name = format!("{name}({precision},{scale})");
        }
        let rows = site.rows(&format!("t{i}")).await.unwrap_or_else(|e| panic!("{declaration} {literal}: {e:?}"));
        assert_eq!((name.as_str(), rows.join(";")), (*shown_type, format!("1|{shown};2|∅")), "{declaration} {literal}");
    }
}

/// A value that cannot be carried is an error that names the column; the rest of the table can be read.
async fn refused(site: &Site, declaration: &str, literal: &str, kind: ErrorKind, message: &str) {
    site.sql(&format!("DROP TABLE IF EXISTS r; CREATE TABLE r (n int, \"the column\" {declaration}); INSERT INTO r VALUES (1, {literal})")).await;
    let catalog = open(&[("database", site.database)], &[]);
    let relation = catalog.relation("public", "r").await.unwrap().unwrap();
    let sql = format!("SELECT {} FROM {{}}", list(&relation));
    let error = read(&relation, &sql, relation.schema.clone()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (kind, format!("column \"the column\": {message}").as_str()),
        "{literal}"
    );
    assert!(error.hint().is_some() || message.ends_with("out of range"));
    assert_eq!(numbers(&relation, "SELECT n::int8 FROM {}").await.unwrap(), ["1"]);
}

#[tokio::test]
async fn numbers_and_truth() {
    let digits = "9".repeat(38);
    let wide = format!("{digits}::numeric");
    let small = format!("-0.{digits}");
    round_trip(
        "numbers",
        "",
        &[
            ("boolean", "true", "boolean", "true"),
            ("boolean", "false", "boolean", "false"),
            ("smallint", "-32768", "smallint", "-32768"),
            ("integer", "2147483647", "integer", "2147483647"),
            ("bigint", "-9223372036854775808", "bigint", "-9223372036854775808"),
            ("real", "1.17549435e-38", "real", "1.1754944e-38"),
            ("real", "'NaN'", "real", "NaN"),
            ("double precision", "-1.7976931348623157e308", "double precision", "-1.7976931348623157e308"),
            ("double precision", "'-Infinity'", "double precision", "-inf"),
            ("double precision", "'-0'", "double precision", "-0.0"),
            ("numeric(10,2)", "-12345678.90", "numeric(10,2)", "-12345678.90"),
            ("numeric(4,0)", "9999", "numeric(4,0)", "9999"),
            ("numeric(38,0)", &wide, "numeric(38,0)", &digits),
            ("numeric(38,38)", &small, "numeric(38,38)", &small),
            ("numeric(20,10)", "0.0000000001", "numeric(20,10)", "0.0000000001"),
            ("numeric", "1.5", "numeric(38,16)", "1.5000000000000000"),
            (
                "numeric",
                "-1234567890123456789012.0123456789012345",
                "numeric(38,16)",
                "-1234567890123456789012.0123456789012345",
            ),
            ("numeric", "1e21", "numeric(38,16)", "1000000000000000000000.0000000000000000"),
            ("numeric", "0", "numeric(38,16)", "0.0000000000000000"),
            ("numeric(3,-2)", "12300", "numeric(38,16)", "12300.0000000000000000"),
            ("numeric(1000,2)", "1.25", "numeric(38,16)", "1.2500000000000000"),
            ("oid", "4294967295", "oid", "4294967295"),
            ("money", "12.34", "text", "$12.34"),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_that_do_not_fit() {
    let site = Site::new("misfits").await;
    let out_of_range = ErrorKind::NumericOutOfRange;
    let nan = "NaN or an infinite number does not fit a decimal";
    refused(&site, "numeric", "'NaN'", out_of_range, nan).await;
    refused(&site, "numeric", "'Infinity'", out_of_range, nan).await;
    refused(&site, "numeric(5,2)", "'NaN'", out_of_range, nan).await;
    refused(&site, "numeric", "1e-17", out_of_range, "a number has more than 16 digits after the point").await;
    refused(&site, "numeric", "1e22", out_of_range, "a value does not fit numeric(38,16)").await;
    refused(&site, "numeric", "1e300", out_of_range, "a number has more than 38 digits").await;
    let text = open(&[("database", "misfits"), ("numeric_as", "text")], &[]);
    let relation = text.relation("public", "r").await.unwrap().unwrap();
    let rows = read(&relation, "SELECT t1.\"the column\"::text FROM {}", one("c", DataType::Utf8)).await.unwrap();
    assert_eq!((relation.schema.field(1).data_type(), rows[0].len()), (&DataType::Utf8, 301));
}

#[tokio::test]
async fn texts_and_bytes() {
    let label = "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE pair AS (a int, b text); CREATE EXTENSION hstore; CREATE EXTENSION citext";
    let uuid = "0a0b0c0d-0e0f-1011-1213-1415161718ff";
    round_trip(
        "texts",
        label,
        &[
            ("text", "'Grüße, 世界 😀'", "text", "Grüße, 世界 😀"),
            ("text", "''", "text", ""),
            ("varchar(5)", "'a b  '", "text", "a b  "),
            ("char(5)", "'a b'", "text", "a b"),
            ("char(3)", "''", "text", ""),
            ("\"char\"", "'x'", "text", "x"),
            ("name", "'pg_class'", "name", "pg_class"),
            ("bytea", "'\\x00ff10'", "bytea", "00ff10"),
            ("bytea", "''", "bytea", ""),
            ("uuid", &format!("'{uuid}'"), "uuid", uuid),
            ("json", "'{\"b\":1,  \"a\":[null]}'", "json", "{\"b\":1,  \"a\":[null]}"),
            ("jsonb", "'{\"b\":1,  \"a\":[null]}'", "jsonb", "{\"a\": [null], \"b\": 1}"),
            ("xml", "'<a>b</a>'", "text", "<a>b</a>"),
            ("inet", "'10.0.0.1'", "text", "10.0.0.1"),
            ("inet", "'10.0.0.1/8'", "text", "10.0.0.1/8"),
            ("cidr", "'10.0.0.0/8'", "text", "10.0.0.0/8"),
            ("macaddr", "'08:00:2b:01:02:03'", "text", "08:00:2b:01:02:03"),
            ("bit(3)", "B'101'", "text", "101"),
            ("bit varying(5)", "B''", "text", ""),
            ("mood", "'happy'", "text", "happy"),
            ("pair", "(1, 'x y')", "text", "(1,\"x y\")"),
            ("int4range", "'[1,5)'", "text", "[1,5)"),
            ("point", "'(1,2.5)'", "text", "(1,2.5)"),
            ("tsvector", "'a fat cat'", "text", "'a' 'cat' 'fat'"),
            ("hstore", "'a=>1'", "text", "\"a\"=>\"1\""),
            ("citext", "'MiXed'", "text", "MiXed"),
            ("pg_lsn", "'16/B374D848'", "text", "16/B374D848"),
            ("regclass", "'pg_type'", "text", "pg_type"),
            ("xid", "'42'", "text", "42"),
            ("int2vector", "'1 2'", "text", "1 2"),
        ],
    )
    .await;
}

#[tokio::test]
async fn moments_and_spans() {
    round_trip(
        "moments",
        "",
        &[
            ("date", "'2024-02-29'", "date", "2024-02-29"),
            ("date", "'0044-03-15 BC'", "date", "-0043-03-15"),
            ("time", "'23:59:59.999999'", "time without time zone", "23:59:59.999999"),
            ("timestamp", "'1969-12-31 23:59:59.999999'", "timestamp without time zone", "1969-12-31T23:59:59.999999"),
            ("timestamp(0)", "'2024-01-02 03:04:05.6'", "timestamp without time zone", "2024-01-02T03:04:06"),
            ("timestamptz", "'2024-01-02 03:04:05+02'", "timestamp with time zone", "2024-01-02T01:04:05Z"),
            (
                "interval",
                "'1 year -2 days 03:04:05.000006'",
                "interval",
                "12 mons -2 days 3 hours 4 mins 5.000006000 secs",
            ),
            ("timetz", "'10:00:00+05:30'", "text", "10:00:00+05:30"),
        ],
    )
    .await;
    let site = Site::new("eternity").await;
    let late = ErrorKind::DatetimeOutOfRange;
    refused(&site, "date", "'infinity'", late, "an infinite date is not supported").await;
    refused(&site, "timestamp", "'-infinity'", late, "an infinite timestamp is not supported").await;
    refused(&site, "timestamptz", "'infinity'", late, "an infinite timestamp is not supported").await;
    refused(&site, "timestamp", "'294260-01-01'", late, "timestamp out of range").await;
    refused(&site, "interval", "'9000000000 seconds'::interval * 1000", late, "interval out of range").await;
}

#[tokio::test]
async fn arrays_and_domains() {
    let own = "CREATE DOMAIN cents AS numeric(10,2) CHECK (VALUE > 0); CREATE DOMAIN price AS cents; CREATE DOMAIN word AS varchar(9); \
        CREATE DOMAIN many AS int[]; CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN feeling AS mood";
    round_trip(
        "arrays",
        own,
        &[
            ("int[]", "'{1,NULL,3}'", "integer[]", "[1, ∅, 3]"),
            ("int[]", "'{}'", "integer[]", "[]"),
            ("bigint[3]", "'{9223372036854775807}'", "bigint[]", "[9223372036854775807]"),
            ("text[]", "array['a,b', '', NULL, '\"']", "text[]", "[a,b, , ∅, \"]"),
            ("varchar(3)[]", "'{abc}'", "text[]", "[abc]"),
            ("char(3)[]", "'{a,bc}'", "text[]", "[a, bc]"),
            ("numeric(6,2)[]", "'{1.5,-2}'", "numeric[]", "[1.50, -2.00]"),
            ("boolean[]", "'{t,f}'", "boolean[]", "[true, false]"),
            ("timestamptz[]", "'{2024-01-02 03:04:05+00}'", "timestamp with time zone[]", "[2024-01-02T03:04:05Z]"),
            ("uuid[]", "'{00000000-0000-0000-0000-000000000001}'", "uuid[]", "[00000000-0000-0000-0000-000000000001]"),
            ("jsonb[]", "array['{\"a\":1}'::jsonb]", "jsonb[]", "[{\"a\": 1}]"),
            ("oid[]", "'{1}'", "oid[]", "[1]"),
            ("bytea[]", "array['\\x01'::bytea]", "bytea[]", "[01]"),
            ("inet[]", "'{10.0.0.1}'", "text", "{10.0.0.1}"),
            ("mood[]", "'{sad,happy}'", "text", "{sad,happy}"),
            ("cents", "1.5", "numeric(10,2)", "1.50"),
            ("price", "1.5", "numeric(10,2)", "1.50"),
            ("word", "'ab'", "text", "ab"),
            ("feeling", "'sad'", "text", "sad"),
            ("many", "'{1,2}'", "integer[]", "[1, 2]"),
            ("cents[]", "'{1.5}'", "numeric[]", "[1.50]"),
            ("word[]", "'{ab}'", "text[]", "[ab]"),
        ],
    )
    .await;
    let site = Site::new("shapes").await;
    let unsupported = ErrorKind::FeatureNotSupported;
    refused(&site, "int[]", "'{{1,2},{3,4}}'", unsupported, "an array of more than one dimension is not supported")
        .await;
    refused(&site, "int[]", "'[0:1]={1,2}'", unsupported, "an array that begins at [0] is not supported").await;
}

#[tokio::test]
async fn what_the_planner_expects_is_what_it_gets() {
    let site = Site::new("expected").await;
    site.sql("CREATE TABLE t (i int, b bigint, s text); INSERT INTO t VALUES (1, 9223372036854775807, 'x')").await;
    let relation = site.relation("t").await;
    let get = async |sql: &str, wanted: DataType| read(&relation, sql, one("c", wanted)).await;
    assert_eq!(get("SELECT sum(b) FROM {}", DataType::Decimal128(38, 0)).await.unwrap(), ["9223372036854775807"]);
    assert_eq!(get("SELECT sum(b) FROM {}", DataType::Int64).await.unwrap(), ["9223372036854775807"]);
    assert_eq!(get("SELECT i FROM {}", DataType::Int64).await.unwrap(), ["1"]);
    assert_eq!(get("SELECT i FROM {}", DataType::Decimal128(10, 2)).await.unwrap(), ["1.00"]);
    let narrow = get("SELECT b FROM {}", DataType::Int32).await.unwrap_err();
    assert_eq!((narrow.kind(), narrow.message()), (ErrorKind::NumericOutOfRange, "column \"c\": integer out of range"));
    let other = get("SELECT s FROM {}", DataType::Int64).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::DatatypeMismatch);
    assert_eq!(other.detail(), Some("column \"c\" came as text where Int64 was expected"));
    let none = stream(&relation, "SELECT FROM {}", Arc::new(Schema::empty())).await.unwrap();
    let batches: Vec<_> = none.try_collect().await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 1);
}
