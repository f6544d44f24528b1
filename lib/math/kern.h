/* SPDX-License-Identifier: MIT */
/* Kernels: functions of pointers, sizes and strides. No allocation, no handle, no global.
 *
 * Each *_tmpl.c is written once with `real` and vectors of it (vec.h) and compiled for float and double and
 * for every instruction set; kern.c picks a table once, when a context is made. The same table gives the
 * same bits whatever the number of threads, and for each row of a product whatever the number of rows. */
#ifndef HW3I_KERN_H
#define HW3I_KERN_H
#include "base/pool.h"
#include "base/random.h"
#include "math/gemm.h"

enum { HW3I_RNN_TANH = 1, HW3I_RNN_RELU = 2, HW3I_LSTM = 3, HW3I_GRU = 4 }; /* = HW3_CELL_ */
static inline int32_t hw3i_n_gates(int cell) { return cell == HW3I_LSTM ? 4 : cell == HW3I_GRU ? 3 : 1; }
enum { HW3I_SGD = 1, HW3I_RMSPROP = 2, HW3I_ADAM = 3, HW3I_ADAMW = 4, HW3I_ADAGRAD = 5 }; /* = HW3_OPTIM_ */

/* One recurrent layer in one direction over a whole sequence. G is 1, 4 or 3 gates. Gradients accumulate;
 * any d-pointer may be NULL (not wanted, or zero when it is an input), and so may h0, c0, b_ih, b_hh, hn and cn.
 * gates holds the activations [T, B, G H] (for GRU [T, B, 4 H]: r, z, n and W_hn h + b_hn); backward puts in their
 * place the gradients of what the activations were taken of. Past a row's length y, gates and c are 0. */
#define HW3I_SEQ(real)                                                                              \
    struct {                                                                                        \
        int cell;                                                                                   \
        bool reverse;                        /* walks from T - 1 to 0 */                            \
        int64_t T, B, I, H;                                                                         \
        const int64_t *lengths;              /* [B], 1 to T; NULL: all T */                         \
        const real *x;                       /* [T, B, I] */                                        \
        const real *h0, *c0;                 /* [B, H]; NULL: zeros */                              \
        const real *w_ih, *w_hh, *b_ih, *b_hh; /* [G H, I], [G H, H], [G H], [G H] */               \
        real *y;                             /* [T, B, H]: h of each step, 0 past the length */     \
        real *hn, *cn;                       /* [B, H]: h and c after the last step */              \
        real *gates;                         /* NULL: forward only, nothing is kept */              \
        real *c;                             /* [T, B, H], LSTM, with gates */                      \
        const real *dy, *dhn, *dcn;                                                                 \
        real *dx, *dh0, *dc0, *dw_ih, *dw_hh, *db_ih, *db_hh;                                       \
        void *scratch;                       /* seq_forward_bytes or seq_backward_bytes, aligned to 64 */ \
    }
typedef HW3I_SEQ(float) hw3i_seq_f32;
typedef HW3I_SEQ(double) hw3i_seq_f64;

/* Keys and values of a head in a cache, up to cap of them: keys [D][cap], behind them values [ceil(Dv / block)][cap][block] unless
 * they are the first Dv numbers of the keys, in one of four forms. An HW3I_INT8 is to be multiplied by a scale of its key or its
 * value, and these stand before: bfloat16 [cap], and the same for values. block is attention_block, and cap that or less. A panel
 * past a sequence's end is not looked at. */
enum { HW3I_REAL, HW3I_F16, HW3I_BF16, HW3I_INT8 };
typedef struct hw3i_panel {
    const void *data;
    int64_t cap;
} hw3i_panel;

/* Attention of `heads` query heads over kv_heads heads of keys and values, heads a multiple of kv_heads: query head h reads
 * head h / (heads / kv_heads). The last dimension is contiguous everywhere, strides are those of batch, position and head.
 * Query t stands at position t + offset of the keys. Gradients accumulate; each may be NULL. */
#define HW3I_ATTENTION(real)                                                                                         \
    struct {                                                                                                         \
        int64_t B, heads, kv_heads, Tq, Tk, D, Dv;                                                                   \
        const real *q, *k, *v;        /* [B, Tq, heads, D], [B, Tk, kv_heads, D], [B, Tk, kv_heads, Dv] */           \
        int64_t qs[3], ks[3], vs[3];                                                                                 \
        real scale;                                                                                                  \
        int64_t offset;                                                                                              \
        const int64_t *offsets;       /* [B], added to offset; NULL: 0 */                                            \
        const hw3i_panel *panels;     /* a cache instead of k and v: [B kv_heads][ceil(Tk / attention_block)] */     \
        int panel_form;                                                                                              \
        bool values_in_keys;          /* of the cache */                                                             \
        bool causal;                  /* no keys past the query's own position */                                    \
        int64_t prefix;               /* but the first keys are seen by all, whatever causal and window say */       \
        int64_t window;               /* only keys nearer than this; 0: all */                                       \
        const int64_t *lengths;       /* [B]: only the first keys; NULL: all */                                      \
        const real *bias;             /* added to the scores, [B, heads, Tq, Tk]; NULL: none */                      \
        int64_t bs[3];                /* of batch, head, query; 0 where it is shared */                              \
        const real *slopes;           /* [heads], ALiBi: score - slope |distance|; NULL: none */                     \
        double dropout;               /* of the weights, by (seed, stream, element) */                               \
        uint64_t seed, stream;                                                                                       \
        real *o;                      /* [B, Tq, heads, Dv]; 0 for a query that sees no key */                       \
        int64_t os[3];                                                                                               \
        real *lse;                    /* [B, heads, Tq]: log sum_j exp(score); may be NULL in forward */             \
        const real *dout;             /* strides as o */                                                             \
        real *dq, *dk, *dv;           /* strides as q, k, v */                                                       \
        real *dbias;                  /* [B, heads, Tq, Tk] */                                                       \
        void *scratch;                /* attention_forward_bytes or attention_backward_bytes, aligned to 64 */       \
    }
