// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Written under the region's lock, read by scans without it: hence the atomics. A scan
 * is promised something only about pages that do not change meanwhile, and of those its
 * caller knows by other means than the bitmap, so no order among the words matters.
 */
#include "scan_map.h"

#include <errno.h>

static size_t map_bytes(const struct gccolor *gc)
{
	size_t pages = gc->shape.length >> gc->page_shift;

	return (pages + SCAN_MAP_PAGES - 1) / SCAN_MAP_PAGES * sizeof(*gc->pages);
}

/* Set or clear the bits of [@start, @end). */
static void mark(struct gccolor *gc, uintptr_t start, uintptr_t end, bool set)
{
	size_t page = (start - gc->shape.base) >> gc->page_shift;
	size_t last = (end - gc->shape.base) >> gc->page_shift;

	while (page < last) {
		size_t bit = page % SCAN_MAP_PAGES;
		size_t bits = SCAN_MAP_PAGES - bit < last - page ? SCAN_MAP_PAGES - bit
								 : last - page;
		uintptr_t *word = &gc->pages[page / SCAN_MAP_PAGES];
		uintptr_t mask = (UINTPTR_MAX >> (SCAN_MAP_PAGES - bits)) << bit;

		__atomic_store_n(word, set ? *word | mask : *word & ~mask, __ATOMIC_RELAXED);
		page += bits;
	}
}

int scan_map_make(struct gccolor *gc)
{
	struct run *run;
	uintptr_t at = 0;

	while (gc->shape.page_size >> gc->page_shift > 1)
		gc->page_shift++;
	gc->pages = os_map(map_bytes(gc));
	if (!gc->pages)
		return -ENOMEM;
	while ((run = runs_from(&gc->committed, at))) {
		at = run_end(run);
		mark(gc, run->start, at, true);
	}
	return 0;
}

void scan_map_destroy(struct gccolor *gc)
{
	if (gc->pages)
		os_unmap(gc->pages, map_bytes(gc));
}

void committed_add(struct gccolor *gc, uintptr_t start, uintptr_t end, uint32_t prot)
{
	runs_add(&gc->committed, start, end, prot);
	if (gc->pages)
		mark(gc, start, end, true);
}

void committed_remove(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	runs_remove(&gc->committed, start, end);
	if (gc->pages)
		mark(gc, start, end, false);
}
