// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry points that hand out addresses: claim, alloc, extend.
 */
#include "alloc.h"

#include <errno.h>

#include "check.h"
#include "error.h"

/* Find a place in one color, or in all of them with GCCOLOR_ANY_COLOR. */
static int find_in(struct gccolor *gc, const struct gccolor_request *r,
		   uint32_t color, const struct avoid *avoid, uintptr_t *out)
{
	struct want want = {
		.lo = gc->shape.base,
		.hi = gc->shape.base + gc->shape.length,
		.length = r->length,
		.align = r->align,
		.page = gc->shape.page_size,
		.avoid = avoid,
	};

	if (color != GCCOLOR_ANY_COLOR) {
		want.lo += (uintptr_t)color << gc->shape.color_shift;
		want.hi = want.lo + ((uintptr_t)1 << gc->shape.color_shift);
	}
	if (r->at) {
		want.lo = (uintptr_t)r->at;
		want.hi = want.lo + r->length;
	}
	if ((uintptr_t)r->after > want.lo)
		want.lo = (uintptr_t)r->after;
	return claims_find(&gc->free, &want, out);
}

int alloc_find(struct gccolor *gc, const struct gccolor_request *r,
	       const struct avoid *avoid, uintptr_t *out)
{
	int error = -ENOSPC;
	uint32_t color;

	if (r->color == GCCOLOR_ANY_COLOR && (r->prot & GCCOLOR_EXEC)) {
		for (color = 0; error && color < gc->shape.colors; color++) {
			if (gc->at.exec_colors >> color & 1)
				error = find_in(gc, r, color, avoid, out);
		}
	} else {
		error = find_in(gc, r, r->color, avoid, out);
	}
	if (!error)
		return 0;
	if (r->at)
		return error_range(-EEXIST, "claim", r->at, r->length,
				   "a part is claimed, avoided or an end slot of the region");
	return error_set(-ENOSPC, "no free place for %s aligned to %s in color %d from %p "
			 "that avoids %zu addresses",
			 error_size(r->length).text, error_size(r->align).text,
			 (int)r->color, r->after, r->avoid_count);
}

/*
 * Back a free range as the caller asks. Small writable ranges come out of
 * extents, as far as the neighbourhood is free.
 */
static int back_free(struct gccolor *gc, uintptr_t start, uintptr_t end,
		     uint32_t prot, uint32_t flags)
{
	uint32_t attr = kind_of(prot, flags);
	struct run *around = runs_from(&gc->free, start);
	uintptr_t lo = start;
	uintptr_t hi = end;

	if (end - start < gc->extent && prot == READ_WRITE) {
		attr |= BACKED_EXTENT;
		lo = start & ~(gc->extent - 1);
		hi = (end + gc->extent - 1) & ~(gc->extent - 1);
		if (lo < around->start)
			lo = around->start;
		if (hi > run_end(around))
			hi = run_end(around);
	}
	return region_fill(gc, start, end, attr, lo, hi);
}

int gccolor_claim(struct gccolor *gc, const struct gccolor_request *theirs,
		  void **out)
{
	struct gccolor_request r;
	struct avoid avoid;
	uintptr_t place;
	int error;

	error = check_request(gc, &r, theirs, out);
	if (error)
		return error;
	if (r.prot || r.flags)
		return error_set(-EINVAL, "a claim has no prot and no flags");
	error = check_holds(gc, "claim");
	if (error)
		return error;
	if (avoid_init(&avoid, r.avoid, r.avoid_count))
		return error_set(-ENOMEM, "no memory to sort %zu addresses to avoid",
				 r.avoid_count);
	error = region_enter(gc);
	if (error)
		goto done;
	error = alloc_find(gc, &r, &avoid, &place);
	if (!error) {
		error = region_unback(gc, place, place + r.length);
		if (error)
			error_range(error, "claim", (void *)place, r.length, NULL);
	}
	if (!error) {
		runs_remove(&gc->free, place, place + r.length);
		*out = (void *)place;
	}
	region_leave(gc);
done:
	avoid_done(&avoid);
	return error;
}

