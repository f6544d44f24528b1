# SPDX-License-Identifier: MIT
# Writes auto.h: what forecast::auto.arima chooses, every candidate on its way, and the forecasts.
# Rscript tests/vectors/gen_auto.R (four minutes; after gen_rdata.R). The layout is told in auto.h.
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "vectors.R"))
suppressPackageStartupMessages(library(forecast))
options(warn = -1)
all <- read_series()
H <- 10

# Each candidate that auto.arima tries, by a listener around its function myarima.
tried <- NULL
offset_seen <- 0
original <- forecast:::myarima
listener <- function(x, order = c(0, 0, 0), seasonal = c(0, 0, 0), constant = TRUE, ic = "aic", trace = FALSE,
                     approximation = FALSE, offset = 0, xreg = NULL, method = NULL, ...) {
    fit <- original(x, order, seasonal, constant, ic, trace, approximation, offset, xreg, method, ...)
    raw <- if (is.null(fit[[ic]])) NA else fit[[ic]]
    reason <- if (is.null(fit$arma)) 1 else if (fit$ic < Inf) 0 else if (min_root(fit) < 1.01) 2 else 3
    offset_seen <<- if (approximation) offset else offset_seen
    tried <<- c(tried, sprintf("{{%s}, %d, %d, %d, %s, %s}", paste(c(order, seasonal), collapse = ", "), constant, approximation,
                               reason, num(fit$ic), num(if (is.finite(raw)) raw else NA)))
    fit
}
min_root <- function(fit) {
    lowest <- function(v) {
        v <- v[seq_len(max(0, which(abs(v) > 1e-8)))]
        if (length(v)) min(Mod(polyroot(c(1, v)))) else Inf
    }
    min(lowest(-fit$model$phi), lowest(fit$model$theta))
}
assignInNamespace("myarima", listener, "forecast")

ten <- function(v) sprintf("{%s}", wrap(num(v)))
defaults <- list(stepwise = TRUE, approximation = NULL, ic = "aicc", test = "kpss", seasonal.test = "seas", lambda = NULL,
                 biasadj = FALSE, d = NA, D = NA, max.p = 5, max.q = 5, max.P = 2, max.Q = 2, max.order = 5,
                 stationary = FALSE, seasonal = TRUE, allowmean = TRUE, allowdrift = TRUE)

case_row <- function(name, options = list(), own = NULL, holes = FALSE, x = NULL) {
    y <- if (is.null(own)) all[[name]]$y else own
    if (holes)
        y[all[[name]]$holes] <- NA
    said <- paste(sprintf("%s=%s", names(options), sapply(options, format)), collapse = " ")
    label <- paste(c(name, if (length(options)) said, if (holes) "holes", if (!is.null(x)) "xreg"), collapse = " ")
    tried <<- NULL
    offset_seen <<- 0
    n <- length(y)
    call <- c(list(y), options, if (!is.null(x)) list(xreg = x[1:n, , drop = FALSE]))
    seconds <- system.time(fit <- do.call(auto.arima, call))[3]
    message(sprintf("%6.1f s  %s: %s", seconds, label, as.character(fit)))
    o <- modifyList(defaults, options)
    if (is.null(o$approximation))
        o$approximation <- n > 150 || frequency(y) > 12
    lambda <- if (is.null(fit$lambda)) NA else as.numeric(fit$lambda)
    p <- if (is.null(x)) forecast(fit, h = H) else forecast(fit, xreg = x[n + 1:H, , drop = FALSE])
    paste0("    ", struct(
        call = str(label), series = if (is.null(own)) paste0("TS_", name) else -1, holes = +holes,
        n = if (is.null(own)) 0 else n, m = frequency(y), y = if (is.null(own)) "NULL" else doubles(own),
        n_xreg = NCOL(x) * !is.null(x), xreg = if (is.null(x)) "NULL" else doubles(x),
        stepwise = +o$stepwise, approximation = +o$approximation, ic = str(o$ic), test = str(o$test),
        seasonal_test = str(o$seasonal.test), lambda_auto = +identical(o$lambda, "auto"), lambda = num(lambda), biasadj = +o$biasadj,
        d = if (is.na(o$d)) -1 else o$d, D = if (is.na(o$D)) -1 else o$D,
        max_p = o$max.p, max_q = o$max.q, max_P = o$max.P, max_Q = o$max.Q, max_order = o$max.order,
        stationary = +o$stationary, seasonal = +o$seasonal, allowmean = +o$allowmean, allowdrift = +o$allowdrift,
        found = sprintf("{%s}", paste(fit$arma[c(1, 6, 2, 3, 7, 4)], collapse = ", ")),
        constant = +any(c("intercept", "drift") %in% names(fit$coef)), n_coef = length(fit$coef), names = strs(names(fit$coef)),
        coef = doubles(fit$coef), sigma2 = num(fit$sigma2), loglik = num(fit$loglik),
        aic = num(fit$aic), aicc = num(fit$aicc), bic = num(fit$bic), mean = ten(p$mean),
        lower80 = ten(p$lower[, 1]), upper80 = ten(p$upper[, 1]), lower95 = ten(p$lower[, 2]), upper95 = ten(p$upper[, 2]),
        offset = num(offset_seen), n_tried = length(tried), tried = structs("auto_tried", tried)))
}

