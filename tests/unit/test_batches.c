/* SPDX-License-Identifier: MIT */
/* The examples' batches of sequences and their measures of variety. */
#include "support.h"
#include "support/batches.h"
#include "support/diversity.h"

enum { N = 500, ROOM = 300 };

/* Lengths 1 to 40. */
static void fill(sequences *s)
{
    ck_assert_int_eq(sequences_make(s, N, 40 * N), 0);
    for (int64_t i = 0; i < N; i++) {
        s->starts[i + 1] = s->starts[i] + 1 + i * i % 40;
        for (int64_t t = s->starts[i]; t < s->starts[i + 1]; t++) s->tokens[t] = i;
    }
}

START_TEST(every_sequence_once_and_hardly_padded)
{
    sequences s;
    batches b, again, other;
    int seen[N] = { 0 };
    int64_t room = 0;
    fill(&s);
    ck_assert(!batches_make(&b, &s, ROOM, 7) && !batches_make(&again, &s, ROOM, 7) && !batches_make(&other, &s, ROOM, 8));
    for (int64_t i = 0; i < b.n; i++) {
        const int64_t width = batch_width(&b, &s, i);
        ck_assert_int_le(width * batch_rows(&b, i), ROOM);
        ck_assert_int_gt(batch_rows(&b, i), 0);
        for (int64_t k = b.starts[i]; k < b.starts[i + 1]; k++) {
            ck_assert_int_le(sequence_length(&s, b.order[k]), width);
            ck_assert_int_eq(*sequence_at(&s, b.order[k]), b.order[k]);
            seen[b.order[k]]++;
        }
        room += width * batch_rows(&b, i);
    }
    for (int i = 0; i < N; i++) ck_assert_int_eq(seen[i], 1);
    ck_assert_double_le((double)room, 1.05 * (double)s.starts[N]); /* lengths in a batch differ by few */
    ck_assert(again.n == b.n && !memcmp(again.order, b.order, sizeof(int64_t[N])));
    ck_assert(other.n == b.n && memcmp(other.order, b.order, sizeof(int64_t[N])));
    batches_end(&b);
    batches_end(&again);
    batches_end(&other);
    sequences_end(&s);
}
END_TEST

START_TEST(one_longer_than_a_batch_is_alone)
{
    int64_t starts[] = { 0, 3, 12, 15 }, tokens[15] = { 0 };
    const sequences s = { 3, starts, tokens };
    batches b;
    ck_assert_int_eq(batches_make(&b, &s, 6, 1), 0);
    ck_assert_int_eq(b.n, 2);
    for (int64_t i = 0; i < 2; i++) ck_assert_int_eq(batch_rows(&b, i), batch_width(&b, &s, i) == 9 ? 1 : 2);
    batches_end(&b);
}
END_TEST

/* The sequences 1 2 1 2 1, 1 2 3 and 4. */
START_TEST(variety_by_hand)
{
    int64_t starts[] = { 0, 5, 8, 9 }, tokens[] = { 1, 2, 1, 2, 1, 1, 2, 3, 4 };
    const sequences s = { 3, starts, tokens }, none = { 0, starts, tokens };
    ck_assert_double_eq(distinct(&s, 1), 4.0 / 9);
    ck_assert_double_eq(distinct(&s, 2), 3.0 / 6);
    ck_assert_double_eq(distinct(&s, 4), 2.0 / 2);
    ck_assert_double_eq(self_repetition(&s, 2), (0.5 + 0) / 2); /* the third has no pair, and does not count */
    ck_assert_double_eq(self_repetition(&s, 1), (0.6 + 0 + 0) / 3);
    ck_assert(isnan(distinct(&none, 1)) && isnan(self_repetition(&none, 1)));
}
END_TEST

TEST_MAIN("batches", every_sequence_once_and_hardly_padded, one_longer_than_a_batch_is_alone, variety_by_hand)
