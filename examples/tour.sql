-- Weft in a few statements. `weft demo` runs this file on the sample data and prints what each statement returns.

-- Can the folder be read? CHECK CATALOG asks before anything is created.
CHECK CATALOG USING file OPTIONS (path 'examples/data');

-- The folder becomes a catalog, its files become tables.
CREATE CATALOG ny USING file OPTIONS (path 'examples/data');

SHOW CATALOGS;

-- The sample data: flights from New York in early 2013, as CSV, JSON, Parquet, and Parquet in folders `month=1`, `month=2`, `month=3`.
SHOW TABLES FROM ny.nyc;

-- Columns are found by looking. `month` is not in the files of this table: it comes from the names of its folders.
SHOW COLUMNS FROM ny.nyc.flights;

-- The first rows. The limit goes into the statement that reads the file.
SELECT faa, name, lat, lon, tzone
FROM ny.nyc.airports
ORDER BY faa
LIMIT 5;

-- A CSV file joined with a Parquet table. Averages of integers are exact numerics, as in PostgreSQL.
SELECT a.name AS airline, count(*) AS flights, avg(f.dep_delay) AS mean_delay, max(f.dep_delay) AS worst_delay
FROM ny.nyc.flights AS f
JOIN ny.nyc.airlines AS a ON a.carrier = f.carrier
GROUP BY a.name
ORDER BY flights DESC, airline
LIMIT 5;

-- Who runs what? DuckDB answers the whole query as one statement.
EXPLAIN
SELECT a.name AS airline, count(*) AS flights, avg(f.dep_delay) AS mean_delay, max(f.dep_delay) AS worst_delay
FROM ny.nyc.flights AS f
JOIN ny.nyc.airlines AS a ON a.carrier = f.carrier
GROUP BY a.name
ORDER BY flights DESC, airline
LIMIT 5;

-- What is not proven to give PostgreSQL's answer in DuckDB stays in the gateway; EXPLAIN says what and why.
EXPLAIN
SELECT carrier, stddev(dep_delay) AS spread
FROM ny.nyc.flights
GROUP BY carrier;

-- Three formats in one query, with a common table expression and a window function: who flies whose planes most, month by month.
WITH counted AS (
    SELECT f.month, a.name AS airline, p.manufacturer, count(*) AS flights
    FROM ny.nyc.flights AS f
    JOIN ny.nyc.planes AS p ON p.tailnum = f.tailnum
    JOIN ny.nyc.airlines AS a ON a.carrier = f.carrier
    GROUP BY f.month, a.name, p.manufacturer
), ranked AS (
    SELECT month, airline, manufacturer, flights, rank() OVER (PARTITION BY month ORDER BY flights DESC) AS place
    FROM counted
)
SELECT month, place, airline, manufacturer, flights
FROM ranked
WHERE place <= 3
ORDER BY month, place, airline, manufacturer;

-- Flights to airports that the file of airports does not have.
SELECT f.dest, count(*) AS flights
FROM ny.nyc.flights AS f
LEFT JOIN ny.nyc.airports AS a ON a.faa = f.dest
WHERE a.faa IS NULL
GROUP BY f.dest
ORDER BY flights DESC, f.dest;

-- A value that is not known is NULL and is not counted: these flights never left.
SELECT count(*) AS flights, count(dep_delay) AS departed, count(*) - count(dep_delay) AS cancelled
FROM ny.nyc.flights;

-- PostgreSQL's rules wherever a value is computed: integers divide to integers, numerics exactly, NULL equals nothing.
SELECT 7 / 2 AS whole, -7 / 2 AS toward_zero, 7 / 2.0 AS exact, 1 / 3.0 AS third, NULL = NULL AS equal;

-- And its errors: nothing overflows silently.
-- expect error 22003
SELECT 2147483647 + 1;

-- A mistake is named as PostgreSQL names it. The hint: Perhaps you meant the column "carrier".
-- expect error 42703
SELECT carier FROM ny.nyc.airlines;

-- System tables say what there is: what SHOW shows, as tables.
SELECT table_name, files, bytes
FROM system.metadata.tables
WHERE catalog_name = 'ny' AND schema_name = 'nyc'
ORDER BY table_name;

SELECT user_name, catalog_name, state
FROM system.runtime.sessions
ORDER BY pid;

-- The catalog goes; the files stay where they are.
DROP CATALOG ny;

-- expect error 3D000
SELECT count(*) FROM ny.nyc.flights;
