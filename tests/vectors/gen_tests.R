# SPDX-License-Identifier: MIT
# Writes series_tests.h: what R and its packages forecast, tseries, urca and uroot find in the series of rdata.h.
# Rscript tests/vectors/gen_tests.R (half a minute; after gen_rdata.R). The layout is told in series_tests.h.
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "vectors.R"))
suppressPackageStartupMessages({ library(forecast); library(urca) })
options(warn = -1)
all <- read_series()
twenty <- head(all, 20)
seasonal <- Filter(function(s) s$m > 1, all[1:21])

quiet <- function(expr) tryCatch(expr, error = function(e) NULL)
row <- function(...) paste0("    ", struct(...))
rows_of <- function(series, f) unlist(lapply(series, f))
id <- function(s) paste0("TS_", s$name)
either <- function(s) list(s$y, diff(s$y))

acf_row <- function(s) row(series = id(s), acf = sprintf("{%s}", wrap(num(acf(s$y, 25, plot = FALSE)$acf[2:26]))),
                           pacf = sprintf("{%s}", wrap(num(pacf(as.numeric(s$y), 25, plot = FALSE)$acf[1:25]))))

box_rows <- function(s) lapply(0:1, function(d) lapply(list(c(1, 0), c(10, 0), c(10, 3), c(24, 2)), function(k) {
    b <- Box.test(either(s)[[d + 1]], k[1], "Ljung-Box", k[2])
    row(series = id(s), diff = d, lag = k[1], fitdf = k[2], stat = num(b$statistic), p = num(b$p.value))
}))

jb_rows <- function(s) lapply(0:1, function(d) {
    b <- tseries::jarque.bera.test(either(s)[[d + 1]])
    row(series = id(s), diff = d, stat = num(b$statistic), p = num(b$p.value))
})

lambda_row <- function(s) {
    loglik <- quiet(BoxCox.lambda(s$y, "loglik"))
    row(series = id(s), guerrero = num(BoxCox.lambda(s$y)), guerrero_auto = num(BoxCox.lambda(s$y, lower = -0.9)),
        loglik = num(if (is.null(loglik)) NA else loglik))
}

boxcox_row <- function(lambda) {
    x <- c(0.3, 1, 2.5, 40, 700)
    z <- BoxCox(x, lambda)
    row(lambda = num(lambda), x = sprintf("{%s}", wrap(num(x))), z = sprintf("{%s}", wrap(num(z))), variance = 0.01,
        back_adjusted = sprintf("{%s}", wrap(num(InvBoxCox(z, lambda, biasadj = TRUE, fvar = 0.01)))))
}

# The p-value of ndiffs: between critical values on a line, and the outer ones beyond.
urca_p <- function(u) approx(u@cval[1, ], as.numeric(sub("pct", "", colnames(u@cval))) / 100, xout = u@teststat[1], rule = 2)$y
unit_row <- function(s, d, test, type, lags, u, used, p = urca_p(u))
    row(series = id(s), diff = d, test = str(test), type = str(type), lags = str(lags), used = used,
        stat = sprintf("{%s}", wrap(num(u@teststat))), critical = sprintf("{%s}", wrap(num(u@cval[1, ]))), p = num(p))
unit_rows <- function(s) lapply(0:1, function(d) {
    y <- either(s)[[d + 1]]
    auto <- trunc(3 * sqrt(length(y)) / 13)
    out <- NULL
    for (type in c("mu", "tau"))
        for (lags in c("short", "long", "nil", "ndiffs")) {
            u <- if (lags == "ndiffs") ur.kpss(y, type, use.lag = auto) else ur.kpss(y, type, lags)
            out <- c(out, unit_row(s, d, "kpss", type, lags, u, u@lag))
        }
    for (model in c("constant", "trend"))
        for (type in c("Z-tau", "Z-alpha"))
            for (lags in c("short", "long")) {
                u <- ur.pp(y, type, model, lags)
                out <- c(out, unit_row(s, d, paste("pp", type), model, lags, u, u@lag, if (type == "Z-tau") urca_p(u) else NA))
            }
    for (type in c("none", "drift", "trend"))
        for (lags in c("1", "0", "4", "AIC6", "BIC6")) {
            k <- as.integer(gsub("[AIC|BIC]", "", lags))
            u <- ur.df(y, type, k, if (nchar(lags) > 1) substr(lags, 1, 3) else "Fixed")
            used <- nrow(coef(u@testreg)) - 1 - (type != "none") - (type == "trend")
            out <- c(out, unit_row(s, d, "df", type, lags, u, used))
        }
    out
})

ndiffs_row <- function(s) {
    found <- sapply(c("level", "trend"), function(type) sapply(c("kpss", "adf", "pp"), function(test) ndiffs(s$y, test = test, type = type)))
    row(series = id(s), level = sprintf("{%s}", wrap(found[, 1])), trend = sprintf("{%s}", wrap(found[, 2])))
}

