# SPDX-License-Identifier: MIT
# Writes arima.h: fits and forecasts of stats::arima, for tests of the likelihood at R's own parameters, of the optimum, and
# of forecasts. Rscript tests/vectors/gen_arima.R (half a minute; after gen_rdata.R). The layout is told in arima.h.
#
# A model is written "pdq", "pdq-PDQ", with words after it: log (of the series), nomean (include.mean = FALSE), drift (regressor
# 1, 2, ..., n), x (the two regressors below), ross (SSinit = "Rossignol2011"), fixK=V (parameter K, from 1, held at V).
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "vectors.R"))
all <- read_series()

level <- c("100", "002", "101", "300", "212", "011", "110 drift", "001 nomean")
growth <- c("110", "011", "111 drift", "210", "013", "022", "121", "100")
quarter <- c("011-011", "111-011", "210-110", "100-011 drift", "012-110", "200-100", "002-001", "021-011")
models <- list(
    AirPassengers = paste("log", c("011-011", "111-011", "210-011", "100-011 drift", "013-110", "200-100", "002-002", "021-011",
                                   "111-101", "011-011 ross", "200-011 x", "310-011 fix2=0", "400-010 nomean", "302-011",
                                   "100-100")),
    BJsales = c(growth, "101 x", "210 fix1=0"),
    EuStockMarkets = c("log 110", "log 011", "log 111 drift", "log 210", "log 013", "022"),
    JohnsonJohnson = c(paste("log", quarter), "011-011", "104"),
    Nile = c(level, "111", "101 x", "101 ross"),
    UKgas = c(paste("log", c(quarter, "013", "202", "104")), "011-011"),
    WWWusage = c(growth, "310", "111 ross", "310 fix2=0"),
    wineind = c("011-011", "111-011", "110-011", "100-011 drift", "012-110", "200-100", "001-002", "112-101", "011-011 x"),
    a10 = paste("log", c("011-011", "111-011", "300-110 drift", "210-011", "013-110", "200-200", "301-012")),
    austourists = c(paste("log", quarter[1:4]), "100-011", "012-110", "200-101", "021-011", "100-110 drift x"),
    elecequip = c("011-011", "111-011", "310-011", "100-011 drift", "013-110", "200-100", "003-001"),
    goog200 = c(growth, "010", "010 drift", "212"),
    oil = c(growth, "010", "100 x"),
    uschange = c("100", "003", "103-001", "200-200", "101-101", "300-001", "011-001", "102 x", "001 x nomean"),
    ldeaths = c("100-100", "001-011", "100-010", "200-110", "012-011", "101-100 x", "000-011 drift", "000-200", "101-010 ross", "000-101"),
    lh = c(level, "300 fix2=0", "303", "101 ross", "000"),
    lynx = c(paste("log", c("200", "300", "201", "003", "212", "400 ross", "1100", "700 fix5=0")), "200", "202", "303"),
    nhtemp = c(level, "011 drift", "111", "012", "100 drift"),
    sunspots = c("300", "003", "201", "111", "212", "310"),
    treering = c("100", "002", "201", "101", "212", "300"),
    weekly = c("011-011", "101-011", "100-100", "110-010 drift"))

parse_model <- function(text) {
    words <- strsplit(text, " ")[[1]]
    spec <- grep("^[0-9]+(-[0-9]+)?$", words, value = TRUE)
    parts <- strsplit(spec, "-")[[1]]
    # All but the last two digits are p, so that 1100 is (11,0,0).
    orders <- lapply(parts, function(s) as.integer(c(substr(s, 1, nchar(s) - 2), strsplit(substring(s, nchar(s) - 1), "")[[1]])))
    fix <- strsplit(sub("^fix", "", grep("^fix", words, value = TRUE)), "=")
    list(order = orders[[1]], seasonal = if (length(orders) > 1) orders[[2]] else c(0L, 0L, 0L), text = text,
         log = "log" %in% words, mean = !("nomean" %in% words), drift = "drift" %in% words, x = "x" %in% words,
         ross = "ross" %in% words, fix = fix)
}

# n + h rows of the regressors: drift, then a sine of period 7 and a cosine of period 10, or Income and Unemployment.
regressors <- function(s, model, n, h) {
    t <- seq_len(n + h)
    x <- NULL
    if (model$drift)
        x <- cbind(x, drift = t)
    if (model$x && s$name == "uschange")
        x <- cbind(x, income = c(all$Income$y, rep(0.7, h)), unemployment = c(all$Unemployment$y, rep(0.1, h)))
    else if (model$x)
        x <- cbind(x, wave = round(sin(2 * pi * t / 7), 6), swing = round(cos(2 * pi * t / 10), 6))
    x
}

