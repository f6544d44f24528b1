# SPDX-License-Identifier: MIT
"""Values and gradients of every operator by PyTorch, in f64, from multiples of 1/128, which f32 holds.

    python3 gen_ops.py > ops.h

A case is one operator on small operands; its loss is sum(y * dy) with the dy given. All numbers stand in one array;
`at` says where in it an operand or result starts, `grad` where the gradient of an operand does (-1: it has none).
"""
import math

import torch
import torch.nn.functional as F
import transformers
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

torch.manual_seed(11)
data, cases = [], []


def put(t):
    at = len(data)
    data.extend(t.detach().double().flatten().tolist())
    return at


def coarse(t):
    return (t * 128).round().double() / 128


def rand(*shape, low=None):
    """Normal, or uniform in low .. low + 2."""
    t = torch.randn(shape) if low is None else torch.rand(shape) * 2 + low
    return t.double()


def case(op, what, operands, function, f=(), i=()):
    xs = [coarse(x).requires_grad_() if x is not None and x.is_floating_point() else x for x in operands]
    y = function(*xs)
    dy = coarse(torch.randn(y.shape))
    (y * dy).sum().backward()
    ins = [None if x is None else (3 if not x.is_floating_point() else 0, x.shape, put(x), put(x.grad) if x.is_floating_point() else -1)
           for x in xs]
    cases.append((op, what, ins, list(f), list(i), y.shape, put(y), put(dy)))


ALL = 127
for op, fn, low in (("add", torch.add, None), ("sub", torch.sub, None), ("mul", torch.mul, None), ("div", torch.div, 0.5)):
    for what, a, b in (("same shape", (3, 4), (3, 4)), ("a row", (2, 3, 4), (4,)), ("a scalar", (3, 2), ()),
                       ("a scalar first", (), (2, 5)), ("a column", (3, 4), (3, 1)), ("both", (4, 1, 3), (2, 1)),
                       ("middle", (2, 3, 2, 2), (1, 3, 1, 2)), ("ones", (1, 1), (1,)), ("long row", (2, 260), (260,)),
                       ("long column", (1, 260), (1, 1))):
        if "long" in what and op != "mul":
            continue
        case(op, what, [rand(*a), rand(*b, low=low)], fn)
case("affine", "", [rand(3, 5)], lambda a: 1.5 * a - 0.25, f=(1.5, -0.25))
for what, a, b in (("plain", (2, 3), (3, 4)), ("folded", (2, 3, 4), (4, 2)), ("batched", (2, 3, 4), (2, 4, 5)),
                   ("broadcast a", (3, 4), (2, 4, 2)), ("broadcast both", (2, 1, 2, 3), (3, 3, 2)), ("one row", (1, 5), (5, 1))):
    case("matmul", what, [rand(*a), rand(*b)], torch.matmul)
case("linear", "matrix", [rand(4, 3), rand(2, 3), rand(2)], F.linear)
case("linear", "sequence", [rand(2, 3, 4), rand(5, 4), rand(5)], F.linear)
case("linear", "vector", [rand(3), rand(2, 3), rand(2)], F.linear)
case("linear", "no bias", [rand(4, 3), rand(2, 3), None], lambda x, w, b: F.linear(x, w))
case("linear", "many rows", [rand(70, 1), rand(2, 1), rand(2)], F.linear)
for op, fn in (("sum", torch.sum), ("mean", torch.mean), ("max", torch.amax)):
    for what, shape, dim, keep in (("first", (3, 4), 0, 0), ("last, kept", (3, 4), -1, 1), ("middle", (2, 3, 4), 1, 0),
                                   ("middle, kept", (2, 3, 4), -2, 1), ("one dimension", (5,), 0, 0)):
        case(op, what, [rand(*shape)], lambda a: fn(a, dim=dim, keepdim=bool(keep)), i=(dim, keep))
    case(op, "all", [rand(3, 4)], lambda a: fn(a, dim=(0, 1)), i=(ALL, 0))
    case(op, "all, kept", [rand(3, 4)], lambda a: fn(a, dim=(0, 1), keepdim=True), i=(ALL, 1))
    case(op, "all of a scalar", [rand()], lambda a: a * 1, i=(ALL, 0))
