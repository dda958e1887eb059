//! Garbage, truncated statements and towers of nesting: whatever comes in, the reader answers, and what it reads it can write.

use crate::{StatementKind, parse, redact};
use weft_core::ErrorKind;
use weft_core::option::Exposure;

/// Statements to be cut and shuffled.
const SEEDS: &[&str] = &[
    "CREATE CATALOG IF NOT EXISTS c USING file OPTIONS (path '/x', depth 3, flag TRUE) WITH (manage = 'all', x)",
    "DROP CATALOG IF EXISTS \"C\" CASCADE",
    "CHECK CATALOG USING postgres OPTIONS (host E'a\\n', password $q$p$q$)",
    "ALTER CATALOG c OPTIONS (SET host 'h', DROP port)",
    "ALTER CATALOG c SET (max_connections = 8)",
    "ALTER CATALOG c RENAME TO d",
    "CREATE SECRET IF NOT EXISTS s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE USER IF NOT EXISTS u WITH LOGIN PASSWORD 'p' VALID UNTIL 'x' CONNECTION LIMIT -1 IN ROLE a, \"B\"",
    "ALTER ROLE r SET a.b TO 'x', -5",
    "GRANT USAGE, SELECT ON ALL TABLES IN SCHEMA a.b TO r, PUBLIC WITH GRANT OPTION",
    "REVOKE ADMIN OPTION FOR a FROM b CASCADE",
    "PREVIEW c.s.t (a, \"B\") WHERE a > (SELECT 1 LIMIT 1) LIMIT 10",
    "SHOW TABLES FROM a.b LIKE 'x%'",
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL a.b TO 'x', -5, \"Y\"",
    "PREPARE p (int, text[]) AS SELECT $1 + 1 FROM t WHERE a LIKE $2",
    "EXECUTE p (1, 'x', now() - INTERVAL '1 day')",
    "EXPLAIN (ANALYZE, FORMAT json) WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) TABLE x ORDER BY 1 LIMIT 3",
    "SELECT a::int[], b -> 'k', count(*) FILTER (WHERE c) OVER (PARTITION BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM s.t AS q \
     LEFT JOIN LATERAL (VALUES (1, 'ö')) v (x, y) ON true WHERE e IS NOT DISTINCT FROM ALL (ARRAY[1, 2]) /* ; */ GROUP BY ROLLUP (a) -- x",
    "DECLARE c BINARY NO SCROLL CURSOR WITH HOLD FOR SELECT $1; FETCH BACKWARD -5 FROM c; MOVE ALL IN c; CLOSE ALL",
    "COPY c.s.t (a, \"B\") TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';', NULL 'x', FORCE_QUOTE (a)); COPY (SELECT 1) TO STDOUT CSV",
    "BEGIN; ROLLBACK TO SAVEPOINT s; ; COMMIT AND CHAIN",
];

/// A generator of the same numbers each time (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Reads the text; what is understood must be written so that it reads back.
fn survive(sql: &str) {
    redact(sql, &|_, _| Exposure::Secret);
    match parse(sql) {
        Ok(statements) => {
            for statement in statements {
                let written = statement.kind.to_string();
                if !matches!(
                    statement.kind,
                    StatementKind::Query(_) | StatementKind::Explain(_) | StatementKind::Unsupported { .. }
                ) {
                    let again = parse(&written).unwrap_or_else(|e| panic!("{sql} -> {written}: {e:?}"));
                    assert_eq!(again[0].kind.to_string(), written, "{sql}");
                }
            }
        }
        Err(e) => {
            assert_ne!(e.kind(), ErrorKind::Internal, "{sql}");
            assert!(e.position().is_none_or(|p| p >= 1 && p <= sql.chars().count() + 1), "{sql}: {e:?}");
        }
    }
}

#[test]
fn truncated_statements() {
    for seed in SEEDS {
        for (end, _) in seed.char_indices() {
            survive(&seed[..end]);
            survive(&seed[end..]);
        }
    }
}

#[test]
fn token_soup() {
    let words: Vec<&str> = SEEDS
        .iter()
        .flat_map(|s| s.split_inclusive([' ', '(', ',', '.']))
        .chain(["'", "\"", "$$", "/*", ";", "\0", "é", "E'\\"])
        .collect();
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let soup: String = (0..1 + dice.below(12)).map(|_| words[dice.below(words.len())]).collect();
        survive(&soup);
    }
}

#[test]
fn shuffled_statements() {
    let mut dice = Dice(11);
    for _ in 0..5_000 {
        let mut words: Vec<&str> = SEEDS[dice.below(SEEDS.len())].split_inclusive(' ').collect();
        let (a, b) = (dice.below(words.len()), dice.below(words.len()));
        words.swap(a, b);
        survive(&words.concat());
    }
}

