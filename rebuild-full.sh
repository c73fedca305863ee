#!/usr/bin/env bash
# Builds every series anew from the cache. Arguments go to `engine rebuild full`.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
engine=$(./build-engine.sh)
exec "$engine" rebuild full "$@"
