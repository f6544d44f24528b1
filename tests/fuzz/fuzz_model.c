/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "hw3/session.h"
#include "model/model_file.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *in_folder(const char *name)
{
    static char path[2][128];
    static int turn;
    snprintf(path[turn ^= 1], sizeof path[0], "%s/%s", fuzz_path(), name);
    return path[turn];
}

/* A pass forward and back, and a session: whatever the sizes are, a status. */
static void use(hw3_ctx *ctx, hw3_model *m)
{
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    MUST(!hw3_model_get_config(m, &c));
    const int64_t n = hw3i_min(3, c.n_ctx), shape[] = { 1, n }, image_shape[] = { 1, c.n_channels, c.image_size, c.image_size };
    int64_t ids[3] = { 0, c.n_vocab - 1, c.n_vocab / 2 };
    hw3_graph *g = NULL;
    hw3_tensor *tokens = NULL, *images = NULL;
    hw3_session *session = NULL;
    hw3_status s = hw3_graph_create(ctx, hw3_model_params(m), &g);
    if (!s) s = hw3_tensor_wrap(ctx, HW3_I64, 2, shape, NULL, ids, &tokens);
    if (!s && c.image_size) s = hw3_tensor_create(ctx, HW3_F32, 4, image_shape, &images);
    if (!s) {
        const hw3_var targets = hw3_input(g, tokens), x = images ? hw3_input(g, images) : targets, hidden = hw3_model_hidden(m, g, x, NULL);
        s = hw3_graph_backward(g, hw3_sum(g, hw3_model_head(m, g, hidden), HW3_ALL_DIMS, 0));
        MUST(s <= HW3_OK && !hw3_graph_begin(g));
        s = hw3_graph_backward(g, hw3_model_loss(m, g, images ? hw3_input(g, images) : hw3_input(g, tokens), hw3_input(g, tokens)));
    }
    MUST(s <= HW3_OK);
    s = hw3_session_create(m, NULL, &session);
    if (!s) s = hw3_session_feed(session, 0, ids, n);
    MUST(s <= HW3_OK);
    hw3_session_destroy(session);
    hw3_tensor_destroy(tokens);
    hw3_tensor_destroy(images);
    hw3_graph_destroy(g);
}

/* Writes random weights of the shapes that config.json asks for. */
static hw3_status make_weights(hw3_ctx *ctx)
{
    hw3_model *m = NULL;
    hw3_model_config c = HW3_MODEL_CONFIG_INIT;
    hw3_status s = hw3i_config_read(ctx, in_folder("config.json"), &c);
    if (!s) s = hw3_model_create(ctx, &c, &m);
    if (!s) s = hw3_model_save(m, fuzz_path());
    hw3_model_destroy(m);
    return s;
}

/* A folder: config.json, and after a byte 0 model.safetensors. Without it the weights are made, and what can be made must open. */
void hw3_fuzz(hw3_ctx *ctx, const char *bytes, int64_t n_bytes)
{
    const char *zero = n_bytes ? memchr(bytes, 0, (size_t)n_bytes) : NULL;
    const int64_t n_config = zero ? zero - bytes : n_bytes;
    hw3_model *m = NULL;
    hw3_status made = HW3_ERR_IO;
    mkdir(fuzz_path(), 0777);
    fuzz_write(in_folder("config.json"), bytes, n_config);
    if (zero) fuzz_write_safetensors(in_folder("model.safetensors"), zero + 1, n_bytes - n_config - 1);
    else made = make_weights(ctx);
    if (!made) fuzz_write(in_folder("config.json"), bytes, n_config);
    ctx->error[0] = 0;
    const hw3_status s = hw3_model_open(ctx, fuzz_path(), NULL, &m);
    unlink(in_folder("config.json"));
    unlink(in_folder("model.safetensors"));
    rmdir(fuzz_path());
    MUST(!s == !ctx->error[0] && !s == !!m && !strpbrk(ctx->error, "\n\t\r"));
    MUST(s == HW3_OK || s == HW3_ERR_FORMAT || s == HW3_ERR_UNSUPPORTED || s == HW3_ERR_MISMATCH || s == HW3_ERR_NOMEM ||
         (s == HW3_ERR_IO && !zero && made));
    MUST(made || !s || s == HW3_ERR_NOMEM);
    if (m) use(ctx, m);
    hw3_model_destroy(m);
}
