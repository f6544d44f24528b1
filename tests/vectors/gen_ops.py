# SPDX-License-Identifier: MIT
"""Values and gradients of every operator by PyTorch, in f64, from multiples of 1/128, which f32 holds.

    python3 gen_ops.py > ops.h

A case is one operator on small operands; its loss is sum(y * dy) with the dy given. All numbers stand in one array;
`at` says where in it an operand or result starts, `grad` where the gradient of an operand does (-1: it has none).
"""
import torch
import torch.nn.functional as F

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

braces = lambda items: "{ " + ", ".join(map(str, items)) + " }" if items else "{ 0 }"
print(f"/* Written by gen_ops.py with torch {torch.__version__}; to regenerate: python3 gen_ops.py > ops.h */")
print("/* SPDX-License-Identifier: MIT */")
print("typedef struct ops_operand { int given, is_index, n_dims; int64_t shape[4]; int at, grad; } ops_operand;")
print("typedef struct ops_case { const char *op, *what; int n_in; ops_operand in[3]; double f[2]; int64_t i[4];")
print("                          int n_dims; int64_t shape[4]; int at, dy; } ops_case;")
print("static const double ops_data[] = {")
for j in range(0, len(data), 8):
    print("    " + ", ".join("%.17g" % v for v in data[j:j + 8]) + ",")
print("};\nstatic const ops_case ops_cases[] = {")
for op, what, ins, f, i, shape, at, dy in cases:
    text = ", ".join("{ 0 }" if x is None else f"{{ 1, {int(x[0] == 3)}, {len(x[1])}, {braces(list(x[1]))}, {x[2]}, {x[3]} }}" for x in ins)
    print(f'    {{ "{op}", "{what}", {len(ins)}, {{ {text} }}, {braces(f)}, {braces(i)}, {len(shape)}, {braces(list(shape))}, {at}, {dy} }},')
print("};")
