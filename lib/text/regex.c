/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/regex.h"
#include <pcre2.h>

#define MAX_PATTERN 10000
#define HEAP_KB 65536

/* PCRE2 is given the context's memory. A refusal is remembered: some of its failures do not say that memory was the reason. */
typedef struct memory {
    hw3_ctx *ctx;
    bool refused;
} memory;

struct hw3i_regex {
    memory memory;
    pcre2_general_context *general;
    pcre2_code *code;
};

struct hw3i_match {
    memory memory;
    pcre2_general_context *general;
    pcre2_match_context *limits;
    pcre2_match_data *data;
};

static void *take(size_t n, void *user)
{
    memory *m = user;
    void *p = m->ctx ? hw3i_alloc(m->ctx, (int64_t)n, 1) : NULL;
    m->refused = m->refused || !p;
    return p;
}

static void give(void *p, void *user) { hw3i_free(((memory *)user)->ctx, p); }

/* \s, \w and \d by Unicode's properties: PCRE2's own \s has U+180E in it, its \w has no marks. */
#define WORD "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
#define LONGEST 40 /* bytes of one of them */
static const char *spelling(char c, bool in_class)
{
    static const struct { char name; const char *alone, *in_class; } all[] = {
        { 's', "\\p{White_Space}", "\\p{White_Space}" }, { 'S', "\\P{White_Space}", "\\P{White_Space}" },
        { 'd', "\\p{Nd}", "\\p{Nd}" }, { 'D', "\\P{Nd}", "\\P{Nd}" }, { 'w', "[" WORD "]", WORD }, { 'W', "[^" WORD "]", NULL },
    };
    for (int64_t i = 0; i < HW3I_LEN(all); i++)
        if (all[i].name == c) return in_class ? all[i].in_class : all[i].alone;
    return NULL;
}

static void spell_out(const char *pattern, char *out)
{
    const char *class = NULL; /* where one begins */
    for (const char *p = pattern; *p; p++) {
        const char *put = *p == '\\' ? spelling(p[1], class) : NULL;
        if (put) {
            out = stpcpy(out, put);
            p++;
            continue;
        }
        if (*p == '[' && !class) class = p + (p[1] == '^');
        else if (*p == ']' && class && p > class + 1) class = NULL;
        *out++ = *p;
        if (*p == '\\' && p[1]) *out++ = *++p;
    }
    *out = 0;
}

static hw3_status compile(hw3i_regex *r, const char *who, const char *pattern, bool literal)
{
    int error;
    PCRE2_SIZE at;
    hw3_ctx *ctx = r->memory.ctx;
    r->general = pcre2_general_context_create(take, give, &r->memory);
    pcre2_compile_context *c = r->general ? pcre2_compile_context_create(r->general) : NULL;
    if (!c) return HW3_ERR_NOMEM;
    const uint32_t options = literal ? PCRE2_UTF | PCRE2_LITERAL : PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    r->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &error, &at, c);
    pcre2_compile_context_free(c);
    if (!r->code && r->memory.refused) return HW3_ERR_NOMEM;
    if (!r->code) {
        char reason[120];
        pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason);
        return hw3i_fail(ctx, HW3_ERR_FORMAT, "%.200s: pattern '%.100s', byte %lld: %s", who, pattern, (long long)at, reason);
    }
    pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* where it cannot, the interpreter serves */
    return r->memory.refused ? HW3_ERR_NOMEM : HW3_OK;
}

hw3_status hw3i_regex_create(hw3_ctx *ctx, const char *who, const char *pattern, bool literal, hw3i_regex **out)
{
    const int64_t n = (int64_t)strlen(pattern);
    *out = NULL;
    if (n > MAX_PATTERN)
        return hw3i_fail(ctx, HW3_ERR_FORMAT, "%.200s: a pattern of %lld bytes, at most %d are read", who, (long long)n,
                         MAX_PATTERN);
    hw3i_regex *r = hw3i_calloc(ctx, 1, sizeof *r);
    char *spelled = r ? hw3i_alloc(ctx, n / 2 * LONGEST + n + 1, 1) : NULL;
    hw3_status s = spelled ? HW3_OK : HW3_ERR_NOMEM;
    if (r) r->memory.ctx = ctx;
    if (!s) {
        if (literal) memcpy(spelled, pattern, (size_t)n + 1);
        else spell_out(pattern, spelled);
        s = compile(r, who, spelled, literal);
    }
    hw3i_free(ctx, spelled);
    if (s) hw3i_regex_destroy(r);
    else *out = r;
    return s;
}

void hw3i_regex_destroy(hw3i_regex *r)
{
    if (!r) return;
    pcre2_code_free(r->code);
    pcre2_general_context_free(r->general);
    hw3i_free(r->memory.ctx, r);
}

hw3i_match *hw3i_match_create(hw3_ctx *ctx)
{
    hw3i_match *m = hw3i_calloc(ctx, 1, sizeof *m);
    if (!m) return NULL;
    m->memory.ctx = ctx;
    m->general = pcre2_general_context_create(take, give, &m->memory);
    m->limits = m->general ? pcre2_match_context_create(m->general) : NULL;
    m->data = m->limits ? pcre2_match_data_create(1, m->general) : NULL;
    if (m->data) {
        pcre2_set_heap_limit(m->limits, HEAP_KB);
        return m;
    }
    hw3i_match_destroy(ctx, m);
    return NULL;
}

void hw3i_match_set_ctx(hw3i_match *m, hw3_ctx *ctx) { m->memory.ctx = ctx; }

void hw3i_match_destroy(hw3_ctx *ctx, hw3i_match *m)
{
    if (!m) return;
    m->memory.ctx = ctx;
    pcre2_match_data_free(m->data);
    pcre2_match_context_free(m->limits);
    pcre2_general_context_free(m->general);
    hw3i_free(ctx, m);
}

hw3_status hw3i_regex_search(const hw3i_regex *r, hw3i_match *m, const char *text, int64_t n, int64_t at, int64_t *first,
                             int64_t *end)
{
    m->memory.refused = false;
    while (at < n && (text[at] & 0xC0) == 0x80) at++;
    pcre2_set_match_limit(m->limits, (uint32_t)hw3i_min(100000 + 16 * n, UINT32_MAX));
    int found = pcre2_match(r->code, (PCRE2_SPTR)text, (PCRE2_SIZE)n, (PCRE2_SIZE)at, PCRE2_NO_UTF_CHECK, m->data, m->limits);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
        found = pcre2_match(r->code, (PCRE2_SPTR)text, (PCRE2_SIZE)n, (PCRE2_SIZE)at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, m->data,
                            m->limits);
    *first = -1;
    if (found == PCRE2_ERROR_NOMATCH) return HW3_OK;
    if (found < 0 && m->memory.refused) return HW3_ERR_NOMEM;
    if (found < 0)
        return hw3i_fail(m->memory.ctx, HW3_ERR_VALUE, "tokenizer: a pattern takes too many steps on %lld bytes (PCRE2 says %d)",
                         (long long)n, found);
    const PCRE2_SIZE *where = pcre2_get_ovector_pointer(m->data);
    *first = hw3i_max(at, (int64_t)where[0]); /* \K may move the beginning */
    *end = hw3i_max(*first, (int64_t)where[1]);
    return HW3_OK;
}
