-- Roles, the connection, settings.
\du
\du+
\dg
\drds
\ddp
\db
\dx
\encoding
\dconfig search_path
