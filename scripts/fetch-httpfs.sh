#!/usr/bin/env bash
# Fetches DuckDB's extension for object stores once, by package name, and puts it beside DuckDB's library, where Weft looks for it. Prints the file.
# Checked against the digests below; DuckDB checks its signature besides. Uses pip; see README for other ways to get it.
set -euo pipefail
cd "$(dirname "$0")/.."
version=1.5.5
case "$(uname -m)" in
  x86_64) digest=887c392b1e49128d11667c81e3698d8b00dfdeb456771acf66d05a0f74f7b7d8 ;;
  aarch64) digest= ;; # the digest of this one has not been recorded yet
  *) echo "no prebuilt extension for $(uname -m)" >&2; exit 1 ;;
esac
cache="${XDG_CACHE_HOME:-$HOME/.cache}/weft"
file="${DUCKDB_LIB_DIR:-$cache/duckdb-$version}/httpfs.duckdb_extension"

matches() { [ -f "$1" ] && { [ -z "$digest" ] || echo "$digest  $1" | sha256sum -c --quiet - 2>/dev/null; }; }

if ! matches "$file"; then
  # Any Python with pip will do: that of the test tools, the machine's own, or Debian's.
  python="$cache/venv/bin/python"
  "$python" -m pip --version >/dev/null 2>&1 || python=python3
  "$python" -m pip --version >/dev/null 2>&1 || scripts/install-packages.sh pip3=python3-pip
  tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
  package="duckdb-extension-httpfs==$version"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$tmp" "$package"
  # A wheel is a zip archive.
  "$python" -m zipfile -e "$tmp"/*.whl "$tmp/wheel"
  found=$(find "$tmp/wheel" -name httpfs.duckdb_extension)
  matches "$found" || { echo "$package: httpfs.duckdb_extension has another digest than expected" >&2; exit 1; }
  mkdir -p "$(dirname "$file")"
  install -m 644 "$found" "$file.new"
  mv "$file.new" "$file"
fi
echo "$file"
