# SPDX-License-Identifier: MIT
"""Tiny random models of Python's transformers and what they compute: models/NAME/ with config.json, model.safetensors and
expected.safetensors.

    python3 gen_models.py [NAME ...]      (torch, transformers 4.57, safetensors)
    HW3_LIBRARY=.../libhw3.so.0 python3 gen_models.py --check [NAME ...]     opens in transformers what hw3 has saved

The weights are floats; everything expected is computed in double. expected.safetensors holds tokens or images, for some models types and
lengths (padding stands behind), targets (-100 does not count), for pretraining next, logits, what a model says of whole sequences
as pooled, loss, grad.PARAMETER, and losses and trained.PARAMETER of ten steps of AdamW.
"""
import contextlib
import json
import pathlib
import sys
import tempfile
import types
import unittest.mock

import safetensors.torch
import torch
import transformers as tf

HERE = pathlib.Path(__file__).resolve().parent / "models"
ADAMW = dict(lr=1e-2, betas=(0.9, 0.999), eps=1e-5, weight_decay=0.01)  # eps far above what a gradient of 0 is in float
BERT = dict(vocab_size=13, max_position_embeddings=9, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
OFF = dict(resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)

MODELS = {
    "gpt2": lambda: tf.GPT2LMHeadModel(tf.GPT2Config(vocab_size=13, n_positions=8, n_embd=12, n_layer=2, n_head=3,
                                                     bos_token_id=12, eos_token_id=12, **OFF)),
    "gpt2_untied": lambda: tf.GPT2LMHeadModel(tf.GPT2Config(
        vocab_size=11, n_positions=7, n_embd=8, n_layer=1, n_head=2, n_inner=20, activation_function="gelu", layer_norm_epsilon=1e-3,
        tie_word_embeddings=False, bos_token_id=0, eos_token_id=1, **OFF)),
}
MODELS |= {
    "bert": lambda: tf.BertForMaskedLM(tf.BertConfig(**BERT, attn_implementation="eager")),
    "roberta": lambda: tf.RobertaForMaskedLM(tf.RobertaConfig(**BERT, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2,
                                                              layer_norm_eps=1e-5, attn_implementation="eager")),
}
LLAMA = dict(max_position_embeddings=8, num_hidden_layers=2, num_attention_heads=4, rope_theta=100.0, bos_token_id=0, eos_token_id=1)
MODELS |= {
    "llama": lambda: tf.LlamaForCausalLM(tf.LlamaConfig(
        **LLAMA, vocab_size=13, hidden_size=12, num_key_value_heads=2, head_dim=6, intermediate_size=20, tie_word_embeddings=True,
        rope_scaling=dict(rope_type="linear", factor=2.0))),
    "llama_yarn": lambda: tf.LlamaForCausalLM(tf.LlamaConfig(
        **LLAMA, vocab_size=11, hidden_size=32, num_key_value_heads=1, intermediate_size=24, attention_bias=True, mlp_bias=True,
        rope_scaling=dict(rope_type="yarn", factor=4.0, beta_fast=4.0, beta_slow=1.0, original_max_position_embeddings=64))),
}
MODELS["llama3"] = lambda: tf.LlamaForCausalLM(tf.LlamaConfig(
    **LLAMA, vocab_size=11, hidden_size=32, num_key_value_heads=4, intermediate_size=12,
    rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)))
DEEPSEEK = LLAMA | dict(hidden_size=12, intermediate_size=20, kv_lora_rank=8, qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=3,
                        first_k_dense_replace=2)
MODELS |= {
    "deepseek": lambda: tf.DeepseekV2ForCausalLM(tf.DeepseekV2Config(**DEEPSEEK, vocab_size=13, q_lora_rank=6, attention_bias=True)),
    "deepseek_yarn": lambda: tf.DeepseekV2ForCausalLM(tf.DeepseekV2Config(
        **DEEPSEEK, vocab_size=11, q_lora_rank=None, tie_word_embeddings=True, rms_norm_eps=1e-3,
        rope_scaling=dict(rope_type="yarn", factor=4.0, beta_fast=4.0, beta_slow=1.0, original_max_position_embeddings=64, mscale=0.7,
                          mscale_all_dim=2.0))),
}
eager = dict(attn_implementation="eager")
ROBERTA = dict(type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2, layer_norm_eps=1e-5)
MODELS |= {
    "bert_pretraining": lambda: tf.BertForPreTraining(tf.BertConfig(**BERT, **eager)),
    "bert_classes": lambda: tf.BertForSequenceClassification(tf.BertConfig(**BERT, **eager, num_labels=3, classifier_dropout=0.0)),
    "bert_next": lambda: tf.BertForNextSentencePrediction(tf.BertConfig(**BERT, **eager)),
    "bert_none": lambda: tf.BertModel(tf.BertConfig(**BERT, **eager)),
    "roberta_classes": lambda: tf.RobertaForSequenceClassification(tf.RobertaConfig(**BERT, **ROBERTA, **eager)),
}
VIT = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, image_size=6, patch_size=2, num_channels=2, **eager)
MODELS |= {
    "vit": lambda: tf.ViTForImageClassification(tf.ViTConfig(**VIT, num_labels=3)),
    "vit_none": lambda: tf.ViTModel(tf.ViTConfig(**VIT)),
}


