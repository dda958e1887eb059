//! Errors of Redis in Weft's words, without passwords. It must not know what was asked.

use redis::{ErrorKind as Kind, RedisError, ServerErrorKind};
use weft_core::redis_at::RedisServers;
use weft_core::{Error, ErrorKind};

/// What an error of a command or a connection means.
pub(super) fn explain(servers: &RedisServers, error: RedisError) -> Error {
    let text = without_passwords(servers, error.to_string());
    // A cluster's client tells the cause in words only.
    let says = |word: &str| text.contains(word);
    if error.kind() == Kind::AuthenticationFailed || says("WRONGPASS") || says("NOAUTH") || says("AuthenticationFailed")
    {
        let user = servers.login.user.as_deref().unwrap_or("default");
        return Error::new(ErrorKind::InvalidPassword, format!("Redis refuses the login of user \"{user}\""))
            .with_detail(format!("It is {servers}."))
            .with_hint("Check user and password in the setting redis.");
    }
    if is_denied(&error) {
        return Error::new(ErrorKind::InsufficientPrivilege, "Redis does not allow what Weft needs")
            .with_detail(format!("{servers}: {text}"))
            .with_hint(
                "Give the user the keys and channels below redis_prefix, and the commands that the README names.",
            );
    }
    away(servers, &text)
}

/// Whether the user lacks a privilege. Scripts and clusters tell it in words only.
pub(super) fn is_denied(error: &RedisError) -> bool {
    let text = error.to_string();
    let words = ["NOPERM", "NoPerm", "The user executing the script can't"];
    error.kind() == Kind::Server(ServerErrorKind::NoPerm) || words.iter().any(|word| text.contains(word))
}

/// It does not answer, or not as it should.
pub(super) fn away(servers: &RedisServers, why: &str) -> Error {
    Error::new(ErrorKind::ConnectionFailed, "Redis is away").with_detail(format!("{servers}: {why}"))
}

/// Whether another try may succeed although nobody has changed a setting.
pub(super) fn is_passing(error: &Error) -> bool {
    error.kind() == ErrorKind::ConnectionFailed
}

/// A server that does not know a command repeats what it was sent, be it a login.
fn without_passwords(servers: &RedisServers, text: String) -> String {
    let passwords = [&servers.login.password, &servers.sentinel_login.password].into_iter().flatten();
    let passwords = passwords.map(weft_core::Secret::expose).filter(|password| !password.is_empty());
    passwords.fold(text, |text, password| text.replace(password, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_core::redis_at::RedisAt;

    #[test]
    fn passwords_are_not_repeated() {
        let Some(RedisAt::Servers(servers)) = RedisAt::read("redis://u:gEhEiM@h") else { panic!("not read") };
        for (text, state) in [
            ("ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'u' 'gEhEiM'", "08001"),
            ("WRONGPASS invalid username-password pair: gEhEiM", "28P01"),
            ("NOPERM this user has no permissions: gEhEiM", "42501"),
            ("ERR The user executing the script can't run this command: gEhEiM", "42501"),
        ] {
            let error = explain(&servers, RedisError::from((Kind::Extension, "x", text.to_owned())));
            assert_eq!(error.kind().sqlstate(), state);
            assert!(!format!("{error:?}").contains("gEhEiM"), "{error:?}");
            assert!(format!("{error:?}").contains("redis://u:***@h:6379"), "{error:?}");
        }
    }
}
