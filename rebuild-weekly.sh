#!/usr/bin/env bash
# Asks again for the last 7 finished days and corrects what differs. Arguments go to `engine rebuild weekly`.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
engine=$(./build-engine.sh)
exec "$engine" rebuild weekly "$@"