class Recurrent(torch.nn.Module):
    """A language model of PyTorch's recurrent layers; its config.json is hw3's own."""

    def __init__(self, kind, n_vocab, n_embed, n_hidden, n_layers, tied=False):
        super().__init__()
        self.embedding = torch.nn.Embedding(n_vocab, n_embed)
        self.rnn = getattr(torch.nn, kind)(n_embed, n_hidden, n_layers, batch_first=True)
        self.decoder = torch.nn.Linear(n_hidden, n_vocab)
        if tied:
            self.decoder.weight = self.embedding.weight
        self.config = types.SimpleNamespace(
            model_type=kind.lower(), vocab_size=n_vocab, max_position_embeddings=8, n_positions=8, embedding_size=n_embed,
            hidden_size=n_hidden, num_layers=n_layers, tie_word_embeddings=tied)

    dtype = property(lambda self: self.embedding.weight.dtype)
    base_model = property(lambda self: self)

    def forward(self, input_ids, attention_mask=None):
        x = self.embedding(input_ids)
        if attention_mask is None:
            return types.SimpleNamespace(logits=self.decoder(self.rnn(x)[0]))
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, attention_mask.sum(1), batch_first=True, enforce_sorted=False)
        y, _ = torch.nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=x.shape[1])
        return types.SimpleNamespace(logits=self.decoder(y))

    def save_pretrained(self, folder, **_):
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(vars(self.config), indent=2) + "\n")
        safetensors.torch.save_file(dict(self.named_parameters()), folder / "model.safetensors")

    @classmethod
    def from_pretrained(cls, folder, output_loading_info):
        c = json.loads((pathlib.Path(folder) / "config.json").read_text())
        kind = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}[c["model_type"]]
        model = cls(kind, c["vocab_size"], c["embedding_size"], c["hidden_size"], c["num_layers"], c["tie_word_embeddings"])
        missing, unexpected = model.load_state_dict(safetensors.torch.load_file(folder + "/model.safetensors"), strict=False)
        return model, {"missing": [n for n in missing if n in dict(model.named_parameters())], "unexpected": unexpected}


MODELS |= {
    "rnn": lambda: Recurrent("RNN", 11, 7, 7, 1, tied=True),
    "lstm": lambda: Recurrent("LSTM", 13, 6, 9, 2),
    "gru": lambda: Recurrent("GRU", 11, 10, 8, 1),
}
TYPED = {"bert", "bert_pretraining", "bert_next"}  # which are given types, and lengths
PADDED = {"bert", "bert_pretraining", "bert_classes", "bert_none", "roberta_classes", "gpt2_untied", "llama", "deepseek", "lstm"}
SHARDS = {"gpt2_untied": "2KB", "llama_yarn": "9KB"}  # in several files


def randomise(model):
    """Weights that are far from any symmetry: gains around 1, the rest around 0."""
    for name, p in model.named_parameters():
        near = 1.0 if p.dim() == 1 and name.endswith("weight") else 0.0
        p.data = near + 0.3 * torch.randn_like(p)


@contextlib.contextmanager
def precision_of(model):
    """Llama's norms and positions are computed in float whatever the model is: here in double where the model is."""
    if model.dtype == torch.float32:
        yield
        return
    double = {"float32": torch.float64, "float": torch.float64}
    with unittest.mock.patch.multiple(torch, **double), unittest.mock.patch.object(torch.Tensor, "float", torch.Tensor.double):
        rotary = getattr(model.base_model, "rotary_emb", None)
        if rotary:
            rotary.inv_freq = rotary.rope_init_fn(model.config, None)[0]
        yield


