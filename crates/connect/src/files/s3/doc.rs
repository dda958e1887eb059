//! The page of the reference about kind `s3`. Text only.

/// Rules of layout, freshness and safety, as users read them.
pub const DOC: &str = "\
A catalog of kind `s3` shows the Parquet, CSV and JSON objects of one bucket as tables, in Amazon S3 or any store that speaks its protocol.

    CREATE CATALOG lake USING s3 OPTIONS (bucket 'sales', prefix 'raw', endpoint 'http://127.0.0.1:8333', allow_http 'true', key_id '…', secret '…');

**Which tables there are**

- The rules are those of kind `file`, with `prefix`, or the whole bucket, as the folder: an object directly in it is a table of schema `public`, a \
first-level folder is a schema, an object or a folder in that a table, and folders named `key=value` are Hive partitions.
- Columns, types and the options of formats are those of kind `file`, too.
- Keys with empty parts (`a//b`), with `.` or `..` as a part, or with control characters cannot be used: the folder that holds one fails, no other.

**How it is read**

- The DuckDB worker reads the objects, by its extension `httpfs`. Weft does not carry it: `scripts/fetch-httpfs.sh` fetches it beside DuckDB's library, or \
the setting `duckdb_extensions` names its folder. Without it CREATE CATALOG fails with 0A000.
- A statement opens the stores of its own tables and no other; keys are in no statement, plan, log or error. Catalogs with different keys for one place cannot \
be read in one statement of the worker.
- Keys come from the options alone, never from the machine's environment. Without `key_id` requests are not signed, as public buckets want it.

**A backup store**

    ALTER CATALOG lake OPTIONS (SET backup_endpoint 'https://minio.example:9000', SET backup_key_id '…', SET backup_secret '…');

- It holds the same objects under the same keys below its prefix; keeping it so is not Weft's business. Nothing is written to it.
- It is read while the first store is unhealthy: `fail_over_after` checks in a row failed, one each `health_interval`, or a read could not reach it. After \
`fail_back_after` checks in a row that succeed the first is read again. A refused key or a missing object is an answer, and moves nothing.
- A statement reads one of the two. One that cannot reach its store is begun anew on the other one, unless rows of it have left.
- Whoever reads the backup is told by a WARNING (01000); EXPLAIN says which store and why; `system.runtime.pools` and `SHOW POOLS` show both.
- Scans are of the first store only: 55000 while the backup is read. If both are away, the error is that of the first.

**What changes**

- A listing, and what is known of a table's objects, answers for `metadata_ttl`. After that a table that is read is looked at again by one request for \
each 1000 of its objects; a name that is not known yet makes a new listing of all.
- An object that is gone is 58P01; one that is replaced while it is read is 55000, never a mixture of both.

**What goes wrong**

- A store that cannot be reached within `connect_timeout` is 08001, a refused key 42501, a missing bucket 58P01, a damaged object XX001 with its name.
- A statement that is cancelled ends at once for the client; the worker's request that is under way ends within \
`request_timeout` for each of its tries.
- A listing looks at a million objects; a bucket of more needs a `prefix`.
";
