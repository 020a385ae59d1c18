#!/usr/bin/env bash
# Usage: scripts/tidy.sh [--full | FILE...]
# Runs clang-tidy-22 over the named C++ files, by default those that differ from the last commit but
# one; --full: over all. Needs a configured build folder with generated headers (scripts/build.sh).
set -euo pipefail
. "$(dirname "$0")/common.sh"

cd "$root"
database=$build/compile_commands.json
[ -e "$database" ] || fail "no $database: run scripts/build.sh first"

if [ "${1:-}" = --full ]; then
  mapfile -t files < <(find lib tools unittests -name '*.cpp' | sort)
elif [ $# -gt 0 ]; then
  files=("$@")
else
  mapfile -t files < <(git diff --name-only --diff-filter=d HEAD~1 -- 'lib/*.cpp' 'tools/*.cpp' 'unittests/*.cpp')
fi
if [ ${#files[@]} -eq 0 ]; then
  echo "No C++ file to check."
  exit 0
fi
step "clang-tidy-22 over ${#files[@]} files"
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy-22 -p "$build" --quiet
