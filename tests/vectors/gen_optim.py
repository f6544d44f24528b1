# SPDX-License-Identifier: MIT
"""Traces of PyTorch's optimizers: 100 steps of each rule and option on a small network.

    python3 gen_optim.py > optim.h

pred_i = sum_j v_j tanh(w_j x_i + b_j), loss = mean (pred - t)^2; parameters enc.w [3, 2], enc.b [3], head.v [3].
A row of a trace is: step, learning rate of the step, norm of the gradients before clipping, and the 12 weights after it.
"""
import math
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, StepLR

KINDS = ["SGD", "RMSPROP", "ADAM", "ADAMW", "ADAGRAD"]
N_STEPS = 100
ROWS = [1, 2, 5, 10, 25, 50, 75, 100]
torch.manual_seed(3)
X = torch.randn(6, 2, dtype=torch.float64)
T = torch.randn(6, dtype=torch.float64)
W = {"enc.w": torch.randn(3, 2, dtype=torch.float64) * 0.7, "enc.b": torch.randn(3, dtype=torch.float64) * 0.3,
     "head.v": torch.randn(3, dtype=torch.float64) * 0.7}
# the f32 run must start from the same numbers
X, T, W = X.float().double(), T.float().double(), {k: v.float().double() for k, v in W.items()}

CASES = {
    "sgd": dict(kind="SGD", lr=0.1),
    "momentum": dict(kind="SGD", lr=0.02, momentum=0.9),
    "momentum_decay": dict(kind="SGD", lr=0.02, momentum=0.9, weight_decay=0.01),
    "nesterov_decay": dict(kind="SGD", lr=0.02, momentum=0.8, nesterov=1, weight_decay=0.01),
    "clip_norm": dict(kind="SGD", lr=0.1, clip_norm=0.3),
    "clip_value": dict(kind="SGD", lr=0.05, momentum=0.5, clip_value=0.1),
    "clip_both": dict(kind="ADAM", lr=0.01, clip_value=0.2, clip_norm=0.3, weight_decay=0.02),
    "rmsprop": dict(kind="RMSPROP", lr=0.01, beta2=0.99),
    "rmsprop_momentum": dict(kind="RMSPROP", lr=0.002, beta2=0.9, momentum=0.9, weight_decay=0.01, eps=1e-6),
    "adam": dict(kind="ADAM", lr=0.01),
    "adam_decay": dict(kind="ADAM", lr=0.02, beta1=0.8, beta2=0.95, weight_decay=0.01),
    "adam_slow": dict(kind="ADAM", lr=0.01, beta1=0.3),
    "adamw": dict(kind="ADAMW", lr=0.01, weight_decay=0.1),
    "adagrad": dict(kind="ADAGRAD", lr=0.05),
    "adagrad_decay": dict(kind="ADAGRAD", lr=0.05, weight_decay=0.01, eps=1e-6),
    "step": dict(kind="ADAM", lr=0.02, schedule="STEP", period=30, gamma=0.5),
    "cosine": dict(kind="ADAMW", lr=0.02, weight_decay=0.01, schedule="COSINE", total_steps=90, lr_min=0.001),
    "linear_warmup": dict(kind="ADAM", lr=0.02, schedule="LINEAR", warmup_steps=20, total_steps=90, lr_min=0.0001),
    "cosine_warmup": dict(kind="SGD", lr=0.05, momentum=0.9, schedule="COSINE", warmup_steps=10, total_steps=100),
    "constant_warmup": dict(kind="SGD", lr=0.05, schedule="CONSTANT", warmup_steps=7),
    "groups": dict(kind="ADAMW", lr=0.01, weight_decay=0.01,
                   groups=[("enc.", 0.02, 0.1), ("enc.b", 0.005, 0.0)]),
}
DEFAULTS = dict(lr=1e-3, momentum=0.0, beta1=0.9, beta2=0.999, eps=-1.0, weight_decay=0.0, clip_norm=0.0, clip_value=0.0,
                nesterov=0, schedule="CONSTANT", warmup_steps=0, period=0, total_steps=0, gamma=0.1, lr_min=0.0, groups=[])


