//! `system.admin`: what an administrator has set.

use crate::system::system_table;
use chrono::{DateTime, Utc};

system_table! {
    /// The secrets that catalogs use by name. Their values are not shown anywhere.
    "admin"."secrets" => SecretRow {
        /// Name.
        secret_name: String,
        /// Kind of source that can use it.
        kind: String,
        /// The options that it has values for.
        options: Vec<String>,
        /// The catalogs that use it.
        used_by: Vec<String>,
        /// Who created it.
        owner: String,
        /// When.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// Statements that are run at certain times.
    "admin"."schedules" => ScheduleRow {
        /// Name.
        schedule_name: String,
        /// When, as cron has it.
        cron: String,
        /// Of which zone the times are.
        time_zone: String,
        /// What is run.
        statement: String,
        /// As whom.
        owner: String,
        /// `active` or `paused`.
        state: String,
        /// When it is run next.
        next_run_at: Option<DateTime<Utc>>,
        /// When it was run last.
        last_run_at: Option<DateTime<Utc>>,
        /// What came of that: `succeeded`, or SQLSTATE and message of what it met.
        last_outcome: Option<String>,
        /// When it was created.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// The roles that may log in or own things.
    "admin"."roles" => RoleRow {
        /// Name of the role.
        role_name: String,
        /// Whether nothing is forbidden to it.
        is_superuser: bool,
        /// Whether it may log in.
        can_login: bool,
        /// Whether it has a password; without one it cannot log in but where none is asked for.
        has_password: bool,
        /// The roles of which it is a member.
        member_of: Vec<String>,
        /// Sessions that it may have at once on one gateway.
        connection_limit: Option<i64>,
        /// When its password expires.
        valid_until: Option<DateTime<Utc>>,
        /// Session variables with which its sessions begin, as `name=value`.
        variables: Vec<String>,
        /// When it was created.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// Who is a member of which role.
    "admin"."role_members" => MemberRow {
        /// The role.
        role_name: String,
        /// Its member, which may do what the role may.
        member_name: String,
        /// Whether the member may give the role to others.
        is_admin: bool,
        /// Who made it a member.
        grantor: String,
    }
}

system_table! {
    /// What was granted to whom. A privilege on a catalog or schema is one on everything in it.
    "admin"."grants" => GrantRow {
        /// The role, or `PUBLIC`, which is everybody.
        grantee: String,
        /// `USAGE`, `SELECT`, `INSERT`, `PREVIEW`, `SCAN` or `MANAGE`.
        privilege: String,
        /// `catalog`, `schema`, `table` or `view`.
        object_type: String,
        /// The catalog.
        catalog_name: String,
        /// Its schema, if it is on one or on something in it.
        schema_name: Option<String>,
        /// The table or view, if it is on one.
        object_name: Option<String>,
        /// Whether the role may grant it to others.
        is_grantable: bool,
        /// Who granted it.
        grantor: String,
        /// When.
        granted_at: DateTime<Utc>,
    }
}

system_table! {
    /// The settings with which this gateway was started. Secrets are not shown.
    "admin"."settings" => SettingRow {
        /// Name, as in `weft.toml`.
        setting_name: String,
        /// Value in force.
        value: String,
        /// Value when nothing is set.
        default_value: String,
        /// What it does.
        comment: String,
    }
}
