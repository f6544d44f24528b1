# SPDX-License-Identifier: MIT
"""Small tokenizers of each kind, made by Hugging Face's tokenizers, and what those make of some texts.

    python3 gen_tokenizer_kinds.py

With tokenizers 0.22.2; writes tokenizers/*.json and tokenizer_kinds.h beside itself. Offsets are in bytes. Three things differ by
intent and are written as libhw3 has them: a sign that was put in front of a text stands for no bytes, a token of one byte for
that byte, where tokenizers gives both a whole character, and what NFKC joins for all that was joined, not for its first character."""
import json
import re
import unicodedata
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).resolve().parent
META = '\u2581'
CORPUS = ['the food was warm and the rice was good', 'the soup was cold, but the bread was fresh', "I don't like it; it's too salty!",
          'we ordered two pizzas and they came late', 'غذا خیلی خوب بود و به موقع رسید', 'کیفیت غذا خوب نبود و سرد بود', 'ممنون، مثل همیشه عالی بود',
          'پیتزا سرد رسید ولی خوشمزه بود', 'غذاها گرم بودند و بسته‌بندی خوب بود', 'Über den Käse läßt sich nichts sagen', 'déjà vu à la carte'] * 3
TEXTS = ['', ' ', '   ', '\t\n', 'a', 'the food was good', ' the food ', 'the  soup\n was   cold', "I don't like it, it's salty !", 'THE FOOD', 'Über Käse déjà',
         'e\u0301 a\u0323\u0308 \u0308x', 'غذا خیلی خوب بود', 'غذا\u200cها و كيفيت', 'مُحَمَّد ۱۲۳ 456', '中国food', 'ｆｏｏｄ ﬁne ½ ①', '😀 the 👍🏽', 'İstanbul ΑΣ', '<s>the</s> food',
         '[CLS] the [MASK]', 'a\u2581b \u2581', '\u00a0the\u3000food\u2028x', 'soup,bread;(rice)"good"-late', 'x' * 120, '\ufeffthe\x00\x07\x85\xadfood', '!?.,', 'Ǆ ẞ ﬀ', 'the<0x41>']


def trained(pre, n_vocab, specials, alphabet=()):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=n_vocab, special_tokens=specials, initial_alphabet=list(alphabet), show_progress=False))

    model = json.loads(t.to_str())['model']
    return model['vocab'], [tuple(m) for m in model['merges']]


def nfkc(text):
    return len(unicodedata.normalize('NFKC', text))


def special(*texts):
    return [AddedToken(text, special=True, normalized=False) for text in texts]


def bert():
    t = Tokenizer(models.WordPiece(unk_token='[UNK]'))
    t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    t.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=220, special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'], show_progress=False))
    cls, sep = t.token_to_id('[CLS]'), t.token_to_id('[SEP]')
    t.post_processor = processors.TemplateProcessing('[CLS] $A [SEP]', '[CLS] $A [SEP] $B:1 [SEP]:1', [('[CLS]', cls), ('[SEP]', sep)])
    t.decoder = decoders.WordPiece(cleanup=True)
    return t


def bert_cased():
    """Nothing is cleaned but accents, words of at most 9 characters, another prefix."""
    t = Tokenizer(models.WordPiece(unk_token='<unk>'))
    t.normalizer = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=160, special_tokens=['<unk>'], continuing_subword_prefix='@@', show_progress=False))
    t.model = models.WordPiece(t.get_vocab(), unk_token='<unk>', max_input_chars_per_word=9, continuing_subword_prefix='@@')
    t.decoder = decoders.WordPiece(prefix='@@', cleanup=False)
    return t


def stripped():
    """Every other normalizer one behind the other, Whitespace and Punctuation, no decoder."""
    t = Tokenizer(models.WordPiece(unk_token='[UNK]'))
    t.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip(),
                                         normalizers.Replace('ü', 'ue'), normalizers.Replace(tokenizers.Regex(r'\s+'), ' ')])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation('merged_with_previous')])
    t.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=160, special_tokens=['[UNK]'], show_progress=False))
    return t


def composed():
    """NFKC, pieces between spaces with their digits apart, characters as symbols, unknown ones together."""
    vocab, merges = trained(pre_tokenizers.WhitespaceSplit(), 200, ['<unk>'])
    t = Tokenizer(models.BPE(vocab, merges, unk_token='<unk>', fuse_unk=True))
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True)])
    t.decoder = decoders.Fuse()
    t.add_special_tokens(special('<s>', '</s>'))
    return t


def pieces(n_vocab=200):
    """The vocabulary and merges of SentencePiece's kind: <unk>, <s>, </s>, the 256 bytes, then texts."""
    vocab, merges = trained(pre_tokenizers.Metaspace(), n_vocab, [], [META])
    texts = ['<unk>', '<s>', '</s>'] + [f'<0x{b:02X}>' for b in range(256)] + sorted(vocab, key=vocab.get)
    return {text: i for i, text in enumerate(texts)}, merges