def make(o, params):
    groups = []
    for name, p in params.items():
        lr, decay = o["lr"], o["weight_decay"]
        for prefix, group_lr, group_decay in o["groups"]:
            if name.startswith(prefix):
                lr, decay = group_lr, group_decay
        groups.append(dict(params=[p], lr=lr, weight_decay=decay))
    eps = {"eps": o["eps"]} if o["eps"] >= 0 else {}
    betas = (o["beta1"], o["beta2"])
    return {"SGD": lambda: torch.optim.SGD(groups, momentum=o["momentum"], nesterov=bool(o["nesterov"])),
            "RMSPROP": lambda: torch.optim.RMSprop(groups, alpha=o["beta2"], momentum=o["momentum"], **eps),
            "ADAM": lambda: torch.optim.Adam(groups, betas=betas, **eps),
            "ADAMW": lambda: torch.optim.AdamW(groups, betas=betas, **eps),
            "ADAGRAD": lambda: torch.optim.Adagrad(groups, **eps)}[o["kind"]]()


def schedule(o, opt):
    warm, total, low = o["warmup_steps"], o["total_steps"], o["lr_min"] / o["lr"]
    if o["schedule"] == "STEP":
        return StepLR(opt, o["period"], o["gamma"])
    if o["schedule"] == "COSINE" and not warm:
        return CosineAnnealingLR(opt, total, o["lr_min"])

    def factor(s):
        if s < warm:
            return (s + 1) / warm
        if o["schedule"] == "CONSTANT":
            return 1.0
        t = min(1.0, (s - warm) / (total - warm))
        return low + (1 - low) * ((1 + math.cos(math.pi * t)) / 2 if o["schedule"] == "COSINE" else 1 - t)
    return LambdaLR(opt, factor)


def trace(o, dtype):
    x, t = X.to(dtype), T.to(dtype)
    p = {k: v.to(dtype).clone().requires_grad_() for k, v in W.items()}
    opt = make(o, p)
    sched = schedule(o, opt)
    rows = []
    for step in range(1, N_STEPS + 1):
        opt.zero_grad()
        loss = ((torch.tanh(x @ p["enc.w"].T + p["enc.b"]) @ p["head.v"] - t) ** 2).mean()
        loss.backward()
        norm = torch.nn.utils.get_total_norm([q.grad for q in p.values()]).item()
        if o["clip_value"] > 0:
            torch.nn.utils.clip_grad_value_(p.values(), o["clip_value"])
        if o["clip_norm"] > 0:
            torch.nn.utils.clip_grad_norm_(p.values(), o["clip_norm"])
        lr = opt.param_groups[-1]["lr"]
        opt.step()
        # PyTorch's cosine rises again after T_max; ours stays at its end
        if not (o["schedule"] == "COSINE" and step > o["total_steps"]):
            sched.step()
        if step in ROWS:
            rows.append([step, lr, norm] + [w for q in p.values() for w in q.detach().flatten().tolist()])
    return rows


def array(name, values, width=15):
    print(f"static const double {name}[] = {{")
    for i in range(0, len(values), width):
        print("    " + ", ".join("%.17g" % v for v in values[i:i + width]) + ",")
    print("};")


print(f"/* Written by gen_optim.py with torch {torch.__version__}; to regenerate: python3 gen_optim.py > optim.h */")
print("/* SPDX-License-Identifier: MIT */")
print(f"enum {{ OPTIM_N_ROWS = {len(ROWS)}, OPTIM_ROW = 15 }};")
array("optim_x", X.flatten().tolist())
array("optim_t", T.tolist())
array("optim_w", [w for v in W.values() for w in v.flatten().tolist()])
table = []
for name, case in CASES.items():
    o = {**DEFAULTS, **case}
    for dtype, tag in ((torch.float64, "f64"), (torch.float32, "f32")):
        array(f"optim_{name}_{tag}", [v for row in trace(o, dtype) for v in row])
    numbers = ", ".join("%.17g" % o[k] for k in ("lr", "momentum", "beta1", "beta2", "eps", "weight_decay", "clip_norm", "clip_value"))
    tail = f"{o['nesterov']}, HW3_SCHEDULE_{o['schedule']}, {o['warmup_steps']}, {o['period']}, {o['total_steps']}, " \
           f"{o['gamma']:.17g}, {o['lr_min']:.17g}"
    groups = ", ".join(f'{{ "{g[0]}", {g[1]:.17g}, {g[2]:.17g} }}' for g in o["groups"]) or "{ 0 }"
    table.append(f'    {{ "{name}", {{ (uint32_t)sizeof(hw3_optim_opts), HW3_OPTIM_{o["kind"]}, {numbers}, {tail} }},\n'
                 f'      {{ {groups} }}, {len(o["groups"])}, optim_{name}_f64, optim_{name}_f32 }},')
print("static const struct optim_case {\n    const char *name;\n    hw3_optim_opts opts;\n"
      "    struct { const char *prefix; double lr, weight_decay; } groups[2];\n    int n_groups;\n"
      "    const double *f64, *f32;\n} optim_cases[] = {")
print("\n".join(table))
print("};")
