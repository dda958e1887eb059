//! The tables behind `pg_catalog` and `information_schema`, in the hidden schema `system.internal`: they have numbers (`oid`) where PostgreSQL has them.
//! Inside of a catalog's `pg_catalog` they show that catalog alone.

use super::{Oid, TableDoc, system_table};
use chrono::{DateTime, Utc};

system_table! {
    /// Catalogs, as databases.
    "internal"."databases" => DatabaseRow {
        /// Number.
        oid: Oid,
        /// Name.
        name: String,
        /// What it is.
        comment: Option<String>,
    }
}

system_table! {
    /// Schemas of the current catalog.
    "internal"."namespaces" => NamespaceRow {
        /// Number.
        oid: Oid,
        /// Name.
        name: String,
        /// What it is.
        comment: Option<String>,
    }
}

system_table! {
    /// Tables, views and indexes of the current catalog.
    "internal"."relations" => RelationRow {
        /// Number.
        oid: Oid,
        /// Name.
        name: String,
        /// Schema's number.
        namespace_oid: Oid,
        /// Schema's name.
        namespace: String,
        /// `r` table, `v` view, `i` index.
        kind: String,
        /// Columns.
        columns: i16,
        /// Whether it has indexes.
        has_indexes: bool,
        /// Whether it has a foreign key, or one refers to it.
        has_references: bool,
        /// Conditions on its rows.
        checks: i16,
        /// What it is.
        comment: Option<String>,
        /// Text of a view.
        definition: Option<String>,
        /// Bytes, where known.
        bytes: Option<i64>,
    }
}

system_table! {
    /// Columns of the current catalog's tables, views and indexes.
    "internal"."attributes" => AttributeRow {
        /// Number of the table.
        relation_oid: Oid,
        /// Schema's name.
        namespace: String,
        /// Table's name.
        relation: String,
        /// Name.
        name: String,
        /// Place, from 1.
        position: i16,
        /// Whether it is of an index.
        is_key: bool,
        /// Number of its type.
        type_oid: Oid,
        /// Type's modifier, or -1.
        modifier: i32,
        /// Type as SQL spells it, with its modifier.
        type_name: String,
        /// Bytes of a value, or -1.
        length: i16,
        /// Whether it may be NULL.
        nullable: bool,
        /// Number of its default, or 0.
        default_oid: Oid,
        /// Expression of its default.
        default: Option<String>,
        /// What it is.
        comment: Option<String>,
    }
}

system_table! {
    /// Indexes of the current catalog's tables.
    "internal"."indexes" => InternalIndexRow {
        /// Number.
        oid: Oid,
        /// Name.
        name: String,
        /// Number of the table.
        relation_oid: Oid,
        /// Schema's name.
        namespace: String,
        /// Table's name.
        relation: String,
        /// Whether no two rows have the same key.
        is_unique: bool,
        /// Whether it is that of the primary key.
        is_primary: bool,
        /// Columns.
        columns: i16,
        /// Places of its columns, with spaces between; 0 is an expression.
        keys: String,
        /// The statement that would create it.
        definition: String,
    }
}

system_table! {
    /// Constraints of the current catalog's tables.
    "internal"."constraints" => InternalConstraintRow {
        /// Number.
        oid: Oid,
        /// Name.
        name: String,
        /// Schema's number.
        namespace_oid: Oid,
        /// Schema's name.
        namespace: String,
        /// Number of the table.
        relation_oid: Oid,
        /// Table's name.
        relation: String,
        /// `p` primary key, `u` unique, `f` foreign key, `c` check, `x` exclusion.
        kind: String,
        /// Number of its index, or 0.
        index_oid: Oid,
        /// Number of the table that a foreign key refers to, or 0.
        referenced_oid: Oid,
        /// Schema of that table.
        referenced_namespace: Option<String>,
        /// Name of the key of that table.
        referenced_key: Option<String>,
        /// Places of its columns.
        columns: Vec<i64>,
        /// Places of the columns that a foreign key refers to.
        referenced_columns: Vec<i64>,
        /// As it stands in a statement.
        definition: String,
    }
}

system_table! {
    /// Columns of the constraints of the current catalog's tables.
    "internal"."key_columns" => KeyColumnRow {
        /// Number of the constraint.
        constraint_oid: Oid,
        /// Number of the table.
        relation_oid: Oid,
        /// Place in the constraint, from 1.
        position: i16,
        /// Name of the column.
        column: String,
        /// Schema of the table that a foreign key refers to.
        referenced_namespace: Option<String>,
        /// Name of that table.
        referenced_relation: Option<String>,
        /// The column that it refers to.
        referenced_column: Option<String>,
    }
}

system_table! {
    /// Types.
    "internal"."types" => TypeRow {
        /// Number.
        oid: Oid,
        /// Name in `pg_type`.
        name: String,
        /// Name in SQL.
        sql_name: String,
        /// Bytes of a value, or -1.
        length: i16,
        /// `typcategory`.
        category: String,
        /// `b` base, `p` pseudo.
        kind: String,
        /// Element's number of an array, or 0.
        element_oid: Oid,
        /// Array's number of an element, or 0.
        array_oid: Oid,
    }
}

