/* SPDX-License-Identifier: MIT */
/* A context, a graph, and arrays of double as its inputs: for programs that try a formula on the library's operators.
 *
 *     lab l, *j = &l;
 *     TRY(lab_begin(j));
 *     hw3_var y = hw3_matmul(j->graph, lab_input(j, a, 2, (int64_t[]){ 3, 4 }), lab_input(j, b, 2, (int64_t[]){ 4, 2 }));
 *     TRY(lab_read(j, y, product, 6));
 *     lab_end(j); */
#ifndef HW3_EXAMPLES_LAB_H
#define HW3_EXAMPLES_LAB_H
#include "try.h"
#include <hw3/hw3.h>

enum { LAB_INPUTS = 16 };

typedef struct lab {
    hw3_ctx *ctx;
    hw3_graph *graph;
    hw3_tensor *inputs[LAB_INPUTS];
    int n_inputs;
} lab;

/* Makes the context and the graph, begun and not in training. */
hw3_status lab_begin(lab *j);

/* Begins the graph anew: all values and inputs are forgotten. */
hw3_status lab_again(lab *j);

/* Brings an array into the graph, in place. Returns a negative status when that failed. */
hw3_var lab_input(lab *j, const double *data, int n_dims, const int64_t *shape);

/* Reads a value of n elements. */
hw3_status lab_read(lab *j, hw3_var var, double *data, int64_t n);

void lab_end(lab *j);

#endif
