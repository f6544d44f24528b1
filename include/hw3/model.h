/* SPDX-License-Identifier: MIT */
/** @file model.h
 * Transformers and recurrent language models by configuration: names and files are those of Python's transformers, or PyTorch's.
 *
 *     hw3_model_config c = HW3_MODEL_CONFIG_INIT;
 *     c.family = HW3_FAMILY_GPT2;  c.n_vocab = 8000;  c.n_ctx = 128;  c.d_model = 192;  c.n_layers = 3;  c.n_heads = 3;
 *     hw3_model *gpt = NULL;
 *     TRY(hw3_model_create(ctx, &c, &gpt));
 *     hw3_graph *g = NULL;
 *     TRY(hw3_graph_create(ctx, hw3_model_params(gpt), &g));
 *     hw3_graph_begin(g);
 *     hw3_var loss = hw3_model_loss(gpt, g, hw3_input(g, tokens), hw3_input(g, next));   // [16, 128] each
 *     TRY(hw3_graph_backward(g, loss));
 *
 * Threads: as hw3_ctx.
 */
#ifndef HW3_MODEL_H
#define HW3_MODEL_H
#include "hw3/attention.h"
HW3_BEGIN

/** Families: what a block is made of, and how its parameters are named. */
typedef int32_t hw3_family;
enum {
    HW3_FAMILY_GPT2 = 1,   /**< norm before, learned positions, matrices [n_in, n_out] [Radford19] */
    HW3_FAMILY_BERT = 2,   /**< both directions, norm behind, learned positions and segments, masked language model [Devlin19] */
    HW3_FAMILY_ROBERTA = 3, /**< BERT whose positions count from pad_id + 1 and leave padding out [Liu19] */
    HW3_FAMILY_LLAMA = 4,   /**< RMSNorm before, rotary positions, SwiGLU, grouped queries [Touvron23] */
    HW3_FAMILY_DEEPSEEK = 5, /**< Llama with multi-head latent attention, all layers dense [DeepSeekV2] */
    HW3_FAMILY_VIT = 6,     /**< images as sequences of patches behind a token for the whole, norm before [Dosovitskiy20] */
    HW3_FAMILY_RNN = 7,     /**< embedding, recurrent layers of rnn.h, linear head; names as in PyTorch: embedding.weight,
                                 rnn.weight_ih_l0 .., decoder.weight, decoder.bias; state in place of keys and values */
    HW3_FAMILY_LSTM = 8,    /**< the same of LSTM layers [Hochreiter97] */
    HW3_FAMILY_GRU = 9      /**< the same of GRU layers [Cho14] */
};

/** Activations of a block's inner layer; 0 for the family's. */
typedef int32_t hw3_activation;
enum {
    HW3_ACTIVATION_RELU = 1,
    HW3_ACTIVATION_GELU = 2,      /**< by erf */
    HW3_ACTIVATION_GELU_TANH = 3, /**< by tanh */
    HW3_ACTIVATION_SILU = 4
};

/** Heads: what a model says of its hidden values; 0 for the first of these that the family has. */
typedef int32_t hw3_head;
enum {
    HW3_HEAD_TOKENS = 1,      /**< logits of tokens at every place: a language model, or BERT's of masked tokens */
    HW3_HEAD_PRETRAINING = 2, /**< BERT: the same, and by hw3_model_pooled whether the second segment follows, as NEXT
                                   [Devlin19] */
    HW3_HEAD_CLASSES = 3,     /**< BERT, RoBERTa, ViT: logits of n_classes by the first token */
    HW3_HEAD_NEXT = 4,        /**< BERT: whether the second segment follows (0) or not (1) */
    HW3_HEAD_NONE = 5         /**< hidden values; BERT, RoBERTa, ViT: and by hw3_model_pooled one vector of a sequence */
};

