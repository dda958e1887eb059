//! What a role may be granted on an object. What each privilege allows is the engine's to know.

use std::fmt;

/// One privilege.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// To enter a catalog or schema.
    Usage,
    /// To read.
    Select,
    /// To write.
    Insert,
    /// To see the first rows.
    Preview,
    /// To have it scanned and analysed.
    Scan,
    /// To decide what can be queried, and to keep views.
    Manage,
}

impl Privilege {
    /// Every one.
    pub const ALL: [Privilege; 6] = [
        Privilege::Usage,
        Privilege::Select,
        Privilege::Insert,
        Privilege::Preview,
        Privilege::Scan,
        Privilege::Manage,
    ];

    /// The privilege of this name, in whatever case.
    pub fn named(word: &str) -> Option<Privilege> {
        Privilege::ALL.into_iter().find(|p| p.word().eq_ignore_ascii_case(word))
    }

    /// As it stands in GRANT.
    pub fn word(self) -> &'static str {
        match self {
            Privilege::Usage => "USAGE",
            Privilege::Select => "SELECT",
            Privilege::Insert => "INSERT",
            Privilege::Preview => "PREVIEW",
            Privilege::Scan => "SCAN",
            Privilege::Manage => "MANAGE",
        }
    }
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A set of privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privileges(u8);

impl Privileges {
    /// None.
    pub const NONE: Privileges = Privileges(0);

    /// All of them.
    pub fn all() -> Privileges {
        Privilege::ALL.into_iter().collect()
    }

    /// Whether it has this one.
    pub fn has(self, privilege: Privilege) -> bool {
        self.0 & bit(privilege) != 0
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// With this one.
    pub fn with(self, privilege: Privilege) -> Privileges {
        Privileges(self.0 | bit(privilege))
    }

    /// Those of both.
    pub fn or(self, other: Privileges) -> Privileges {
        Privileges(self.0 | other.0)
    }

    /// Those that it has, in the order of [`Privilege::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Privilege> {
        Privilege::ALL.into_iter().filter(move |p| self.has(*p))
    }
}

impl FromIterator<Privilege> for Privileges {
    fn from_iter<I: IntoIterator<Item = Privilege>>(privileges: I) -> Self {
        privileges.into_iter().fold(Privileges::NONE, Privileges::with)
    }
}

fn bit(privilege: Privilege) -> u8 {
    1 << privilege as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in() {
        for privilege in Privilege::ALL {
            assert_eq!(Privilege::named(&privilege.to_string().to_lowercase()), Some(privilege));
            let one = Privileges::NONE.with(privilege);
            assert_eq!(one.iter().collect::<Vec<_>>(), [privilege]);
        }
        assert_eq!(Privileges::all().iter().count(), 6);
        assert_eq!(Privilege::named("DELETE"), None);
    }
}
