-- What the backslash commands are made of, and what drivers ask.
SELECT 'nyc.weather'::regclass, 'nyc.weather'::regclass::oid = c.oid AS same, c.oid::regclass::text AS name
FROM pg_class c WHERE c.relname = 'weather';
SELECT 'int'::regtype, 'pg_catalog'::regnamespace, 'weft'::regrole, 'int4in'::regproc, 1259::regclass;
SELECT 'nosuch'::regclass;
SELECT to_regclass('nosuch') IS NULL AS missing;
SELECT format_type(1700, 655366), format_type(1043, 24), format_type(1007, NULL), format_type(99999, NULL);
SELECT relname, relkind, relnatts FROM pg_class WHERE relnamespace = 'nyc'::regnamespace ORDER BY 1;
SELECT c.relname, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = c.relnatts) AS last_column
FROM pg_class c WHERE c.relnamespace = 'nyc'::regnamespace ORDER BY 1;
SELECT c.relname, array_to_string(ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum < 4 ORDER BY a.attnum), ', ')
FROM pg_class c WHERE c.relnamespace = 'nyc'::regnamespace ORDER BY 1;
SELECT typname, typinput, typsend, typelem::regtype, typarray::regtype FROM pg_type WHERE oid IN (16, 23, 25, 1007, 1700) ORDER BY oid;
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = 'nyc.weather'::regclass;
SELECT (information_schema._pg_expandarray(ARRAY['a', 'b'])).n, (information_schema._pg_expandarray(ARRAY['a', 'b'])).x;
SELECT table_name, column_name, data_type, numeric_precision, datetime_precision
FROM information_schema.columns WHERE table_schema = 'nyc' AND table_name = 'weather' ORDER BY ordinal_position;
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'nyc' ORDER BY 1;
SELECT quote_ident('Big'), quote_ident('small'), quote_literal(E'it\'s'), quote_nullable(NULL), format('%I.%s = %L', 'T', 'c', NULL);
SELECT pg_size_pretty(10240::bigint), pg_encoding_to_char(6), pg_get_userbyid(10), has_table_privilege('nyc.weather', 'SELECT');
SELECT n, x FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u (x, n);
SELECT generate_subscripts(ARRAY[7, 8, 9], 1), array_upper(ARRAY[7, 8, 9], 1), array_lower(ARRAY[7, 8, 9], 1);
SELECT (SELECT attname FROM pg_attribute a WHERE a.attrelid = c.oid) FROM pg_class c WHERE c.relname = 'weather';
SELECT count(*) > 400 AS zones FROM pg_timezone_names;
SELECT txid_current();
