# Shared by the scripts in this folder; sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${COMPRESS_BUILD_DIR:-$root/build}

# step TEXT...: says what happens next.
step() { printf '\n==> %s\n' "$*"; }

# fail TEXT...: an error with its remedy, and exit code 1.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