def llama():
    vocab, merges = pieces()
    t = Tokenizer(models.BPE(vocab, merges, unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend(META), normalizers.Replace(' ', META)])
    t.decoder = decoders.Sequence([decoders.Replace(META, ' '), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(' ', 1, 0)])
    t.post_processor = processors.TemplateProcessing('<s> $A', '<s> $A <s>:1 $B:1', [('<s>', 1)])
    t.add_special_tokens(special('<unk>', '<s>', '</s>'))
    return t


def gemma():
    vocab, merges = pieces()
    t = Tokenizer(models.BPE(vocab, merges, unk_token='<unk>', fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Replace(' ', META)
    t.pre_tokenizer = pre_tokenizers.Split(' ', 'merged_with_previous')
    t.decoder = decoders.Sequence([decoders.Replace(META, ' '), decoders.ByteFallback(), decoders.Fuse()])
    t.add_special_tokens(special('<unk>', '<s>', '</s>'))
    return t


def metaspace(scheme, split):
    vocab, merges = trained(pre_tokenizers.Metaspace(), 150, ['<unk>'], [META])
    t = Tokenizer(models.BPE(vocab, merges, unk_token='<unk>'))
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    t.decoder = decoders.Metaspace(prepend_scheme=scheme, split=split)
    t.add_special_tokens(special('<s>', '</s>'))
    return t


KINDS = {'bert': bert, 'bert_cased': bert_cased, 'stripped': stripped, 'composed': composed, 'llama': llama, 'gemma': gemma,
         'metaspace_always': lambda: metaspace('always', True), 'metaspace_first': lambda: metaspace('first', True),
         'metaspace_never': lambda: metaspace('never', False)}


def offsets(text, encoding, kind):
    """Bytes of each token, with the first and last differences that the head of this file names."""
    at = [len(text[:i].encode()) for i in range(len(text) + 1)]
    out, used = [], {}
    for token, (first, end) in zip(encoding.tokens, encoding.offsets):
        while kind == 'composed' and 0 < end < len(text) and nfkc(text[first:end + 1]) == nfkc(text[first:end]):
            end += 1
        span = (at[first], at[end])
        if re.fullmatch(r'<0x[0-9A-F]{2}>', token) and kind in ('llama', 'gemma') and text[first:end] != token:
            used[span] = used.get(span, -1) + 1
            span = (at[first] + used[span], at[first] + used[span] + 1)
        out.append(span)
    return out


def fix_prefix(kind, text, encoding, spans):
    """A lone sign in front of a text, or behind a special token, was put there where the text has no space."""
    if kind not in ('llama', 'metaspace_always', 'metaspace_first'):
        return spans
    starts = {0}
    for token, span in zip(encoding.tokens, encoding.offsets):
        if token in ('<s>', '</s>') and span != (0, 0):
            starts.add(span[1])
    done = set()
    for i, (token, (first, end)) in enumerate(zip(encoding.tokens, encoding.offsets)):
        made = kind == 'llama' or text[first:first + 1] not in (' ', META)  # Metaspace adds none where there is one
        if token == META and first in starts and first not in done and made and end > first:
            done.add(first)
            spans[i] = (spans[i][0], spans[i][0])
    return spans


def c_text(text):
    return '"' + ''.join(f'\\{byte:03o}' if byte < 32 or byte > 126 or chr(byte) in '"\\?' else chr(byte) for byte in text.encode()) + '"'


def numbers(values):
    return ', '.join(map(str, values)) or '0'


def main():
    (HERE / 'tokenizers').mkdir(exist_ok=True)
    lines = [f'/* SPDX-License-Identifier: MIT */\n/* Made by tokenizers {tokenizers.__version__}; to regenerate: python3 tests/vectors/gen_tokenizer_kinds.py */',
             'static const struct { const char *text; int64_t n; } kind_texts[] = {']
    lines += [f'    {{ {c_text(text)}, {len(text.encode())} }},' for text in TEXTS]
    lines += ['};', 'static const struct {', '    const char *kind;', '    int64_t text, pair, n; /* pair: -1 for none */', '    int64_t tokens[160], offsets[320], types[160];',
              '    const char *decoded;', '    int64_t n_decoded;', '} kind_cases[] = {']
    for kind, make in KINDS.items():
        t = make()
        t.save(str(HERE / f'tokenizers/{kind}.json'), pretty=False)
        for i, text in enumerate(TEXTS):
            for pair in ([-1, 5] if i == 8 else [-1]):
                e = t.encode(text, TEXTS[pair] if pair >= 0 else None)
                spans = fix_prefix(kind, text, e, offsets(text, e, kind)) if pair < 0 else [(0, 0)] * len(e.ids)
                lines.append(f'    {{ "{kind}", {i}, {pair}, {len(e.ids)}, {{ {numbers(e.ids)} }}, {{ {numbers(x for s in spans for x in s)} }}, '
                             f'{{ {numbers(e.type_ids)} }},\n      {c_text(t.decode(e.ids))}, {len(t.decode(e.ids).encode())} }},')
    (HERE / 'tokenizer_kinds.h').write_text('\n'.join(lines) + '\n};\n')


if __name__ == '__main__':
    main()
