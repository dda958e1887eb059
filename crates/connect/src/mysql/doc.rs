//! The page of the reference about kind `mysql`. Text only.

/// What becomes a table, which types there are, and what is left to the source, as users read it.
pub const DOC: &str = "\
A catalog of kind `mysql` shows the tables of a MySQL server, version 8.0.17 or later, or of a MariaDB server, version 10.6 or later. It is tested with \
MariaDB 10.11; for MySQL it is written by MySQL's documentation.

    CREATE CATALOG shop USING mysql OPTIONS (host 'db1', user 'weft', password '…');

**Which tables there are**

- Every database that the user may see is a schema, but for the server's own; with the option `database` only that one. In them the tables and views, \
without sequences. Names keep their spelling.
- What has changed in the source is seen after `metadata_ttl`; a statement that meets it earlier fails with 42703 or 42P01 and may be run again.
- Sizes and numbers of rows are the server's estimates.

**Types**

| MySQL, MariaDB | Weft | |
| --- | --- | --- |
| `tinyint`, `smallint` | `smallint` | `tinyint(1)` too: it holds numbers |
| `mediumint`, `int` | `integer` | |
| `bigint` | `bigint` | |
| `tinyint`, `smallint`, `mediumint`, `int`, `bigint unsigned` | `smallint`, `integer`, `integer`, `bigint`, `numeric(20,0)` | |
| `decimal(p,s)` up to 38 digits | `numeric(p,s)` | |
| longer `decimal(p,s)` | `numeric(38,s)`, or `text` with `numeric_as 'text'` | a value that does not fit is 22003 |
| `float` | `real` | compared and computed in the gateway only |
| `double` | `double precision` | |
| `bit(n)` | `bigint`; `bit(64)` `numeric(20,0)` | |
| `year` | `integer` | |
| `date`, `datetime` | `date`, `timestamp` | without a month or a day: 22008, or NULL with `zero_dates 'null'` |
| `timestamp` | `timestamptz` | the same |
| `time` | `time`, or `text` with `time_as 'text'` | negative or beyond 24 hours: 22008 |
| `char`, `varchar`, `text` of every length, `enum`, `set` | `text` | compared by bytes; `char` without blanks at the end |
| `json` | `json` | compared and computed in the gateway only |
| `binary`, `varbinary`, `blob` of every length, `vector` | `bytea` | |
| `geometry`, `point`, … | `bytea`: well-known binary, longitude first | compared in the gateway only |
| `inet4`, `inet6`, `uuid` and all others | `text` | as the server writes them |

Every column may be null as far as planning goes; listings show what the source says. MariaDB compares the beginning of long values only when it sorts: \
`mediumtext`, `longtext`, `mediumblob` and `longblob` are compared in the gateway there.

With `zero_dates 'error'` the error is that of the query that returns such a date. A filter, count or order that runs in the source takes it, as the \
source does, for earlier than all others; the same goes for times that are no times of day.

**What runs in the source**

- Text is compared bytewise and without padding, whatever collation a column has: `'a' = 'A'`, `'a' = 'a '` and `'a' = 'ä'` are false. An index on text \
helps only if its column has the collation `utf8mb4_nopad_bin` (MariaDB) or `utf8mb4_0900_bin` (MySQL).
- Every statement runs in a read-only transaction, with `time_zone` UTC and without `max_statement_time` unless the server sets one.
- `remote_query('shop', '…')` takes one query in the source's words; names need their databases unless the catalog has one. A backslash in its text is \
itself: quotes are doubled. `SHOW` and what changes data are refused.
- Values are read as they are asked for; a statement that is given up is killed in the source, for which one more connection is made for a moment, and its \
connection is closed.
- A row of more than 256 MiB is refused.
- A server that does not let Weft in within `connect_timeout` is 08001, and so is a connection that breaks.
";
