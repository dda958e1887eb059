//! Tells the linker where the program finds DuckDB's library at run time: beside itself, in `../lib`, or where it was built.

fn main() {
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    for folder in ["$ORIGIN", "$ORIGIN/../lib"] {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
    if let Ok(folder) = std::env::var("DUCKDB_LIB_DIR") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
