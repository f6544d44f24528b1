# SPDX-License-Identifier: MIT
# To be read in by a script with `.`
# configure FOLDER OPTION...: sets a build folder of the source tree $top up, or anew where there is one, which may be another meson's.
# need PACKAGE...: installs what is missing, by Debian's names.
# Only apt-get is used. Where it is not there, or may not be used, a line says what is missing, and the script ends.

# Says whether a package is there, however it came.
have() {
    case $1 in
    gcc) command -v cc >/dev/null ;;
    g++) command -v c++ >/dev/null ;;
    meson) command -v meson >/dev/null ;;
    ninja-build) command -v ninja >/dev/null ;;
    pkg-config) command -v pkg-config >/dev/null ;;
    python3 | cmake) command -v "$1" >/dev/null ;;
    python3-numpy) python3 -c 'import numpy' 2>/dev/null ;;
    binutils) command -v nm >/dev/null ;;
    gnuplot-nox) command -v gnuplot >/dev/null ;;
    libc6-dev) has_header stdio.h ;;
    libblis-*) has_header blis.h ;;
    libcsv-dev) has_header csv.h ;;
    libutf8proc-dev) has_header utf8proc.h ;;
    libpcre2-dev) pkg-config --exists libpcre2-8 ;;
    check) has_header check.h ;;
    *) dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'install ok installed' ;;
    esac
}

has_header() {
    echo "#include <$1>" | cc -E - >/dev/null 2>&1
}

need() {
    missing=
    for package; do have "$package" || missing="$missing $package"; done
    [ -n "$missing" ] || return 0
    as=
    [ "$(id -u)" = 0 ] || as=sudo
    if ! command -v apt-get >/dev/null; then
        echo "Missing here, by Debian's names:$missing" >&2
        echo "There is no apt-get on this machine: install them under the names that they have here, and run again." >&2
        exit 1
    fi
    if [ -n "$as" ] && ! command -v sudo >/dev/null; then
        echo "Missing here:$missing. As root, run: apt-get install$missing" >&2
        exit 1
    fi
    echo "Installing$missing"
    $as apt-get -qq update || echo "The list of packages could not be renewed; trying with the old one." >&2
    # shellcheck disable=SC2086
    $as env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null || {
        echo "apt-get could not install:$missing" >&2
        exit 1
    }
}

configure() {
    folder=$1
    shift
    if [ -f "$folder/build.ninja" ]; then
        said=$(meson setup --reconfigure "$folder" "$top" "$@" 2>&1) || said=$(meson setup --wipe "$folder" "$top" "$@" 2>&1)
    else
        said=$(meson setup "$folder" "$top" "$@" 2>&1)
    fi || {
        echo "$said" >&2
        exit 1
    }
}