typedef HW3I_ATTENTION(float) hw3i_attention_f32;
typedef HW3I_ATTENTION(double) hw3i_attention_f64;

/* One update of n weights; m and v are the rule's moments, zeros before the first, NULL where it has none. */
typedef struct hw3i_update {
    int kind;
    double lr, momentum, beta1, beta2, eps, weight_decay;
    double correct1, correct2; /* Adam: 1 - beta^s, s = 1, 2, ... */
    double clip;               /* the gradient is cut to +-clip; INFINITY for none */
    double scale;              /* then multiplied: clipping by norm */
    bool nesterov;
} hw3i_update;

#define HW3I_KERN_TABLE(real, seq, attention)                                                                          \
    struct {                                                                                                \
        int lanes;                                                                                          \
        int attention_block;                                 /* keys of a panel */                          \
        void (*exp)(int64_t n, const real *x, real *y);      /* y may be x */                               \
        void (*tanh)(int64_t n, const real *x, real *y);                                                    \
        void (*sigmoid)(int64_t n, const real *x, real *y);                                                 \
        real (*sum)(int64_t n, const real *x);               /* fixed tree */                               \
        real (*dot)(int64_t n, const real *a, const real *b);                                               \
        void (*axpy)(int64_t n, real alpha, const real *x, real *y); /* y += alpha x */                     \
        void (*rotate)(int64_t heads, int64_t D, int64_t n, bool interleaved, bool adds, real sign, const real *cosine,  \
                       const real *sine, const real *x, real *y); \
        void (*softmax)(int64_t rows, int64_t n, const real *x, real *y);                                   \
        double (*cross_entropy)(int64_t n, const real *x, int64_t target, double s, real scale, real *slope); \
        void (*log_softmax)(int64_t rows, int64_t n, const real *x, real *y);                               \
        void (*layer_norm)(int64_t rows, int64_t n, bool centred, const real *x, const real *gamma,        \
                           const real *beta, real eps, real *y, real *mean, real *rstd);                                      \
        void (*layer_norm_backward)(int64_t rows, int64_t n, bool centred, const real *x, const real *gamma,              \
                                    const real *mean, const real *rstd, const real *dy,                     \
                                    real *dx, real *dgamma, real *dbeta); /* accumulates; each may be NULL */ \
        void (*gemm)(HW3I_GEMM_ARGS(real));                                                                 \
        /* Of inference: y [m, n] = x [m, k] w' [n, k] + bias, and x [m, k] w [k, n]; the bits of a row are its own. */ \
        void (*linear)(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, const real *x, const real *w, const real *bias, real *y); \
        void (*product)(hw3i_pool *pool, int64_t m, int64_t n, int64_t k, const real *x, const real *w, real *y); \
        void (*update)(const hw3i_update *u, int64_t n, real *w, const real *g, real *m, real *v);          \
        void (*square_sums)(int64_t n, const real *g, double clip, double sums[2]); /* accumulates sums of g^2 and clamp(g)^2 */ \
        int64_t (*seq_forward_bytes)(const seq *s, int n_threads);                                          \
        int64_t (*seq_backward_bytes)(const seq *s, int n_threads);                                         \
        void (*seq_forward)(hw3i_pool *pool, const seq *s);                                                 \
        void (*seq_backward)(hw3i_pool *pool, const seq *s); /* accumulates */                              \
        int64_t (*attention_forward_bytes)(const attention *a, int n_threads);                              \
        int64_t (*attention_backward_bytes)(const attention *a, int n_threads);                             \
        void (*attention_forward)(hw3i_pool *pool, const attention *a);                                     \
        void (*attention_backward)(hw3i_pool *pool, const attention *a); /* accumulates */                  \
        /* w [Tk]: the weights of query t of one head, from lse; 0 for keys that are not seen */            \
        void (*attention_weights)(const attention *a, int64_t b, int64_t h, int64_t t, double *w);          \
    }
typedef HW3I_KERN_TABLE(float, hw3i_seq_f32, hw3i_attention_f32) hw3i_kern_f32;
typedef HW3I_KERN_TABLE(double, hw3i_seq_f64, hw3i_attention_f64) hw3i_kern_f64;

typedef struct hw3i_kern {
    const char *isa;
    /* keep[4 i + w] of n blocks from `block` on: 0 where word w of hw3i_philox(seed, stream, block + i) is below limit, else 1 */
    void (*keep)(uint64_t seed, uint64_t stream, uint64_t block, int64_t n, uint64_t limit, uint8_t *keep);
    const hw3i_kern_f32 *f32;
    const hw3i_kern_f64 *f64; /* with AVX-512 those of AVX2: float64 is for checks, and the library is to stay small */
} hw3i_kern;

/* The best table for this processor; isa names one ("base", "avx2", "avx512") for tests, NULL picks. NULL when
 * the processor lacks it. */
const hw3i_kern *hw3i_kern_select(const char *isa);

#endif
