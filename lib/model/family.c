/* SPDX-License-Identifier: MIT */
#include "model/family.h"

#define INT(name, field, otherwise) { name, HW3I_KEY_INT, otherwise, offsetof(hw3_model_config, field) }
#define ID(name, field) { name, HW3I_KEY_ID, -1, offsetof(hw3_model_config, field) }
#define NUMBER(name, field, otherwise) { name, HW3I_KEY_NUMBER, otherwise, offsetof(hw3_model_config, field) }
#define SWITCH(name, field, otherwise) { name, HW3I_KEY_SWITCH, otherwise, offsetof(hw3_model_config, field) }
#define ACTIVATION(name, otherwise) { name, HW3I_KEY_ACTIVATION, otherwise, offsetof(hw3_model_config, activation) }
#define IS(name, value) { name, HW3I_KEY_IS, value, 0 }
#define CLASSES { "num_labels", HW3I_KEY_CLASSES, 0, offsetof(hw3_model_config, n_classes) }
#define IDS ID("bos_token_id", bos_id), ID("eos_token_id", eos_id)

#define BERT_KEYS \
    INT("max_position_embeddings", n_ctx, 512), INT("hidden_size", d_model, 768), INT("num_hidden_layers", n_layers, 12), \
    INT("num_attention_heads", n_heads, 12), INT("intermediate_size", d_ff, 3072), \
    ACTIVATION("hidden_act", HW3_ACTIVATION_GELU), NUMBER("layer_norm_eps", eps, 1e-12), \
    NUMBER("initializer_range", init_std, 0.02), NUMBER("hidden_dropout_prob", dropout, 0.1), \
    NUMBER("attention_probs_dropout_prob", attention_dropout, 0.1), SWITCH("tie_word_embeddings", tied, 1), IDS, \
    NUMBER("classifier_dropout", head_dropout, -1), CLASSES, \
    IS("is_decoder", 0), IS("add_cross_attention", 0), { "position_embedding_type", HW3I_KEY_ABSOLUTE, 0, 0 }

static const hw3i_key bert_keys[] = { INT("vocab_size", n_vocab, 30522), INT("type_vocab_size", n_types, 2),
                                      { "pad_token_id", HW3I_KEY_ID, 0, offsetof(hw3_model_config, pad_id) },
    BERT_KEYS, { .name = NULL } };
static const hw3i_key roberta_keys[] = { INT("vocab_size", n_vocab, 50265), INT("type_vocab_size", n_types, 2),
                                         { "pad_token_id", HW3I_KEY_ID, 1, offsetof(hw3_model_config, pad_id) },
    BERT_KEYS, { .name = NULL } };

static const hw3i_key gpt2_keys[] = {
    INT("vocab_size", n_vocab, 50257), INT("n_positions", n_ctx, 1024), INT("n_embd", d_model, 768), INT("n_layer", n_layers, 12),
    INT("n_head", n_heads, 12), INT("n_inner", d_ff, 0), ACTIVATION("activation_function", HW3_ACTIVATION_GELU_TANH),
    NUMBER("layer_norm_epsilon", eps, 1e-5), NUMBER("initializer_range", init_std, 0.02), NUMBER("resid_pdrop", dropout, 0.1),
    NUMBER("embd_pdrop", embed_dropout, 0.1), NUMBER("attn_pdrop", attention_dropout, 0.1),
    SWITCH("tie_word_embeddings", tied, 1), IDS, ID("pad_token_id", pad_id), IS("scale_attn_weights", 1),
    IS("scale_attn_by_inverse_layer_idx", 0), IS("add_cross_attention", 0), { .name = NULL } };

#define ROTARY_KEYS \
    ACTIVATION("hidden_act", HW3_ACTIVATION_SILU), NUMBER("rms_norm_eps", eps, 1e-6), \
    NUMBER("initializer_range", init_std, 0.02), NUMBER("attention_dropout", attention_dropout, 0), \
    NUMBER("rope_theta", rope_base, 10000), { "rope_scaling", HW3I_KEY_ROPE, 0, offsetof(hw3_model_config, rope_scaling) }, \
    SWITCH("attention_bias", attention_bias, 0), SWITCH("mlp_bias", mlp_bias, 0), \
    SWITCH("tie_word_embeddings", tied, 0), IDS, ID("pad_token_id", pad_id)

static const hw3i_key llama_keys[] = {
    INT("vocab_size", n_vocab, 32000), INT("max_position_embeddings", n_ctx, 2048), INT("hidden_size", d_model, 4096),
    INT("num_hidden_layers", n_layers, 32), INT("num_attention_heads", n_heads, 32), INT("num_key_value_heads", n_kv_heads, 0),
    INT("head_dim", d_head, 0), INT("intermediate_size", d_ff, 11008), ROTARY_KEYS, { .name = NULL } };

