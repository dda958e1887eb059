//! `GRANT r, … TO u, … [WITH ADMIN OPTION]` and `REVOKE [ADMIN OPTION FOR] r, … FROM u, … [CASCADE | RESTRICT]`: who is a member of whom.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::stmt::create_role::{list, names};
use crate::stmt::grant::{Deed, frame, revoked};
use std::fmt;
use weft_core::Result;

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRole {
    /// Whether it gives or takes.
    pub deed: Deed,
    /// The roles.
    pub roles: Vec<String>,
    /// Who becomes, or ceases to be, a member of them.
    pub members: Vec<String>,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let gives = c.eat_any(&["GRANT", "REVOKE"]) == Some("GRANT");
    let option_only = !gives && c.eat(&["ADMIN", "OPTION", "FOR"]);
    let roles = names(c)?;
    c.expect(&[if gives { "TO" } else { "FROM" }])?;
    let members = names(c)?;
    let deed = match gives {
        true if c.eat(&["WITH"]) => {
            c.expect(&["ADMIN", "OPTION"])?;
            Deed::GrantWithOption
        }
        true => Deed::Grant,
        false => revoked(c, option_only)?,
    };
    Ok(StatementKind::GrantRole(GrantRole { deed, roles, members }))
}

impl fmt::Display for GrantRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = frame(self.deed, "ADMIN OPTION");
        let word = if self.deed.gives() { "TO" } else { "FROM" };
        write!(f, "{first} {} {word} {}{last}", list(&self.roles), list(&self.members))
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "GRANT r TO u",
            "GRANT a, \"B\" TO c, d WITH ADMIN OPTION",
            "REVOKE r FROM u",
            "REVOKE ADMIN OPTION FOR r FROM u CASCADE",
        ]);
        round_trip("revoke R from u restrict", "REVOKE r FROM u");
        refused(&[("GRANT", 6), ("GRANT r", 8), ("GRANT r FROM u", 9), ("GRANT r TO u WITH GRANT OPTION", 19)]);
    }
}