/** What a model is made of. Where a comment says "as the family", the family's usual value is taken. */
typedef struct hw3_model_config {
    uint32_t struct_size;      /**< sizeof(hw3_model_config) */
    hw3_family family;         /**< one of HW3_FAMILY_ */
    int64_t n_vocab;           /**< tokens are 0 to n_vocab - 1; ViT: 0 */
    int64_t n_ctx;             /**< most tokens of a sequence; RoBERTa: pad_id + 1 more than that; ViT: 0 for patches and one */
    int64_t d_model;           /**< width between the blocks */
    int64_t n_layers;          /**< blocks, 1 to 4096; RNN, LSTM, GRU: 1 to 64 */
    int64_t n_heads;           /**< heads of queries; divides d_model; RNN, LSTM, GRU: 0 */
    int64_t d_ff;              /**< width inside a block; 0: 4 d_model */
    int64_t n_types;           /**< BERT: kinds of segments; 0: as the family */
    hw3_dtype dtype;           /**< HW3_F32 or HW3_F64 */
    hw3_activation activation; /**< 0: as the family */
    int32_t tied;              /**< 1: logits by the token embedding; 0: by a matrix of their own; -1: as the family */
    int32_t rope_scaling;      /**< Llama, DeepSeek: HW3_ROPE_ of attention.h; HW3_ROPE_NTK becomes the base that it comes to */
    double eps;                /**< of the norms, but of DeepSeek's latents, 1e-6; at least 1e-30; 0: as the family */
    double init_std;           /**< standard deviation of first weights; RNN, LSTM, GRU: of embedding and head, for which 0.02 is
                                    little */
    double dropout;            /**< behind attention and inner layer, in training */
    double embed_dropout;      /**< behind the embedding; BERT, RoBERTa, ViT: dropout, whatever this says */
    double attention_dropout;  /**< of the weights of attention */
    int64_t bos_id;            /**< token that begins a text; -1: none */
    int64_t eos_id;            /**< token that ends a text; -1: none */
    int64_t pad_id;            /**< token that fills up; -1: none */
    int64_t n_kv_heads;        /**< Llama: heads of keys and values, divides n_heads; 0: n_heads */
    int64_t d_head;            /**< Llama: length of a query, key or value; DeepSeek: of a query or key without its rotated part;
                                    0: d_model / n_heads */
    int32_t attention_bias;    /**< Llama, DeepSeek: 1: the projections of attention have biases; -1: as the family */
    int32_t mlp_bias;          /**< Llama, DeepSeek: 1: the inner layers have biases; -1: as the family */
    double rope_base;          /**< Llama, DeepSeek: base of rotary positions, as the following in hw3_rope_opts; 0: 10000 */
    double rope_factor;        /**< of rope_scaling */
    int64_t rope_context;      /**< YaRN, Llama 3: the length trained on; 0: n_ctx */
    double rope_beta_fast;     /**< YaRN, Llama 3 */
    double rope_beta_slow;     /**< YaRN, Llama 3 */
    double rope_attention_factor; /**< YaRN; 0: by rope_factor */
    int64_t kv_rank;           /**< DeepSeek: length of the latent that keys and values are made of, and that sessions keep */
    int64_t q_rank;            /**< DeepSeek: length of the latent that queries are made of; 0: none */
    int64_t d_rope;            /**< DeepSeek: length of the rotated part of a query or key, which all heads' keys share; even */
    int64_t d_value;           /**< DeepSeek: length of a value; 0: d_head */
    hw3_head head;             /**< one of HW3_HEAD_; 0: as the family */
    int32_t reserved;          /**< 0 */
    int64_t n_classes;         /**< of HW3_HEAD_CLASSES; 0: 2 */
    double head_dropout;       /**< BERT, RoBERTa: before the classes; -1: dropout */
    int64_t image_size;        /**< ViT: height and width of an image in pixels, a multiple of patch_size */
    int64_t patch_size;        /**< ViT: of a patch */
    int64_t n_channels;        /**< ViT: numbers of a pixel; 0: 3 */
    int64_t d_embed;           /**< RNN, LSTM, GRU: width of the embedding; 0: d_model, which is that of the state */
} hw3_model_config;
/** Defaults of hw3_model_config; family and sizes must be set. */
#define HW3_MODEL_CONFIG_INIT \
    { (uint32_t)sizeof(hw3_model_config), 0, 0, 0, 0, 0, 0, 0, 0, HW3_F32, 0, -1, 0, 0.0, 0.02, 0.0, 0.0, 0.0, -1, -1, -1, 0, 0, \
      -1, -1, 0.0, 1.0, 0, 32.0, 1.0, 0.0, 0, 0, 0, 0, 0, 0, 0, -1.0, 0, 0, 0, 0 }

