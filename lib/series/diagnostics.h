/* SPDX-License-Identifier: MIT */
/* Diagnostics from inside: what hw3/diagnostics.h promises, arguments already checked. Nothing here allocates or knows a
 * context, so that an order search may call it on any thread: work is memory of the caller, of as many doubles as stand
 * beside it. No value is infinite, and none missing where nothing is said. A status is HW3_OK or HW3_ERR_VALUE, when the
 * number does not exist for these values. */
#ifndef HW3I_DIAGNOSTICS_H
#define HW3I_DIAGNOSTICS_H
#include "base/base.h"
#include "hw3/diagnostics.h"

/* y may have missing values; n_present receives the others' number. */
hw3_status hw3i_acf(const double *y, int64_t n, int64_t max_lag, double *acf, int64_t *n_present);
/* pacf [max_lag] from acf [max_lag]; work: [max_lag]. */
hw3_status hw3i_pacf(const double *acf, int64_t max_lag, double *pacf, double *work);
hw3_status hw3i_ljung_box(const double *acf, int64_t n_present, int64_t lag, int64_t fitdf, hw3_test_result *out);
hw3_status hw3i_jarque_bera(const double *y, int64_t n, hw3_test_result *out);

#endif
