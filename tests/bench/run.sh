#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures hw3 beside its peer in one run: sh tests/bench/run.sh rnn|arima|attention|gpt2|tokenizer [CASE...]. The peers are installed into a
# virtual environment of its own, build/peer (or $HW3_PEER_VENV). Uses $HW3_DATA/oil/CL=F.csv when it is there; tokenizer needs
# $HW3_DATA/snappfood/train.csv.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
name=${1:-}
[ $# -eq 0 ] || shift
case $name in rnn | arima | attention | gpt2 | tokenizer) ;; *) echo "usage: sh tests/bench/run.sh rnn|arima|attention|gpt2|tokenizer [CASE...]"; exit 2 ;; esac
. examples/support/packages.sh
need gcc meson ninja-build pkg-config python3 python3-venv binutils check libblis-serial-dev libcsv-dev libutf8proc-dev libpcre2-dev
configure build -Dtests=true
ninja -C build all tests/bench_rnn tests/bench_attention tests/bench_gpt2 tests/bench_tokenizer >/dev/null
venv=${HW3_PEER_VENV:-$top/build/peer}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
if [ "$name" = tokenizer ]; then
    "$venv/bin/python" -c 'import tokenizers, numpy' 2>/dev/null || "$venv/bin/pip" install -q tokenizers==0.23.1 numpy
elif [ "$name" != arima ]; then
    "$venv/bin/python" -c 'import torch, numpy, transformers' 2>/dev/null || "$venv/bin/pip" install -q torch==2.13.0 numpy transformers==4.57.1 safetensors
else
    need r-base-core r-cran-forecast
    "$venv/bin/python" -c 'import statsforecast' 2>/dev/null || "$venv/bin/pip" install -q statsforecast==2.1.1
fi
data=${HW3_DATA:-}/oil/CL=F.csv
[ -f "$data" ] || data=examples/data/wti-daily.csv
if [ "$name" = tokenizer ]; then
    data=${HW3_DATA:-}/snappfood/train.csv
    [ -f "$data" ] || { echo "HW3_DATA names no folder with snappfood/train.csv"; exit 2; }
fi
HW3_LIBRARY=$top/build/lib/libhw3.so "$venv/bin/python" "tests/bench/$name.py" "$top/build" "$data" "$@"
