// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry points that only look.
 */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "region.h"

struct gccolor_geometry gccolor_geometry(const struct gccolor *gc)
{
	return gc ? gc->shape : (struct gccolor_geometry){ 0 };
}

/*
 * Narrow [*@lo, *@hi) around @addr to the run of @set that contains it, or to
 * the gap between two of them. Returns the run.
 */
static struct run *narrow(const struct runs *set, uintptr_t addr, uintptr_t *lo,
			  uintptr_t *hi)
{
	struct run *above = runs_from(set, addr);
	struct run *below;

	if (above && above->start <= addr) {
		if (above->start > *lo)
			*lo = above->start;
		if (run_end(above) < *hi)
			*hi = run_end(above);
		return above;
	}
	if (above && above->start < *hi)
		*hi = above->start;
	below = runs_before(set, addr);
	if (below && run_end(below) > *lo)
		*lo = run_end(below);
	return NULL;
}

/* Addresses around @addr, in one color, in one state, perhaps not all of them. */
static struct gccolor_run piece_at(const struct gccolor *gc, uintptr_t addr)
{
	size_t color = (size_t)1 << gc->shape.color_shift;
	uintptr_t first = gc->shape.base + gc->shape.slot;
	uintptr_t last = gc->shape.base + gc->shape.length - gc->shape.slot;
	uintptr_t lo = addr - (addr - gc->shape.base) % color;
	uintptr_t hi = lo + color;
	struct gccolor_run piece = { .state = GCCOLOR_RUN_RESERVE };
	struct run *run;

	if (addr < first) {
		hi = first;
	} else if (addr >= last) {
		lo = last;
	} else {
		lo = lo < first ? first : lo;
		hi = hi > last ? last : hi;
		if (!narrow(&gc->free, addr, &lo, &hi) &&
		    !narrow(&gc->waiting_free, addr, &lo, &hi)) {
			run = narrow(&gc->committed, addr, &lo, &hi);
			if (run) {
				piece.state = GCCOLOR_RUN_COMMITTED;
				piece.prot = run->attr;
			} else if (gc->ops->holds) {
				piece.state = GCCOLOR_RUN_CLAIMED;
			}
		}
	}
	piece.start = (void *)lo;
	piece.length = hi - lo;
	return piece;
}

static bool alike(const struct gccolor_run *a, const struct gccolor_run *b)
{
	return a->state == b->state && a->prot == b->prot;
}

int gccolor_run_at(struct gccolor *gc, const void *addr, struct gccolor_run *out)
{
	struct gccolor_run whole;
	struct gccolor_run next;
	size_t color;
	int error;

	if (!gc || !out)
		return error_set(-EINVAL, "run: no handle, or no place for the result");
	if (!gccolor_contains(gc->shape, addr))
		return error_set(-ERANGE, "%p lies outside the region", addr);
	error = region_enter(gc);
	if (error)
		return error;
	color = (size_t)1 << gc->shape.color_shift;
	whole = piece_at(gc, (uintptr_t)addr);
	while (((uintptr_t)whole.start - gc->shape.base) % color) {
		next = piece_at(gc, (uintptr_t)whole.start - 1);
		if (!alike(&whole, &next))
			break;
		whole.start = next.start;
		whole.length += next.length;
	}
	while (((uintptr_t)whole.start + whole.length - gc->shape.base) % color) {
		next = piece_at(gc, (uintptr_t)whole.start + whole.length);
		if (!alike(&whole, &next))
			break;
		whole.length += next.length;
	}
	*out = whole;
	region_leave(gc);
	return 0;
}

enum gccolor_level gccolor_level(struct gccolor *gc)
{
	enum gccolor_level level;
	const char *why;

	if (!gc || region_enter(gc))
		return GCCOLOR_NONE;
	level = gc->ops->level(&gc->at, &why);
	region_leave(gc);
	return level;
}

/* All backends so far promise the same for every color. */
enum gccolor_level gccolor_color_level(struct gccolor *gc, uint32_t color)
{
	return gc && color < gc->shape.colors ? gccolor_level(gc) : GCCOLOR_NONE;
}

/* Fill the caller's struct as far as it goes; what we do not know is 0. */
static void copy_out(struct gccolor_status *out, struct gccolor_status *ours)
{
	size_t size = out->size;
	size_t known = size < sizeof(*ours) ? size : sizeof(*ours);

	memset(out, 0, size);
	ours->size = size;
	memcpy(out, ours, known);
}

int gccolor_status(struct gccolor *gc, struct gccolor_status *out)
{
	const size_t first = offsetof(struct gccolor_status, why_not_better) +
			     sizeof(out->why_not_better);
	struct gccolor_status status = { 0 };
	const char *why;
	int error;

	if (!gc || !out || out->size < first)
		return error_set(-EINVAL, "status: no handle, no struct, or its size is not set");
	error = region_enter(gc);
	if (error)
		return error;
	status.backend = gc->ops->id;
	status.level = gc->ops->level(&gc->at, &why);
	status.committed = gc->committed.total;
	status.extents = gc->backed.total;
	status.claimed = gc->committed.total;
	if (gc->ops->holds)
		status.claimed = gc->shape.length - 2 * gc->shape.slot -
				 gc->free.total - gc->waiting_free.total;
	status.releases_failed = gc->releases_failed;
	status.deferred = gc->waiting_free.total + gc->waiting_claimed.total;
	status.exec_colors = gc->at.exec_colors;
	memcpy(status.why_not_better, gc->why_not_better, sizeof(status.why_not_better));
	status.caps = gc->caps;
	status.hugetlb = gc->caps & GCCOLOR_CAP_HUGETLB ? os_hugetlb_size() : 0;
	region_leave(gc);
	copy_out(out, &status);
	return 0;
}