/** A model. */
typedef struct hw3_model hw3_model;

/** Fills config with the defaults, for callers that cannot use HW3_MODEL_CONFIG_INIT.
 *  config: at least size bytes.  size: the caller's sizeof(hw3_model_config).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_model_config_init(hw3_model_config *config, uint32_t size);

/** Makes a model with random first weights: normal with deviation init_std, GPT-2's that lead back into the residual stream
 *  by init_std / sqrt(2 n_layers), biases 0 and gains 1 [Radford19]; recurrent layers as hw3_rnn_create.
 *  ctx: context; its seed chooses the weights.  config: what the model is made of.  out: the model.
 *  Returns: HW3_OK; HW3_ERR_ARG (the message names the field); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_model_create(hw3_ctx *ctx, const hw3_model_config *config, hw3_model **out);

/** How a model is opened. */
typedef struct hw3_model_opts {
    uint32_t struct_size; /**< sizeof(hw3_model_opts) */
    hw3_dtype dtype;      /**< of the parameters, whatever the file has: HW3_F32 or HW3_F64 */
    hw3_head head;        /**< one of HW3_HEAD_; 0: the file's */
    int32_t reserved;     /**< 0 */
    int64_t n_classes;    /**< of HW3_HEAD_CLASSES; 0: the file's */
} hw3_model_opts;
/** Defaults of hw3_model_opts. */
#define HW3_MODEL_OPTS_INIT { (uint32_t)sizeof(hw3_model_opts), HW3_F32, 0, 0, 0 }

/** Fills opts with the defaults, for callers that cannot use HW3_MODEL_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_model_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_model_opts_init(hw3_model_opts *opts, uint32_t size);

/** Opens a model of Python's transformers: a folder with config.json and model.safetensors, or the files that
 *  model.safetensors.index.json names. Weights of type F16 and BF16 are converted. Tensors that the model has no use for are
 *  counted in the log. The files are mapped while they are read: one that another program shortens meanwhile ends the process
 *  with SIGBUS; one that is replaced by renaming, as hw3_model_save does, stays as it was.
 *  The head is that of "architectures". Where opts asks for a head, what the files have not of it begins at random as in
 *  hw3_model_create, and the log names it: so a classifier is begun on an encoder. All else must be there.
 *  ctx: context.  dir: the folder.  opts: NULL for the defaults.  out: the model.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, or a weight is not finite);
 *  HW3_ERR_UNSUPPORTED (a model_type, architecture, setting or element type that is not built; the message names it);
 *  HW3_ERR_MISMATCH (a tensor is missing or has another shape); HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_model_open(hw3_ctx *ctx, const char *dir, const hw3_model_opts *opts, hw3_model **out);

/** Writes config.json and model.safetensors, which transformers opens and hw3_model_open gives back with the same bits;
 *  each file atomically.
 *  model: the model.  dir: the folder, made if it is not there.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a weight is not finite); HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_model_save(const hw3_model *model, const char *dir);

/** Lets go of a model.
 *  model: may be NULL.  Since 0.1. */
HW3_API void hw3_model_destroy(hw3_model *model);

/** Tells what a model is made of, every field as it was taken.
 *  model: the model.  out: receives the fields; begun with HW3_MODEL_CONFIG_INIT.
 *  Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_model_get_config(const hw3_model *model, hw3_model_config *out);

/** Gives the parameters: to read, write, freeze, and for graphs and optimizers.
 *  model: the model.
 *  Returns: the set, borrowed; NULL when model is NULL. Since 0.1. */
HW3_API hw3_params *hw3_model_params(hw3_model *model);

/** Runs sequences through a model: hw3_model_head of hw3_model_hidden.
 *  model: the model.  graph: a graph on hw3_model_params.  tokens: HW3_I64 [B, T], T at most n_ctx;
 *  ViT: images [B, n_channels, image_size, image_size] of the model's type.
 *  Returns: logits [B, T, n_vocab] of tokens or [B, n_classes] of classes; without a head hidden values; or
 *  a status (HW3_ERR_VALUE: a token outside; HW3_ERR_SHAPE: a sequence that is too long, an image of another size;
 *  HW3_ERR_STATE: a graph on other parameters). Since 0.1. */