/* Backend hint: memory wherever it comes. */
static int alloc_anywhere(struct gccolor *gc, const struct gccolor_request *r,
			  void **out)
{
	uint32_t color = r->color == GCCOLOR_ANY_COLOR ? 0 : r->color;
	uintptr_t hint = gc->shape.base + ((uintptr_t)color << gc->shape.color_shift);
	uint32_t attr = kind_of(r->prot, r->flags);
	uintptr_t start;
	uintptr_t end;
	int error;

	if (r->at || r->after || r->avoid_count || r->align > gc->shape.page_size)
		return check_holds(gc, "choose a place");
	error = region_enter(gc);
	if (error)
		return error;
	error = pool_reserve(&gc->pool, 8);
	if (!error)
		error = gc->ops->place(&gc->at, hint, r->length, r->prot, r->flags,
				       &start);
	if (!error) {
		end = start + r->length;
		/* Somebody else may have unmapped what we have on the books. */
		runs_remove(&gc->committed, start, end);
		runs_remove(&gc->backed, start, end);
		runs_add(&gc->committed, start, end, r->prot);
		runs_add(&gc->backed, start, end, attr);
		*out = (void *)start;
	} else {
		error_range(error, "allocate", (void *)hint, r->length, NULL);
	}
	region_leave(gc);
	return error;
}

/* Backend kmod, mseal, posix, null: a place in the region. */
static int alloc_in_region(struct gccolor *gc, const struct gccolor_request *r,
			   void **out)
{
	struct avoid avoid;
	uintptr_t place;
	int error;

	if (avoid_init(&avoid, r->avoid, r->avoid_count))
		return error_set(-ENOMEM, "no memory to sort %zu addresses to avoid",
				 r->avoid_count);
	error = region_enter(gc);
	if (error)
		goto done;
	error = alloc_find(gc, r, &avoid, &place);
	if (!error) {
		error = back_free(gc, place, place + r->length, r->prot, r->flags);
		if (error)
			error_range(error, "allocate", (void *)place, r->length, NULL);
	}
	if (!error) {
		runs_remove(&gc->free, place, place + r->length);
		*out = (void *)place;
	}
	region_leave(gc);
done:
	avoid_done(&avoid);
	return error;
}

int gccolor_alloc(struct gccolor *gc, const struct gccolor_request *theirs,
		  void **out)
{
	struct gccolor_request r;
	int error;

	error = check_request(gc, &r, theirs, out);
	if (error)
		return error;
	if (!r.prot)
		r.prot = READ_WRITE;
	error = check_prot(gc, r.prot, r.flags);
	if (error)
		return error;
	if (r.color != GCCOLOR_ANY_COLOR)
		error = check_exec(gc, r.prot, r.color);
	else if (!gc->at.exec_colors)
		error = check_exec(gc, r.prot, 0);
	if (error)
		return error;
	error = gc->ops->holds ? alloc_in_region(gc, &r, out)
			       : alloc_anywhere(gc, &r, out);
	if (!error && (r.flags & GCCOLOR_POPULATE))
		gc->ops->populate(&gc->at, (uintptr_t)*out, r.length, r.prot);
	return error;
}

int gccolor_extend(struct gccolor *gc, void *addr, size_t old_length,
		   size_t new_length, uint32_t prot, uint32_t flags)
{
	uintptr_t start = (uintptr_t)addr;
	uintptr_t from = start + old_length;
	uintptr_t to = start + new_length;
	int error;

	error = check_range(gc, "extend", addr, old_length);
	if (!error)
		error = check_range(gc, "extend to", addr, new_length);
	if (error)
		return error;
	error = check_holds(gc, "extend");
	if (error)
		return error;
	if (new_length <= old_length || (!prot && flags))
		return error_set(-EINVAL, "extend: %zu is not above %zu, or flags without prot",
				 new_length, old_length);
	error = check_color(gc, "extend to", start, new_length);
	if (!error && prot)
		error = check_prot(gc, prot, flags);
	if (!error && prot)
		error = check_exec(gc, prot, check_color_of(gc, start));
	if (!error)
		error = region_enter(gc);
	if (error)
		return error;
	if (!region_claimed(gc, start, from))
		error = error_range(-ENOENT, "extend", addr, old_length,
				    "a part is not claimed");
	else if (!runs_cover(&gc->free, from, to))
		error = error_range(-ENOSPC, "extend to", addr, new_length,
				    "the addresses behind it are taken");
	else if (prot)
		error = back_free(gc, from, to, prot, flags);
	else
		error = region_unback(gc, from, to);
	if (!error)
		runs_remove(&gc->free, from, to);
	else if (error != -ENOENT && error != -ENOSPC)
		error_range(error, "extend to", addr, new_length, NULL);
	region_leave(gc);
	if (!error && (flags & GCCOLOR_POPULATE))
		gc->ops->populate(&gc->at, from, to - from, prot);
	return error;
}
