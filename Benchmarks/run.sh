#!/usr/bin/env bash
# Measures Martlet beside the plain Python script and prints a Markdown table; see README.md. Needs what `make bench` sees to.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python Benchmarks/measure.py "$@"
