#!/usr/bin/env bash
# A virtual environment of this name in the cache folder, with these packages from PyPI. Does nothing when it has them.
#   scripts/install-venv.sh NAME PACKAGE...
set -euo pipefail
cd "$(dirname "$0")"

cache="${XDG_CACHE_HOME:-$HOME/.cache}/weft"
venv="$cache/$1"
shift
# An environment may be on the path already; this one must be made by the Python below it, not by itself.
PATH="${PATH//"$cache/venv/bin:"/}"
wanted="$(python3 --version) $*"
# The stamp is written last: an interrupted installation is done again.
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
  # Debian's python3 has the module without what it needs to make an environment with pip.
  python3 -c 'import ensurepip' 2>/dev/null || ./install-packages.sh python3-with-pip=python3-venv
  echo "installing $* into $venv" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
  echo "$wanted" > "$venv/installed"
fi
