-- Roles that the user has.
SELECT CAST(current_user AS name) AS role_name
;
