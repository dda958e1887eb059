//! The page of the reference about kind `postgres`. Text only.

/// Rules of what is shown, types and safety, as users read them.
pub const DOC: &str = "\
A catalog of kind `postgres` shows the tables of one database of a PostgreSQL server, version 12 or later.

    CREATE CATALOG shop USING postgres OPTIONS (host 'db1', database 'shop', user 'weft', password '…');

**Which tables there are**

- The schemas that the role `user` may use, but for PostgreSQL's own; in them the tables, views, materialized views, foreign tables and partitioned \
tables that it may read, with the columns that it may read. Partitions are not listed, but can be read by name.
- What has changed in the source is seen after `metadata_ttl`; a statement that meets it earlier fails with 42703 or 42P01 and may be run again.
- Sizes and numbers of rows are those of the last ANALYZE or VACUUM in the source.

**Types**

| PostgreSQL | Weft | |
| --- | --- | --- |
| `boolean`, `smallint`, `integer`, `bigint`, `real`, `double precision` | the same | |
| `numeric(p,s)` up to 38 digits, `s` from 0 to `p` | the same | |
| other `numeric` | `numeric(38,16)`, or `text` with `numeric_as 'text'` | a value that does not fit exactly, `NaN` and infinity are 22003 |
| `text`, `varchar` | `text` | compared by bytes; a column whose collation is not deterministic, too |
| `char(n)` | `text` | without blanks at the end |
| `name`, `uuid`, `oid` | the same | |
| `json`, `jsonb` | the same | compared and computed in the gateway only |
| `bytea` | `bytea` | |
| `date`, `time`, `timestamp`, `timestamptz`, `interval` | the same | infinity, and what is later than the year 294246, is 22008 |
| arrays of these | arrays | compared in the gateway only; more than one dimension, or one that does not begin at 1, is 0A000 |
| domains | their base type | |
| `timetz`, `money`, `bit`, `inet`, `cidr`, `macaddr`, `xml`, ranges, geometric types, `tsvector`, `hstore`, enums, composite types, arrays of these, \
and all others | `text` | as PostgreSQL writes them |

Every column may be null as far as planning goes; listings show what the source says.

**What runs in the source**

- Every statement runs in a read-only transaction that is rolled back, with `TimeZone` UTC and `search_path` `pg_catalog`. What a function does outside \
of transactions (`dblink`, files, programs) is not hindered by that: give `user` a role that may only read.
- `remote_query('shop', '…')` takes one query in PostgreSQL's words, without a semicolon at the end; names need their schemas. `SHOW`, `EXPLAIN` and what \
changes data are refused.
- Values are read as they are asked for; a statement that is given up is cancelled in the source, and its connection closed.
- A server that does not let Weft in within `connect_timeout` is 08001, and so is a connection that breaks.
";
