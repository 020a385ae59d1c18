#!/usr/bin/env bash
# Usage: scripts/test.sh [--full]
# Installs what is needed, builds, and runs the checks of the sources and every test.
# --full also runs the slow tests, clang-tidy, and the tests under sanitizers.
# The last line is `N passed, N failed`, with `, N skipped` where tests need what is not here.
set -euo pipefail
. "$(dirname "$0")/common.sh"

full=0
for argument in "$@"; do
  case "$argument" in
  --full) full=1 ;;
  --help | -h)
    sed -n '2,5s/^# //p' "$0"
    exit 0
    ;;
  *)
    echo "error: unknown argument '$argument'; usage: scripts/test.sh [--full]" >&2
    exit 2
    ;;
  esac
done

results=$build/test-results
rm -rf "$results"
mkdir -p "$results"

# record NAME STATUS: a result file for a step that writes none itself.
record() {
  local failure=
  [ "$2" -eq 0 ] || failure="<failure>exit code $2</failure>"
  printf '<testsuites><testsuite name="%s"><testcase classname="%s" name="run">%s</testcase>%s\n' \
    "$1" "$1" "$failure" '</testsuite></testsuites>' >"$results/$1.xml"
}

# run_suite NAME COMMAND...: goes on after a failure, which the results show. A command that leaves
# no results in NAME.xml counts as one test.
run_suite() {
  local name=$1 status=0
  shift
  step "$name: $*"
  "$@" || status=$?
  [ -s "$results/$name.xml" ] || record "$name" "$status"
}

# check_compress BUILD_DIR NAME [LIT_OPTION...]
check_compress() {
  local directory=$1 name=$2
  shift 2
  LIT_OPTS="-sv --xunit-xml-output=$results/$name.xml $*" ninja -C "$directory" check-compress
}

sanitized() {
  cmake --preset sanitize -B "$build-sanitize" -S "$root"
  check_compress "$build-sanitize" sanitize
}

step "Dependencies"
"$root/scripts/install-dependencies.sh"
run_suite lint "$root/scripts/lint.py" --xunit "$results/lint.xml"
# The goldens of a real model lie beside the project where it is developed.
if [ -d "$root/../shared/data" ]; then
  run_suite fetch-models "$root/scripts/fetch-models.sh"
fi
if "$root/scripts/build.sh"; then
  options=()
  [ "$full" = 0 ] || options=(--param full=1)
  run_suite check-compress check_compress "$build" check-compress "${options[@]}"
  if [ "$full" = 1 ]; then
    run_suite tidy "$root/scripts/tidy.sh" --full
    run_suite sanitize sanitized
  fi
else
  record build 1
fi

echo
exec python3 "$root/scripts/summarize-results.py" "$results"/*.xml
