// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Coming into a region and leaving it: lock, fork, deferred carving, reports.
 */
#include "region.h"

#include <errno.h>

#include "error.h"
#include "os.h"

/* Nodes that an operation may take beside those for each run it touches. */
#define NODES_EXTRA	32

int region_reserve_nodes(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	uintptr_t lo = start & ~(gc->extent - 1);
	uintptr_t hi = (end + gc->extent - 1) & ~(gc->extent - 1);
	size_t colors = ((end - 1 - gc->shape.base) >> gc->shape.color_shift) -
			((start - gc->shape.base) >> gc->shape.color_shift) + 1;
	size_t touched = runs_count(&gc->backed, lo, hi) +
			 runs_count(&gc->waiting_claimed, lo, hi);

	if (gc->kept)
		touched += runs_count(&gc->backed, gc->kept, gc->kept + gc->extent);
	if (pool_reserve(&gc->pool, 6 * touched + 2 * colors + NODES_EXTRA) == 0)
		return 0;
	return -ENOMEM;
}

void region_add_free(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	size_t color = (size_t)1 << gc->shape.color_shift;

	while (start < end) {
		uintptr_t next = start - (start - gc->shape.base) % color + color;

		if (next > end)
			next = end;
		runs_add(&gc->free, start, next, 0);
		start = next;
	}
}

bool region_claimed(const struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	uintptr_t lo = gc->shape.base + gc->shape.slot;
	uintptr_t hi = gc->shape.base + gc->shape.length - gc->shape.slot;

	return start >= lo && end <= hi && !runs_overlap(&gc->free, start, end) &&
	       !runs_overlap(&gc->waiting_free, start, end);
}

/* Try to carve one run of a waiting set, each in its turn. */
static void retry_one(struct gccolor *gc, struct runs *set, uintptr_t *turn)
{
	struct run *run = runs_from(set, *turn);
	uintptr_t start;
	uintptr_t end;

	if (!run)
		run = runs_from(set, 0);
	start = run->start;
	end = run_end(run);
	*turn = end;
	if (region_reserve_nodes(gc, start, end) ||
	    gc->ops->decommit(&gc->at, start, end - start))
		return;
	runs_remove(&gc->backed, start, end);
	runs_remove(set, start, end);
	if (set == &gc->waiting_free)
		region_add_free(gc, start, end);
}

/* One deferred carving, so that a call costs at most one refused system call. */
static void retry_waiting(struct gccolor *gc)
{
	gc->claimed_turn = !gc->claimed_turn;
	if (gc->waiting_claimed.root && (gc->claimed_turn || !gc->waiting_free.root))
		retry_one(gc, &gc->waiting_claimed, &gc->retry_claimed);
	else if (gc->waiting_free.root)
		retry_one(gc, &gc->waiting_free, &gc->retry_free);
}

int region_enter(struct gccolor *gc)
{
	os_lock_take(&gc->lock);
	if (gc->forked) {
		gc->forked = false;
		gc->lost = gc->lost || gc->ops->present(&gc->at) != 0;
	}
	if (gc->lost) {
		os_lock_drop(&gc->lock);
		return error_set(-ENXIO, "this process has no region at 0x%zx any more "
				 "(MADV_DONTFORK before fork, or the descriptor is lost)",
				 (size_t)gc->shape.base);
	}
	retry_waiting(gc);
	return 0;
}

void region_leave(struct gccolor *gc)
{
	struct run *failed = gc->failed;
	struct run *run;

	gc->failed = NULL;
	os_lock_drop(&gc->lock);
	if (!failed)
		return;
	/* A callback may close over anything, but not free the handle. */
	for (run = failed; run; run = run->right)
		gc->release_failed(gc->release_failed_arg, (void *)run->start,
				   run->length, -(int)run->attr);
	os_lock_take(&gc->lock);
	while (failed) {
		run = failed->right;
		pool_put(&gc->pool, failed);
		failed = run;
	}
	os_lock_drop(&gc->lock);
}
