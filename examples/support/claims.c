/* SPDX-License-Identifier: MIT */
#include "claims.h"
#include <stdio.h>

static int n_claims, n_failed;

void claim(int holds, const char *sentence)
{
    printf("  [%s] %s\n", holds ? "holds" : "DOES NOT HOLD", sentence);
    n_claims++, n_failed += !holds;
}

int claims_end(void)
{
    if (n_failed) printf("\n%d of %d claims do NOT hold.\n", n_failed, n_claims);
    else printf("\nAll %d claims hold.\n", n_claims);
    return n_failed > 0;
}