def loss_of(model, t):
    given = {"pixel_values": t["images"].to(model.dtype)} if "images" in t else {"input_ids": t["tokens"]}
    if "types" in t:
        given["token_type_ids"] = t["types"]
    if "lengths" in t:
        given["attention_mask"] = (torch.arange(t["tokens"].shape[1]) < t["lengths"][:, None]).long()
    with precision_of(model):
        y = model(**given)
    if "last_hidden_state" in y:  # no head: any loss will do
        return {"logits": y.last_hidden_state, "pooled": y.pooler_output}, y.last_hidden_state.square().mean() + y.pooler_output.square().mean()
    logits = y.prediction_logits if "next" in t else y.logits
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, -2), t["targets"].flatten(), ignore_index=-100)
    if "next" not in t:
        return {"logits": logits}, loss
    pooled = y.seq_relationship_logits
    return {"logits": logits, "pooled": pooled}, loss + torch.nn.functional.cross_entropy(pooled, t["next"])


def inputs(name, model):
    c, kind = model.config, type(model).__name__
    if c.model_type == "vit":
        return {"images": torch.randn(3, c.num_channels, c.image_size, c.image_size).double(), "targets": torch.tensor([1, -100, 2])}
    roberta = c.model_type == "roberta"  # counts places from pad + 1, and the second sequence ends in padding
    tokens = torch.randint(3 if roberta else 0, c.vocab_size, (3, c.max_position_embeddings - 2 * roberta))
    if roberta:
        tokens[1, -2:] = c.pad_token_id
    targets = torch.randint(c.vocab_size, tokens.shape)
    targets[1, 2] = -100
    out = {"tokens": tokens, "targets": targets}
    if name in TYPED:
        out["types"] = torch.randint(c.type_vocab_size, tokens.shape)
    if name in PADDED:
        out["lengths"] = torch.tensor([tokens.shape[1], 1, 4])
        targets[torch.arange(tokens.shape[1]) >= out["lengths"][:, None]] = -100
    if kind.endswith(("Classification", "NextSentencePrediction")):
        out["targets"] = torch.tensor([c.num_labels - 1, -100, 0])
    if kind.endswith("PreTraining"):
        out["next"] = torch.tensor([1, 0, 1])
    return out


def expected(name, model):
    out = inputs(name, model)
    base = "" if hasattr(model, model.base_model_prefix) else model.base_model_prefix + "."  # before all names here
    says, loss = loss_of(model, out)
    loss.backward()
    out |= says | {"loss": loss}
    out |= {"grad." + base + n: p.grad.clone() for n, p in model.named_parameters()}
    optim = torch.optim.AdamW(model.parameters(), **ADAMW)
    losses = []
    for _ in range(10):
        optim.zero_grad()
        loss = loss_of(model, out)[1]
        loss.backward()
        optim.step()
        losses.append(loss.detach())
    out |= {"trained." + base + n: p for n, p in model.named_parameters()} | {"losses": torch.stack(losses)}
    return {k: v.detach().contiguous() for k, v in out.items()}


def write(name):
    torch.manual_seed(30)
    model = MODELS[name]().eval()
    randomise(model)
    for old in (HERE / name).glob("*"):
        old.unlink()
    model.save_pretrained(HERE / name, max_shard_size=SHARDS.get(name, "1GB"))
    (HERE / name / "generation_config.json").unlink(missing_ok=True)
    made = f"gen_models.py with torch {torch.__version__}, transformers {tf.__version__}; again: python3 gen_models.py {name}"
    safetensors.torch.save_file(expected(name, model.double()), HERE / name / "expected.safetensors", {"made": made})


def check(name):
    """hw3 opens the model and saves it; transformers opens that, misses nothing, finds nothing else, and computes the same."""
    sys.path.insert(0, str(HERE.parents[2] / "examples/python"))
    import hw3
    want = safetensors.torch.load_file(HERE / name / "expected.safetensors")
    with tempfile.TemporaryDirectory() as folder, hw3.Ctx() as ctx:
        ctx.model_open(str(HERE / name)).save(folder)
        model, info = type(MODELS[name]()).from_pretrained(folder, output_loading_info=True)
    assert not any(info.values()), info
    with torch.no_grad():
        says = loss_of(model.eval(), want)[0]
    off = (says["logits"].double() - want["logits"]).abs().max().item()
    print(f"{name}: saved by hw3, opened in transformers {tf.__version__}: logits {off:.2g} off")
    assert off < 1e-5


checks = "--check" in sys.argv
for name in [a for a in sys.argv[1:] if a != "--check"] or MODELS:
    (check if checks else write)(name)
