//! The sample data of the demo, carried by the program: `examples/data` of the source tree. Where it comes from is told in its README.

use std::path::Path;
use weft_core::{Error, ErrorKind, Result};

macro_rules! samples {
    ($($path:literal)+) => {
        const SAMPLES: &[(&str, &[u8])] = &[$(($path, include_bytes!(concat!("../../../../examples/data/", $path)))),+];
    };
}

samples! {
    "nyc/airlines.csv"
    "nyc/airports.parquet"
    "nyc/planes.json"
    "nyc/weather.parquet"
    "nyc/flights/month=1/flights.parquet"
    "nyc/flights/month=2/flights.parquet"
    "nyc/flights/month=3/flights.parquet"
}

/// Writes the samples below the folder, as they lie in `examples/data`.
pub(super) fn unpack(folder: &Path) -> Result<()> {
    for (path, content) in SAMPLES {
        let file = folder.join("examples/data").join(path);
        let failed = |e: std::io::Error| {
            Error::new(ErrorKind::IoError, format!("cannot write the sample {}: {e}", file.display())).with_source(e)
        };
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        std::fs::write(&file, content).map_err(failed)?;
    }
    Ok(())
}
