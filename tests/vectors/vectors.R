# SPDX-License-Identifier: MIT
# What the R generators share: numbers and structs as C, and the series of rdata.h.
# Needs: apt-get install r-base-core r-cran-forecast r-cran-tseries r-cran-urca r-cran-uroot

script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
here <- dirname(normalizePath(script))

# The shortest of 15, 16, 17 digits that reads back to the same double.
num <- function(v) {
    v <- as.numeric(v)
    text <- sprintf("%.17g", v)
    for (digits in c("%.16g", "%.15g")) {
        shorter <- sprintf(digits, v)
        same <- !is.na(v) & as.numeric(shorter) == v
        text[same] <- shorter[same]
    }
    ifelse(is.na(v), "NAN", ifelse(is.infinite(v), ifelse(v > 0, "INFINITY", "-INFINITY"), text))
}

str <- function(v) ifelse(is.na(v), "NULL", sprintf('"%s"', v))
wrap <- function(cells) paste(strwrap(paste(cells, collapse = ", "), 124), collapse = "\n    ")
array_of <- function(type, cells) if (length(cells)) sprintf("(const %s[]){%s}", type, wrap(cells)) else "NULL"
doubles <- function(v) array_of("double", num(v))
ints <- function(v) array_of("int", as.integer(v))
strs <- function(v) array_of("char *const", str(v))
# {.a = 1, .b = 2} of named texts
struct <- function(...) {
    f <- list(...)
    sprintf("{%s}", paste(sprintf(".%s = %s", names(f), unlist(f)), collapse = ", "))
}
structs <- function(type, rows) if (length(rows)) sprintf("(const struct %s[]){\n    %s}", type, paste(rows, collapse = ",\n    ")) else "NULL"
table_of <- function(type, name, rows)
    sprintf("static const struct %s %s[] = {\n%s\n};\nenum { N_%s = sizeof %s / sizeof *%s };",
            type, name, paste(rows, collapse = ",\n"), toupper(name), name, name)

# Writes a header: first line of origin, then the pieces.
header <- function(file, packages, ..., arguments = "") {
    versions <- sapply(packages, function(p) paste(p, packageVersion(p)))
    guard <- paste0("VECTORS_", toupper(sub(".h", "_H", file, fixed = TRUE)))
    writeLines(c(sprintf("/* tests/vectors/%s, %s; Rscript tests/vectors/%s%s */", basename(script),
                         paste(c(paste("R", getRversion()), versions), collapse = ", "), basename(script), arguments),
                 "/* SPDX-License-Identifier: MIT */", sprintf("#ifndef %s\n#define %s\n#include <math.h>\n#include <stddef.h>", guard, guard),
                 paste(..., sep = "\n\n"), "#endif"),
               file.path(here, file))
}

# The series of rdata.h by name: list(y, m, holes), y a ts of frequency m, holes the places (from 1) that are taken out.
read_series <- function() {
    lines <- readLines(file.path(here, "rdata.h"))
    block <- function(start) {
        end <- start + which(grepl("^};", lines[-seq_len(start)]))[1] - 1
        scan(text = gsub(",", " ", lines[(start + 1):end]), quiet = TRUE)
    }
    all <- list()
    for (at in grep("^static const double y_", lines)) {
        name <- sub("^static const double y_(\\w+)\\[.*", "\\1", lines[at])
        row <- grep(sprintf('.name = "%s"', name), lines, fixed = TRUE, value = TRUE)
        m <- as.integer(sub(".*\\.m = ([0-9]+).*", "\\1", row))
        holes <- block(grep(sprintf("^static const int holes_%s\\[", name), lines)) + 1
        all[[name]] <- list(name = name, y = ts(block(at), frequency = m), m = m, holes = holes)
    }
    all
}
