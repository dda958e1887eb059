-- Sessions of this gateway and what they run.
SELECT d.oid AS datid, CAST(s.catalog_name AS name) AS datname, s.pid, CAST(NULL AS integer) AS leader_pid, r.oid AS usesysid,
  CAST(s.user_name AS name) AS usename, s.application_name, CAST(split_part(s.client_address, ':', 1) AS inet) AS client_addr,
  CAST(NULL AS text) AS client_hostname, CAST(split_part(s.client_address, ':', 2) AS integer) AS client_port,
  s.started_at AS backend_start, s.transaction_started_at AS xact_start,
  s.statement_started_at AS query_start, s.state_changed_at AS state_change,
  CASE WHEN s.state <> 'active' THEN 'Client' END AS wait_event_type,
  CASE WHEN s.state <> 'active' THEN 'ClientRead' END AS wait_event, s.state,
  CAST(NULL AS xid) AS backend_xid, CAST(NULL AS xid) AS backend_xmin, CAST(NULL AS bigint) AS query_id, s.statement AS query,
  'client backend' AS backend_type
FROM system.runtime.sessions AS s
  LEFT JOIN system.internal.databases AS d ON d.name = s.catalog_name
  LEFT JOIN system.internal.roles AS r ON r.name = s.user_name;