static const hw3i_key deepseek_keys[] = {
    INT("vocab_size", n_vocab, 32000), INT("max_position_embeddings", n_ctx, 2048), INT("hidden_size", d_model, 4096),
    INT("num_hidden_layers", n_layers, 32), { "first_k_dense_replace", HW3I_KEY_COVERS, 0, offsetof(hw3_model_config, n_layers) },
    INT("num_attention_heads", n_heads, 32), INT("num_key_value_heads", n_kv_heads, 0),
    INT("qk_nope_head_dim", d_head, 128), INT("v_head_dim", d_value, 128), INT("qk_rope_head_dim", d_rope, 64),
    INT("kv_lora_rank", kv_rank, 512), { "q_lora_rank", HW3I_KEY_COUNT, 0, offsetof(hw3_model_config, q_rank) },
    INT("intermediate_size", d_ff, 11008), ROTARY_KEYS, { .name = NULL } };

static const hw3i_key vit_keys[] = {
    INT("image_size", image_size, 224), INT("patch_size", patch_size, 16), INT("num_channels", n_channels, 3),
    INT("hidden_size", d_model, 768), INT("num_hidden_layers", n_layers, 12), INT("num_attention_heads", n_heads, 12),
    INT("intermediate_size", d_ff, 3072), ACTIVATION("hidden_act", HW3_ACTIVATION_GELU), NUMBER("layer_norm_eps", eps, 1e-12),
    NUMBER("initializer_range", init_std, 0.02), NUMBER("hidden_dropout_prob", dropout, 0),
    NUMBER("attention_probs_dropout_prob", attention_dropout, 0),
    CLASSES, IS("qkv_bias", 1), { .name = NULL } };

#define BERT_PARTS \
    .activation = HW3_ACTIVATION_GELU, .tied = true, .norms_behind = true, .pad_is_fixed = true, .biases = true, \
    .tokens = "embeddings.word_embeddings", .positions = "embeddings.position_embeddings", \
    .types = "embeddings.token_type_embeddings", .embed_norm = "embeddings.LayerNorm", .layer = "encoder.layer.%lld.", \
    .q = "attention.self.query", .k = "attention.self.key", .v = "attention.self.value", .out = "attention.output.dense", \
    .norm1 = "attention.output.LayerNorm", .up = "intermediate.dense", .down = "output.dense", .norm2 = "output.LayerNorm"

#define LLAMA_PARTS \
    .activation = HW3_ACTIVATION_SILU, .eps = 1e-6, .causal = true, .rms = true, .rope = true, .base = "model.", \
    .tokens = "embed_tokens", .norm = "norm", .head = "lm_head", .layer = "layers.%lld.", .norm1 = "input_layernorm", \
    .q = "self_attn.q_proj", .out = "self_attn.o_proj", .norm2 = "post_attention_layernorm", .gate = "mlp.gate_proj", \
    .up = "mlp.up_proj", .down = "mlp.down_proj"

static const hw3i_key recurrent_keys[] = {
    INT("vocab_size", n_vocab, 0), INT("n_positions", n_ctx, 1024), INT("embedding_size", d_embed, 0),
    INT("hidden_size", d_model, 0), INT("num_layers", n_layers, 1), NUMBER("dropout", dropout, 0),
    NUMBER("embedding_dropout", embed_dropout, 0), NUMBER("initializer_range", init_std, 0.02),
    SWITCH("tie_word_embeddings", tied, 0), IDS, ID("pad_token_id", pad_id), { .name = NULL } };

#define RECURRENT_PARTS \
    .causal = true, .base = "", .tokens = "embedding", .layer = "rnn.", .head = "decoder", .keys = recurrent_keys

/* Of the table of heads. */
#define SAYS_TOKENS(name) [HW3_HEAD_TOKENS] = { .architecture = name, .tokens = true }
#define SAYS_NOTHING(name, pools) [HW3_HEAD_NONE] = { .architecture = name, .pooler = pools }

