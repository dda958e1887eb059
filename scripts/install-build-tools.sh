#!/usr/bin/env bash
# What building Weft needs besides Rust: a C compiler that links, and npm to fetch DuckDB's library with. Does nothing when they are there.
set -euo pipefail
cd "$(dirname "$0")"
command -v cargo >/dev/null || { echo "Rust is missing: install it with rustup, or apt's rustup package" >&2; exit 1; }

compiles() { printf 'int main(void) { return 0; }\n' | cc -x c -o /dev/null - 2>/dev/null; }
compiles || ./install-packages.sh cc=gcc cc-headers=libc6-dev

# npm only brings the library; once it is in the cache it is not needed.
library="${DUCKDB_LIB_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/weft/duckdb-1.5.5}/libduckdb.so"
[ -f "$library" ] || ./install-packages.sh npm=npm
[ -e /etc/ssl/certs/ca-certificates.crt ] || ./install-packages.sh update-ca-certificates=ca-certificates
