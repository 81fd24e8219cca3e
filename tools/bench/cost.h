/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Instructions as a clock: for a guest whose clock ticks once an instruction. */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* Instructions so far, of user space and kernel together. */
static inline uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static inline int compare_costs(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Afterwards the first is the least, the last the most. */
static inline void sort_costs(uint64_t *costs, size_t count)
{
	qsort(costs, count, sizeof(costs[0]), compare_costs);
}

#endif /* BENCH_COST_H */
