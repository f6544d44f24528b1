# SPDX-License-Identifier: MIT
"""What generate of Python's transformers finds by beam search with the tiny models of models/.

    python3 gen_beam.py > beam.h      (torch, transformers 4.57)
"""
import itertools
import pathlib

import torch
import transformers as tf

HERE = pathlib.Path(__file__).resolve().parent / "models"
EARLY = [False, True, "never"]  # as HW3_EARLY_STOP_: 0, 1, 2
CASES = {  # model: prompt, (beams, best), most tokens, ids that end a text
    "gpt2": [([3, 7], (4, 3), 6, [12]), ([2], (2, 2), 7, [2, 8]), ([5], (2, 2), 7, [4]), ([9, 2, 4], (2, 2), 5, [])],
    "gpt2_untied": [([4], (3, 3), 6, [5, 6, 7]), ([8], (3, 3), 6, [1, 3, 9]), ([10, 3], (5, 5), 5, [2, 7, 8])],
}
PENALTIES = [0.0, 0.7, 1.0, 2.5, -1.0]

print(f"/* Written by gen_beam.py with torch {torch.__version__}, transformers {tf.__version__}; to regenerate: python3 gen_beam.py > beam.h */")
print("/* SPDX-License-Identifier: MIT */")
print("typedef struct beam_case {")
print("    const char *model;")
print("    int n_prompt, n_beams, n_best, max_tokens, n_stop;")
print("    int64_t prompt[3], stop[3];")
print("    double penalty;")
print("    int early;")
print("    struct { int n; int64_t tokens[7]; double score; } best[5];")
print("} beam_case;")
print("static const beam_case beam_cases[] = {")
for name, cases in CASES.items():
    model = tf.GPT2LMHeadModel.from_pretrained(HERE / name).eval().double()
    for (prompt, (n_beams, n_best), most, stop), penalty, early in itertools.product(cases, PENALTIES, range(3)):
        model.generation_config.eos_token_id = stop or None
        model.generation_config.pad_token_id = 0
        out = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), num_beams=n_beams, do_sample=False,
                             num_return_sequences=n_best, max_new_tokens=most, length_penalty=penalty, early_stopping=EARLY[early],
                             output_scores=True, return_dict_in_generate=True)
        best = []
        for ids, score, parents in zip(out.sequences, out.sequences_scores, out.beam_indices):
            n = int((parents >= 0).sum())
            text = ", ".join(map(str, ids[len(prompt):len(prompt) + n].tolist()))
            best.append(f"{{ {n}, {{ {text} }}, {score.item():.9g} }}")
        numbers = f"{len(prompt)}, {n_beams}, {n_best}, {most}, {len(stop)}"
        lists = f"{{ {', '.join(map(str, prompt))} }}, {{ {', '.join(map(str, stop or [0]))} }}"
        print(f'    {{ "{name}", {numbers}, {lists}, {penalty}, {early}, {{ {", ".join(best)} }} }},')
print("};")