fit_row <- function(method, y, m, model, x, h) {
    n <- length(y)
    call <- list(x = y, order = model$order, seasonal = list(order = model$seasonal, period = m), include.mean = model$mean,
                 method = method, SSinit = if (model$ross) "Rossignol2011" else "Gardner1980", optim.control = list(maxit = 1000))
    if (!is.null(x))
        call$xreg <- x[1:n, , drop = FALSE]
    if (length(model$fix)) {
        n_coef <- sum(model$order[-2], model$seasonal[-2]) + length(x) %/% (n + h) +
            (model$mean && model$order[2] + model$seasonal[2] == 0)
        call$fixed <- rep(NA_real_, n_coef)
        for (f in model$fix)
            call$fixed[as.integer(f[1])] <- as.numeric(f[2])
        call$transform.pars <- FALSE
    }
    fit <- tryCatch(suppressWarnings(do.call(stats::arima, call)), error = function(e) conditionMessage(e))
    if (is.character(fit)) {
        message(sprintf("    %s: %s", method, fit))
        return(NULL)
    }
    if (fit$sigma2 < 1e-10 * var(y, na.rm = TRUE)) {
        message(sprintf("    %s: holes leave too few residuals", method))
        return(NULL)
    }
    if (fit$code)
        message(sprintf("    %s: code %d", method, fit$code))
    se <- rep(0, length(fit$coef))
    se[fit$mask] <- suppressWarnings(sqrt(diag(fit$var.coef)))
    p <- predict(fit, h, newxreg = if (!is.null(x)) x[n + 1:h, , drop = FALSE])
    row <- struct(method = str(method), code = fit$code, nobs = fit$nobs, coef = doubles(fit$coef), se = doubles(se),
                  sigma2 = num(fit$sigma2), loglik = num(fit$loglik), aic = num(fit$aic),
                  mean = doubles(p$pred), mean_se = doubles(p$se))
    list(row = row, names = names(fit$coef), fixed = call$fixed)
}

case_row <- function(s, model, holes) {
    h <- if (s$m == 1) 12 else max(12, 2 * s$m)
    y <- if (model$log) log(s$y) else s$y
    if (holes)
        y[s$holes] <- NA
    n <- length(y)
    message(sprintf("%s %s%s", s$name, model$text, if (holes) " holes" else ""))
    x <- regressors(s, model, n, h)
    # R's CSS hands a missing residual on to every later one of a moving average, so with holes it means nothing there.
    with_ma <- model$order[3] + model$seasonal[3] > 0
    methods <- if (s$m > 12 || holes && with_ma) "ML" else if (holes) c("ML", "CSS") else c("CSS-ML", "ML", "CSS")
    fits <- Filter(Negate(is.null), lapply(methods, fit_row, y, s$m, model, x, h))
    if (!length(fits))
        return(NULL)
    paste0("    ", struct(
        model = str(sprintf("%s %s%s", s$name, model$text, if (holes) " holes" else "")),
        series = sprintf("TS_%s", s$name), log = +model$log, holes = +holes,
        order = sprintf("{%s}", paste(c(model$order, model$seasonal), collapse = ", ")), m = s$m,
        mean = +(model$mean && model$order[2] + model$seasonal[2] == 0), drift = +model$drift, rossignol = +model$ross,
        n_xreg = 2 * model$x, xreg = if (model$x) doubles(x[, seq_len(ncol(x)) > model$drift]) else "NULL",
        fixed = doubles(fits[[1]]$fixed), n_coef = length(fits[[1]]$names), names = strs(fits[[1]]$names), h = h,
        n_fits = length(fits), fits = structs("arima_fit", sapply(fits, `[[`, "row"))))
}

# One step ahead over a test part at the parameters of the training part: forecast::Arima(y, model = fit).
update_row <- function(name, text) {
    model <- parse_model(text)
    y <- if (model$log) log(all[[name]]$y) else all[[name]]$y
    n <- length(y)
    n_train <- n - min(24, n %/% 4)
    train <- ts(y[1:n_train], frequency = frequency(y))
    fit <- forecast::Arima(train, order = model$order, seasonal = model$seasonal, include.drift = model$drift,
                           include.mean = model$mean, method = "ML")
    whole <- suppressWarnings(forecast::Arima(y, model = fit))
    paste0("    ", struct(
        model = str(paste(name, text)), series = sprintf("TS_%s", name), log = +model$log,
        order = sprintf("{%s}", paste(c(model$order, model$seasonal), collapse = ", ")), m = frequency(y),
        mean = +("intercept" %in% names(fit$coef)), drift = +model$drift, n_coef = length(fit$coef), n_train = n_train,
        coef = doubles(fit$coef), sigma2 = num(fit$sigma2), loglik = num(whole$loglik),
        forecast = doubles(fitted(whole)[(n_train + 1):n]), residuals = doubles(residuals(whole))))
}

