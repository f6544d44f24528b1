# SPDX-License-Identifier: MIT
"""Vocabularies of llama.cpp as tokenizer.json: the 46 cases of Llama's SentencePiece by its numbers, those of BERT by what Hugging Face's
tokenizers 0.22.2 makes of the same file: test_tokenizer_gguf.py [--regenerate]. Skipped where HW3_DATA is not set."""
import json
import os
import struct
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'examples/python'))
import hw3  # noqa: E402

META = '\u2581'
BERT_HASH = 0xfd3a7ab2fa01f74  # FNV-1a over the tokens of all cases, as in tests/vectors/gen_tokenizer.py
KINDS = {0: 'B', 1: 'b', 2: 'H', 3: 'h', 4: 'I', 5: 'i', 6: 'f', 7: '?', 10: 'Q', 11: 'q', 12: 'd'}


def read_gguf(path):
    """The values in the head of a GGUF file."""
    with open(path, 'rb') as f:
        def numbers(kind, n=1):
            return struct.unpack(f'<{n}{kind}', f.read(struct.calcsize(f'<{n}{kind}')))

        def text():
            return f.read(numbers('Q')[0]).decode()

        def value(kind):
            if kind == 8:
                return text()
            if kind != 9:
                return numbers(KINDS[kind])[0]
            kind, n = numbers('I')[0], numbers('Q')[0]
            return list(numbers(KINDS[kind], n)) if kind in KINDS else [value(kind) for _ in range(n)]
        assert f.read(4) == b'GGUF'
        n_values = numbers('I') and numbers('Q', 2)[1]
        return {text(): value(numbers('I')[0]) for _ in range(n_values)}


def added(tokens, ids):
    return [dict(id=i, content=tokens[i], single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) for i in sorted(ids)]


def llama(head):
    """Two texts are joined the sooner the higher the score of what they make."""
    tokens, scores = head['tokenizer.ggml.tokens'], head['tokenizer.ggml.scores']
    vocab, merges = {text: i for i, text in enumerate(tokens)}, []
    for text, score in zip(tokens, scores):
        cuts = [(text[:k], text[k:]) for k in range(1, len(text)) if text[:k] in vocab and text[k:] in vocab]
        merges += [(-score, a, b) for a, b in sorted(cuts, key=lambda cut: (vocab[cut[0]], vocab[cut[1]]))]
    merges.sort(key=lambda merge: merge[0])
    space = {'pattern': {'String': ' '}, 'content': META}, {'pattern': {'String': META}, 'content': ' '}
    return dict(version='1.0', added_tokens=added(tokens, range(3)), pre_tokenizer=None, post_processor=None,
                normalizer=dict(type='Sequence', normalizers=[dict(type='Prepend', prepend=META), dict(type='Replace', **space[0])]),
                decoder=dict(type='Sequence', decoders=[dict(type='Replace', **space[1]), dict(type='ByteFallback'), dict(type='Fuse'),
                                                        dict(type='Strip', content=' ', start=1, stop=0)]),
                model=dict(type='BPE', unk_token='<unk>', fuse_unk=True, byte_fallback=True, vocab=vocab,
                           merges=[[a, b] for _, a, b in merges]))


def bert(head):
    """GGUF marks what begins a word, tokenizer.json what continues one."""
    def name(text):
        return text if text[0] == '[' and text[-1] == ']' and len(text) > 2 else text[1:] if text[0] == META else '##' + text
    tokens = [name(text) for text in head['tokenizer.ggml.tokens']]
    special = [i for i, text in enumerate(tokens) if text in ('[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]')]
    return dict(version='1.0', added_tokens=added(tokens, special), pre_tokenizer=dict(type='BertPreTokenizer'),
                normalizer=dict(type='BertNormalizer', clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True),
                post_processor=dict(type='BertProcessing', sep=['[SEP]', tokens.index('[SEP]')], cls=['[CLS]', tokens.index('[CLS]')]),
                decoder=dict(type='WordPiece', prefix='##', cleanup=True),
                model=dict(type='WordPiece', unk_token='[UNK]', continuing_subword_prefix='##', max_input_chars_per_word=100,
                           vocab={text: i for i, text in enumerate(tokens)}))


def fnv(lists):
    h = 0xcbf29ce484222325
    for numbers in lists:
        for byte in b''.join(int(n).to_bytes(4, 'little') for n in [*numbers, 2**32 - 1]):
            h = (h ^ byte) * 0x100000001b3 % 2**64
    return h


def main():
    if 'HW3_DATA' not in os.environ:
        print('skipped, HW3_DATA is not set')
        return
    folder = Path(os.environ['HW3_DATA'], 'tokenizers/llamacpp_vocab')
    with tempfile.TemporaryDirectory() as temporary, hw3.Ctx() as ctx:
        for name, convert in (('llama-spm', llama), ('bert-bge', bert)):
            path = f'{temporary}/{name}.json'
            Path(path).write_text(json.dumps(convert(read_gguf(folder / f'ggml-vocab-{name}.gguf'))))
            cases = (folder / f'ggml-vocab-{name}.gguf.inp').read_bytes().decode().split('\n__ggml_vocab_test__\n')[:46]
            if convert is bert and '--regenerate' in sys.argv:
                import tokenizers
                print('BERT_HASH =', hex(fnv(tokenizers.Tokenizer.from_file(path).encode(text).ids for text in cases)))
                continue
            tokens = [ctx.tokenizer_open(path).encode(text).tolist() for text in cases]
            if convert is llama:
                want = (folder / f'ggml-vocab-{name}.gguf.out').read_text().splitlines()
                assert len(want) == 46 and tokens == [[int(t) for t in line.split()] for line in want]
            else:
                assert fnv(tokens) == BERT_HASH, 'other tokens; regenerate by --regenerate'
            print(f'{name}: {len(cases)} cases')


if __name__ == '__main__':
    main()
