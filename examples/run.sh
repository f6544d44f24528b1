#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs an example: the oil forecast, or the one that is named.
#     sh examples/run.sh
#     sh examples/run.sh t1_lstm_backprop
#     sh examples/run.sh p1_oil_forecast --help
set -e
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/examples/support/packages.sh"

name=p1_oil_forecast
case ${1:-} in
'' | -*) ;;
*)
    name=$1
    shift
    ;;
esac
if [ ! -f "$top/examples/$name.c" ]; then
    echo "There is no example '$name'. There are:" >&2
    (cd "$top/examples" && for file in *.c; do echo "  ${file%.c}"; done) >&2
    exit 2
fi

need gcc libc6-dev meson ninja-build pkg-config libblis-serial-dev libutf8proc-dev libpcre2-dev libcsv-dev gnuplot-nox
tests=true
have check || tests=false
[ -f "$top/build/build.ninja" ] && [ -d "$top/build/examples" ] || configure "$top/build" -Dtests=$tests
log=$(ninja -C "$top/build" "examples/$name" 2>&1) || {
    echo "$log" >&2
    exit 1
}
exec "$top/build/examples/$name" "$@"