static const hw3i_family families[] = {
    [HW3_FAMILY_GPT2] = {
        .model_type = "gpt2", .heads = { SAYS_TOKENS("GPT2LMHeadModel"), SAYS_NOTHING("GPT2Model", NULL) },
        .activation = HW3_ACTIVATION_GELU_TANH, .eps = 1e-5, .tied = true, .by_columns = true, .causal = true, .biases = true,
        .small_back = true,
        .base = "transformer.", .tokens = "wte", .positions = "wpe", .norm = "ln_f", .head = "lm_head", .layer = "h.%lld.",
        .norm1 = "ln_1", .qkv = "attn.c_attn", .out = "attn.c_proj", .norm2 = "ln_2", .up = "mlp.c_fc", .down = "mlp.c_proj",
        .keys = gpt2_keys },
    [HW3_FAMILY_BERT] = {
        .model_type = "bert",
        .heads = {
            SAYS_TOKENS("BertForMaskedLM"), SAYS_NOTHING("BertModel", "bert.pooler.dense"),
            [HW3_HEAD_PRETRAINING] = { "BertForPreTraining", true, "bert.pooler.dense", "cls.seq_relationship", 2, 0 },
            [HW3_HEAD_CLASSES] = { "BertForSequenceClassification", false, "bert.pooler.dense", "classifier", 0, 1 },
            [HW3_HEAD_NEXT] = { "BertForNextSentencePrediction", false, "bert.pooler.dense", "cls.seq_relationship", 2, 0 } },
        .eps = 1e-12, .n_types = 2, BERT_PARTS, .base = "bert.",
        .head = "cls.predictions", .transform = "cls.predictions.transform.dense",
        .transform_norm = "cls.predictions.transform.LayerNorm", .keys = bert_keys },
    [HW3_FAMILY_ROBERTA] = {
        .model_type = "roberta",
        .heads = {
            SAYS_TOKENS("RobertaForMaskedLM"), SAYS_NOTHING("RobertaModel", "roberta.pooler.dense"),
            [HW3_HEAD_CLASSES] = { "RobertaForSequenceClassification", false, "classifier.dense", "classifier.out_proj", 0, 2 } },
        .eps = 1e-5, .n_types = 1, .counts_from_pad = true, BERT_PARTS,
        .base = "roberta.", .head = "lm_head", .transform = "lm_head.dense", .transform_norm = "lm_head.layer_norm",
        .keys = roberta_keys },
    [HW3_FAMILY_LLAMA] = {
        .model_type = "llama", .heads = { SAYS_TOKENS("LlamaForCausalLM"), SAYS_NOTHING("LlamaModel", NULL) }, LLAMA_PARTS,
        .k = "self_attn.k_proj", .v = "self_attn.v_proj", .keys = llama_keys },
    [HW3_FAMILY_DEEPSEEK] = {
        .model_type = "deepseek_v2", .heads = { SAYS_TOKENS("DeepseekV2ForCausalLM"), SAYS_NOTHING("DeepseekV2Model", NULL) },
        LLAMA_PARTS, .interleaved = true,
        .q_down = "self_attn.q_a_proj", .q_norm = "self_attn.q_a_layernorm", .q_up = "self_attn.q_b_proj",
        .kv_down = "self_attn.kv_a_proj_with_mqa", .kv_norm = "self_attn.kv_a_layernorm", .kv_up = "self_attn.kv_b_proj",
        .keys = deepseek_keys },
    [HW3_FAMILY_VIT] = {
        .model_type = "vit",
        .heads = { [HW3_HEAD_CLASSES] = { "ViTForImageClassification", false, NULL, "classifier", 0, 0 },
                   SAYS_NOTHING("ViTModel", "vit.pooler.dense") },
        .activation = HW3_ACTIVATION_GELU, .eps = 1e-12, .biases = true, .base = "vit.",
        .patches = "embeddings.patch_embeddings.projection", .norm = "layernorm", .layer = "encoder.layer.%lld.",
        .norm1 = "layernorm_before", .q = "attention.attention.query", .k = "attention.attention.key",
        .v = "attention.attention.value", .out = "attention.output.dense", .norm2 = "layernorm_after",
        .up = "intermediate.dense", .down = "output.dense",
        .keys = vit_keys },
    [HW3_FAMILY_RNN] = {
        .model_type = "rnn", .heads = { SAYS_TOKENS("RNNLanguageModel") },
        .cell = HW3_CELL_RNN_TANH, RECURRENT_PARTS },
    [HW3_FAMILY_LSTM] = {
        .model_type = "lstm", .heads = { SAYS_TOKENS("LSTMLanguageModel") },
        .cell = HW3_CELL_LSTM, RECURRENT_PARTS },
    [HW3_FAMILY_GRU] = {
        .model_type = "gru", .heads = { SAYS_TOKENS("GRULanguageModel") },
        .cell = HW3_CELL_GRU, RECURRENT_PARTS },
};

const hw3i_family *hw3i_family_of(hw3_family family)
{
    return family > 0 && family < HW3I_LEN(families) ? &families[family] : NULL;
}

bool hw3i_family_has(const hw3i_family *f, size_t offset)
{
    const hw3i_key *k = f->keys;
    while (k->name && k->offset != offset) k++;
    return k->name != NULL;
}

const hw3i_head_row *hw3i_head_of(const hw3_model_config *c) { return &hw3i_family_of(c->family)->heads[c->head]; }
