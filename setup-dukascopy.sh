#!/usr/bin/env bash
# Prepares this folder for candles aligned with Dukascopy's MetaTrader 4 server: config.user.yaml, config.user/ and the
# data folders. Asks before it overwrites anything.
set -euo pipefail
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

yes=false
for argument in "$@"; do
  case "$argument" in
    -y | --yes) yes=true ;;
    -h | --help)
      echo "usage: ./setup-dukascopy.sh [--yes]     --yes: overwrite without asking"
      exit 0
      ;;
    *)
      echo "unknown argument '$argument'; usage: ./setup-dukascopy.sh [--yes]" >&2
      exit 2
      ;;
  esac
done

# Every file to install, as it is named below config/ and config.user/.
included=()
while IFS= read -r file; do included+=("$file"); done < <(cd config && find . -type f -name "*.yaml" | sed "s|^\./||" | sort)

existing=()
if [ -e config.user.yaml ]; then existing+=(config.user.yaml); fi
for file in "${included[@]}"; do
  if [ -e "config.user/$file" ]; then existing+=("config.user/$file"); fi
done

if [ "${#existing[@]}" -gt 0 ] && [ "$yes" = false ]; then
  echo "These files are there already and would be overwritten:"
  printf '  %s\n' "${existing[@]}"
  if [ ! -t 0 ]; then
    echo "Nothing was changed: there is no terminal to ask. Run it with --yes to overwrite them." >&2
    exit 2
  fi
  read -r -p "Overwrite them? [y/N] " answer || answer=''
  case "$answer" in
    y | Y | yes | Yes | YES) ;;
    *)
      echo "Nothing was changed."
      exit 1
      ;;
  esac
fi

# Copies a file beside its place and renames it, so that an interrupted copy leaves the old one.
install_file() {
  mkdir -p -- "$(dirname -- "$2")"
  sed 's|^\([[:space:]]*- *"\{0,1\}\)config/|\1config.user/|' "$1" >"$2.new"
  mv -f -- "$2.new" "$2"
}

for file in "${included[@]}"; do
  install_file "config/$file" "config.user/$file"
done
install_file config.dukascopy-mt4.yaml config.user.yaml
mkdir -p data cache
echo "prepared: config.user.yaml, config.user/ (${#included[@]} files), data/, cache/"

missing=false
if ! command -v cargo >/dev/null 2>&1 && [ ! -x "${HOME:-}/.cargo/bin/cargo" ]; then
  missing=true
  echo "missing: the Rust toolchain. Get it with:"
  echo "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
fi
if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
  missing=true
  echo "missing: a C compiler (${CC:-cc}). Get one with:"
  echo "  sudo apt-get install build-essential     (Debian, Ubuntu)"
  echo "  xcode-select --install                   (macOS)"
fi
if [ "$missing" = true ]; then
  echo "then: ./run.sh"
else
  echo "next: ./run.sh"
fi
