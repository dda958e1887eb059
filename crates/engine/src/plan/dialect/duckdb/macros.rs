//! SQL macros that every DuckDB worker defines when it starts: PostgreSQL's semantics where DuckDB's operators differ. An error is raised as
//! `SQLSTATE: message`, which the `duck` crate turns back into an error of ours.

/// The set-up statements of a worker.
pub fn setup() -> Vec<String> {
    MACROS.iter().map(|m| format!("CREATE MACRO {m}")).collect()
}

const MACROS: &[&str] = &[
    // DuckDB's division by zero is NULL.
    "weft_int_divide(a, b) AS CASE WHEN b = 0 THEN error('22012: division by zero') ELSE a // b END",
    // DuckDB's smallest integer % -1 overflows; it is 0.
    "weft_int_modulo(a, b) AS CASE WHEN b = 0 THEN error('22012: division by zero') WHEN b = -1 THEN 0 ELSE a % b END",
    "weft_float_divide(a, b) AS CASE WHEN b = 0 THEN error('22012: division by zero') ELSE a / b END",
    // Long division in 128-bit integers, to 16 decimals, half away from zero. `unit` is ten to the scale of the numerator, `rest` ten to what is missing
    // to 16. Only the remainder is multiplied, so that nothing overflows that the result could hold.
    "weft_long_division(u, b, f) AS CASE WHEN b = 0 THEN error('22012: division by zero') ELSE \
        u // b * f + ((u % b) * f * 2 + sign(u) * abs(b)) // (b * 2) END",
    "weft_numeric_divide(a, b, unit, rest) AS CAST(weft_long_division(CAST(a * unit AS HUGEINT), CAST(b AS HUGEINT), CAST(rest AS HUGEINT)) \
        AS DECIMAL(38, 0)) * CAST(0.0000000000000001 AS DECIMAL(17, 16))",
];
