# SPDX-License-Identifier: MIT
# Compares two texts: awk -v tolerance=1e-6 -v floor=1 -f compare.awk EXPECTED GOT
# Words must be equal. Numbers, also within words, must agree to |a - b| <= tolerance max(floor, |a|).
# Exit status 0 when they agree; else the first lines that do not are printed.

# Takes the next number or run of other characters off the front of `rest` and returns it.
function token(    found) {
    if (match(rest, /^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) || match(rest, /^[^0-9+-]+/)) found = substr(rest, 1, RLENGTH)
    else found = substr(rest, 1, 1)
    rest = substr(rest, length(found) + 1)
    return found
}

function is_number(text) { return text ~ /[0-9]/ }

function abs(x) { x += 0; return x < 0 ? -x : x } # += 0: a piece of text would compare as text

function same(a, b,    n, i, parts, x) {
    n = 0
    for (rest = a; rest != "";) parts[++n] = token()
    i = 0
    for (rest = b; rest != "";) {
        x = token()
        if (++i > n) return 0
        if (is_number(parts[i]) && is_number(x)) {
            if (abs(parts[i] - x) > tolerance * (abs(parts[i]) > floor ? abs(parts[i]) : floor)) return 0
        } else if (parts[i] != x) return 0
    }
    return i == n
}

# The width of a column follows its numbers, so runs of blanks and of rules count as one.
function squeeze(text) {
    gsub(/[ \t]+/, " ", text)
    gsub(/---+/, "---", text)
    sub(/ $/, "", text)
    return text
}

NR == FNR { expected[FNR] = squeeze($0); n_expected = FNR; next }
{
    n_got = FNR
    got = squeeze($0)
    if (!same(expected[FNR], got) && ++bad <= 5) printf "line %d\n  expected: %s\n  got:      %s\n", FNR, expected[FNR], got
}
END {
    if (n_got != n_expected) { printf "%d lines expected, %d got\n", n_expected, n_got; bad++ }
    exit bad > 0
}
