-- Functions, types, operators.
\df abs
\df pg_catalog.sum
\df pg_table_is_visible
\df nosuch
\sf pg_table_is_visible
\sf abs
\da nosuch
\dT
\dT int4
\dT+ text
\do nosuch
\dC nosuch
\dc nosuch
\dO
\dL
