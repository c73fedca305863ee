#!/usr/bin/env bash
# Downloads what is new and carries it into every timeframe. Arguments go to `engine run`.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
engine=$(./build-engine.sh)
exec "$engine" run "$@"
