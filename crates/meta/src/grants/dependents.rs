//! What goes with a privilege that is revoked: what was granted on by whom it is taken from. It must not know the database.

use super::{Dependents, GrantRecord, Revoked};
use std::collections::HashMap;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};

/// The grants that are asked for, and those that rest on them, with what is taken of each. `names` are those of roles by their ids, for a grant knows
/// who gave it by name.
pub(super) fn closure<'g>(
    all: &'g [GrantRecord],
    names: &HashMap<Uuid, String>,
    asked: impl Fn(&GrantRecord) -> bool,
    what: Revoked,
    dependents: Dependents,
) -> Result<Vec<(&'g GrantRecord, Revoked)>> {
    let mut taken: Vec<(&GrantRecord, Revoked)> = all.iter().filter(|g| asked(g)).map(|g| (g, what)).collect();
    let mut looked_at = 0;
    while let Some((lost, _)) = taken.get(looked_at).copied() {
        looked_at += 1;
        let Some(grantor) = names.get(&lost.role).filter(|_| lost.grantable) else { continue };
        // They may have it in another way.
        let keeps = |of: &GrantRecord| {
            all.iter().any(|g| {
                let gone = taken.iter().any(|(t, _)| std::ptr::eq(*t, g));
                !gone
                    && g.role == lost.role
                    && g.privilege == of.privilege
                    && g.grantable
                    && g.object.covers(&of.object)
            })
        };
        let rests = |g: &&GrantRecord| {
            g.grantor == *grantor
                && g.privilege == lost.privilege
                && lost.object.covers(&g.object)
                && !taken.iter().any(|(t, w)| std::ptr::eq(*t, *g) && *w == Revoked::Everything)
                && !keeps(g)
        };
        let more: Vec<&GrantRecord> = all.iter().filter(rests).collect();
        if !more.is_empty() && dependents == Dependents::Restrict {
            return Err(Error::new(ErrorKind::DependentObjects, "dependent privileges exist")
                .with_hint("Use CASCADE to revoke them too."));
        }
        taken.extend(more.into_iter().map(|g| (g, Revoked::Everything)));
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::super::GrantObject;
    use super::*;
    use weft_core::Privilege;

    fn grant(role: u128, grantor: &str, grantable: bool, table: &str) -> GrantRecord {
        let schema = if table.is_empty() { "" } else { "s" };
        GrantRecord {
            role: Uuid::from_u128(role),
            object: GrantObject { id: Uuid::from_u128(99), schema: schema.to_owned(), table: table.to_owned() },
            privilege: Privilege::Select,
            grantable,
            grantor: grantor.to_owned(),
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    /// Catches: what was granted on and outlives the privilege that it rests on, and a circle of grants that never ends.
    #[test]
    fn what_was_granted_on_goes_too() {
        let names = [(1, "a"), (2, "b"), (3, "c")].map(|(id, name)| (Uuid::from_u128(id), name.to_owned()));
        let names = HashMap::from(names);
        let all = [
            grant(1, "weft", true, ""),
            grant(2, "a", true, "t"),
            grant(3, "b", true, "t"),
            grant(2, "c", false, "t"),
            grant(3, "weft", false, ""),
        ];
        let of_a = |g: &GrantRecord| g.role == Uuid::from_u128(1);
        let error = closure(&all, &names, of_a, Revoked::Option, Dependents::Restrict).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DependentObjects);
        let taken = closure(&all, &names, of_a, Revoked::Option, Dependents::Cascade).unwrap();
        let taken: Vec<_> = taken.iter().map(|(g, what)| (g.grantor.as_str(), *what)).collect();
        use Revoked::{Everything, Option};
        assert_eq!(taken, [("weft", Option), ("a", Everything), ("b", Everything), ("c", Everything)]);
        let nobody = closure(&all, &names, |g| g.grantor == "c", Revoked::Everything, Dependents::Restrict).unwrap();
        assert_eq!(nobody.len(), 1);
    }
}
