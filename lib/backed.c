// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Which memory is backed, by what, and what becomes of it when it is given
 * back. All of it runs under the region's lock.
 *
 * Nodes are reserved before anything is changed; what follows can then fail in
 * the backend only.
 */
#include "region.h"

#include <errno.h>

#include "scan_map.h"

static inline uintptr_t lower(uintptr_t a, uintptr_t b)
{
	return a < b ? a : b;
}

static inline uintptr_t higher(uintptr_t a, uintptr_t b)
{
	return a > b ? a : b;
}

/* Remember a release that failed for region_leave(). */
static void note_failure(struct gccolor *gc, uintptr_t start, uintptr_t end,
			 int error)
{
	struct run *note;

	gc->releases_failed++;
	if (!gc->release_failed)
		return;
	note = pool_take(&gc->pool);
	note->start = start;
	note->length = end - start;
	note->attr = (uint32_t)-error;
	note->right = gc->failed;
	gc->failed = note;
}

/*
 * Carve [@start, @end), part of one run of backed, or discard its contents and
 * let it wait in @waiting.
 */
static int carve(struct gccolor *gc, uintptr_t start, uintptr_t end,
		 uint32_t attr, struct runs *waiting)
{
	int error = gc->ops->decommit(&gc->at, start, end - start);

	runs_remove(&gc->backed, start, end);
	if (!error) {
		runs_remove(&gc->waiting_claimed, start, end);
		return 0;
	}
	gc->ops->discard(&gc->at, start, end - start, attr & BACKED_PROT, false);
	runs_add(&gc->backed, start, end,
		 (attr & ~BACKED_EXTENT) | BACKED_WAITING);
	runs_remove(&gc->waiting_claimed, start, end);
	runs_add(waiting, start, end, 0);
	note_failure(gc, start, end, error);
	return GCCOLOR_DEFERRED;
}

/* Carve a part of free, or keep it from being handed out until that works. */
static int carve_free(struct gccolor *gc, uintptr_t start, uintptr_t end,
		      uint32_t attr)
{
	int result = carve(gc, start, end, attr, &gc->waiting_free);

	if (result == GCCOLOR_DEFERRED)
		runs_remove(&gc->free, start, end);
	return result;
}

/* Carve what is left of an extent that nobody uses. */
static int carve_extent(struct gccolor *gc, uintptr_t window)
{
	uintptr_t end = window + gc->extent;
	uintptr_t at = window;
	int result = 0;
	struct run *run;

	while (at < end && (run = runs_from(&gc->backed, at)) && run->start < end) {
		uintptr_t first = higher(run->start, at);
		uintptr_t last = lower(run_end(run), end);

		at = last;
		if (run->attr & BACKED_EXTENT)
			result |= carve_free(gc, first, last, run->attr);
	}
	return result;
}

/*
 * [@start, @end) of the extent @window became free, in the course of freeing
 * everything up to @range_end. One empty extent is kept, the lowest that is
 * known, because first fit comes back to it: a collector at the edge of an
 * extent does not carve at every step. The kept one may be the next that this
 * call comes to, and is then left to it.
 */
static int leave_extent(struct gccolor *gc, uintptr_t window, uintptr_t start,
			uintptr_t end, uint32_t attr, uintptr_t range_end)
{
	uintptr_t kept = gc->kept;
	bool empty = !runs_overlap(&gc->committed, window, window + gc->extent);
	int result = 0;

	if (empty && kept && kept != window &&
	    !runs_overlap(&gc->committed, kept, kept + gc->extent)) {
		if (kept < range_end)
			return carve_extent(gc, window);
		result = carve_extent(gc, kept);
	}
	if (empty)
		gc->kept = window;
	if (gc->ops->discard(&gc->at, start, end - start, attr & BACKED_PROT, false))
		result |= carve_free(gc, start, end, attr);
	return result;
}

