-- A value from the gateway itself.
SELECT 1 AS one, 'two' AS two;
