//! TPC-H data as Parquet, generated once by the PyPI package `tpchgen-cli` and kept in the cache folder for every later run.

use crate::endpoint::Ran;
use crate::error::Context;
use crate::{Error, Result, program};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tables of TPC-H; each is a file `<name>.parquet`.
pub const TPCH_TABLES: [&str; 8] =
    ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"];

/// The folder with the eight Parquet files of this scale factor, `"1"` or `"0.01"`.
pub fn tpch(scale: &str) -> Result<PathBuf> {
    if !scale.parse::<f64>().is_ok_and(|factor| factor > 0.0) {
        return Err(Error::new(format!("scale factor {scale}: a number above 0")));
    }
    generate_once(&program::cache_dir().join(format!("tpch-sf{scale}")), |folder| generate(scale, folder, &[]))
}

/// The folder with the tables of this scale factor in its folder `public`, each a folder of so many Parquet files.
pub fn tpch_in_parts(scale: &str, parts: usize) -> Result<PathBuf> {
    let folder = program::cache_dir().join(format!("tpch-sf{scale}-{parts}"));
    generate_once(&folder, |folder| generate(scale, &folder.join("public"), &["--parts", &parts.to_string()]))
}

fn generate(scale: &str, folder: &Path, more: &[&str]) -> Result<()> {
    let mut command = Command::new(program::find("tpchgen-cli")?);
    command.args(["parquet", "-s", scale]).args(more).arg("--output-dir").arg(folder);
    let ran = Ran::of(&mut command)?;
    if ran.ok() { Ok(()) } else { Err(Error::new(format!("tpchgen-cli failed\n{}{}", ran.stdout, ran.stderr))) }
}

/// Makes `target` with `make`, in a folder beside it that is renamed when complete: an interrupted run leaves no half of the data behind, and of
/// two that run at once the first one wins.
fn generate_once(target: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    if target.is_dir() {
        return Ok(target.to_owned());
    }
    let parent = target.parent().ok_or_else(|| Error::new("no folder above the data"))?;
    std::fs::create_dir_all(parent).context(parent.display())?;
    let unfinished = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(parent).context(parent.display())?;
    let data = unfinished.path().join("data");
    std::fs::create_dir(&data).context(data.display())?;
    make(&data)?;
    match std::fs::rename(&data, target) {
        Err(_) if target.is_dir() => Ok(target.to_owned()),
        renamed => renamed.context(target.display()).map(|()| target.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generates_once_and_leaves_nothing_of_a_failure() {
        let cache = tempfile::tempdir().unwrap();
        let target = cache.path().join("sub/tpch-sf1");
        let failed = generate_once(&target, |folder| {
            std::fs::write(folder.join("part"), "half")?;
            Err(Error::new("interrupted"))
        });
        assert!(failed.is_err() && !target.exists());
        let made = generate_once(&target, |folder| Ok(std::fs::write(folder.join("whole"), "data")?)).unwrap();
        assert_eq!(std::fs::read_to_string(made.join("whole")).unwrap(), "data");
        generate_once(&target, |_| Err(Error::new("must not be called"))).unwrap();
        assert_eq!(std::fs::read_dir(cache.path().join("sub")).unwrap().count(), 1);
    }

    #[test]
    fn scale_is_a_number() {
        assert!(tpch("../1").is_err() && tpch("0").is_err());
    }
}