/* [@start, @end), in one run of extents, became free. */
static int leave_extents(struct gccolor *gc, uintptr_t start, uintptr_t end,
			 uint32_t attr, uintptr_t range_end)
{
	uintptr_t first = (start + gc->extent - 1) & ~(gc->extent - 1);
	uintptr_t last = end & ~(gc->extent - 1);
	int result = 0;

	if (first > last)
		return leave_extent(gc, last, start, end, attr, range_end);
	if (start < first)
		result |= leave_extent(gc, first - gc->extent, start, first,
				       attr, range_end);
	if (first < last) {
		result |= carve_free(gc, first, last, attr);
		if (gc->kept >= first && gc->kept < last)
			gc->kept = 0;
	}
	if (last < end)
		result |= leave_extent(gc, last, last, end, attr, range_end);
	return result;
}

int region_free(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	uintptr_t at = start;
	int result = 0;
	struct run *run;
	int error;

	error = region_reserve_nodes(gc, start, end);
	if (error)
		return error;
	committed_remove(gc, start, end);
	region_add_free(gc, start, end);
	while (at < end && (run = runs_from(&gc->backed, at)) && run->start < end) {
		uintptr_t first = higher(run->start, at);
		uintptr_t last = lower(run_end(run), end);

		at = last;
		if (run->attr & BACKED_EXTENT)
			result |= leave_extents(gc, first, last, run->attr, end);
		else
			result |= carve_free(gc, first, last, run->attr);
	}
	return result;
}

int region_trap(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	uintptr_t at = start;
	int result = 0;
	struct run *run;
	int error;

	error = region_reserve_nodes(gc, start, end);
	if (error)
		return error;
	committed_remove(gc, start, end);
	while (at < end && (run = runs_from(&gc->backed, at)) && run->start < end) {
		uintptr_t first = higher(run->start, at);
		uintptr_t last = lower(run_end(run), end);

		at = last;
		result |= carve(gc, first, last, run->attr, &gc->waiting_claimed);
	}
	return result;
}

int region_unback(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	uintptr_t at = start;
	struct run *run;
	int error;

	error = region_reserve_nodes(gc, start, end);
	if (error)
		return error;
	while (at < end && (run = runs_from(&gc->backed, at)) && run->start < end) {
		uintptr_t first = higher(run->start, at);
		uintptr_t last = lower(run_end(run), end);

		error = gc->ops->decommit(&gc->at, first, last - first);
		if (error)
			return error;
		runs_remove(&gc->backed, first, last);
		runs_remove(&gc->waiting_claimed, first, last);
		at = last;
	}
	return 0;
}

/* Deal with what is backed already: keep memory of the same kind, zeroed. */
static int adopt(struct gccolor *gc, uintptr_t start, uintptr_t end, uint32_t attr)
{
	uintptr_t at = start;
	struct run *run;
	int error;

	while (at < end && (run = runs_from(&gc->backed, at)) && run->start < end) {
		uintptr_t first = higher(run->start, at);
		uintptr_t last = lower(run_end(run), end);
		uint32_t had = run->attr;

		at = last;
		if ((had & BACKED_KIND) != (attr & BACKED_KIND))
			error = region_unback(gc, first, last);
		else if (had & BACKED_WAITING)
			error = gc->ops->discard(&gc->at, first, last - first,
						 attr & BACKED_PROT, false);
		else
			error = 0;
		if (error)
			return error;
	}
	return 0;
}

/* Carve what a refused commit left, which is all claimed or all free. */
static void take_back(struct gccolor *gc, uintptr_t start, uintptr_t end, uint32_t attr)
{
	if (region_claimed(gc, start, end))
		carve(gc, start, end, attr, &gc->waiting_claimed);
	else
		carve_free(gc, start, end, attr);
}

