-- COPY … TO STDOUT.
COPY (SELECT 1 AS a, 'a,b' AS b, NULL AS c, E'x\ty\\z\n' AS d) TO STDOUT;
COPY (SELECT 1 AS a, 'a,b' AS b, NULL AS c, E'x\ty\\z\n' AS d) TO STDOUT (FORMAT csv, HEADER);
COPY (VALUES (1, 'x'), (2, NULL)) TO STDOUT WITH CSV FORCE QUOTE *;
COPY (SELECT 'a"b' AS x, '' AS y) TO STDOUT (FORMAT csv, QUOTE '"', ESCAPE '\', NULL 'nil', DELIMITER ';');
COPY (SELECT 1 AS a, ARRAY['x', 'y,z'] AS b, date '2024-02-29' AS c, 1.50 AS d, true AS e) TO STDOUT;
COPY (SELECT 1 AS a) TO STDOUT (FORMAT binary, HEADER);
COPY (SELECT 1 AS a) TO STDOUT (FORMAT csv, FORCE_QUOTE (b));
COPY (SELECT 1 / 0) TO STDOUT;
COPY pg_am (oid, amname) TO STDOUT WITH DELIMITER '|' NULL '';
COPY nothing TO STDOUT;
COPY pg_am TO '/tmp/x';
COPY pg_am FROM STDIN;
SELECT 'still here';
