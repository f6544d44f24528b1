#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Some cases of Unicode's normalisation test: gen_unicode.py > unicode.h
Reads /usr/share/unicode/NormalizationTest.txt.bz2 of Debian's package unicode-data; every 250th line of each part, each with
the source and its forms NFC, NFD, NFKC, NFKD as UTF-8."""
import bz2

PATH = '/usr/share/unicode/NormalizationTest.txt.bz2'
STEP = 250


def main():
    print('/* SPDX-License-Identifier: MIT */')
    print('/* Every 250th line of NormalizationTest-15.0.0.txt [Unicode15]; regenerate: python3 tests/vectors/gen_unicode.py > tests/vectors/unicode.h */')
    print('static const char *const normalization_cases[][5] = { /* source, NFC, NFD, NFKC, NFKD */')
    lines = [line.split('#')[0] for line in bz2.open(PATH, 'rt', encoding='utf-8')]
    lines = [line for line in lines if ';' in line]
    for line in lines[::STEP]:
        texts = [''.join(chr(int(c, 16)) for c in column.split()) for column in line.split(';')[:5]]
        print('    { ' + ', '.join('"' + ''.join(f'\\x{b:02x}' for b in text.encode()) + '"' for text in texts) + ' },')
    print('};')


if __name__ == '__main__':
    main()
