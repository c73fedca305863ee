#!/usr/bin/env bash
# Builds the coarser series anew from the 1m series. Arguments go to `engine rebuild resample`.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
engine=$(./build-engine.sh)
exec "$engine" rebuild resample "$@"
