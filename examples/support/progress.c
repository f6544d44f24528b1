/* SPDX-License-Identifier: MIT */
#include "progress.h"
#include <stdio.h>
#include <unistd.h>

progress progress_begin(const char *label, int64_t every)
{
    return (progress){ label, every, isatty(STDERR_FILENO) };
}

int32_t progress_tell(void *user, const hw3_progress *at)
{
    const progress *p = user;
    long long epoch = (long long)at->epoch + 1, n = (long long)at->n_epochs;
    if (p->on_terminal && !at->epoch_ended)
        fprintf(stderr, "\r  %s: epoch %lld of %lld, step %lld of %lld, loss %.3g\033[K", p->label, epoch, n, (long long)at->step,
                (long long)at->n_steps, at->train_loss);
    if (!at->epoch_ended || (epoch != 1 && epoch != n && epoch % p->every != 0)) return 0;
    if (p->on_terminal) fprintf(stderr, "\r\033[K");
    printf("  %s: epoch %3lld  training loss %.3e  validation loss %.3e\n", p->label, epoch, at->train_loss, at->val_loss);
    fflush(stdout);
    return 0;
}
