#!/usr/bin/env bash
# The reference is printed by the program itself; a change of a command, setting or system table must change the file too.
# `check-generated.sh --write` writes it.
set -euo pipefail
cd "$(dirname "$0")/.."
weft="${WEFT_BIN:-${CARGO_TARGET_DIR:-target}/debug/weft}"
file=catalog/REFERENCE.md

if [ "${1:-}" = --write ]; then
  mkdir -p "$(dirname "$file")"
  "$weft" help --reference > "$file.new"
  mv "$file.new" "$file"
  exit 0
fi
[ -f "$file" ] || { echo "$file does not exist yet: nothing to compare"; exit 0; }
if ! diff -u "$file" <("$weft" help --reference); then
  echo "$file is not what the program prints: run scripts/check-generated.sh --write" >&2
  exit 1
fi
