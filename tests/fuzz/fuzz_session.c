/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/session.h"
#include <unistd.h>

enum { N_VOCAB = 5, N_CTX = 8, N_SEQUENCES = 3 };

/* What an input's first letter stands for; without one it is GPT-2 and the model's own numbers. */
static const struct kind { char letter; hw3_family family; hw3_cache cache; } kinds[] = {
    { '{', HW3_FAMILY_GPT2, HW3_CACHE_MODEL }, { 'i', HW3_FAMILY_GPT2, HW3_CACHE_INT8 }, { 'd', HW3_FAMILY_DEEPSEEK, HW3_CACHE_F16 },
    { 'r', HW3_FAMILY_RNN, HW3_CACHE_MODEL }, { 'l', HW3_FAMILY_LSTM, HW3_CACHE_MODEL }, { 'g', HW3_FAMILY_GRU, HW3_CACHE_MODEL } };

static hw3_session *make(hw3_ctx *ctx, const struct kind *kind)
{
    hw3_model *m = NULL;
    hw3_session *s = NULL;
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    c.family = kind->family;
    c.n_vocab = N_VOCAB;
    c.n_ctx = N_CTX;
    c.d_model = 4;
    c.n_layers = 2;
    c.n_heads = kind->family >= HW3_FAMILY_RNN ? 0 : 2;
    if (kind->family == HW3_FAMILY_DEEPSEEK) c.kv_rank = 3, c.d_rope = 2;
    hw3_session_opts o = HW3_SESSION_OPTS_INIT;
    o.cache = kind->cache;
    o.n_sequences = N_SEQUENCES;
    MUST(!hw3_model_create(ctx, &c, &m) && !hw3_session_create(m, &o, &s));
    hw3_model_destroy(m);
    return s;
}

/* Tokens and logits of all sequences, as far as they have any. */
typedef struct content {
    int64_t n[N_SEQUENCES], tokens[N_SEQUENCES][N_CTX];
    hw3_status has_logits[N_SEQUENCES];
    float logits[N_SEQUENCES][N_VOCAB];
} content;

static content look(const hw3_session *s)
{
    content c;
    memset(&c, 0, sizeof c);
    for (int64_t i = 0; i < N_SEQUENCES; i++) {
        c.n[i] = hw3_session_n_tokens(s, i);
        MUST(c.n[i] >= 0 && c.n[i] <= N_CTX);
        MUST(!c.n[i] || !hw3_session_tokens(s, i, c.tokens[i], c.n[i]));
        for (int64_t t = 0; t < c.n[i]; t++) MUST(c.tokens[i][t] >= 0 && c.tokens[i][t] < N_VOCAB);
        c.has_logits[i] = hw3_session_logits(s, i, c.logits[i], N_VOCAB);
        MUST(!c.has_logits[i] || c.has_logits[i] == HW3_ERR_STATE);
    }
    return c;
}

/* A session's file. One that is refused changes nothing; one that is taken can be saved, taken again and fed. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    const struct kind *kind = kinds;
    for (size_t i = 1; i < sizeof kinds / sizeof kinds[0] && n_bytes; i++)
        if (kinds[i].letter == *bytes) kind = &kinds[i];
    if (kind != kinds) bytes++, n_bytes--;
    hw3_session *session = make(ctx, kind);
    MUST(!hw3_session_feed(session, 1, (int64_t[]){ 3, 1, 4 }, 3));
    const content before = look(session);
    fuzz_write_safetensors(fuzz_path(), bytes, n_bytes);
    ctx->error[0] = 0;
    hw3_status s = hw3_session_restore(session, fuzz_path());
    MUST(!s == !ctx->error[0] && !strpbrk(ctx->error, "\n\t\r"));
    MUST(s == HW3_OK || s == HW3_ERR_FORMAT || s == HW3_ERR_UNSUPPORTED || s == HW3_ERR_MISMATCH || s == HW3_ERR_VERSION ||
         (s == HW3_ERR_VALUE && kind->cache)); /* numbers that it cannot hold */
    const content after = look(session);
    if (s) {
        MUST(!memcmp(&before, &after, sizeof before));
    } else {
        MUST(!hw3_session_save(session, fuzz_path()) && !hw3_session_restore(session, fuzz_path()));
        const content again = look(session);
        MUST(!memcmp(&again, &after, sizeof again));
    }
    for (int64_t i = 0; i < N_SEQUENCES; i++) {
        s = hw3_session_feed(session, i, &(int64_t){ 2 }, 1);
        MUST(s == HW3_OK || s == HW3_ERR_VALUE || (s == HW3_ERR_FULL && after.n[i] == N_CTX));
    }
    unlink(fuzz_path());
    hw3_session_destroy(session);
}
