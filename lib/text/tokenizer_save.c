/* SPDX-License-Identifier: MIT */
#include "text/tokenizer.h"
#include "io/file.h"

static void put_flag(hw3i_json_out *o, const char *key, bool value)
{
    hw3i_json_put_text(o, ",");
    hw3i_json_put_string(o, key);
    hw3i_json_put_text(o, value ? ":true" : ":false");
}

static void put_added(hw3i_json_out *o, const hw3i_added *a)
{
    hw3i_json_put_text(o, "{\"id\":");
    hw3i_json_put_int(o, a->token);
    hw3i_json_put_text(o, ",\"content\":");
    hw3i_json_put_string(o, a->text);
    put_flag(o, "single_word", a->single_word);
    put_flag(o, "lstrip", a->lstrip);
    put_flag(o, "rstrip", a->rstrip);
    put_flag(o, "normalized", a->normalized);
    put_flag(o, "special", a->special);
    hw3i_json_put_text(o, "}");
}

static void put_vocab(hw3i_json_out *o, const hw3i_vocab *v)
{
    int64_t n, n_put = 0;
    hw3i_json_put_text(o, "\"vocab\":{");
    for (int64_t t = 0; t < v->n; t++) {
        const char *text = hw3i_vocab_text(v, t, &n);
        if (!text) continue;
        if (n_put++) hw3i_json_put_text(o, ",");
        hw3i_json_put_string(o, text);
        hw3i_json_put_text(o, ":");
        hw3i_json_put_int(o, t);
    }
    hw3i_json_put_text(o, "}");
}

hw3_status hw3i_tokenizer_save(hw3_tokenizer *tok, const char *path)
{
    hw3i_json_out o = { .ctx = tok->ctx };
    hw3i_json_put_text(&o, "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[");
    const hw3i_added *a;
    for (int64_t t = 0, n = 0; t < tok->n_numbers; t++) {
        if (!(a = hw3i_added_of(tok, t))) continue;
        if (n++) hw3i_json_put_text(&o, ",");
        put_added(&o, a);
    }
    hw3i_json_put_text(&o, "]");
    for (int part = 0; part < HW3I_PARTS; part++) {
        hw3i_json_put_text(&o, ",");
        hw3i_json_put_string(&o, hw3i_part_names[part]);
        hw3i_json_put_text(&o, ":");
        hw3i_json_put_text(&o, tok->parts[part] ? tok->parts[part] : "null");
    }
    hw3i_json_put_text(&o, ",\"model\":{\"type\":");
    hw3i_json_put_string(&o, tok->model->type);
    hw3i_json_put_text(&o, ",");
    tok->model->save(tok, &o);
    put_vocab(&o, &tok->vocab);
    hw3i_json_put_text(&o, "}}\n");
    hw3_status s = o.status;
    if (!s) s = hw3i_file_save(tok->ctx, path, &(hw3i_piece){ o.text, o.n }, 1);
    hw3i_free(tok->ctx, o.text);
    return s;
}