/// What can be repeated without end, before and after a kernel. A stack that overflows ends the process, so this test is its own proof.
#[test]
fn towers() {
    let towers = [
        ("(", "1", ")"),
        ("NOT ", "a", ""),
        ("- ", "1", ""),
        ("+ ", "1", ""),
        ("~ ", "1", ""),
        ("f(", "1", ")"),
        ("ARRAY[", "1", "]"),
        ("[", "1", "]"),
        ("CASE WHEN a THEN ", "1", " END"),
        ("CAST(", "1", " AS int)"),
        ("(SELECT ", "1", ")"),
        ("EXISTS (SELECT ", "1", ")"),
        ("ROW(", "1", ")"),
        ("1 + ", "1", ""),
        ("a OR ", "a", ""),
        ("a AND ", "a", ""),
        ("a = ", "a", ""),
        ("", "a", "::int"),
        ("", "a", "[1]"),
        ("", "a", " IS NULL"),
        ("", "a", " COLLATE \"C\""),
        ("", "a", " AT TIME ZONE 'UTC'"),
        ("a || ", "a", ""),
        ("a BETWEEN 1 AND ", "a", ""),
        ("a IN (", "1", ")"),
        ("", "a", ".b"),
        ("INTERVAL ", "'1'", ""),
        ("a -> ", "a", ""),
        ("a ^ ", "a", ""),
        ("DATE ", "'x'", ""),
        ("x.", "y", ""),
        ("{", "1", "}"),
        ("PRIOR ", "a", ""),
        ("", "a", "!"),
        ("@ ", "a", ""),
        ("|/ ", "a", ""),
        ("EXTRACT(YEAR FROM ", "a", ")"),
        ("a, ", "a", ""),
        ("a NOT LIKE ", "a", ""),
        ("", "1 UNION SELECT 1", " UNION ALL SELECT 1"),
        ("x -> (", "a", ")"),
        ("a := ", "a", ""),
        ("a => ", "a", ""),
        ("lambda x : ", "a", ""),
        ("", "CAST(1 AS int", "[]"),
        ("CAST(1 AS STRUCT<a ", "int", ">"),
        ("CAST(1 AS ARRAY<", "int", ">"),
        ("CAST(1 AS Nullable(", "int", ")"),
    ];
    for (before, kernel, after) in towers {
        for height in [45, 1_900, 3_000] {
            let sql = format!("SELECT {}{kernel}{}", before.repeat(height), after.repeat(height));
            survive_alone(&sql);
        }
    }
    for (before, kernel, after) in [
        ("(", "SELECT 1", ")"),
        ("WITH x AS (", "SELECT 1", ") SELECT 1"),
        ("SELECT * FROM (", "SELECT 1", ") x"),
        ("SELECT * FROM ((", "a", "))"),
        ("EXPLAIN ", "SELECT 1", ""),
        ("PREPARE p AS ", "SELECT 1", ""),
        ("SELECT * FROM a JOIN (", "b", ") ON true"),
        ("/*", "", "*/"),
        ("SELECT * FROM t WHERE a IN (", "SELECT 1", ")"),
        ("SELECT 1; ", "", ""),
        ("SELECT * FROM a", "", " CROSS JOIN a"),
        ("TABLE a UNION ", "TABLE a", ""),
        ("SELECT * FROM a MATCH_RECOGNIZE (PATTERN (", "A", "))"),
        ("SELECT * FROM a", "", " PIVOT (sum(a) FOR b IN (1))"),
        ("EXECUTE p (", "1", ")"),
        ("PREPARE p (", "int", ") AS SELECT 1"),
        ("SELECT * FROM a ", "JOIN b", " ON true"),
        ("SELECT * FROM a ", "JOIN b ", " JOIN b"),
    ] {
        for height in [45, 1_900, 3_000] {
            survive_alone(&format!("{}{kernel}{}", before.repeat(height), after.repeat(height)));
        }
    }
}

/// On a thread with the stack of a server's thread.
fn survive_alone(sql: &str) {
    let owned = sql.to_owned();
    let shown: String = sql.chars().take(80).collect();
    let begun = std::time::Instant::now();
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || survive(&owned)).expect("thread");
    assert!(thread.join().is_ok(), "{shown}");
    assert!(begun.elapsed().as_secs() < 20, "{} bytes of {shown} took {:?}", sql.len(), begun.elapsed());
}

#[test]
fn deep_nesting_is_an_error_of_its_own() {
    for sql in
        [format!("SELECT {}1{}", "(".repeat(1000), ")".repeat(1000)), format!("SELECT 1{}", " + 1".repeat(100_000))]
    {
        assert_eq!(parse(&sql).unwrap_err().kind(), ErrorKind::ProgramLimitExceeded);
    }
    let wide =
        format!("SELECT * FROM t WHERE a IN (1{}) AND (b = 1{})", ", 1".repeat(50_000), " OR b = 1".repeat(1_500));
    assert_eq!(parse(&wide).expect("wide, not deep").len(), 1);
}