system_table! {
    /// Functions that can be called.
    "internal"."functions" => FunctionRow {
        /// Number.
        oid: Oid,
        /// Name.
        name: String,
        /// `f` function, `a` aggregate, `w` window function.
        kind: String,
        /// `i` immutable, `s` stable, `v` volatile.
        volatility: String,
        /// How many arguments it takes.
        argument_count: i16,
        /// Numbers of its arguments' types, with spaces between.
        arguments: String,
        /// Number of its result's type.
        result_oid: Oid,
        /// Its result's type as SQL spells it.
        result: String,
        /// Whether it gives rows.
        returns_set: bool,
        /// What it does.
        comment: Option<String>,
    }
}

system_table! {
    /// Roles.
    "internal"."roles" => InternalRoleRow {
        /// Number.
        oid: Oid,
        /// Name.
        name: String,
        /// Whether nothing is forbidden to it.
        superuser: bool,
        /// Whether it may log in.
        login: bool,
        /// Sessions that it may have at once, or -1.
        connection_limit: i32,
        /// When its password expires.
        valid_until: Option<DateTime<Utc>>,
        /// Variables of its sessions.
        variables: Vec<String>,
        /// Whether the user is it or a member of it.
        is_ours: bool,
    }
}

system_table! {
    /// Members of roles.
    "internal"."role_members" => InternalMemberRow {
        /// Number.
        oid: Oid,
        /// Number of the role.
        role_oid: Oid,
        /// Its name.
        role: String,
        /// Number of the member.
        member_oid: Oid,
        /// Its name.
        member: String,
        /// Number of who made it a member.
        grantor_oid: Oid,
        /// Whether the member may give the role to others.
        is_admin: bool,
        /// Whether the user is the member or a member of it.
        is_ours: bool,
    }
}

system_table! {
    /// What may be done with tables and views of the current catalog.
    "internal"."table_grants" => TableGrantRow {
        /// Schema's name.
        namespace: String,
        /// Table's name.
        relation: String,
        /// Who granted it.
        grantor: String,
        /// To whom.
        grantee: String,
        /// What.
        privilege: String,
        /// Whether it may be granted on.
        is_grantable: bool,
        /// Whether it is the user's.
        is_ours: bool,
    }
}

system_table! {
    /// Time zones, as of now.
    "internal"."timezones" => TimeZoneRow {
        /// Name.
        name: String,
        /// What is written behind a time.
        abbreviation: String,
        /// Seconds east of UTC.
        seconds: i32,
        /// Whether it is summer there.
        is_dst: bool,
    }
}

system_table! {
    /// Variables of the session.
    "internal"."variables" => VariableRow {
        /// Name.
        name: String,
        /// Value in force.
        value: String,
        /// Value after RESET.
        reset_value: String,
        /// What it does.
        comment: String,
        /// `user` if a session may change it, else `internal`.
        context: String,
        /// `bool`, `integer`, `string` or `enum`.
        kind: String,
    }
}

system_table! {
    /// Open cursors of the session.
    "internal"."cursors" => CursorRow {
        /// Name.
        name: String,
        /// The text of DECLARE.
        statement: String,
        /// Whether it may outlive its transaction.
        is_holdable: bool,
        /// Whether its rows are sent in binary.
        is_binary: bool,
        /// Whether it goes back.
        is_scrollable: bool,
        /// When it was declared.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// Statements that the session has prepared with SQL.
    "internal"."prepared_statements" => PreparedRow {
        /// Name.
        name: String,
        /// The text of PREPARE.
        statement: String,
        /// When it was prepared.
        created_at: DateTime<Utc>,
        /// The types of its parameters.
        parameter_types: Vec<String>,
        /// The types of its columns.
        result_types: Vec<String>,
    }
}

/// Every table of this module: the one list that registers them.
pub fn declared() -> Vec<TableDoc> {
    vec![
        TableDoc::of::<DatabaseRow>(),
        TableDoc::of::<NamespaceRow>(),
        TableDoc::of::<RelationRow>(),
        TableDoc::of::<AttributeRow>(),
        TableDoc::of::<InternalIndexRow>(),
        TableDoc::of::<InternalConstraintRow>(),
        TableDoc::of::<KeyColumnRow>(),
        TableDoc::of::<TypeRow>(),
        TableDoc::of::<FunctionRow>(),
        TableDoc::of::<InternalRoleRow>(),
        TableDoc::of::<InternalMemberRow>(),
        TableDoc::of::<TableGrantRow>(),
        TableDoc::of::<TimeZoneRow>(),
        TableDoc::of::<VariableRow>(),
        TableDoc::of::<CursorRow>(),
        TableDoc::of::<PreparedRow>(),
    ]
}
