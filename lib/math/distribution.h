/* SPDX-License-Identifier: MIT */
/* Distributions: tails P(X > x) without cancellation, to some 1e-13 relative, and the quantile of the normal one.
 * NaN, and degrees of freedom that are not positive, give NaN. */
#ifndef HW3I_DISTRIBUTION_H
#define HW3I_DISTRIBUTION_H

double hw3i_normal_cdf(double x);
double hw3i_normal_quantile(double p); /* infinite at 0 and 1, NaN outside */
double hw3i_chi2_tail(double x, double df);
double hw3i_t_tail(double t, double df);
double hw3i_f_tail(double f, double df1, double df2);

#endif
