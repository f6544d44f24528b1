#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs an example and compares what it prints with examples/expected: examples.sh PROGRAM EXPECTED TOLERANCE FLOOR ARGUMENTS...
# (numbers agree to TOLERANCE times the greater of FLOOR and the number)
# `examples.sh --self` shows that the comparison finds what differs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
got=$(mktemp)
trap 'rm -f "$got"' EXIT
compare() { awk -v tolerance="$3" -v floor="$4" -f "$here/compare.awk" "$1" "$2"; }
# differs TEXT TOLERANCE FLOOR: $got must be found to differ from it.
differs() { if compare "$1" "$got" "$2" "$3" >/dev/null; then echo "not found: $(diff "$1" "$got")"; exit 1; fi; }

if [ "$1" = --self ]; then
    text=$here/../examples/expected/t1_lstm_backprop.txt
    compare "$text" "$text" 0 1
    sed 's/L = 0\.58927203/L = 0.58927303/' "$text" >"$got" # a number off by 1e-6
    compare "$text" "$got" 2e-6 1
    differs "$text" 1e-7 1
    sed "s/e-17/e-07/g" "$text" >"$got" # small ones, 1e10 times too large
    compare "$text" "$got" 1e-1 1
    differs "$text" 1e-1 1e-20
    sed 's/forget gate/forgot gate/' "$text" >"$got" # a word
    differs "$text" 1 1
    sed '$d' "$text" >"$got" # the last line lost
    differs "$text" 1 1
    : >"$got" # nothing printed
    differs "$text" 1 1
    text=$here/../examples/expected/p1_oil_forecast.txt
    sed 's/training loss 6\.226e-04/training loss 6.260e-04/' "$text" >"$got" # a loss off by half a percent
    differs "$text" 2e-3 1e-3
    exit 0
fi

program=$1 expected=$2 tolerance=$3 floor=$4
shift 4
"$program" "$@" >"$got"
compare "$expected" "$got" "$tolerance" "$floor" || {
    echo "To renew: $program $* > $expected"
    exit 1
}
