#!/usr/bin/env bash
# Apache Superset in a virtual environment of its own in the cache folder, for `make superset`: over a gigabyte, so no other test needs it. Does nothing
# when it is there. Prints its Python.
set -euo pipefail
cd "$(dirname "$0")"

# What Superset 6.1.0 does not ask for and needs: a Flask-Caching whose inner functions it knows, and modules that it imports in any case.
./install-venv.sh superset-venv 'apache-superset==6.1.0' 'Flask-Caching==2.3.1' psycopg2-binary rich cachetools
echo "${XDG_CACHE_HOME:-$HOME/.cache}/weft/superset-venv/bin/python"
