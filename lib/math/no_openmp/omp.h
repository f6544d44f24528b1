/* SPDX-License-Identifier: MIT */
/* Stands in for a compiler's omp.h where there is none: blis.h may include it but needs nothing of it. */
