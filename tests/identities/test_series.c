/* SPDX-License-Identifier: MIT */
/* Laws of series preparation that need no reference: each holds for any data, so random data of many sizes is used. */
#include "base/random.h"
#include "support.h"

enum { MOST = 40, ROUNDS = 300 };
static uint64_t draw;

static double uniform(void) { return hw3i_uniform(1, 2, draw++); }
static int64_t below(int64_t n) { return hw3i_below(3, 4, draw++, n); }

/* A walk of 2 to MOST points, some of them missing but never all. */
static int64_t random_series(double *y, double missing)
{
    int64_t n = 2 + below(MOST - 1), kept = below(n);
    double level = 100 * uniform();
    for (int64_t i = 0; i < n; i++) {
        level += uniform() - 0.5;
        y[i] = i != kept && uniform() < missing ? NAN : level;
    }
    return n;
}

static void reverse(double *y, int64_t n)
{
    for (int64_t i = 0; i < n / 2; i++) {
        double t = y[i];
        y[i] = y[n - 1 - i];
        y[n - 1 - i] = t;
    }
}

START_TEST(windows_are_the_plain_loop)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int64_t n = 2; n <= 12; n++)
        for (int64_t window = 1; window < n; window++)
            for (int64_t horizon = 1; horizon <= n - window; horizon++) {
                double y[12], x[12 * 12], target[12], last[12], late[12];
                int64_t count = 0, room;
                for (int64_t i = 0; i < n; i++) y[i] = uniform();
                OK(hw3_series_windows(ctx, y, n, window, horizon, NULL, NULL, &count));
                room = count + 5;
                for (int i = 0; i < 12; i++) target[i] = -1;
                OK(hw3_series_windows(ctx, y, n, window, horizon, x, target, &room));
                ck_assert(room == count && count == n - window - horizon + 1);
                for (int64_t i = 0; i < count; i++) {
                    for (int64_t k = 0; k < window; k++) ck_assert(x[i * window + k] == y[i + k]);
                    ck_assert(target[i] == y[i + window + horizon - 1]);
                }
                for (int64_t i = count; i < 12; i++) ck_assert(target[i] == -1);
                OK(hw3_series_naive(ctx, y, n, window, last)); /* the last value of each window forecasts the next */
                for (int64_t i = 0; horizon == 1 && i < count; i++) ck_assert(last[i] == x[i * window + window - 1]);
                if (window < 2) continue;
                OK(hw3_series_drift(ctx, y, n, window, late));
                for (int64_t t = 0; t < n - window; t++) {
                    double end = y[window + t - 1];
                    ck_assert(late[t] == end + (end - y[0]) / (double)(window + t - 1));
                }
            }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(baselines_know_their_own_series)
{
    hw3_ctx *ctx = test_ctx(1);
    double flat[MOST], line[MOST], out[MOST];
    for (int i = 0; i < MOST; i++) flat[i] = 0.1, line[i] = 3 - 0.5 * i;
    OK(hw3_series_naive(ctx, flat, MOST, 1, out));
    for (int i = 0; i < MOST - 1; i++) ck_assert(out[i] == 0.1);
    OK(hw3_series_drift(ctx, line, MOST, 2, out)); /* steps of 1/2: exact */
    for (int i = 0; i < MOST - 2; i++) ck_assert(out[i] == line[i + 2]);
    for (int round = 0; round < ROUNDS; round++) { /* on the training part itself the last value has mase 1 */
        double y[MOST];
        int64_t n = random_series(y, 0);
        hw3_metrics m = HW3_METRICS_INIT;
        OK(hw3_series_naive(ctx, y, n, 1, out));
        OK(hw3_series_metrics(ctx, y + 1, out, n - 1, y, n, &m));
        NEAR(m.mase, 1, 1e-15); /* two equal sums, one division */
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(fills_keep_stay_between_and_mirror)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int round = 0; round < ROUNDS; round++) {
        double y[MOST], z[MOST], again[MOST], back[MOST], low = INFINITY, high = -INFINITY;
        int64_t n = random_series(y, uniform()), window = 1 + below(MOST);
        for (int64_t i = 0; i < n; i++) low = fmin(low, y[i]), high = fmax(high, y[i]); /* fmin passes over NaN */
        for (hw3_fill fill = HW3_FILL_MOVING_MEAN; fill <= HW3_FILL_LINEAR; fill++) {
            memcpy(z, y, sizeof y);
            OK(hw3_series_fill(ctx, z, n, fill, window, NULL));
            for (int64_t i = 0; i < n; i++) ck_assert((isnan(y[i]) || y[i] == z[i]) && z[i] >= low && z[i] <= high);
            memcpy(again, z, sizeof z);
            OK(hw3_series_fill(ctx, again, n, fill, window, NULL));
            ck_assert_mem_eq(again, z, (size_t)n * sizeof *z);
            if (fill == HW3_FILL_MOVING_MEAN) continue;
            memcpy(back, y, sizeof y);
            reverse(back, n);
            hw3_fill other = fill == HW3_FILL_LINEAR ? fill : HW3_FILL_FORWARD + HW3_FILL_BACKWARD - fill;
            OK(hw3_series_fill(ctx, back, n, other, 0, NULL));
            reverse(back, n);
            for (int64_t i = 0; i < n; i++) NEAR(back[i], z[i], fill == HW3_FILL_LINEAR ? 4e-16 : 0); /* 2 ulp of the product */
        }
    }
    double line[MOST];
    for (int i = 0; i < MOST; i++) line[i] = i && i < MOST - 1 && uniform() < 0.7 ? NAN : 2.0 * i - 7;
    OK(hw3_series_fill(ctx, line, MOST, HW3_FILL_LINEAR, 0, NULL));
    for (int i = 0; i < MOST; i++) NEAR(line[i], 2.0 * i - 7, 1e-15);
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(scaling_comes_back)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int round = 0; round < ROUNDS; round++) {
        double y[MOST], z[MOST], back[MOST], low = INFINITY, high = -INFINITY, sum = 0, square = 0;
        int64_t n = random_series(y, 0);
        hw3_scaler s;
        for (hw3_scale kind = HW3_SCALE_NONE; kind <= HW3_SCALE_STANDARD; kind++) {
            OK(hw3_scaler_fit(ctx, kind, y, n, &s));
            OK(hw3_scaler_apply(ctx, &s, y, n, z));
            OK(hw3_scaler_invert(ctx, &s, z, n, back));
            for (int64_t i = 0; i < n; i++) NEAR(back[i], y[i], 1e-15); /* three roundings, |shift| about |y| */
            for (int64_t i = 0; i < n && kind == HW3_SCALE_MINMAX; i++) low = fmin(low, z[i]), high = fmax(high, z[i]);
            for (int64_t i = 0; i < n && kind == HW3_SCALE_STANDARD; i++) sum += z[i], square += z[i] * z[i];
        }
        ck_assert(low == 0 && high == 1);
        /* |y| / sd may reach 1e4 for two neighbouring points, which is what the mean's rounding is multiplied by */
        NEAR(sum / (double)n, 0, 1e-11);
        NEAR(square / (double)n, 1, 1e-11);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

START_TEST(splits_add_up)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t n = below(1000), train = below(101), val = below(101 - train);
        hw3_split3 cut;
        OK(hw3_series_split(ctx, n, (double)train / 100, (double)val / 100, &cut));
        ck_assert(cut.n_train >= 0 && cut.n_val >= 0 && cut.n_test >= 0);
        ck_assert_int_eq(cut.n_train + cut.n_val + cut.n_test, n);
        ck_assert_int_eq(cut.n_train, train * n / 100); /* in integers, without rounding */
        ck_assert_int_eq(cut.n_train + cut.n_val, (train + val) * n / 100);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

/* Another unit of money changes rmse and mae in proportion and the rest not at all, also far from 1. */
START_TEST(metrics_do_not_know_the_unit)
{
    hw3_ctx *ctx = test_ctx(1);
    for (int round = 0; round < ROUNDS; round++) {
        double y[MOST], f[MOST], yu[MOST], fu[MOST], unit = ldexp(1, (int)below(1800) - 900);
        int64_t n = random_series(y, 0);
        for (int64_t i = 0; i < n; i++) {
            f[i] = y[i] + uniform() - 0.5;
            yu[i] = y[i] * unit;
            fu[i] = f[i] * unit;
        }
        hw3_metrics a = HW3_METRICS_INIT, b = HW3_METRICS_INIT;
        OK(hw3_series_metrics(ctx, y, f, n, y, n, &a));
        OK(hw3_series_metrics(ctx, yu, fu, n, yu, n, &b));
        ck_assert(b.rmse == a.rmse * unit && b.mae == a.mae * unit && b.me == a.me * unit && b.mpe == a.mpe); /* a power of two: no rounding */
        ck_assert(b.mape == a.mape && b.smape == a.smape && b.mase == a.mase && b.r2 == a.r2 && b.n_near_zero == a.n_near_zero);
        OK(hw3_series_metrics(ctx, y, y, n, y, n, &a));
        ck_assert(a.rmse == 0 && a.mae == 0 && a.mape == 0 && a.smape == 0 && a.mase == 0 && a.r2 == 1 && a.me == 0 && a.mpe == 0);
    }
    hw3_ctx_destroy(ctx);
}
END_TEST

TEST_MAIN("series identities", windows_are_the_plain_loop, baselines_know_their_own_series, fills_keep_stay_between_and_mirror,
          scaling_comes_back, splits_add_up, metrics_do_not_know_the_unit)
