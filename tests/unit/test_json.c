/* SPDX-License-Identifier: MIT */
/* JSON: strings and numbers as they are meant, everything else refused at its byte. */
#include "io/json_value.h"
#include "alloc.h"

static char text[512];
static hw3i_json j;

static void begin(hw3_ctx *ctx, const char *json)
{
    snprintf(text, sizeof text, "%s", json);
    hw3i_json_begin(&j, ctx, "f", text, (int64_t)strlen(text));
}

START_TEST(a_whole_text)
{
    hw3_ctx *ctx = test_ctx(1);
    int64_t sum = 0;
    int n_keys = 0;
    begin(ctx, " {\"a\" : [ 1,-2, 3 ],\t\"b\":\r\n{ }, \"\":\"c\", \"d\":[]} ");
    for (bool more = hw3i_json_open(&j, '{'); more; more = hw3i_json_more(&j, '}'), n_keys++) {
        const char *key = hw3i_json_key(&j);
        if (!strcmp(key, "a"))
            for (bool next = hw3i_json_open(&j, '['); next; next = hw3i_json_more(&j, ']')) sum = sum * 10 + hw3i_json_int(&j);
        else if (!strcmp(key, "b")) ck_assert(!hw3i_json_open(&j, '{'));
        else if (!strcmp(key, "d")) ck_assert(!hw3i_json_open(&j, '['));
        else ck_assert_str_eq(hw3i_json_string(&j), "c");
    }
    OK(hw3i_json_end(&j));
    ck_assert_int_eq(sum, 83);
    ck_assert_int_eq(n_keys, 4);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(strings_and_numbers)
{
    hw3_ctx *ctx = test_ctx(1);
    const struct { const char *json, *value; } strings[] = {
        { "\"\"", "" }, { "\"a b\"", "a b" }, { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
        { "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\x7f" },
        { "\"\\u0041\\u00fC\\u20aC\\uD83d\\uDe00\"", "A\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80" },
        { "\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"", "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf" },
        { "\"\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" }, { "\"\\u0001\"", "\1" },
    };
    for (int64_t i = 0; i < HW3I_LEN(strings); i++) {
        begin(ctx, strings[i].json);
        ck_assert_str_eq(hw3i_json_string(&j), strings[i].value);
        OK(hw3i_json_end(&j));
    }
    const struct { const char *json; int64_t value; } numbers[] = {
        { "0", 0 }, { "-0", 0 }, { " 10 ", 10 }, { "9223372036854775807", INT64_MAX }, { "-9223372036854775808", INT64_MIN },
    };
    for (int64_t i = 0; i < HW3I_LEN(numbers); i++) {
        begin(ctx, numbers[i].json);
        ck_assert_int_eq(hw3i_json_int(&j), numbers[i].value);
        OK(hw3i_json_end(&j));
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(real_numbers)
{
    hw3_ctx *ctx = test_ctx(1);
    const struct { const char *json; double value; } good[] = {
        { "0", 0 }, { "-0.0", -0.0 }, { " 12 ", 12 }, { "1.5", 1.5 }, { "1e-05", 1e-5 }, { "-2.5E+3", -2500 }, { "1e400", NAN },
        { "0.1", 0.1 }, { "1.7976931348623157e308", 1.7976931348623157e308 }, { "01", NAN }, { "1.", NAN }, { ".5", NAN },
        { "-", NAN }, { "+1", NAN }, { "1e", NAN }, { "1e+", NAN }, { "NaN", NAN }, { "Infinity", NAN }, { "0x10", 0 },
        { "1234567890123456789012345678901234567890123456789012345678901234", NAN },
    };
    for (int64_t i = 0; i < HW3I_LEN(good); i++) {
        begin(ctx, good[i].json);
        double value = hw3i_json_number(&j);
        ck_assert_msg(isnan(good[i].value) == (j.status == HW3_ERR_FORMAT), "%s: %d", good[i].json, (int)j.status);
        if (!isnan(good[i].value)) ck_assert_msg(!memcmp(&value, &good[i].value, 8), "%s: %.17g", good[i].json, value);
    }
    const double back[] = { 0, -0.0, 0.1, 1.0 / 3, 1e-5, 1e300, 5e-324, 50257, -2.5 };
    for (int64_t i = 0; i < HW3I_LEN(back); i++) {
        hw3i_json_out o = { .ctx = ctx };
        hw3i_json_put_number(&o, back[i]);
        OK(o.status);
        hw3i_json_begin(&j, ctx, "f", o.text, o.n);
        double value = hw3i_json_number(&j);
        OK(hw3i_json_end(&j));
        ck_assert(!memcmp(&value, &back[i], 8));
        hw3i_free(ctx, o.text);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* { "key": [ int, .. ], .. }, with the first failure of it. */
static hw3_status read_lists(hw3_ctx *ctx, const char *json)
{
    begin(ctx, json);
    for (bool more = hw3i_json_open(&j, '{'); more; more = hw3i_json_more(&j, '}')) {
        hw3i_json_key(&j);
        for (bool next = hw3i_json_open(&j, '['); next; next = hw3i_json_more(&j, ']')) hw3i_json_int(&j);
    }
    return hw3i_json_end(&j);
}

START_TEST(what_is_refused)
{
    hw3_ctx *ctx = test_ctx(1);
    const struct { const char *json, *message; } bad[] = {
        { "", "f: byte 0: '{' is needed" }, { "[]", "byte 0: '{'" }, { "{", "byte 1: a string" },
        { "{,}", "byte 1: a string" }, { "{\"a\"}", "byte 4: ':'" }, { "{\"a\":}", "byte 5: '['" },
        { "{\"a\":[]", "byte 7: ',' or '}'" }, { "{\"a\":[],}", "byte 8: a string" }, { "{\"a\":[]]", "byte 7: ',' or '}'" },
        { "{\"a\":[1", "byte 7: ',' or ']'" }, { "{\"a\":[1,]}", "byte 8: a whole number" },
        { "{\"a\":[1 2]}", "byte 8: ',' or ']'" }, { "{} {}", "byte 3: more than one" },
        { "{\"a\":[[]]}", "byte 6: a whole number" }, { "{\"a\":[\"1\"]}", "a whole number" },
        { "{\"a\":[null]}", "a whole number" }, { "{\"a\":[1.5]}", "byte 7: a whole number" },
        { "{\"a\":[1e3]}", "a whole number" }, { "{\"a\":[01]}", "a whole number" }, { "{\"a\":[-]}", "a whole number" },
        { "{\"a\":[- 1]}", "a whole number" }, { "{\"a\":[+1]}", "a whole number" },
        { "{\"a\":[9223372036854775808]}", "64 bits" }, { "{\"a\":[-9223372036854775809]}", "64 bits" },
        { "{\"a\":[99999999999999999999999]}", "64 bits" }, { "{'a':[]}", "byte 1: a string" },
        { "{a:[]}", "byte 1: a string" }, { "{\"a", "byte 3: the string does not end" },
        { "{\"a\n\":[]}", "byte 3: no character" }, { "{\"a\t\":[]}", "no character" },
        { "{\"\xff\":[]}", "byte 2: no character" }, { "{\"\xc0\x80\":[]}", "no character" },
        { "{\"\xed\xa0\x80\":[]}", "no character" }, { "{\"\xe2\x82\":[]}", "no character" },
        { "{\"\xf4\x90\x80\x80\":[]}", "no character" }, { "{\"\\x\":[]}", "no escape" }, { "{\"\\", "no escape" },
        { "{\"\\u0000\":[]}", "no escape" }, { "{\"\\u12\":[]}", "no escape" }, { "{\"\\u12g4\":[]}", "no escape" },
        { "{\"\\ud800\":[]}", "no escape" }, { "{\"\\ud800\\u0041\":[]}", "no escape" }, { "{\"\\udc00\":[]}", "no escape" },
        { "{\"\\ud800\\ud800\":[]}", "no escape" }, { "{\"\\u", "no escape" }, { "{/**/}", "byte 1: a string" },
        { "\xef\xbb\xbf{}", "byte 0: '{'" },
    };
    OK(read_lists(ctx, "{\"a\":[1,2],\"b\\\"\":[]}"));
    for (int64_t i = 0; i < HW3I_LEN(bad); i++) {
        hw3_status s = read_lists(ctx, bad[i].json);
        ck_assert_msg(s == HW3_ERR_FORMAT && strstr(hw3_ctx_error(ctx), bad[i].message), "%s: %d, %s", bad[i].json, (int)s,
                      hw3_ctx_error(ctx));
        ck_assert(!hw3i_json_open(&j, '{') && !hw3i_json_more(&j, '}') && !*hw3i_json_string(&j) && !*hw3i_json_key(&j));
        ck_assert(hw3i_json_int(&j) == 0 && hw3i_json_end(&j) == HW3_ERR_FORMAT);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Of a text cut at every byte, none is read; a zero within is no space. */
START_TEST(cut_anywhere)
{
    hw3_ctx *ctx = test_ctx(1);
    const char whole[] = "{\"\\u00fc\xc3\xbc\":[10,-2],\"b\":[ ] }";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        char cut[64];
        snprintf(cut, sizeof cut, "%.*s", (int)n, whole);
        FAILS(read_lists(ctx, cut), HW3_ERR_FORMAT);
    }
    OK(read_lists(ctx, whole));
    memcpy(text, "{}\0", 3);
    hw3i_json_begin(&j, ctx, "f", text, 3);
    ck_assert(!hw3i_json_open(&j, '{'));
    FAILS(hw3i_json_end(&j), HW3_ERR_FORMAT);
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Every character from U+0001 on comes back, and so does JSON as a string in JSON. */
static hw3_status there_and_back(hw3_ctx *ctx)
{
    static const char value[] = "\1\x1f \"\\/{\"a\":[\"\\n\"]}\n\t\x7f\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80";
    hw3i_json_out o = { .ctx = ctx };
    hw3i_json_put_text(&o, "[");
    hw3i_json_put_int(&o, INT64_MIN);
    hw3i_json_put(&o, ",", 1);
    hw3i_json_put_string(&o, value);
    hw3i_json_put_text(&o, "]");
    if (!o.status) {
        hw3i_json_begin(&j, ctx, "f", o.text, o.n);
        ck_assert(hw3i_json_open(&j, '['));
        ck_assert_int_eq(hw3i_json_int(&j), INT64_MIN);
        ck_assert(hw3i_json_more(&j, ']'));
        ck_assert_str_eq(hw3i_json_string(&j), value);
        ck_assert(!hw3i_json_more(&j, ']'));
        OK(hw3i_json_end(&j));
    }
    hw3i_free(ctx, o.text);
    return o.status;
}

START_TEST(written_and_read) { ck_assert_int_ge(test_sweep(there_and_back), 3); }
END_TEST

static hw3_status parse(hw3i_json_doc *doc, hw3_ctx *ctx, const char *json)
{
    char *copy = hw3i_alloc(ctx, (int64_t)strlen(json), 1);
    if (!copy) return HW3_ERR_NOMEM;
    memcpy(copy, json, strlen(json));
    return hw3i_json_parse(doc, ctx, "c.json", copy, (int64_t)strlen(json));
}

static const char config[] =
    "{\"n_layer\": 12, \"eps\": 1e-05, \"tie\": true, \"bias\":false, \"act\": \"gelu\\u005fnew\", \"none\": null, "
    "\"archs\": [\"A\", [1, 2], {}], \"rope\": {\"factor\": 8.0, \"kind\": {\"x\": 1}, \"half\": 0.5}, \"big\": 1e30, \"last\": -3}";

static hw3_status ask(hw3_ctx *ctx)
{
    hw3i_json_doc d;
    hw3_status s = parse(&d, ctx, config);
    if (s) return s;
    const hw3i_json_value *all = d.values, *archs = hw3i_json_get_list(&d, all, "archs"), *rope = hw3i_json_get_object(&d, all, "rope");
    ck_assert_int_eq(hw3i_json_get_int(&d, all, "n_layer", 0), 12);
    ck_assert_int_eq(hw3i_json_get_int(&d, all, "last", 0), -3);
    ck_assert_int_eq(hw3i_json_get_int(&d, all, "absent", 7), 7);
    ck_assert_int_eq(hw3i_json_get_int(&d, all, "none", 7), 7);
    ck_assert(hw3i_json_get_number(&d, all, "eps", 0) == 1e-5 && hw3i_json_get_number(&d, all, "n_layer", 0) == 12);
    ck_assert(hw3i_json_get_bool(&d, all, "tie", false) && !hw3i_json_get_bool(&d, all, "bias", true));
    ck_assert_str_eq(hw3i_json_get_string(&d, all, "act", ""), "gelu_new");
    ck_assert_int_eq(archs->n, 3);
    ck_assert_str_eq(archs[1].string, "A");
    ck_assert(archs[2].kind == HW3I_JSON_LIST && archs[2].n == 2 && archs[2 + archs[2].size].kind == HW3I_JSON_OBJECT);
    ck_assert_int_eq(hw3i_json_get_int(&d, rope, "factor", 0), 8);
    ck_assert(!hw3i_json_find(all, "x") && !hw3i_json_get_object(&d, rope, "tie") && !hw3i_json_find(archs, "A"));
    hw3i_json_need(&d, rope, "kind");
    OK(d.status);
    hw3i_json_doc_free(&d);
    return HW3_OK;
}

START_TEST(values_by_key) { ck_assert_int_ge(test_sweep(ask), 5); }
END_TEST

START_TEST(wrong_types_are_named)
{
    hw3_ctx *ctx = test_ctx(1);
    static const struct { char get; const char *key, *message; } bad[] = {
        { 'i', "act", "c.json: act is a text, but a number is needed" }, { 'i', "big", "big is 1e+30, but a whole number is needed" },
        { 'i', "eps", "eps is 1" },
        { 'n', "tie", "tie is true or false, but a number" },
        { 'b', "n_layer", "n_layer is a number, but true or false" },
        { 's', "archs", "archs is a list, but a text" }, { 'l', "rope", "rope is an object, but a list" },
        { 'o', "archs", "archs is a list, but an object" },
        { '?', "absent", "c.json: there is no absent" }, { '?', "none", "there is no none" },
        { 'r', "half", "rope.half is 0.5, but a whole number" },
        { '!', "act", "c.json: act is none of ours" },
    };
    for (int64_t i = 0; i < HW3I_LEN(bad); i++) {
        hw3i_json_doc d;
        const char *key = bad[i].key;
        OK(parse(&d, ctx, config));
        const hw3i_json_value *all = d.values;
        switch (bad[i].get) {
        case 'i': ck_assert_int_eq(hw3i_json_get_int(&d, all, key, 7), 7); break;
        case 'r': ck_assert_int_eq(hw3i_json_get_int(&d, hw3i_json_find(all, "rope"), key, 7), 7); break;
        case 'n': ck_assert(hw3i_json_get_number(&d, all, key, 7) == 7); break;
        case 'b': ck_assert(hw3i_json_get_bool(&d, all, key, true)); break;
        case 's': ck_assert_str_eq(hw3i_json_get_string(&d, all, key, "x"), "x"); break;
        case 'l': ck_assert(!hw3i_json_get_list(&d, all, key)); break;
        case 'o': ck_assert(!hw3i_json_get_object(&d, all, key)); break;
        case '!': hw3i_json_refuse(&d, all, key, "is none of ours"); break;
        default: hw3i_json_need(&d, all, key);
        }
        hw3i_json_need(&d, all, "a later failure");
        FAILS(d.status, HW3_ERR_FORMAT);
        SAYS(bad[i].message);
        hw3i_json_doc_free(&d);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(documents_that_are_refused)
{
    hw3_ctx *ctx = test_ctx(1);
    static const struct { const char *json, *message; } bad[] = {
        { "", "byte 0: '{'" }, { "[1]", "byte 0: '{'" }, { "1", "'{'" }, { "{\"a\":tru}", "byte 5: true, false or null" },
        { "{\"a\":nul", "true, false" }, { "{\"a\":truefalse}", "byte 9: ',' or '}'" }, { "{\"a\":}", "byte 5: a number is needed" },
        { "{\"a\":1,\"b\":2,\"\\u0061\":3}", "c.json: a is there twice" }, { "{\"o\":{\"a\":1,\"a\":null}}", "a is there twice" },
        { "{\"a\":[{\"b\":[]},{\"b\":{},\"b\":0}]}", "b is there twice" }, { "{\"a\":1} 2", "more than one value" }, { "{\"a\":NaN}", "a number" },
        { "{\"a\":-Infinity}", "a number" }, { "{\"a\":1e999}", "not finite" }, { "{\"a\":[1,]}", "a number" }, { "{\"a\":[1", "',' or ']'" },
    };
    hw3i_json_doc d;
    for (int64_t i = 0; i < HW3I_LEN(bad); i++) {
        hw3_status s = parse(&d, ctx, bad[i].json);
        ck_assert_msg(s == HW3_ERR_FORMAT && strstr(hw3_ctx_error(ctx), bad[i].message), "%s: %d, %s", bad[i].json, (int)s, hw3_ctx_error(ctx));
        ck_assert(!d.values && !d.text && !d.name);
    }
    char deep[512] = "{\"a\":";
    for (int depth = 64; depth <= 65; depth++) {
        memset(deep + 5, '[', (size_t)depth);
        memset(deep + 5 + depth, ']', (size_t)depth);
        memcpy(deep + 5 + 2 * depth, "}", 2);
        hw3_status s = parse(&d, ctx, deep);
        ck_assert_int_eq(s, depth == 64 ? HW3_OK : HW3_ERR_FORMAT);
        hw3i_json_doc_free(&d);
    }
    SAYS("nested too deep");
    FAILS(hw3i_json_load(&d, ctx, "/no/such"), HW3_ERR_IO);
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("json", a_whole_text, strings_and_numbers, real_numbers, what_is_refused, cut_anywhere, written_and_read, values_by_key,
          wrong_types_are_named, documents_that_are_refused)
