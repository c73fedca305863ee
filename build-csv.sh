#!/usr/bin/env bash
# Builds CSV files of series, with paths relative to this folder. Arguments go to `engine build csv`.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
engine=$(./build-engine.sh)
exec "$engine" build csv "$@"
