# SPDX-License-Identifier: MIT
"""Tokenizers against Hugging Face's, by `sh tests/bench/run.sh tokenizer [CASE...]`."""
import os
import sys
from pathlib import Path

import bpe_encode
import bpe_train

CASES = {'bpe_train': lambda build, data: bpe_train.main(data), **bpe_encode.CASES}


def main(build, data, *only):
    os.environ.update(RAYON_NUM_THREADS='2', TOKENIZERS_PARALLELISM='true')
    for case, run in CASES.items():
        if not only or case in only:
            run(build, data)


if __name__ == '__main__':
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'examples/python'))
    main(*sys.argv[1:])
