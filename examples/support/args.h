/* SPDX-License-Identifier: MIT */
/* Command lines by one table of options, which also makes --help.
 *
 *     int64_t epochs = 50;
 *     const char *file = "prices.csv";
 *     const arg options[] = {
 *         { "FILE", ARG_TEXT, &file, 0, 0, "the data" },
 *         { "--epochs", ARG_INT, &epochs, 1, 100000, "passes over the training part" },
 *         ARGS_END
 *     };
 *     int stop = args_parse(argc, argv, "What the program does.", options);
 *     if (stop) return stop == ARGS_HELP ? 0 : 2; */
#ifndef HW3_EXAMPLES_ARGS_H
#define HW3_EXAMPLES_ARGS_H
#include <stdint.h>

typedef enum arg_kind {
    ARG_NONE,
    ARG_FLAG, /* int, set to 1 */
    ARG_INT,  /* int64_t, low to high */
    ARG_REAL, /* double, low to high */
    ARG_TEXT, /* const char *, borrowed from argv */
    ARG_WORD  /* const char *, one of those in words */
} arg_kind;

typedef struct arg {
    const char *name; /* an option like --epochs, or a word like FILE that stands alone */
    arg_kind kind;
    void *value; /* holds the default before, the value after */
    double low, high;
    const char *help;
    const char *words; /* ARG_WORD: allowed ones, parted by one space */
} arg;
#define ARGS_END { 0, ARG_NONE, 0, 0, 0, 0, 0 }
/* Where the plots go, and that there are none. */
#define ARGS_PLOTS(out, no_plots) \
    { "--out", ARG_TEXT, out, 0, 0, "folder of the plots", NULL }, { "--no-plots", ARG_FLAG, no_plots, 0, 0, "draws nothing", NULL }
enum { ARGS_HELP = 1, ARGS_WRONG = 2 };

/* Reads `--name value` and `--name=value`. Returns 0 to go on; ARGS_HELP when --help was printed;
   ARGS_WRONG when a line on stderr says what is wrong. */
int args_parse(int argc, char **argv, const char *about, const arg *options);

#endif
