//! Settings from `weft.toml` and from the environment. An unknown key is an error that names the nearest known one.

use std::ffi::OsString;
use std::path::Path;
use weft_core::name::nearest;
use weft_core::settings::{SPECS, Settings};
use weft_core::{Error, ErrorKind, Result};

/// The file that is read if no other is named.
const DEFAULT_FILE: &str = "weft.toml";

/// What our variables begin with.
const PREFIX: &str = "WEFT_";

/// The variable with the superuser's password; it is no setting, so that it is never printed.
pub(crate) const ADMIN_PASSWORD: &str = "WEFT_ADMIN_PASSWORD";

/// Applies the file named, which must be there, or `./weft.toml`, which need not.
pub(super) fn apply_file(settings: &mut Settings, named: Option<&Path>) -> Result<()> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => return Ok(()),
        Err(error) => {
            return Err(Error::new(
                ErrorKind::InvalidParameterValue,
                format!("cannot read {}: {error}", path.display()),
            ));
        }
    };
    let place = |error: Error| error.with_detail(format!("In {}.", path.display()));
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
        Error::new(ErrorKind::InvalidParameterValue, format!("{}: {}", path.display(), e.message()))
    })?;
    for (key, value) in &table {
        let text = text_of(key, value).map_err(place)?;
        settings.set(key, &text).map_err(place)?;
    }
    Ok(())
}

fn text_of(key: &str, value: &toml::Value) -> Result<String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Float(_) => Ok(value.to_string()),
        toml::Value::Array(items) => {
            let items = items.iter().map(|item| text_of(key, item)).collect::<Result<Vec<_>>>()?;
            Ok(items.join(":"))
        }
        toml::Value::Table(_) | toml::Value::Datetime(_) => {
            Err(Error::new(ErrorKind::InvalidParameterValue, format!("setting {key} cannot be a table or a time")))
        }
    }
}

/// Applies `WEFT_DATA_DIR` and the like.
pub(super) fn apply_environment(
    settings: &mut Settings,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<()> {
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|n| n.starts_with(PREFIX) && *n != ADMIN_PASSWORD) else { continue };
        let key = name[PREFIX.len()..].to_ascii_lowercase();
        if !SPECS.iter().any(|spec| spec.key == key) {
            let error = Error::new(ErrorKind::InvalidParameterValue, format!("unknown environment variable {name}"));
            return Err(match nearest(&key, SPECS.iter().map(|s| s.key)) {
                Some(near) => error.with_hint(format!("Did you mean {PREFIX}{}?", near.to_ascii_uppercase())),
                None => error.with_hint("`weft help` lists the settings; each is a variable that begins with WEFT_."),
            });
        }
        let value = value
            .to_str()
            .ok_or_else(|| Error::new(ErrorKind::InvalidParameterValue, format!("{name} is not UTF-8")))?;
        settings.set(&key, value).map_err(|e| e.with_detail(format!("In the environment variable {name}.")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str, value: &str) -> Result<Settings> {
        let mut settings = Settings::defaults()?;
        apply_environment(&mut settings, [(name.into(), value.into())].into_iter())?;
        Ok(settings)
    }

    #[test]
    fn variables_are_settings() {
        assert_eq!(environment("WEFT_MAX_CONNECTIONS", "7").expect("set").max_connections, 7);
        assert_eq!(environment("WEFT_DATA_DRI", "x").unwrap_err().hint(), Some("Did you mean WEFT_DATA_DIR?"));
        assert!(environment("WEFT_ADMIN_PASSWORD", "x").is_ok());
        assert!(environment("HOME", "x").is_ok());
    }

    #[test]
    fn files_are_settings() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("w.toml");
        let read = |text: &str| {
            std::fs::write(&path, text).expect("written");
            let mut settings = Settings::defaults()?;
            apply_file(&mut settings, Some(&path)).map(|()| settings)
        };
        let settings = read("max_connections = 9\nfile_roots = ['a', 'b']\nstatement_timeout = '3s'").expect("read");
        assert_eq!((settings.max_connections, settings.file_roots.0.len()), (9, 2));
        assert_eq!(read("pg_lsten = 'x'").unwrap_err().hint(), Some("Did you mean pg_listen?"));
        assert!(read("= 3").unwrap_err().message().contains("w.toml"));
    }
}
