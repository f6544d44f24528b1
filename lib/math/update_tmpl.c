/* SPDX-License-Identifier: MIT */
/* Update rules of the optimizers, in the order of operations of [PyTorch]. Plain loops that the compiler turns into
 * vectors; each element is computed apart from the others.
 *
 *   d = scale clamp(g, -clip, clip) + weight_decay w        (AdamW: without the last term) */

#define ROOT(x) _Generic((x), float: sqrtf, double: sqrt)(x)

static inline real FN(clamp)(real g, real clip) { return g < -clip ? -clip : g > clip ? clip : g; }

/* m = momentum m + d;  w -= lr (d + momentum m) with Nesterov, w -= lr m without [Sutskever13] */
static void FN(sgd)(const hw3i_update *u, int64_t n, real *restrict w, const real *restrict g, real *restrict m)
{
    const real clip = (real)u->clip, scale = (real)u->scale, decay = (real)u->weight_decay;
    const real lr = (real)u->lr, mu = (real)u->momentum;
    if (!m)
        for (int64_t i = 0; i < n; i++) w[i] -= lr * (FN(clamp)(g[i], clip) * scale + decay * w[i]);
    else if (u->nesterov)
        for (int64_t i = 0; i < n; i++) {
            real d = FN(clamp)(g[i], clip) * scale + decay * w[i];
            m[i] = mu * m[i] + d;
            w[i] -= lr * (d + mu * m[i]);
        }
    else
        for (int64_t i = 0; i < n; i++) {
            m[i] = mu * m[i] + (FN(clamp)(g[i], clip) * scale + decay * w[i]);
            w[i] -= lr * m[i];
        }
}

/* v = alpha v + (1 - alpha) d^2;  a = d / (sqrt(v) + eps);  m = momentum m + a;  w -= lr m [Tieleman12] */
static void FN(rmsprop)(const hw3i_update *u, int64_t n, real *restrict w, const real *restrict g, real *restrict m,
                        real *restrict v)
{
    const real clip = (real)u->clip, scale = (real)u->scale, decay = (real)u->weight_decay, eps = (real)u->eps;
    const real lr = (real)u->lr, mu = (real)u->momentum, alpha = (real)u->beta2, rest = (real)(1 - u->beta2);
    for (int64_t i = 0; i < n; i++) {
        real d = FN(clamp)(g[i], clip) * scale + decay * w[i];
        v[i] = alpha * v[i] + rest * d * d;
        if (m) {
            m[i] = mu * m[i] + d / (ROOT(v[i]) + eps);
            w[i] -= lr * m[i];
        } else {
            w[i] -= lr * d / (ROOT(v[i]) + eps);
        }
    }
}

/* m = m + (1 - beta1) (d - m);  v = beta2 v + (1 - beta2) d^2;
 * w -= lr / (1 - beta1^s) m / (sqrt(v) / sqrt(1 - beta2^s) + eps) [Kingma14];
 * AdamW: w is first scaled by 1 - lr weight_decay [Loshchilov17] */
static void FN(adam)(const hw3i_update *u, int64_t n, real *restrict w, const real *restrict g, real *restrict m,
                     real *restrict v)
{
    const bool apart = u->kind == HW3I_ADAMW;
    const real clip = (real)u->clip, scale = (real)u->scale, decay = apart ? 0 : (real)u->weight_decay;
    const real keep = apart ? (real)(1 - u->lr * u->weight_decay) : 1;
    const real rest1 = (real)(1 - u->beta1), beta2 = (real)u->beta2, rest2 = (real)(1 - u->beta2);
    const real step = (real)(u->lr / u->correct1), root2 = (real)sqrt(u->correct2), eps = (real)u->eps;
    for (int64_t i = 0; i < n; i++) {
        real d = FN(clamp)(g[i], clip) * scale + decay * w[i];
        m[i] += rest1 * (d - m[i]);
        v[i] = beta2 * v[i] + rest2 * d * d;
        w[i] = w[i] * keep - step * m[i] / (ROOT(v[i]) / root2 + eps);
    }
}

/* v = v + d^2;  w -= lr d / (sqrt(v) + eps) [Duchi11] */
static void FN(adagrad)(const hw3i_update *u, int64_t n, real *restrict w, const real *restrict g, real *restrict v)
{
    const real clip = (real)u->clip, scale = (real)u->scale, decay = (real)u->weight_decay;
    const real lr = (real)u->lr, eps = (real)u->eps;
    for (int64_t i = 0; i < n; i++) {
        real d = FN(clamp)(g[i], clip) * scale + decay * w[i];
        v[i] += d * d;
        w[i] -= lr * d / (ROOT(v[i]) + eps);
    }
}

static void FN(update)(const hw3i_update *u, int64_t n, real *w, const real *g, real *m, real *v)
{
    switch (u->kind) {
    case HW3I_SGD: FN(sgd)(u, n, w, g, m); break;
    case HW3I_RMSPROP: FN(rmsprop)(u, n, w, g, m, v); break;
    case HW3I_ADAGRAD: FN(adagrad)(u, n, w, g, v); break;
    default: FN(adam)(u, n, w, g, m, v); break;
    }
}

/* sums[0] += sum g^2, sums[1] += sum clamp(g)^2, in double and in a fixed order */
static void FN(square_sums)(int64_t n, const real *g, double clip, double sums[2])
{
    double all[8] = { 0 }, cut[8] = { 0 };
    const double top = clip * clip;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int j = 0; j < 8; j++) {
            double x = (double)g[i + j] * (double)g[i + j];
            all[j] += x;
            cut[j] += x < top ? x : top;
        }
    for (; i < n; i++) {
        double x = (double)g[i] * (double)g[i];
        all[0] += x;
        cut[0] += x < top ? x : top;
    }
    for (int j = 0; j < 8; j++) {
        sums[0] += all[j];
        sums[1] += cut[j];
    }
}

#undef ROOT
