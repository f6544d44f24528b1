# SPDX-License-Identifier: MIT
# Writes rdata.h: the series that the ARIMA and test vectors are made of. Rscript tests/vectors/gen_rdata.R /path/to/rdatasets
#
# Twenty series of R's data sets as CSV, one weekly series made here, and two regressors. All values, no transformation. `holes` are the places, from 0, of the 10 % of values taken out where
# a case says so. The other generators read rdata.h, so that they need no data beside the project.
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "vectors.R"))

rows <- read.table(header = TRUE, text = "
name           file               column       m
AirPassengers  AirPassengers      value       12
BJsales        BJsales            value        1
EuStockMarkets EuStockMarkets     DAX          1
JohnsonJohnson JohnsonJohnson     value        4
Nile           Nile               value        1
UKgas          UKgas              value        4
WWWusage       WWWusage           value        1
wineind        forecast_wineind   value       12
a10            fpp2_a10           value       12
austourists    fpp2_austourists   value        4
elecequip      fpp2_elecequip     value       12
goog200        fpp2_goog200       value        1
oil            fpp2_oil           value        1
uschange       fpp2_uschange      Consumption  4
ldeaths        ldeaths            value       12
lh             lh                 value        1
lynx           lynx               value        1
nhtemp         nhtemp             value        1
sunspots       sunspots           value        1
treering       treering           value        1
weekly         -                  -           52
Income         fpp2_uschange      Income       4
Unemployment   fpp2_uschange      Unemployment 4")

weekly <- function() {
    set.seed(52)
    t <- 1:260
    round(100 + 0.05 * t + 8 * sin(2 * pi * t / 52) + 3 * cos(6 * pi * t / 52) + cumsum(rnorm(260, sd = 0.6)) + rnorm(260), 3)
}

folder <- commandArgs(TRUE)[1]
arrays <- entries <- NULL
for (i in seq_len(nrow(rows))) {
    r <- rows[i, ]
    y <- if (r$file == "-") weekly() else read.csv(file.path(folder, paste0(r$file, ".csv")))[[r$column]]
    n <- length(y)
    set.seed(4000 + i)
    holes <- sort(sample(n, round(n / 10))) - 1
    arrays <- c(arrays, sprintf("static const double y_%s[%d] = {\n    %s\n};", r$name, n, wrap(num(y))),
                sprintf("static const int holes_%s[%d] = {\n    %s\n};", r$name, length(holes), wrap(as.integer(holes))))
    entries <- c(entries, paste0("    ", struct(name = str(r$name), file = if (r$file == "-") "NULL" else str(paste0(r$file, ".csv")),
        column = if (r$column == "-") "NULL" else str(r$column), m = r$m, n = n, y = paste0("y_", r$name),
        n_holes = length(holes), holes = paste0("holes_", r$name))))
}
header("rdata.h", NULL, arguments = " /path/to/rdatasets", "
/* A series: file and column of the CSV, natural period m, n values y, and the places (from 0) of the tenth that is taken out
 * where a case says holes. The first N_TWENTY are the twenty; then weekly, made by the generator, without a file, and two
 * regressors for uschange. */
struct ts {
    const char *name, *file, *column;
    int m, n;
    const double *y;
    int n_holes;
    const int *holes;
};", paste(arrays, collapse = "\n\n"),
       sprintf("enum { %s };", wrap(paste0("TS_", rows$name))),
       table_of("ts", "all_series", entries), "enum { N_TWENTY = 20 };")
