//! Who this gateway is among others: an id that its data folder keeps, and the name of the machine.

use super::folder::DataFolder;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::Identity;

/// The file in the data folder with the id.
const FILE: &str = "gateway-id";

/// Reads the id, or makes one at the first start.
pub(super) fn of(folder: &DataFolder) -> Result<Identity> {
    let path = folder.path(FILE);
    let id = match std::fs::read_to_string(&path) {
        Ok(text) => Uuid::parse_str(text.trim()).map_err(|e| {
            Error::new(ErrorKind::DataCorrupted, format!("{} holds no id", path.display()))
                .with_hint("Remove it: the gateway then gets another one.")
                .with_source(e)
        })?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let id = Uuid::new_v4();
            folder.write(FILE, &format!("{id}\n"))?;
            id
        }
        Err(e) => {
            return Err(Error::new(ErrorKind::IoError, format!("cannot read {}: {e}", path.display())).with_source(e));
        }
    };
    Ok(Identity { id, name: format!("{}:{}", host(), folder.path("").display()), started_at: chrono::Utc::now() })
}

/// The name of the machine.
pub(super) fn host() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if host.trim().is_empty() { "unknown".to_owned() } else { host.trim().to_owned() }
}
