#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds three times (as released; with the address and undefined-behaviour
# sanitizers; with the thread sanitizer) and runs the tests in each. Ends with "N passed, N failed, N skipped".
#   sh tests/run.sh            everything
#   HW3_DATA=DIR sh tests/run.sh   also the tests that want real data from DIR (they skip without it)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
. examples/support/packages.sh
need gcc g++ meson ninja-build pkg-config python3 python3-numpy cmake binutils check \
    libblis-serial-dev libcsv-dev libutf8proc-dev libpcre2-dev gnuplot-nox
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0

count() { awk -v want="$1" -F: '$1 == want { n += $2 } END { print n + 0 }' "$log"; }

# run NAME "SETUP OPTIONS" TEST ARGUMENTS...: builds in build/NAME and adds up what its tests say
run() {
    folder=build$1 options=$2
    shift 2
    echo "== $folder"
    configure "$folder" $options
    ninja -C "$folder" >"$log" 2>&1 || { tail -40 "$log"; exit 1; }
    meson test -C "$folder" --no-rebuild --print-errorlogs "$@" >"$log" 2>&1 || true
    grep -v '^ninja' "$log"
    passed=$((passed + $(count Ok))) skipped=$((skipped + $(count Skipped)))
    failed=$((failed + $(count Fail) + $(count Timeout) + $(count 'Unexpected Pass')))
    grep -q '^Ok:' "$log" || failed=$((failed + 1))
}

run "" "-Dtests=true -Dexamples=true"
run -asan "-Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debugoptimized" \
    --suite unit --suite identities --suite fuzz --suite examples
run -tsan "-Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized -Dexamples=false" --suite threads
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
