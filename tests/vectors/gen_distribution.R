# SPDX-License-Identifier: MIT
# Writes distribution.h: tails and quantiles by R, and a regression by lm. Rscript tests/vectors/gen_distribution.R
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "vectors.R"))

row <- function(...) paste0("    ", struct(...))
tail_rows <- function(x, df, tail) unlist(lapply(df, function(d) lapply(x, function(v) row(x = num(v), df1 = num(d), p = num(tail(v, d))))))
f_rows <- unlist(lapply(list(c(1, 1), c(1, 30), c(3, 7), c(40, 4), c(300, 200)), function(d) lapply(c(0.01, 0.3, 1, 1.7, 12, 400), function(f)
    row(x = num(f), df1 = num(d[1]), df2 = num(d[2]), p = num(pf(f, d[1], d[2], lower.tail = FALSE))))))
p <- c(1e-300, 1e-20, 1e-5, 0.01, 0.1, 0.2499, 0.25, 0.4, 0.5 - 1e-9, 0.5, 0.6, 0.75, 0.8, 0.975, 0.999999)
normal_rows <- lapply(p, function(v) row(x = num(v), p = num(qnorm(v))))
cdf_rows <- lapply(c(-37, -8, -2, -0.5, 0, 1e-8, 1, 3, 8, 40), function(v) row(x = num(v), p = num(pnorm(v))))

# The last column but one is the second and the third added.
set.seed(4)
x <- cbind(1, seq_len(12), rnorm(12), 0, round(rnorm(12), 3))
x[, 4] <- x[, 2] + x[, 3]
y <- rnorm(12)
fit <- lm(y ~ 0 + x)
s <- summary(fit)

header("distribution.h", NULL, "
/* Upper tails (cdf: lower; quantile: of p = x). */
struct tail_case { double x, df1, df2, p; };",
       table_of("tail_case", "chi2_cases", tail_rows(c(1e-8, 0.1, 1, 3.84, 10, 55, 300, 1200), c(1, 2, 5, 24, 365, 1000), function(v, d) pchisq(v, d, lower.tail = FALSE))),
       table_of("tail_case", "t_cases", tail_rows(c(-40, -2, -0.1, 0, 1e-9, 0.7, 2, 5, 60), c(1, 2.5, 10, 143, 1e4, 1e8), function(v, d) pt(v, d, lower.tail = FALSE))),
       table_of("tail_case", "f_cases", f_rows),
       table_of("tail_case", "cdf_cases", cdf_rows),
       table_of("tail_case", "quantile_cases", normal_rows),
       "/* lm(y ~ 0 + x), tolerance 1e-7; the fourth column is the second and the third added and is left out. */",
       paste0("static const double lm_x[5][12] = {\n    {", paste(apply(x, 2, function(v) wrap(num(v))), collapse = "},\n    {"), "} };"),
       sprintf("static const double lm_y[12] = {%s};", wrap(num(y))),
       sprintf("static const double lm_coef[5] = {%s};", wrap(num(coef(fit)))),
       sprintf("static const double lm_se[4] = {%s}; /* of those that stay */", wrap(num(coef(s)[, 2]))),
       sprintf("static const double lm_residuals[12] = {%s};", wrap(num(residuals(fit)))),
       sprintf("static const double lm_rss = %s;", num(deviance(fit))))
