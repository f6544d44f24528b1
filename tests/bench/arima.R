# SPDX-License-Identifier: MIT
# R's side of `sh tests/bench/run.sh arima`, driven by arima.py: Rscript arima.R FOLDER. A line "CASE REPEAT" on standard input
# runs a case so often and answers "seconds loglik order", the seconds of one run.
suppressMessages(library(forecast))
folder <- commandArgs(TRUE)[1]
monthly <- function(name) ts(scan(file.path(folder, name), quiet = TRUE), frequency = 12)
air <- monthly("air")
oil <- scan(file.path(folder, "oil"), quiet = TRUE)
cases <- list(
    airline_fit = function() arima(log(air), c(0, 1, 1), list(order = c(0, 1, 1))),
    oil_sarima_fit = function() arima(oil, c(3, 1, 2), list(order = c(1, 0, 1), period = 12)),
    auto_air = function() auto.arima(air),
    auto_air_full = function() auto.arima(log(air), stepwise = FALSE, approximation = FALSE),
    auto_oil = function() auto.arima(oil))
connection <- file("stdin", "r")
cat("ready\n")
while (length(line <- readLines(connection, 1))) {
    words <- strsplit(line, " ")[[1]]
    seconds <- system.time(for (i in seq_len(as.integer(words[2]))) fit <- cases[[words[1]]]())[["elapsed"]]
    cat(sprintf("%.9g %.9g %s\n", seconds / as.integer(words[2]), fit$loglik, paste(fit$arma[c(1, 6, 2, 3, 7, 4)], collapse = ",")))
}
