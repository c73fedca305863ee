#!/usr/bin/env bash
# Builds the release binary if it is missing or older than its sources, and prints its path.
# The other scripts call it; only the path goes to stdout.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

binary="${CARGO_TARGET_DIR:-target}/release/engine"

if [ -x "$binary" ] && [ -z "$(find src .cargo/config.toml Cargo.toml Cargo.lock -newer "$binary" -print -quit)" ]; then
  printf '%s\n' "$binary"
  exit 0
fi

# rustup installs here; a shell opened before that does not know it yet.
if ! command -v cargo >/dev/null 2>&1 && [ -x "${HOME:-}/.cargo/bin/cargo" ]; then
  PATH="$HOME/.cargo/bin:$PATH"
fi
if ! command -v cargo >/dev/null 2>&1; then
  {
    echo "The engine has to be built once, and the Rust toolchain (cargo) is missing. Get it with:"
    echo "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
  } >&2
  exit 2
fi
if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
  {
    echo "The engine has to be built once, and a C compiler (${CC:-cc}) is missing. Get one with:"
    echo "  sudo apt-get install build-essential     (Debian, Ubuntu)"
    echo "  xcode-select --install                   (macOS)"
  } >&2
  exit 2
fi

# .cargo/config.toml asks for what processors have since about 2013; an older one gets what it can do.
if [ -z "${RUSTFLAGS+set}" ] && [ -r /proc/cpuinfo ]; then
  processor=$(</proc/cpuinfo)
  if [[ $processor == *flags* && $processor != *" avx2 "* ]]; then
    export RUSTFLAGS="-C target-cpu=x86-64"
  fi
fi

echo "building the engine: the first time takes some minutes" >&2
begun=$(mktemp)
trap 'rm -f -- "$begun"' EXIT
cargo build --release --locked --bin engine >&2
# A file saved while the build ran is newer than its beginning, and is built next time.
touch -r "$begun" -- "$binary"
printf '%s\n' "$binary"
