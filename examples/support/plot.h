/* SPDX-License-Identifier: MIT */
/* Plots by gnuplot: NAME.dat (columns), NAME.gp (the script, to be changed and run again) and NAME.png.
 *
 *     plots p;
 *     if (plots_begin(&p, "out/p1")) return 1;
 *     plots_lines(&p, &(plot){ "loss", "Loss", "epoch", "MSE", .lines = lines, .n_lines = 2, .n = n });
 *     plots_end(&p);              // says what is where
 *
 * Without gnuplot the first two are written, and plots_end says so. */
#ifndef HW3_EXAMPLES_PLOT_H
#define HW3_EXAMPLES_PLOT_H
#include <stdint.h>

typedef struct plots {
    const char *dir;
    int n;      /* written */
    int n_png;  /* drawn */
    int failed; /* a message is on stderr */
} plots;

typedef struct plot_line {
    const char *label; /* NULL: in the look of the line before, without a label */
    const double *y;   /* [n], NaN leaves a gap */
} plot_line;

typedef struct plot {
    const char *name; /* of the files */
    const char *title, *x_label, *y_label;
    const plot_line *lines;
    int n_lines;
    int log_y;           /* logarithmic y axis */
    int64_t n;           /* points */
    const int32_t *days; /* [n] dates as x; NULL for 1, 2, 3, ... */
    plot_line below;     /* a line in a panel of its own below, when below.y is given */
    const double *x;     /* [n] numbers as x, in any order for points */
    int log_x;           /* base of a logarithmic x axis, 0 for none */
    int y_from_zero;
    int n_points;        /* so many of the lines, from the last on, are points */
} plot;

typedef struct plot_matrix {
    const char *name, *title, *x_label, *y_label;
    const double *a; /* [n, n] */
    int n, block;    /* the blocks are block x block */
    int first;       /* number of the first block, in both directions */
    int crosses;     /* 1: a cross in the middle of every block */
    const char *const *labels; /* of the blocks in place of numbers; NULL for none */
} plot_matrix;

/* Makes the folder, also within others that are not there. Returns 0, or -1 with a line on stderr. */
int plots_begin(plots *p, const char *dir);

void plots_lines(plots *p, const plot *what);

/* Lines in panels one above the other, each with its own points; name, days, below and scales of the panels are not used. */
void plots_panels(plots *p, const char *name, const plot *panels, int n_panels);

/* Counts y in equal bins from its least to its greatest value; NaN is left out. */
void plots_histogram(plots *p, const char *name, const char *title, const char *x_label, const double *y, int64_t n, int n_bins);

/* Autocorrelations and partial ones at lags 1 to n_lags, one above the other, with the band that white noise keeps to. */
void plots_correlations(plots *p, const char *name, const char *title, const double *acf, const double *pacf, int64_t n_lags,
                        double band);

/* Draws a matrix: red above 0, blue below, blocks of nothing but zeros grey. */
void plots_matrix(plots *p, const plot_matrix *what);

/* Prints one line. Returns 0, or -1 when a file could not be written. */
int plots_end(plots *p);

#endif
