#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs an example and compares what it prints with examples/expected: examples.sh PROGRAM EXPECTED TOLERANCE ARGUMENTS...
# `examples.sh --self` shows that the comparison finds what differs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
got=$(mktemp)
trap 'rm -f "$got"' EXIT
compare() { awk -v tolerance="$3" -f "$here/compare.awk" "$1" "$2"; }

if [ "$1" = --self ]; then
    text=$here/../examples/expected/t1_lstm_backprop.txt
    compare "$text" "$text" 0
    sed 's/L = 0\.58927203/L = 0.58927303/' "$text" >"$got" # a number off by 1e-6
    compare "$text" "$got" 2e-6 && ! compare "$text" "$got" 1e-7 >/dev/null || exit 1
    sed 's/forget gate/forgot gate/' "$text" >"$got" # a word
    ! compare "$text" "$got" 1 >/dev/null || exit 1
    sed '$d' "$text" >"$got" # the last line lost
    ! compare "$text" "$got" 1 >/dev/null || exit 1
    : >"$got" # nothing printed
    ! compare "$text" "$got" 1 >/dev/null || exit 1
    exit 0
fi

program=$1 expected=$2 tolerance=$3
shift 3
"$program" "$@" >"$got"
compare "$expected" "$got" "$tolerance" || {
    echo "To renew: $program $* > $expected"
    exit 1
}