static int commit_or_wait(struct gccolor *gc, uintptr_t start, uintptr_t end,
			  uint32_t attr)
{
	int error = gc->ops->commit(&gc->at, start, end - start, attr & BACKED_PROT,
				    kind_flags(attr));

	if (error && gc->at.stuck) {
		gc->at.stuck = false;
		runs_add(&gc->backed, start, end, attr);
		take_back(gc, start, end, attr);
	}
	return error;
}

/*
 * Commit [@lo, @hi), which is reserve, or at least the part of it that lies in
 * [@start, @end). What was committed goes to backed.
 */
static int commit_gap(struct gccolor *gc, uintptr_t lo, uintptr_t hi,
		      uintptr_t start, uintptr_t end, uint32_t attr)
{
	int error = commit_or_wait(gc, lo, hi, attr);

	if ((error == -ENOMEM || error == -EAGAIN) && (lo < start || hi > end) &&
	    !runs_overlap(&gc->backed, lo, hi)) {
		lo = higher(lo, start);
		hi = lower(hi, end);
		error = commit_or_wait(gc, lo, hi, attr);
	}
	if (!error)
		runs_add(&gc->backed, lo, hi, attr);
	return error;
}

/* Take back, after a failure, the gaps that were filled, listed in @done. */
static void undo(struct gccolor *gc, struct run *done, uint32_t attr)
{
	while (done) {
		struct run *next = done->right;

		take_back(gc, done->start, run_end(done), attr);
		pool_put(&gc->pool, done);
		done = next;
	}
}

/* Is all of it backed by memory of just this kind, none of which waits? */
static bool is_backed(const struct gccolor *gc, uintptr_t start, uintptr_t end, uint32_t attr)
{
	struct run *run = runs_from(&gc->backed, start);

	return run && run->start <= start && end <= run_end(run) && run->attr == attr;
}

/* region_fill(), but for committed. */
static int back(struct gccolor *gc, uintptr_t start, uintptr_t end, uint32_t attr,
		uintptr_t lo, uintptr_t hi)
{
	struct run *done = NULL;
	bool mixed = false;	/* something is there already, of any attribute */
	uintptr_t at = start;
	int error;

	error = region_reserve_nodes(gc, lo, hi);
	if (!error && is_backed(gc, start, end, attr)) {
		os_fresh(start, end - start);
		return 0;
	}
	if (!error)
		error = adopt(gc, start, end, attr);
	while (!error && at < end) {
		struct run *above = runs_from(&gc->backed, at);
		struct run *below = runs_before(&gc->backed, at);
		uintptr_t first = at;
		uintptr_t last = above ? lower(above->start, hi) : hi;
		struct run *gap;

		if (above && above->start <= at) {
			mixed = true;
			at = run_end(above);
			continue;
		}
		if (at == start)
			first = below ? higher(run_end(below), lo) : lo;
		error = commit_gap(gc, first, last, start, end, attr);
		if (error)
			break;
		gap = pool_take(&gc->pool);
		gap->start = higher(first, start);
		gap->length = lower(last, end) - gap->start;
		gap->right = done;
		done = gap;
		at = last;
	}
	if (error) {
		undo(gc, done, attr);
		return error;
	}
	while (done) {
		struct run *next = done->right;

		pool_put(&gc->pool, done);
		done = next;
	}
	runs_remove(&gc->waiting_claimed, start, end);
	if (mixed) {
		runs_remove(&gc->backed, start, end);
		runs_add(&gc->backed, start, end, attr);
	}
	os_fresh(start, end - start);
	return 0;
}

int region_fill(struct gccolor *gc, uintptr_t start, uintptr_t end,
		uint32_t attr, uintptr_t lo, uintptr_t hi)
{
	int error = back(gc, start, end, attr, lo, hi);

	if (!error)
		committed_add(gc, start, end, attr & BACKED_PROT);
	return error;
}

int region_guard(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	if (gc->ops->can_trap)
		return region_unback(gc, start, end);
	return back(gc, start, end, kind_of(GCCOLOR_READ, BACKEND_GUARD), start, end);
}
