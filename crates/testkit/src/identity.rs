//! The user a server runs as. PostgreSQL and MariaDB refuse to run as root; when the tests do, each server becomes the user of its package, and
//! when an ordinary user runs the tests, everything stays theirs.

use crate::error::Context;
use crate::{Error, Result};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// User and group to become; nothing to become for an ordinary user.
#[derive(Debug, Clone, Copy)]
pub struct Identity(Option<(u32, u32)>);

impl Identity {
    /// The user that the package of this server created.
    pub fn of_package(user: &str) -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Identity(None));
        }
        let passwd = std::fs::read_to_string("/etc/passwd").context("/etc/passwd")?;
        match lookup(&passwd, user) {
            Some(ids) => Ok(Identity(Some(ids))),
            None => Err(Error::new(format!("no user {user}: run scripts/install-test-tools.sh"))),
        }
    }

    /// Makes `command` run as this user.
    pub fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some((uid, gid)) = self.0 {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Gives a file or folder to this user.
    pub fn own(&self, path: &Path) -> Result<()> {
        match self.0 {
            Some((uid, gid)) => std::os::unix::fs::chown(path, Some(uid), Some(gid)).context(path.display()),
            None => Ok(()),
        }
    }
}

fn lookup(passwd: &str, user: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn looks_a_user_up() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(super::lookup(passwd, "postgres"), Some((101, 104)));
        assert_eq!(super::lookup(passwd, "postgre"), None);
    }
}
