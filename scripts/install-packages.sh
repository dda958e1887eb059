#!/usr/bin/env bash
# Installs Debian packages for commands that are missing: `install-packages.sh psql=postgresql-client npm=npm`. A command that is there already,
# wherever it came from, is left alone. A file can stand for what is no command: `'/usr/lib/*/odbc/psqlodbcw.so=odbc-postgresql'`. Works as root or by sudo. Servers are not started: the tests start their own.
set -euo pipefail
PATH="$PATH:/usr/sbin:/usr/local/sbin"

packages=()
for pair in "$@"; do
  command -v "${pair%%=*}" >/dev/null || compgen -G "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
done
[ ${#packages[@]} -gt 0 ] || exit 0

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "need ${packages[*]}: run as root, or install them" >&2; exit 1
  fi
}
command -v apt-get >/dev/null || { echo "need ${packages[*]}, and there is no apt-get here: install them" >&2; exit 1; }

# Packages of servers start them. Debian's policy hook forbids it while we install; a machine that has a policy keeps its own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  trap 'as_root rm -f "$policy"' EXIT
fi

echo "installing ${packages[*]}" >&2
log=$(mktemp)
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1; }
{ apt update && apt install -y --no-install-recommends "${packages[@]}"; } || { cat "$log" >&2; rm -f "$log"; exit 1; }
rm -f "$log"

# They would start with the machine, too.
if [ -d /run/systemd/system ]; then
  for package in "${packages[@]}"; do
    case $package in
      postgresql|mariadb-server|redis-server|redis-sentinel) as_root systemctl disable --quiet "${package%-server}" "$package" 2>/dev/null || true ;;
    esac
  done
fi