case("sum", "many rows", [rand(130, 2)], lambda a: a.sum(0), i=(0, 0))
for op, fn in (("softmax", torch.softmax), ("log_softmax", torch.log_softmax)):
    for what, shape, dim in (("last", (3, 5), -1), ("first", (4, 3), 0), ("middle", (2, 3, 4), 1), ("wide", (1, 2, 70), 1), ("long", (2, 40), 1)):
        case(op, what, [rand(*shape) * 3], lambda a: fn(a, dim), i=(dim,))
    case(op, "large", [rand(2, 4) * 4 + 700], lambda a: fn(a, 1), i=(1,))
for op, fn, low in (("tanh", torch.tanh, None), ("sigmoid", torch.sigmoid, None), ("relu", torch.relu, None), ("gelu", F.gelu, None),
                    ("gelu_tanh", lambda a: F.gelu(a, approximate="tanh"), None), ("silu", F.silu, None), ("exp", torch.exp, None),
                    ("log", torch.log, 0.25), ("sqrt", torch.sqrt, 0.25)):
    case(op, "small", [rand(2, 3, 4, low=low)], fn)
    if op in ("gelu_tanh", "silu"):
        case(op, "several chunks", [rand(259) * 3], fn)
case("reshape", "", [rand(2, 6)], lambda a: a.reshape(3, 4), i=(2, 3, 4))
case("reshape", "one left over", [rand(2, 6)], lambda a: a.reshape(2, 3, 2), i=(3, 2, -1, 2))
case("reshape", "to a scalar", [rand(1, 1)], lambda a: a.reshape(()), i=(0,))
for what, shape, a, b in (("matrix", (3, 4), 0, 1), ("first and last", (2, 3, 4), 0, -1), ("first two", (2, 3, 4), 1, 0),
                          ("far apart", (2, 3, 2, 3), 0, 2), ("the same", (2, 3), 1, -1)):
    case("transpose", what, [rand(*shape)], lambda x: x.transpose(a, b), i=(a, b))
for what, shape, dim, start, stop in (("first", (4, 3), 0, 1, 3), ("last", (2, 5), -1, 2, 5), ("middle", (2, 4, 3), 1, 0, 1)):
    case("slice", what, [rand(*shape)], lambda x: x.narrow(dim, start, stop - start), i=(dim, start, stop))
for what, dim, shapes in (("first", 0, ((2, 3), (1, 3), (3, 3))), ("last", -1, ((2, 3), (2, 1))), ("middle", 1, ((2, 1, 3), (2, 2, 3))),
                          ("one", 0, ((2, 2),)), ("with an empty one", 0, ((2, 2), (0, 2)))):
    case("concat", what, [rand(*s) for s in shapes], lambda *xs: torch.cat(xs, dim), i=(dim,))
for what, shape, index, dim in (("first", (4, 3), (2, 3), 0), ("last", (2, 5), (2, 6), -1), ("middle", (2, 3, 2), (2, 2, 2), 1)):
    case("gather", what, [rand(*shape), torch.randint(shape[dim], index)], lambda a, n: torch.gather(a, dim, n), i=(dim,))
case("embedding", "vector", [rand(5, 3), torch.tensor([4, 0, 4])], lambda w, n: F.embedding(n, w))
case("embedding", "matrix", [rand(3, 2), torch.tensor([[2, 1], [1, 1]])], lambda w, n: F.embedding(n, w))
case("layer_norm", "all", [rand(3, 5), rand(5), rand(5)], lambda x, w, b: F.layer_norm(x, (5,), w, b, 1e-5), f=(1e-5,))
case("layer_norm", "no weights", [rand(2, 2, 6), None, None], lambda x, w, b: F.layer_norm(x, (6,), None, None, 1e-3), f=(1e-3,))
case("layer_norm", "no beta", [rand(2, 37), rand(37), None], lambda x, w, b: F.layer_norm(x, (37,), w, None, 1e-5), f=(1e-5,))
for shape in ((3, 4), (130, 2), ()):
    what = f"{len(shape)} dimensions, {torch.Size(shape).numel()} elements"
    case("mse", what, [rand(*shape), rand(*shape)], F.mse_loss)
    if 130 in shape:
        continue
    case("mae", what, [rand(*shape), rand(*shape)], F.l1_loss)
    case("huber", what, [rand(*shape) * 2, rand(*shape)], lambda y, t: F.huber_loss(y, t, delta=0.75), f=(0.75,))
    case("bce_logits", what, [rand(*shape) * 4, rand(*shape, low=0) / 2], F.binary_cross_entropy_with_logits)