rows <- NULL
for (name in names(models)) {
    for (text in models[[name]]) {
        model <- parse_model(text)
        rows <- c(rows, case_row(all[[name]], model, FALSE))
    }
    for (text in if (name == "weekly") models[[name]][1] else models[[name]])
        rows <- c(rows, case_row(all[[name]], parse_model(text), TRUE))
}
updates <- mapply(update_row, c("AirPassengers", "Nile", "WWWusage", "goog200", "UKgas", "lynx", "ldeaths"),
                  c("log 011-011", "101", "111", "011 drift", "log 111-011", "log 200", "100-100"))

header("arima.h", "forecast", '#include "rdata.h"', "
/* How R sees a model, and how the fields are to be read.
 *  - y, or log y where log says so; where holes says so, missing at the places in all_series[series].holes.
 *  - coef in the order of names: ar, ma, sar, sma, intercept, then regressors. Signs as R's: y[t] = ar1 y[t-1] + ... + e[t] +
 *    ma1 e[t-1] + ...; seasonal polynomials multiply the plain ones.
 *  - intercept is the mean of y less regressors, present only without differencing. drift is a regressor 1, 2, ..., n, whose
 *    future goes on n+1, ...; with differencing regressors are differenced with y, inside the state space.
 *  - xreg holds n_xreg columns one after the other, each n + h long: the last h are the future. drift is not in it.
 *  - fixed: NAN where free; then R does not transform parameters (transform.pars = FALSE). se of a fixed parameter is 0; a
 *    NAN in se is the root of a negative variance. se come from a difference Hessian of optim: good to about 1e-3.
 *  - ML: differencing by the state space with kappa 1e6; a step whose innovation variance F is 1e4 or more counts neither in
 *    the sum of squares S nor in the mean of log F nor in their number nu. nobs = values present - d - m D, sigma2 = S/nobs (no
 *    degrees of freedom taken off), loglik = -(nobs/2)(1 + log(2 pi) + log(S/nu) + mean log F). nu is nobs without holes.
 *  - CSS: the first n.cond = d + m D + p + m P residuals are 0 and left out. sigma2 is the mean square of the residuals after
 *    them that are present; nobs is as above; loglik = -(nobs/2)(1 + log(2 pi sigma2)); aic is NAN. With holes only where there
 *    is no moving average. Forecasts of a CSS fit come from the filter too, at the CSS coef and sigma2.
 *  - aic = -2 loglik + 2 (free parameters + 1).
 *  - code is optim's (0 converged). R's optima are optim's: reltol 1e-8 on loglik/nobs, gradients by differences of 1e-3.
 *  - mean and mean_se: the h next steps and their standard errors, of log y where log says so. The state after the last value
 *    is the filter's; sigma2 as above.
 *  - A fit that R refused (a non-stationary start from CSS, a singular Hessian) is left out. */
struct arima_fit {
    const char *method;
    int code, nobs;
    const double *coef, *se;
    double sigma2, loglik, aic;
    const double *mean, *mean_se;
};
struct arima_case {
    const char *model;
    int series, log, holes, order[6], m, mean, drift, rossignol, n_xreg;
    const double *xreg, *fixed;
    int n_coef;
    const char *const *names;
    int h, n_fits;
    const struct arima_fit *fits;
};
/* forecast::Arima(y, model = fit of the first n_train): forecast is of one step for n_train, ..., n - 1, at coef and sigma2 of
 * the training part (sigma2 there is the sum of squares over nobs - n_coef, unlike arima's). residuals are those of the whole
 * series, e / sqrt(F) also where F is large; forecast = y - residual, as forecast::fitted has it. */
struct arima_update {
    const char *model;
    int series, log, order[6], m, mean, drift, n_coef, n_train;
    const double *coef;
    double sigma2, loglik;
    const double *forecast, *residuals;
};", table_of("arima_case", "arima_cases", rows), table_of("arima_update", "arima_updates", updates))
