#!/bin/sh
# SPDX-License-Identifier: MIT
# sh tests/fuzz/run.sh NAME SECONDS: searches with libFuzzer (clang) for an input that breaks fuzz_NAME.c.
# Needs clang and its runtime (Debian 12: clang, libclang-rt-14-dev). New inputs stay in out/fuzz/NAME; one that fails is
# written there as crash-*: move it to tests/fuzz/corpus/NAME.
set -eu
[ $# = 2 ] || { echo "usage: sh tests/fuzz/run.sh NAME SECONDS" >&2; exit 2; }
cd "$(dirname "$0")/../.."
out=out/fuzz
mkdir -p "$out/$1"
[ -f "$out/build/build.ninja" ] || CC=clang meson setup "$out/build" --buildtype=debugoptimized -Dwerror=false -Dtests=false \
    -Dexamples=false -Db_sanitize=address,undefined -Db_lundef=false -Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=all'
ninja -C "$out/build" lib/libhw3.a
more=
[ "$1" != csv ] || more="-Iexamples examples/support/csv.c examples/support/dates.c -lcsv"
clang -g -O1 -std=c11 -D_POSIX_C_SOURCE=200809L -DHW3_LIBFUZZER -Iinclude -Ilib -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=all "tests/fuzz/fuzz_$1.c" tests/fuzz/fuzz.c "$out/build/lib/libhw3.a" -lutf8proc -lpcre2-8 -lblis -lm -lpthread $more \
    -o "$out/fuzz_$1"
dict=
[ ! -f "tests/fuzz/$1.dict" ] || dict="-dict=tests/fuzz/$1.dict"
"$out/fuzz_$1" -max_total_time="$2" -max_len=8192 $dict -artifact_prefix="$out/$1/" -print_final_stats=1 \
    "$out/$1" "tests/fuzz/corpus/$1"