case("bce_logits", "far out", [torch.tensor([-90., 90., 0., -700.]).double(), torch.tensor([0., 1., 0.5, 1.]).double()],
     F.binary_cross_entropy_with_logits)
for what, shape, target, ignore, smoothing in (
        ("plain", (4, 3), [2, 0, 1, 1], -100, 0.0), ("some ignored", (4, 3), [2, -100, 1, -100], -100, 0.0),
        ("smoothed", (4, 3), [2, 0, 1, 1], -100, 0.1), ("smoothed, some ignored", (4, 3), [0, 2, 0, 1], 0, 0.25),
        ("sequence", (2, 2, 5), [[4, 3], [2, -1]], -1, 0.0), ("one row", (3,), 1, -100, 0.1), ("many classes", (1, 260), [7], -100, 0.1)):
    case("cross_entropy", what, [rand(*shape) * 2, torch.tensor(target)],
         lambda x, t: F.cross_entropy(x.reshape(-1, x.shape[-1]), t.reshape(-1), ignore_index=ignore, label_smoothing=smoothing),
         f=(smoothing,), i=(ignore,))

case("rms_norm", "all", [rand(3, 5), rand(5)], lambda x, w: F.rms_norm(x, (5,), w, 1e-6), f=(1e-6,))
case("rms_norm", "no weights", [rand(2, 2, 6), None], lambda x, w: F.rms_norm(x, (6,), None, 1e-3), f=(1e-3,))
case("rms_norm", "wide", [rand(2, 37), rand(37)], lambda x, w: F.rms_norm(x, (37,), w, 1e-5), f=(1e-5,))
for what, shape, n, target, ignore, smoothing in (
        ("plain", (4, 3), 5, [2, 0, 4, 1], -100, 0.0), ("some ignored", (4, 3), 3, [2, -100, 1, -100], -100, 0.0),
        ("smoothed, some ignored", (2, 2, 5), 4, [[0, 3], [2, 0]], 0, 0.25), ("one row", (3,), 2, 1, -100, 0.1),
        ("many classes", (2, 1), 140, [7, 139], -100, 0.1)):
    case("linear_cross_entropy", what, [rand(*shape), rand(n, shape[-1]), torch.tensor(target)],
         lambda x, w, t: F.cross_entropy((x @ w.T).reshape(-1, w.shape[0]), t.reshape(-1), ignore_index=ignore, label_smoothing=smoothing),
         f=(smoothing,), i=(ignore,))