nsdiffs_rows <- function(s) lapply(0:1, function(logged) {
    if (logged && any(s$y <= 0))
        return(NULL)
    y <- if (logged) log(s$y) else s$y
    D <- sapply(c("seas", "ocsb", "ch", "hegy"), function(test) nsdiffs(y, test = test))
    ocsb <- quiet(ocsb.test(y, maxlag = 3, lag.method = "AIC"))
    ch <- quiet(uroot::ch.test(y, type = "trig"))
    if (is.null(ocsb))
        ocsb <- list(statistics = NA, critical = NA, lag.order = -1)
    if (is.null(ch))
        ch <- list(statistics = c(joint = NA), pvalues = c(joint = NA), NW.order = -1)
    row(series = id(s), log = logged, D = sprintf("{%s}", wrap(D)), strength = num(forecast:::seas.heuristic(y)),
        ocsb = num(ocsb$statistics), ocsb_critical = num(ocsb$critical), ocsb_lags = ocsb$lag.order,
        ch = num(ch$statistics["joint"]), ch_p = num(ch$pvalues["joint"]), ch_lags = ch$NW.order)
})

# With the values at holes missing.
holes_row <- function(s) {
    y <- s$y
    y[s$holes] <- NA
    row(series = id(s), interpolated = if (s$m > 1) doubles(na.interp(y)[s$holes]) else "NULL", d = ndiffs(y), D = if (s$m > 1) nsdiffs(y) else -1,
        strength = num(if (s$m > 1) forecast:::seas.heuristic(y) else NA), guerrero = num(BoxCox.lambda(y)))
}

stl_row <- function(s, call) {
    fit <- do.call(stl, c(list(s$y), call))
    periodic <- is.character(call$s.window)
    row(series = id(s), s_window = if (periodic) -1 else call$s.window, s_degree = fit$deg["s"], t_window = fit$win["t"],
        t_degree = fit$deg["t"], l_window = fit$win["l"], l_degree = fit$deg["l"], inner = fit$inner, outer = fit$outer,
        s_jump = fit$jump["s"], t_jump = fit$jump["t"], l_jump = fit$jump["l"],
        seasonal = doubles(fit$time.series[, "seasonal"]), trend = doubles(fit$time.series[, "trend"]),
        weights = if (fit$outer) doubles(fit$weights) else "NULL")
}
stl_rows <- function(s) {
    calls <- list(list(s.window = "periodic"), list(s.window = 11))
    if (s$name %in% c("AirPassengers", "UKgas"))
        calls <- c(calls, list(list(s.window = "periodic", robust = TRUE), list(s.window = 7, robust = TRUE),
                               list(s.window = 13, t.window = 21, s.degree = 1, t.degree = 0),
                               list(s.window = 9, s.jump = 1, t.jump = 1, l.jump = 1)))
    lapply(calls, function(call) stl_row(s, call))
}

# Two sets of one-step errors: of the last value, and of the mean of the last two.
dm_rows <- function(s) {
    y <- as.numeric(s$y)
    t <- 3:length(y)
    e1 <- y[t] - y[t - 1]
    e2 <- y[t] - (y[t - 1] + y[t - 2]) / 2
    out <- NULL
    for (h in c(1, 5))
        for (power in 1:2)
            for (v in if (h == 1) "acf" else c("acf", "bartlett")) {
                tests <- lapply(c("two.sided", "less", "greater"), function(a) dm.test(e1, e2, a, h, power, v))
                out <- c(out, row(series = id(s), h = h, power = power, bartlett = +(v == "bartlett"),
                    used_h = tests[[1]]$parameter[1], stat = num(tests[[1]]$statistic),
                    p = sprintf("{%s}", wrap(num(sapply(tests, `[[`, "p.value"))))))
            }
    out
}

fourier_row <- function(m, K) {
    x <- fourier(ts(rnorm(2 * m), frequency = m), K = K, h = 3)
    row(m = m, K = K, n = 2 * m, columns = ncol(x), next_rows = doubles(t(x)))
}

