-- Catalogs, schemas, tables and views in lists.
\l
\dn
\dn+
\dt
\dt nyc.*
\dt *.weather
\dtv nyc.*
\d
\dv
\dv nyc.*
\dv pg_catalog.pg_stat_user*
\dp nyc.*
\z nyc.planes
\dt nosuch
