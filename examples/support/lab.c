/* SPDX-License-Identifier: MIT */
#include "lab.h"

hw3_status lab_begin(lab *j)
{
    *j = (lab){ 0 };
    hw3_status s = hw3_ctx_create(NULL, &j->ctx);
    if (!s) s = hw3_graph_create(j->ctx, NULL, &j->graph);
    if (!s) s = hw3_graph_set_training(j->graph, 0);
    return s ? s : hw3_graph_begin(j->graph);
}

hw3_status lab_again(lab *j)
{
    while (j->n_inputs > 0) hw3_tensor_destroy(j->inputs[--j->n_inputs]);
    return hw3_graph_begin(j->graph);
}

hw3_var lab_input(lab *j, const double *data, int n_dims, const int64_t *shape)
{
    if (j->n_inputs == LAB_INPUTS) return HW3_ERR_TOO_SMALL;
    hw3_status s = hw3_tensor_wrap(j->ctx, HW3_F64, n_dims, shape, NULL, (void *)(uintptr_t)data, &j->inputs[j->n_inputs]);
    return s ? s : hw3_input(j->graph, j->inputs[j->n_inputs++]);
}

hw3_status lab_read(lab *j, hw3_var var, double *data, int64_t n)
{
    return hw3_var_read(j->graph, var, data, n * (int64_t)sizeof *data);
}

void lab_end(lab *j)
{
    hw3_graph_destroy(j->graph);
    while (j->n_inputs > 0) hw3_tensor_destroy(j->inputs[--j->n_inputs]);
    hw3_ctx_destroy(j->ctx);
}
