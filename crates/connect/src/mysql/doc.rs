//! The page of the reference about kind `mysql`. Text only.

/// What becomes a table, which types there are, and what is left to the source, as users read it.
pub const DOC: &str = "\
TBD
";
