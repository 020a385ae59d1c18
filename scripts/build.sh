#!/usr/bin/env bash
# Usage: scripts/build.sh [TARGET...]
# Configures with the release preset and builds everything, or the targets named, into build/.
set -euo pipefail
. "$(dirname "$0")/common.sh"

cd "$root"
step "Configure (preset release) in $build"
cmake --preset release -B "$build" -S "$root"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(all CompressUnitTests)
step "Build ${targets[*]} with $(nproc) jobs"
ninja -C "$build" "${targets[@]}"
