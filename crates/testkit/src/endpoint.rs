//! A server that speaks PostgreSQL's protocol, seen by its clients: where it is, who logs in, and the two clients that tests use. It must not
//! know which server this is.

use crate::error::Context;
use crate::{Result, program};
use std::path::Path;
use std::process::Command;
use tokio_postgres::{Client, Config, NoTls};

/// Address and login of a server.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Always a loopback address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User who logs in.
    pub user: String,
    /// Their password.
    pub password: String,
    /// Database (for Weft: catalog) of the session.
    pub database: String,
}

/// What a client program printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Whether it exited with 0.
    pub fn ok(&self) -> bool {
        self.code == 0
    }

    /// Runs `command` to its end.
    pub fn of(command: &mut Command) -> Result<Ran> {
        let name = command.get_program().display().to_string();
        let output = command.stdin(std::process::Stdio::null()).output().context(name)?;
        Ok(Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Endpoint {
    /// The same server and login with another database.
    pub fn database(&self, database: &str) -> Endpoint {
        Endpoint { database: database.to_owned(), ..self.clone() }
    }

    /// The same server and database with another login.
    pub fn login(&self, user: &str, password: &str) -> Endpoint {
        Endpoint { user: user.to_owned(), password: password.to_owned(), ..self.clone() }
    }

    /// As a connection URL. The parts are chosen by tests and need no escapes.
    pub fn url(&self) -> String {
        let Endpoint { host, port, user, password, database } = self;
        format!("postgres://{user}:{password}@{host}:{port}/{database}")
    }

    /// The settings of a connection, for tests that change them.
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        config.host(&self.host).port(self.port).user(&self.user).password(&self.password).dbname(&self.database);
        config.connect_timeout(std::time::Duration::from_secs(10)).application_name("weft-testkit");
        config
    }

    /// A new connection; it ends when the client is dropped.
    pub async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.config().connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// The command line of psql for this server; the environment's and the user's own settings do not reach it.
    pub fn psql_command(&self, args: &[&str]) -> Result<Command> {
        self.psql_command_of(&program::find("psql")?, args)
    }

    /// The same with this psql.
    pub fn psql_command_of(&self, psql: &Path, args: &[&str]) -> Result<Command> {
        let mut command = Command::new(psql);
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("PG")) {
            command.env_remove(key);
        }
        command
            .args(["--no-psqlrc", "--host", &self.host, "--port", &self.port.to_string()])
            .args(["--username", &self.user, "--dbname", &self.database])
            .args(args)
            .env("PGPASSWORD", &self.password)
            .env("PGCONNECT_TIMEOUT", "10");
        Ok(command)
    }

    /// Runs psql to its end.
    pub fn psql(&self, args: &[&str]) -> Result<Ran> {
        Ran::of(&mut self.psql_command(args)?)
    }
}
