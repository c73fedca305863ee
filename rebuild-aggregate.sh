#!/usr/bin/env bash
# Builds the 1m series anew from the cache. Arguments go to `engine rebuild aggregate`.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
engine=$(./build-engine.sh)
exec "$engine" rebuild aggregate "$@"
