-- Open cursors of this session.
SELECT c.name, c.statement, c.is_holdable, c.is_binary, c.is_scrollable, c.created_at AS creation_time
FROM system.internal.cursors AS c;
