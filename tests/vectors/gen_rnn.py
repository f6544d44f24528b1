# SPDX-License-Identifier: MIT
"""Writes rnn.h: recurrent layers of PyTorch in double, their outputs, states and gradients.

    python tests/vectors/gen_rnn.py > tests/vectors/rnn.h

The loss is sum(y wy) + sum(hn wh) + sum(cn wc), so every output has a gradient of its own.
"""
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)

T, B, I, H = 5, 3, 2, 3
LENGTHS = [3, 5, 1]
CELLS = [("rnn_tanh", 1), ("rnn_relu", 2), ("lstm", 3), ("gru", 4)]
# name, layers, bidirectional, states given, lengths given
SHAPES = [("plain", 1, False, False, False), ("two_layers", 2, False, True, False),
          ("both_ways", 1, True, True, False), ("lengths", 1, False, True, True), ("all", 2, True, True, True)]


def array(name, tensor):
    numbers = ["%.17g" % v for v in tensor.detach().reshape(-1).tolist()]
    lines = [", ".join(numbers[i:i + 5]) for i in range(0, len(numbers), 5)]
    print("static const double %s[] = {\n    %s\n};" % (name, ",\n    ".join(lines)))


def make(cell, layers, both):
    if cell.startswith("rnn"):
        return torch.nn.RNN(I, H, layers, nonlinearity=cell[4:], bidirectional=both)
    return {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](I, H, layers, bidirectional=both)


class Unrolled(torch.nn.Module):
    """One layer with layer norm or reset-before, which PyTorch's layers lack; called as they are."""

    def __init__(self, cell, norm, reset_before):
        super().__init__()
        gates = {"lstm": 4, "gru": 3}.get(cell, 1)
        self.cell, self.norm, self.reset_before = cell, norm, reset_before
        shapes = [("w", gates * H, I), ("u", gates * H, H), ("b", gates * H), ("v", gates * H)]
        if norm:
            shapes += [("gain_x", gates * H), ("gain_h", gates * H)]
            shapes += [("gain_c", H), ("bias_c", H)] if cell == "lstm" else []
        for name, *shape in shapes:
            setattr(self, name, torch.nn.Parameter(torch.randn(shape)))

    def product(self, x, weight, bias, gain, rows=slice(None)):
        a = x @ weight[rows].T
        if self.norm:
            a = torch.nn.functional.layer_norm(a, a.shape[-1:], gain[rows])
        return a + bias[rows]

    def step(self, x, h, c):
        gain_x, gain_h = getattr(self, "gain_x", None), getattr(self, "gain_h", None)
        a = self.product(x, self.w, self.b, gain_x)
        if self.cell == "gru":
            first = slice(0, 2 * H if self.reset_before else 3 * H)
            b = self.product(h, self.u, self.v, gain_h, first)
            r, z = torch.sigmoid(a[:, :2 * H] + b[:, :2 * H]).chunk(2, 1)
            n = self.product(r * h, self.u, self.v, gain_h, slice(2 * H, 3 * H)) if self.reset_before else r * b[:, 2 * H:]
            n = torch.tanh(a[:, 2 * H:] + n)
            return (1 - z) * n + z * h, c
        a = a + self.product(h, self.u, self.v, gain_h)
        if self.cell != "lstm":
            return torch.tanh(a), c
        i, f, g, o = a.chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        n = torch.nn.functional.layer_norm(c, (H,), self.gain_c, self.bias_c) if self.norm else c
        return torch.sigmoid(o) * torch.tanh(n), c

    def forward(self, x, state):
        h, c = state if self.cell == "lstm" else (state, state)
        h, c, ys = h[0], c[0], []
        for t in range(T):
            h, c = self.step(x[t], h, c)
            ys.append(h)
        return torch.stack(ys), ((h[None], c[None]) if self.cell == "lstm" else h[None])


def case(cell, number, shape, layers, both, given, cut, norm=False, reset_before=False):
    name = "rnn_%s_%s" % (cell.replace("rnn_", ""), shape)
    net = Unrolled(cell, norm, reset_before) if norm or reset_before else make(cell, layers, both)
    directions = 2 if both else 1
    x = torch.randn(T, B, I, requires_grad=True)
    h0 = (torch.randn if given else torch.zeros)(layers * directions, B, H, requires_grad=True)
    c0 = (torch.randn if given else torch.zeros)(layers * directions, B, H, requires_grad=True)
    state = (h0, c0) if cell == "lstm" else h0
    if cut:
        y, last = net(pack_padded_sequence(x, LENGTHS, enforce_sorted=False), state)
        y, _ = pad_packed_sequence(y, total_length=T)
    else:
        y, last = net(x, state)
    hn, cn = last if cell == "lstm" else (last, torch.zeros_like(last))
    wy, wh, wc = torch.randn_like(y), torch.randn_like(hn), torch.randn_like(cn)
    ((y * wy).sum() + (hn * wh).sum() + (cn * wc).sum()).backward()
    flat = {"x": x, "h0": h0, "params": torch.cat([p.reshape(-1) for p in net.parameters()]), "wy": wy, "wh": wh, "y": y, "hn": hn,
            "dx": x.grad, "dh0": h0.grad, "dparams": torch.cat([p.grad.reshape(-1) for p in net.parameters()])}
    if cell == "lstm":
        flat.update({"c0": c0, "wc": wc, "cn": cn, "dc0": c0.grad})
    for key, tensor in flat.items():
        array("%s_%s" % (name, key), tensor)
    pointers = [("%s_%s" % (name, k)) if k in flat else "NULL"
                for k in ("x", "h0", "c0", "params", "wy", "wh", "wc", "y", "hn", "cn", "dx", "dh0", "dc0", "dparams")]
    return '    { "%s", %d, %d, %d, %d, %d, %d, %d,\n      %s },' % (
        name, number, layers, directions, given, cut, norm, reset_before, ", ".join(pointers))


print("/* SPDX-License-Identifier: MIT */\n/* Written by gen_rnn.py with PyTorch %s; again: python tests/vectors/gen_rnn.py > tests/vectors/rnn.h */"
      % torch.__version__.split("+")[0])
print("enum { RNN_T = %d, RNN_B = %d, RNN_I = %d, RNN_H = %d };" % (T, B, I, H))
print("static const int64_t rnn_lengths[] = { %s };" % ", ".join(map(str, LENGTHS)))
rows = [case(cell, number, *shape) for cell, number in CELLS for shape in SHAPES]
one = (1, False, True, False)
rows += [case("rnn_tanh", 1, "norm", *one, True), case("lstm", 3, "norm", *one, True), case("gru", 4, "norm", *one, True),
         case("gru", 4, "reset", *one, False, True), case("gru", 4, "norm_reset", *one, True, True)]
print("typedef struct rnn_case {\n    const char *name;\n    int cell, n_layers, n_directions, given, cut, layer_norm, reset_before;\n"
      "    const double *x, *h0, *c0, *params, *wy, *wh, *wc, *y, *hn, *cn, *dx, *dh0, *dc0, *dparams;\n} rnn_case;")
print("static const rnn_case rnn_cases[] = {\n%s\n};" % "\n".join(rows))
