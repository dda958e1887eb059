-- One table or view.
\d nyc.weather
\d+ nyc.weather
\d nyc.flights
\d nyc.air*
\d pg_views
\d+ pg_views
\sv pg_views
\sv+ pg_user
\d nosuch
\d pg_catalog.pg_class
\d information_schema.schemata
