/* SPDX-License-Identifier: MIT */
/* Distributions and least squares against R (tests/vectors/gen_distribution.R). */
#include "base/base.h"
#include "math/distribution.h"
#include "math/qr.h"
#include "distribution.h"
#include "support.h"

#define LEN HW3I_LEN

/* Both sides are exact to some units in the last place but where a tail is exp of a large number, whose rounding counts. */
static void close_to(double got, double want, double tolerance, const char *what, double x, double df)
{
    ck_assert_msg(fabs(got - want) <= tolerance * fabs(want), "%s(%g, %g) = %.17g, want %.17g", what, x, df, got, want);
}

START_TEST(tails_as_r)
{
    for (int64_t i = 0; i < N_CHI2_CASES; i++) {
        const struct tail_case *c = chi2_cases + i;
        close_to(hw3i_chi2_tail(c->x, c->df1), c->p, 2e-13, "chi2", c->x, c->df1);
    }
    for (int64_t i = 0; i < N_T_CASES; i++) {
        const struct tail_case *c = t_cases + i;
        close_to(hw3i_t_tail(c->x, c->df1), c->p, 2e-13, "t", c->x, c->df1);
    }
    for (int64_t i = 0; i < N_F_CASES; i++) {
        const struct tail_case *c = f_cases + i;
        close_to(hw3i_f_tail(c->x, c->df1, c->df2), c->p, 2e-13, "f", c->x, c->df2);
    }
    for (int64_t i = 0; i < N_CDF_CASES; i++) {
        const struct tail_case *c = cdf_cases + i;
        close_to(hw3i_normal_cdf(c->x), c->p, 1e-13, "normal", c->x, 0);
    }
    for (int64_t i = 0; i < N_QUANTILE_CASES; i++) {
        const struct tail_case *c = quantile_cases + i;
        close_to(hw3i_normal_quantile(c->x), c->p, 4e-16, "quantile", c->x, 0);
    }
}
END_TEST

START_TEST(tails_at_the_edges)
{
    ck_assert(hw3i_chi2_tail(0, 3) == 1 && hw3i_chi2_tail(-1, 3) == 1 && hw3i_chi2_tail(INFINITY, 3) == 0);
    ck_assert(isnan(hw3i_chi2_tail(1, 0)) && isnan(hw3i_chi2_tail(NAN, 3)));
    ck_assert(hw3i_t_tail(0, 7) == 0.5 && hw3i_t_tail(INFINITY, 7) == 0 && hw3i_t_tail(-INFINITY, 7) == 1);
    ck_assert(isnan(hw3i_t_tail(1, -1)) && isnan(hw3i_t_tail(NAN, 1)));
    ck_assert(hw3i_f_tail(0, 2, 2) == 1 && hw3i_f_tail(INFINITY, 2, 2) == 0 && isnan(hw3i_f_tail(1, 0, 2)));
    ck_assert(hw3i_normal_quantile(0) == -INFINITY && hw3i_normal_quantile(1) == INFINITY && hw3i_normal_quantile(0.5) == 0);
    ck_assert(isnan(hw3i_normal_quantile(-0.1)) && isnan(hw3i_normal_quantile(1.1)) && isnan(hw3i_normal_quantile(NAN)));
    for (double p = 1e-6; p < 0.5; p *= 1.7) {
        ck_assert_msg(hw3i_normal_quantile(p) < 0, "%g", p);
        close_to(hw3i_normal_cdf(hw3i_normal_quantile(p)), p, 1e-14, "there and back", p, 0);
    }
}
END_TEST

static void check_all(const double *got, const double *want, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isnan(want[i]) || !isnan(got[i])) NEAR(got[i], want[i], 1e-13);
}

START_TEST(least_squares_as_r)
{
    double a[5 * 12], y[12], residuals[12], diag[5], coef[5], work[5];
    int64_t order[5];
    hw3i_qr qr = { 12, 5, a, diag, order, 0 };
    memcpy(a, lm_x, sizeof a);
    memcpy(y, lm_y, sizeof y);
    memcpy(residuals, lm_y, sizeof y);
    hw3i_qr_factor(&qr, HW3I_QR_TOLERANCE);
    ck_assert_int_eq(qr.rank, 4);
    ck_assert_int_eq(order[4], 3);
    hw3i_qr_rotate(&qr, y);
    hw3i_qr_solve(&qr, y, coef);
    check_all(coef, lm_coef, 5);
    ck_assert(isnan(coef[3]));
    NEAR(hw3i_qr_rss(&qr, y), lm_rss, 1e-13);
    for (int64_t p = 0; p < 4; p++) NEAR(sqrt(hw3i_qr_variance(&qr, p, work) * lm_rss / 8), lm_se[p], 1e-13);
    NEAR(hw3i_qr_last_t(&qr, y), lm_coef[4] / lm_se[3], 1e-13);
    hw3i_qr_residuals(&qr, residuals);
    check_all(residuals, lm_residuals, 12);
    hw3i_qr_rotate_back(&qr, y); /* Q Q'y is y */
    check_all(y, lm_y, 12);
}
END_TEST

START_TEST(least_squares_at_the_edges)
{
    double a[9] = { 0, 0, 0, 1, 2, 3, 2, 4, 6 + 1e-9 }, diag[3], coef[3], y[3] = { 2, 4, 6 };
    int64_t order[3];
    hw3i_qr qr = { 3, 3, a, diag, order, 0 };
    hw3i_qr_factor(&qr, HW3I_QR_TOLERANCE); /* nothing, and almost the same */
    ck_assert(qr.rank == 1 && order[0] == 1 && order[1] == 0 && order[2] == 2);
    hw3i_qr_rotate(&qr, y);
    hw3i_qr_solve(&qr, y, coef);
    NEAR(coef[1], 2, 1e-15);
    ck_assert(isnan(coef[0]) && isnan(coef[2]));
    double wide[6] = { 1, 2, 3, 4, 5, 7 }, two[2] = { 4, 6 };
    hw3i_qr short_qr = { 2, 3, wide, diag, order, 0 }; /* more columns than rows */
    hw3i_qr_factor(&short_qr, HW3I_QR_TOLERANCE);
    ck_assert_int_eq(short_qr.rank, 2);
    hw3i_qr_rotate(&short_qr, two);
    hw3i_qr_solve(&short_qr, two, coef);
    NEAR(coef[0] + 3 * coef[1], 4, 1e-14);
    NEAR(2 * coef[0] + 4 * coef[1], 6, 1e-14);
    double none[2] = { NAN, 1 };
    hw3i_qr nan_qr = { 2, 1, none, diag, order, 0 };
    hw3i_qr_factor(&nan_qr, HW3I_QR_TOLERANCE);
    ck_assert_int_eq(nan_qr.rank, 0);
}
END_TEST

TEST_MAIN("distribution", tails_as_r, tails_at_the_edges, least_squares_as_r, least_squares_at_the_edges)