def frequencies(d, base, scaling, factor, fast, slow, context):
    """As transformers computes them, but in f64; its own, in f32, must agree."""
    plain = base ** (-torch.arange(0, d, 2).double() / d)
    if scaling == "linear":
        return plain / factor
    if scaling == "ntk":
        return (base * factor ** (d / (d - 2))) ** (-torch.arange(0, d, 2).double() / d)
    if scaling == "yarn":
        pair = lambda n: d * math.log(context / (n * 2 * math.pi)) / (2 * math.log(base))
        low, high = max(math.floor(pair(fast)), 0), min(math.ceil(pair(slow)), d - 1)
        ramp = ((torch.arange(d // 2).double() - low) / (high - low)).clamp(0, 1)
        return plain / factor * ramp + plain * (1 - ramp)
    return plain


def check_frequencies(d, base, scaling, factor, fast, slow, context):
    kinds = {"plain": "default", "linear": "linear", "yarn": "yarn"}
    if scaling not in kinds:
        return
    rope = {"rope_type": kinds[scaling], "factor": factor, "beta_fast": fast, "beta_slow": slow, "original_max_position_embeddings": context}
    config = LlamaConfig(hidden_size=d, num_attention_heads=1, rope_theta=base, max_position_embeddings=context or 64,
                         rope_scaling=None if scaling == "plain" else rope)
    rotary = LlamaRotaryEmbedding(config)
    torch.testing.assert_close(rotary.inv_freq.double(), frequencies(d, base, scaling, factor, fast, slow, context), rtol=2e-6, atol=0)
    return rotary.attention_scaling


def rotate(x, positions, f, interleaved, factor):
    d = 2 * len(f)
    angle = (positions.double()[..., None] * f)[..., None, :]
    c, s = angle.cos() * factor, angle.sin() * factor
    a, b = (x[..., 0:d:2], x[..., 1:d:2]) if interleaved else (x[..., :d // 2], x[..., d // 2:d])
    a, b = a * c - b * s, b * c + a * s
    turned = torch.stack((a, b), -1).flatten(-2) if interleaved else torch.cat((a, b), -1)
    return torch.cat((turned, x[..., d:]), -1)


scalings = ["plain", "linear", "ntk", "yarn"]
for what, shape, positions, d, interleaved, scaling, factor, context, attention in (
        ("half-split", (2, 3, 2, 6), [[0, 1, 2], [5, 6, 7]], 0, 0, "plain", 1.0, 0, 0.0),
        ("interleaved", (2, 3, 2, 6), [4, 0, 9], 0, 1, "plain", 1.0, 0, 0.0),
        ("some dimensions", (1, 2, 1, 7), [[3, 1000]], 4, 0, "plain", 1.0, 0, 0.0),
        ("some dimensions, interleaved", (1, 2, 1, 7), [3, 1], 4, 1, "plain", 1.0, 0, 1.5),
        ("linear", (1, 2, 1, 8), [17, 40], 0, 0, "linear", 4.0, 0, 0.0), ("NTK", (1, 2, 1, 8), [17, 40], 0, 0, "ntk", 4.0, 0, 0.0),
        ("YaRN", (1, 2, 1, 16), [17, 400], 0, 0, "yarn", 4.0, 128, 0.0),
        ("YaRN, interleaved", (1, 2, 1, 16), [17, 400], 0, 1, "yarn", 40.0, 4096, 1.25)):
    n, base, fast, slow = d or shape[-1], 10000.0, 32.0, 1.0
    scale = check_frequencies(n, base, scaling, factor, fast, slow, context) or 1.0
    f = frequencies(n, base, scaling, factor, fast, slow, context)
    case("rope", what, [rand(*shape), torch.tensor(positions)], lambda x, p: rotate(x, p, f, interleaved, attention or scale),
         f=(base, factor, fast, slow, attention), i=(d, interleaved, scalings.index(scaling), context))

braces = lambda items: "{ " + ", ".join(map(str, items)) + " }" if items else "{ 0 }"
print(f"/* Written by gen_ops.py with torch {torch.__version__}, transformers {transformers.__version__}; to regenerate: python3 gen_ops.py > ops.h */")
print("/* SPDX-License-Identifier: MIT */")
print("typedef struct ops_operand { int given, is_index, n_dims; int64_t shape[4]; int at, grad; } ops_operand;")
print("typedef struct ops_case { const char *op, *what; int n_in; ops_operand in[3]; double f[5]; int64_t i[4];")
print("                          int n_dims; int64_t shape[4]; int at, dy; } ops_case;")
print("static const double ops_data[] = {")
for j in range(0, len(data), 8):
    print("    " + ", ".join("%.17g" % v for v in data[j:j + 8]) + ",")
print("};\nstatic const ops_case ops_cases[] = {")
for op, what, ins, f, i, shape, at, dy in cases:
    text = ", ".join("{ 0 }" if x is None else f"{{ 1, {int(x[0] == 3)}, {len(x[1])}, {braces(list(x[1]))}, {x[2]}, {x[3]} }}" for x in ins)
    print(f'    {{ "{op}", "{what}", {len(ins)}, {{ {text} }}, {braces(f)}, {braces(i)}, {len(shape)}, {braces(list(shape))}, {at}, {dy} }},')
print("};")
