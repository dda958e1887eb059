//! The `.slt` files of `tests/slt`, each over the protocols of Weft and each on a gateway of its own, so that what one creates no other sees.
//! Files of the areas `query` and `errors` are run in the catalog `ny` of the sample data, all others in `lake`.
//!
//! Variables: `$SAMPLES`, the folder of the sample data; `$BROKEN`, a folder with damaged files among sound ones; `$OUTSIDE`, a folder that the
//! gateway may not read.

use crate::files::{mount, reads, root, samples};
use libtest_mimic::{Failed, Trial};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use weft_testkit::slt::{Protocol, Setup, files, run_file};

/// Areas whose files take the sample data for granted.
const ON_SAMPLES: [&str; 2] = ["query", "errors"];

pub fn trials() -> Vec<Trial> {
    let root = root().join("tests/slt");
    let files = files(&root).unwrap();
    assert!(!files.is_empty(), "no .slt file under {}", root.display());
    let mut trials = Vec::new();
    for protocol in Protocol::ALL.into_iter().chain([Protocol::Flight]) {
        for file in &files {
            let name = file.strip_prefix(&root).unwrap().with_extension("");
            let area = name.iter().next().unwrap().to_str().unwrap().to_owned();
            let file = file.clone();
            let name = format!("slt::{}::{}", protocol.name(), name.display());
            trials.push(Trial::test(name, move || run(&file, &area, protocol)));
        }
    }
    trials
}

fn run(file: &Path, area: &str, protocol: Protocol) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (broken, outside) = (folder.path().join("broken"), folder.path().join("outside"));
    fs::create_dir(&outside)?;
    fs::write(outside.join("secret.csv"), "a,b\n1,2\n")?;
    damaged(&broken, &outside)?;
    let weft = reads(&[&samples(), &broken]).start()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let endpoint =
            if ON_SAMPLES.contains(&area) { mount(&weft, "ny", &samples()).await } else { weft.endpoint.clone() };
        let setup = Setup::new(endpoint)
            .flight(weft.flight_port().unwrap())
            .label("weft")
            .variable("SAMPLES", samples().to_str().unwrap())
            .variable("BROKEN", broken.to_str().unwrap())
            .variable("OUTSIDE", outside.to_str().unwrap());
        run_file(file, protocol, &setup).await.map_err(|e| Failed::from(e.to_string()))
    })
}

/// A folder as people have them: some files are sound, some are not what they are called, some links lead away.
fn damaged(folder: &Path, outside: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder.join("empty"))?;
    fs::write(folder.join("sound.csv"), "id,name\n1,one\n2,two\n3,\n")?;
    fs::write(folder.join("lines.json"), "{\"id\": 1, \"tags\": [\"a\"]}\n{\"id\": 2, \"tags\": []}\n")?;
    fs::write(folder.join("garbage.parquet"), "this is no Parquet at all")?;
    fs::write(folder.join("zero.parquet"), "")?;
    let whole = fs::read(samples().join("nyc/weather.parquet"))?;
    fs::write(folder.join("cut.parquet"), &whole[..whole.len() / 2])?;
    let mut flipped = whole.clone();
    // Data in the middle, the footer sound: only a scan can find out.
    for byte in &mut flipped[1000..20_000] {
        *byte ^= 0xff;
    }
    fs::write(folder.join("flipped.parquet"), flipped)?;
    fs::write(folder.join("whole.parquet"), whole)?;
    fs::write(folder.join("broken.json"), "{\"id\": 1}\n{\"id\": \n")?;
    symlink(outside.join("secret.csv"), folder.join("leak.csv"))?;
    symlink(outside, folder.join("away"))?;
    symlink(folder.join("nowhere.csv"), folder.join("dangling.csv"))?;
    symlink("sound.csv", folder.join("alias.csv"))
}