HW3_API hw3_var hw3_model_forward(hw3_model *model, hw3_graph *graph, hw3_var tokens);

/** Mean cross entropy of the logits, without all logits in memory: hw3_model_head_loss of hw3_model_hidden.
 *  model, graph, tokens: as in hw3_model_forward.
 *  targets: HW3_I64 [B, T], what stands at each place; for a language model the next token. Of classes [B]. -100 does not count.
 *  Returns: [], or a status as in hw3_model_forward (HW3_ERR_VALUE: a target outside; HW3_ERR_UNSUPPORTED: no head, or one class,
 *  whose logit hw3_mse may take). Since 0.1. */
HW3_API hw3_var hw3_model_loss(hw3_model *model, hw3_graph *graph, hw3_var tokens, hw3_var targets);

/** What a model may be told of its tokens. */
typedef struct hw3_hidden_opts {
    uint32_t struct_size; /**< sizeof(hw3_hidden_opts) */
    hw3_var types;        /**< HW3_I64 [B, T], segments 0 to n_types - 1; HW3_NONE: all 0 */
    hw3_var lengths;      /**< HW3_I64 [B], 1 to T: what stands behind is padding, which is not seen; HW3_NONE: T each */
} hw3_hidden_opts;
/** Defaults of hw3_hidden_opts. */
#define HW3_HIDDEN_OPTS_INIT { (uint32_t)sizeof(hw3_hidden_opts), HW3_NONE, HW3_NONE }

/** Fills opts with the defaults, for callers that cannot use HW3_HIDDEN_OPTS_INIT.
 *  opts: at least size bytes.  size: the caller's sizeof(hw3_hidden_opts).
 *  Returns: HW3_OK; HW3_ERR_ABI. Since 0.1. */
HW3_API HW3_MUST_CHECK hw3_status hw3_hidden_opts_init(hw3_hidden_opts *opts, uint32_t size);

/** Runs sequences through a model up to its head.
 *  model, graph, tokens: as in hw3_model_forward.  opts: NULL for the defaults.
 *  Returns: the last hidden values [B, T, d_model], or a status as in hw3_model_forward (HW3_ERR_VALUE: a type or length outside;
 *  HW3_ERR_UNSUPPORTED: types or lengths, but the family has none). Since 0.1. */
HW3_API hw3_var hw3_model_hidden(hw3_model *model, hw3_graph *graph, hw3_var tokens, const hw3_hidden_opts *opts);

/** The logits of hidden values.
 *  model, graph: as in hw3_model_forward.  hidden: [B, T, d_model], of hw3_model_hidden or some places of it.
 *  Returns: as hw3_model_forward. Since 0.1. */
HW3_API hw3_var hw3_model_head(hw3_model *model, hw3_graph *graph, hw3_var hidden);

/** The loss of hidden values.
 *  model, graph, hidden: as in hw3_model_head.  targets: as in hw3_model_loss; padding is given -100.
 *  Returns: as hw3_model_loss. Since 0.1. */
HW3_API hw3_var hw3_model_head_loss(hw3_model *model, hw3_graph *graph, hw3_var hidden, hw3_var targets);

/** What hidden values say of whole sequences, by their first token: the logits of classes, or of a model without a head
 *  tanh(W h + b). BERT's loss of pretraining is
 *
 *      hw3_add(g, hw3_model_head_loss(bert, g, h, masked), hw3_cross_entropy(g, hw3_model_pooled(bert, g, h), next, -100, 0.0))
 *
 *  model, graph: as in hw3_model_forward.  hidden: of hw3_model_hidden.
 *  Returns: [B, n_classes] or [B, d_model], or a status as in hw3_model_forward (HW3_ERR_UNSUPPORTED: there is no such part).
 *  Since 0.1. */
HW3_API hw3_var hw3_model_pooled(hw3_model *model, hw3_graph *graph, hw3_var hidden);

HW3_END
#endif
