/* SPDX-License-Identifier: MIT */
/* A whole JSON text [RFC8259] as a list of values, for files that are asked by key.
 *
 *     hw3i_json_doc doc;
 *     s = hw3i_json_load(&doc, ctx, "config.json");
 *     n = hw3i_json_get_int(&doc, doc.values, "n_layer", 12);    // 12 when there is no such key, or it is null
 *     const hw3i_json_value *rope = hw3i_json_get_object(&doc, doc.values, "rope_scaling");
 *     if (rope) factor = hw3i_json_get_number(&doc, rope, "factor", 1);
 *     s = doc.status;                                            // the first failure of all calls, with key and type
 *     hw3i_json_doc_free(&doc);                                  // also after a failed load
 *
 * A key that is there twice in one object is refused, and so is nesting beyond 64. */
#ifndef HW3I_JSON_VALUE_H
#define HW3I_JSON_VALUE_H
#include "io/json.h"

enum { HW3I_JSON_NULL, HW3I_JSON_BOOL, HW3I_JSON_NUMBER, HW3I_JSON_STRING, HW3I_JSON_LIST, HW3I_JSON_OBJECT };

/* The elements of a list or object v follow it: the first is v + 1, and after e comes e + e->size. */
typedef struct hw3i_json_value {
    const char *key;    /* in an object, else NULL */
    const char *string; /* of a string, else "" */
    double number;      /* of a number; 1 and 0 of true and false */
    int64_t n;          /* elements */
    int64_t size;       /* values from this one to the next beside it: 1 and those inside */
    int32_t kind, reserved;
} hw3i_json_value;

typedef struct hw3i_json_doc {
    hw3_ctx *ctx;
    char *name, *text;
    hw3i_json_value *values; /* the first is the whole */
    int64_t n, cap;
    hw3_status status;
} hw3i_json_doc;

/* Reads a file of at most 100 MB whose value is an object. HW3_ERR_IO; HW3_ERR_FORMAT: the byte and what is wrong there;
 * HW3_ERR_NOMEM. */
hw3_status hw3i_json_load(hw3i_json_doc *doc, hw3_ctx *ctx, const char *path);
/* The same from n bytes of hw3i_alloc, taken over also on failure; name for messages. */
hw3_status hw3i_json_parse(hw3i_json_doc *doc, hw3_ctx *ctx, const char *name, char *text, int64_t n);
void hw3i_json_doc_free(hw3i_json_doc *doc);

/* The first element of a list or object, which may be NULL. */
static inline const hw3i_json_value *hw3i_json_first(const hw3i_json_value *v) { return v ? v + 1 : NULL; }
/* The value of a key, NULL when there is none or it is null. */
const hw3i_json_value *hw3i_json_find(const hw3i_json_value *object, const char *key);
/* Fails with HW3_ERR_FORMAT "NAME: there is no KEY" when hw3i_json_find finds nothing. */
void hw3i_json_need(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key);
/* Fails with HW3_ERR_FORMAT "NAME: KEY what". */
void hw3i_json_refuse(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, const char *what);

/* What the key says, and otherwise where it says nothing; of another type: HW3_ERR_FORMAT, and otherwise. */
int64_t hw3i_json_get_int(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, int64_t otherwise);
double hw3i_json_get_number(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, double otherwise);
bool hw3i_json_get_bool(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, bool otherwise);
const char *hw3i_json_get_string(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key, const char *otherwise);
/* NULL where the key says nothing, or is of another type (HW3_ERR_FORMAT). */
const hw3i_json_value *hw3i_json_get_list(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key);
const hw3i_json_value *hw3i_json_get_object(hw3i_json_doc *doc, const hw3i_json_value *object, const char *key);

/* A value and all in it as text. */
void hw3i_json_put_value(hw3i_json_out *o, const hw3i_json_value *v);

#endif
