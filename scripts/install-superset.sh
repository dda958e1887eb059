#!/usr/bin/env bash
# Apache Superset in a virtual environment of its own in the cache folder, for `make superset`: over a gigabyte, so no other test needs it. Does nothing
# when it is there. Prints its Python.
set -euo pipefail
cd "$(dirname "$0")"

venv="${XDG_CACHE_HOME:-$HOME/.cache}/weft/superset-venv"
# What Superset 6.1.0 does not ask for and needs: a Flask-Caching whose inner functions it knows, and modules that it imports in any case.
packages=('apache-superset==6.1.0' 'Flask-Caching==2.3.1' psycopg2-binary rich cachetools)
PATH="${PATH//"${venv%/*}/venv/bin:"/}"
wanted="$(python3 --version) ${packages[*]}"
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$wanted" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
  python3 -c 'import ensurepip' 2>/dev/null || ./install-packages.sh python3-with-pip=python3-venv
  echo "installing ${packages[*]} into $venv" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2
  echo "$wanted" > "$venv/installed"
fi
echo "$venv/bin/python"
