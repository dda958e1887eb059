#!/usr/bin/env bash
# Builds the program, checks the generated files, and runs every test; ends with the runner's summary. Arguments go to cargo (`--locked`).
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests start the program. All is built in one go: features, and with them the dependencies, are then the same for program and tests.
cargo build "$@" --workspace --all-targets
scripts/check-generated.sh

if command -v cargo-nextest >/dev/null; then
  exec cargo nextest run "$@" --workspace 2>&1
fi

# Without nextest every test program prints a summary of its own, so they are added up.
log=$(mktemp); trap 'rm -f "$log"' EXIT
status=0
cargo test "$@" --workspace --lib --bins --tests --no-fail-fast 2>&1 | tee "$log" || status=$?
sed -nE 's/^test result: .* ([0-9]+) passed; ([0-9]+) failed; ([0-9]+) ignored.*/\1 \2 \3/p' "$log" |
  awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }'
exit "$status"
