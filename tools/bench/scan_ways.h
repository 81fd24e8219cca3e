/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Ways to look through words, for comparison with gccolor_scan().
 */
#ifndef BENCH_SCAN_WAYS_H
#define BENCH_SCAN_WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gccolor_scan.h>

/* What a collector with loops of its own would know of a region. */
struct scan_heap {
	struct gccolor		*gc;
	struct gccolor_geometry	shape;
	uint32_t		page_shift;
	uint64_t		colors;
	uint64_t		*pages;	/* a bit is set where a page is committed */
};

struct scan_way {
	const char	*name;
	bool		finds;	/* hits; otherwise a sum */
	/* NULL: always. */
	bool		(*usable)(void);
	/* What was found among @count words, copied to @hits; or the sum. */
	size_t		(*run)(const struct scan_heap *heap, const uintptr_t *words,
			       size_t count, uintptr_t *hits);
};

#define SCAN_WAYS	7
extern const struct scan_way scan_ways[SCAN_WAYS];

#endif /* BENCH_SCAN_WAYS_H */