twenty <- names(all)[1:20]
rows <- sapply(twenty, case_row)
for (name in twenty)
    if (length(all[[name]]$y) > 150)
        rows <- c(rows, case_row(name, list(approximation = FALSE)))
for (name in c("BJsales", "JohnsonJohnson", "Nile", "UKgas", "WWWusage", "austourists", "goog200", "oil", "uschange", "ldeaths",
               "lh", "lynx", "nhtemp", "AirPassengers", "wineind"))
    rows <- c(rows, case_row(name, list(stepwise = FALSE)))
for (name in c("AirPassengers", "UKgas", "a10", "lynx", "WWWusage"))
    rows <- c(rows, case_row(name, list(lambda = "auto")), case_row(name, list(lambda = "auto", biasadj = TRUE)))
options_of <- list(
    list("AirPassengers", list(lambda = 0)), list("AirPassengers", list(lambda = 0, biasadj = TRUE)),
    list("JohnsonJohnson", list(lambda = 0)), list("lynx", list(lambda = 0.3, biasadj = TRUE)), list("oil", list(lambda = 0.5)),
    list("AirPassengers", list(lambda = 0, stepwise = FALSE)),
    list("AirPassengers", list(ic = "bic")), list("WWWusage", list(ic = "aic")), list("lynx", list(ic = "bic")),
    list("UKgas", list(test = "adf")), list("Nile", list(test = "pp")), list("JohnsonJohnson", list(test = "pp")),
    list("AirPassengers", list(seasonal.test = "ocsb")), list("AirPassengers", list(lambda = 0, seasonal.test = "ocsb")),
    list("UKgas", list(seasonal.test = "ch")), list("ldeaths", list(seasonal.test = "ch")),
    list("AirPassengers", list(seasonal = FALSE)), list("ldeaths", list(D = 0)), list("austourists", list(d = 1, D = 1)),
    list("lh", list(stationary = TRUE)), list("Nile", list(d = 0, allowmean = FALSE)), list("oil", list(allowdrift = FALSE)),
    list("lynx", list(max.order = 3, stepwise = FALSE)), list("uschange", list(max.p = 1, max.q = 1)))
for (o in options_of)
    rows <- c(rows, case_row(o[[1]], o[[2]]))
for (name in c("Nile", "UKgas", "lh", "WWWusage", "ldeaths"))
    rows <- c(rows, case_row(name, holes = TRUE))
# A sum of squares has a lower minimum beyond the invertible region (wind, vans); values are missing (gold, ozone, presidents).
others <- list(LakeHuron = LakeHuron, nottem = nottem, USAccDeaths = USAccDeaths, UKDriverDeaths = UKDriverDeaths,
               sunspot.year = sunspot.year, wind = ts(airquality$Wind, frequency = 7), vans = Seatbelts[, "VanKilled"], cars = ts(cars$dist), gold = gold,
               ozone = ts(airquality$Ozone, frequency = 7), presidents = presidents)
