//! Tests that link DuckDB find the prebuilt `libduckdb.so` without LD_LIBRARY_PATH, which cargo overrides. The library itself links nothing.
fn main() {
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    if let Ok(dir) = std::env::var("DUCKDB_LIB_DIR") {
        println!("cargo::rustc-link-arg-tests=-Wl,-rpath,{dir}");
    }
}
