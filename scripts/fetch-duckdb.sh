#!/usr/bin/env bash
# Fetches DuckDB's prebuilt library once, by package name, into a cache folder outside of the clone, and links `vendor/duckdb` to it.
# Prints the folder. Checked against the digests below, so a changed package is refused. Uses npm; see README for other ways to get it.
set -euo pipefail
cd "$(dirname "$0")/.."
version=1.5.5
case "$(uname -m)" in
  x86_64) arch=x64 digest=fc23f12e376c47be520f75221288281906e7942e8fd6f6ce4849198ba60d0405 ;;
  aarch64) arch=arm64 digest= ;; # the digest of this one has not been recorded yet
  *) echo "no prebuilt DuckDB for $(uname -m): build with 'cargo build --features bundled'" >&2; exit 1 ;;
esac
dir="${DUCKDB_LIB_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/weft/duckdb-$version}"

matches() { [ -f "$1" ] && { [ -z "$digest" ] || echo "$digest  $1" | sha256sum -c --quiet - 2>/dev/null; }; }

if ! matches "$dir/libduckdb.so"; then
  tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
  package="@duckdb/node-bindings-linux-$arch@$version-r.5"
  (cd "$tmp" && npm pack --silent "$package" >/dev/null && tar xzf ./*.tgz)
  matches "$tmp/package/libduckdb.so" || { echo "$package: libduckdb.so has another digest than expected" >&2; exit 1; }
  mkdir -p "$dir"
  install -m 755 "$tmp/package/libduckdb.so" "$dir/libduckdb.so.new"
  mv "$dir/libduckdb.so.new" "$dir/libduckdb.so"
fi
mkdir -p vendor
[ "$(readlink vendor/duckdb 2>/dev/null)" = "$dir" ] || ln -sfn "$dir" vendor/duckdb
echo "$dir"