for (name in names(others))
    rows <- c(rows, case_row(name, own = others[[name]]))
rows <- c(rows, case_row("presidents", list(approximation = TRUE), own = presidents),
    case_row("ozone", list(lambda = 0), own = others$ozone),
    case_row("wind", own = others$wind, x = cbind(temperature = c(airquality$Temp, rep(75, H)))),
    case_row("uschange", x = cbind(income = c(all$Income$y, rep(0.7, H)), unemployment = c(all$Unemployment$y, rep(0.1, H)))),
    case_row("constant", own = rep(5, 12)), case_row("zero", own = rep(0, 12)), case_row("line", own = 1:20 + 0),
    case_row("square", own = (1:20)^2), case_row("steps", own = ts(rep(c(1, 2, 3, 4), 6), frequency = 4)),
    case_row("stairs", own = ts(rep(c(1, 2, 3, 4), 6) + rep(0:5, each = 4), frequency = 4)),
    case_row("one", own = 3), case_row("two", own = c(1, 2)), case_row("three", own = c(1, 4, 2)),
    case_row("five", own = c(1, 4, 2, 5, 3)), case_row("nine", own = c(3, 1, 4, 1, 5, 9, 2, 6, 5)),
    case_row("two values", own = rep(c(0, 1, 1, 0, 1), 6)), case_row("short year", own = ts(c(3, 1, 4, 1, 5, 9, 2, 6), frequency = 12)))

header("auto.h", "forecast", '#include "rdata.h"', "
/* forecast::auto.arima(y, ...) with the options below; those that are not there have their defaults.
 *  - y is all_series[series].y (holes: without all_series[series].holes), or, where series is -1, the n values of y.
 *  - lambda is the one used, NAN without; lambda_auto: it was found by Guerrero over (-0.9, 2). biasadj as forecast has it.
 *  - d and D -1: found by test (level) and seasonal_test. approximation is the default's outcome where none was asked for.
 *  - xreg: n_xreg columns one after the other, each n + 10 long.
 *  - found: p, d, q, P, D, Q. constant: an intercept or a drift is among names. coef, loglik, aic as in arima.h, on the scale of
 *    lambda; the last fit is CSS-ML. sigma2 is the sum of squares over nobs - free parameters, and intervals are made with it.
 *    aicc = aic + 2 k (k + 1) / (nobs - k - 1), bic = aic + k (log nobs - 2), k free parameters and sigma2.
 *    nobs there is the values between the first and the last one present - d - m D, without the missing ones.
 *  - mean, lower, upper: ten forecasts on the scale of y, with intervals at 80 and 95 %.
 *  - tried: every fit, in order; an approximate one is CSS with aic = offset + nobs log(sigma2) + 2 k, where offset is
 *    -2 loglik - n log(sigma2) of a CSS-ML fit of (0,d,0)(0,D,0), n the values from the first to the last that are present.
 *    reason why it is not eligible (ic infinite): 0 eligible, 1 R's arima failed, 2 an AR or MA root below 1.01, 3 a negative
 *    variance of a parameter. raw: its criterion all the same, NAN if there is none. An approximate search ends with a fit
 *    without approximation of the best, or of the next ones while that is not eligible.
 *    tried is empty where R knows the model without a search: a series that is constant, at once or after differencing.
 *  - With three values or fewer R takes aic for ic. */
struct auto_tried {
    int order[6], constant, approximate, reason;
    double ic, raw;
};
struct auto_case {
    const char *call;
    int series, holes, n, m;
    const double *y;
    int n_xreg;
    const double *xreg;
    int stepwise, approximation;
    const char *ic, *test, *seasonal_test;
    int lambda_auto;
    double lambda;
    int biasadj, d, D, max_p, max_q, max_P, max_Q, max_order, stationary, seasonal, allowmean, allowdrift;
    int found[6], constant, n_coef;
    const char *const *names;
    const double *coef;
    double sigma2, loglik, aic, aicc, bic, mean[10], lower80[10], upper80[10], lower95[10], upper95[10], offset;
    int n_tried;
    const struct auto_tried *tried;
};", table_of("auto_case", "auto_cases", rows))
