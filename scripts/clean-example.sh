#!/usr/bin/env bash
# Removes what runs of examples/flights have made, and its data; what is committed stays.
set -euo pipefail
cd "$(dirname "$0")/../examples/flights"
# Exactly what .gitignore names goes: git knows the list, so nothing is named twice.
git clean -fdXq .