header("series_tests.h", c("forecast", "tseries", "urca", "uroot"), '#include "rdata.h"', "
/* Tests and measures of all_series[series].y; of its first difference where diff is 1, its logarithm where log is 1. */

/* stats::acf and pacf at lags 1 to 25. */
struct acf_case { int series; double acf[25], pacf[25]; };
/* Box.test, Ljung-Box: p from chi-squared with lag - fitdf degrees of freedom. */
struct box_case { int series, diff, lag, fitdf; double stat, p; };
/* tseries::jarque.bera.test: n (skewness^2 / 6 + (kurtosis - 3)^2 / 24), moments by n; p from chi-squared with 2. */
struct jb_case { int series, diff; double stat, p; };
/* forecast::BoxCox.lambda. guerrero: R's optimize (Brent, tolerance 2^-13) over (-1, 2), over (0, 2) if a value is not
 * positive; guerrero_auto: over (-0.9, 2), as lambda = 'auto' has it. loglik: the best of -1, -0.95, ..., 2; NAN if a value is
 * not positive. */
struct lambda_case { int series; double guerrero, guerrero_auto, loglik; };
/* forecast::BoxCox, z, and InvBoxCox with biasadj for the forecast variance. */
struct boxcox_case { double lambda, x[5], z[5], variance, back_adjusted[5]; };
/* urca. test: kpss (ur.kpss), 'pp Z-tau', 'pp Z-alpha' (ur.pp), df (ur.df). lags as asked: short, long, nil; ndiffs is
 * trunc(3 sqrt(n) / 13); AIC6 and BIC6 choose among 1 to 6. used: the number taken. stat: the statistic, then those that ur.df
 * gives beside it (drift: phi1; trend: phi2, phi3). critical: kpss at 10, 5, 2.5, 1 %, others at 1, 5, 10 %; NAN for Z-alpha.
 * p: what ndiffs makes of it. forecast::ndiffs uses kpss with lags 'ndiffs' (p < 0.05: difference), df with 1 and pp Z-tau
 * with short (p > 0.05: difference); mu, drift, constant for its type level, tau, trend, trend for its type trend. */
struct unit_case { int series, diff; const char *test, *type, *lags; int used; double stat[3], critical[4], p; };
/* forecast::ndiffs with kpss, adf, pp. */
struct ndiffs_case { int series, level[3], trend[3]; };
/* forecast::nsdiffs, D with seas, ocsb, ch, hegy, and what they stand on: seas.heuristic (STL with s.window 11: D = 1 above
 * 0.64), ocsb.test with lags by AIC of at most 3 (D = 1 above critical; NAN: the test failed, D = 0), uroot::ch.test with
 * trigonometric regressors (joint statistic, ch_lags Newey-West lags; D = 1 where ch_p, a response surface, is below 0.05). */
struct nsdiffs_case {
    int series, log, D[4];
    double strength, ocsb, ocsb_critical;
    int ocsb_lags;
    double ch, ch_p;
    int ch_lags;
};
/* forecast with the values at holes missing: na.interp there, nsdiffs, seas.heuristic (NULL, -1, NAN where m is 1); ndiffs,
 * BoxCox.lambda. */
struct holes_case { int series; const double *interpolated; int d, D; double strength, guerrero; };
/* stats::stl; s_window -1 is periodic, which R runs with window 10 n + 1 and degree 0 and then takes the mean of each season.
 * The remainder is y - seasonal - trend; weights are those of the robust fit. */
struct stl_case {
    int series, s_window, s_degree, t_window, t_degree, l_window, l_degree, inner, outer, s_jump, t_jump, l_jump;
    const double *seasonal, *trend, *weights;
};
/* forecast::dm.test of e1[t] = y[t] - y[t-1] and e2[t] = y[t] - (y[t-1] + y[t-2]) / 2, t = 2, ..., n - 1 (from 0). p: two-sided,
 * less (e1 loses less), greater. used_h is 1 where the variance for h was not positive. */
struct dm_case { int series, h, power, bartlett, used_h; double stat, p[3]; };
/* forecast::fourier for a series of n values with period m: rows n + 1, n + 2, n + 3 (t from 1), each sin, cos of 1 to K; the
 * sine of K = m / 2 is left out. */
struct fourier_case { int m, K, n, columns; const double *next_rows; };",
       table_of("acf_case", "acf_cases", rows_of(twenty, acf_row)),
       table_of("box_case", "box_cases", rows_of(twenty, box_rows)),
       table_of("jb_case", "jb_cases", rows_of(twenty, jb_rows)),
       table_of("lambda_case", "lambda_cases", rows_of(twenty, lambda_row)),
       table_of("boxcox_case", "boxcox_cases", rows_of(list(-0.5, 0, 0.3, 1, 1.7), boxcox_row)),
       table_of("unit_case", "unit_cases", rows_of(twenty, unit_rows)),
       table_of("ndiffs_case", "ndiffs_cases", rows_of(twenty, ndiffs_row)),
       table_of("nsdiffs_case", "nsdiffs_cases", rows_of(seasonal, nsdiffs_rows)),
       table_of("holes_case", "holes_cases", rows_of(all[1:21], holes_row)),
       table_of("stl_case", "stl_cases", rows_of(seasonal, stl_rows)),
       table_of("dm_case", "dm_cases", rows_of(twenty, dm_rows)),
       table_of("fourier_case", "fourier_cases", c(fourier_row(12, 3), fourier_row(12, 6), fourier_row(7, 3), fourier_row(365, 2))))
