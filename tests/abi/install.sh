#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs into an empty folder and compiles an outside program there by pkg-config, shared and static,
# and by CMake where it is present: install.sh BUILD_DIR SOURCE_DIR
set -eu
build=$1 source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/t.c" <<'C'
#include <hw3/hw3.h>
#include <stdio.h>
int main(void)
{
    hw3_ctx *ctx = NULL;
    hw3_tensor *x = NULL;
    hw3_forecaster *f = NULL;
    if (hw3_abi_version() != HW3_ABI_VERSION || hw3_ctx_create(NULL, &ctx)) return 1;
    if (hw3_tensor_create(ctx, HW3_F32, 1, (int64_t[]){ 3 }, &x)) return 2;
    if (hw3_forecaster_load(ctx, "none.safetensors", &f) != HW3_ERR_IO) return 3; /* links every layer */
    printf("%s %lld\n", hw3_version(), (long long)hw3_tensor_n_elements(x));
    hw3_tensor_destroy(x);
    hw3_ctx_destroy(ctx);
    return 0;
}
C
# A plain build: a library with sanitizers cannot be linked by a program without them.
meson setup "$folder/build" "$source" --prefix "$folder/usr" -Dtests=false -Dexamples=false >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
meson install -C "$folder/build" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
PKG_CONFIG_PATH=$(dirname "$(find "$folder/usr" -name hw3.pc)")
export PKG_CONFIG_PATH
libdir=$(dirname "$PKG_CONFIG_PATH")
cc=${CC:-cc}
$cc "$folder/t.c" $(pkg-config --cflags --libs hw3) -o "$folder/shared"
LD_LIBRARY_PATH=$libdir "$folder/shared"
$cc -Wl,-Bstatic "$folder/t.c" $(pkg-config --cflags --libs-only-L hw3) -lhw3 -Wl,-Bdynamic \
    $(pkg-config --static --libs hw3 | sed 's/-lhw3//') -o "$folder/static"
"$folder/static"
if ldd "$folder/static" | grep libhw3; then echo "the static program needs libhw3.so"; exit 1; fi
# Wholly static, where the machine has every library for that.
if $cc -static "$folder/t.c" $(pkg-config --static --cflags --libs hw3) -o "$folder/alone" 2>"$folder/log"; then "$folder/alone"
else echo "no wholly static program here: $(head -1 "$folder/log")"; fi
if command -v cmake >/dev/null; then
    cat > "$folder/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.13)
project(t C)
find_package(hw3 0.1 REQUIRED)
add_executable(t t.c)
target_link_libraries(t hw3::hw3)
C
    cmake -S "$folder" -B "$folder/cm" -DCMAKE_PREFIX_PATH="$folder/usr" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    cmake --build "$folder/cm" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    "$folder/cm/t"
fi
size=$(strip -o "$folder/stripped" "$libdir/libhw3.so" && wc -c < "$folder/stripped")
echo "libhw3.so stripped: $size bytes"
[ "$size" -lt 1048576 ]
