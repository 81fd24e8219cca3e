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
static struct run *find_in(struct gccolor *gc, const struct gccolor_request *r,
			   uint32_t color, const struct avoid *avoid, uintptr_t *out)
{
	struct want want = {
		.lo = gc->shape.base,
		.hi = gc->shape.base + gc->shape.length,
		.length = r->length + 2 * r->guard,
		.align = r->align,
		.skew = r->guard,
		.page = gc->shape.page_size,
		.avoid = avoid,
	};

	if (color != GCCOLOR_ANY_COLOR) {
		want.lo += (uintptr_t)color << gc->shape.color_shift;
		want.hi = want.lo + ((uintptr_t)1 << gc->shape.color_shift);
	}
	if (r->at) {
		want.lo = (uintptr_t)r->at - r->guard;
		want.hi = want.lo + want.length;
	}
	if ((uintptr_t)r->after > want.lo)
		want.lo = (uintptr_t)r->after;
	return claims_find(&gc->free, &want, out);
}

/* Why the claim [@start, @end) cannot be had, although it is asked for exactly. */
static int taken(const struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	const uintptr_t top = gc->shape.base + gc->shape.length - gc->shape.slot;
	struct run *free = runs_from(&gc->free, start);
	const char *what = "claimed";
	struct run *other;
	uintptr_t first;
	uintptr_t last;

	first = free && free->start <= start ? run_end(free) : start;
	free = runs_from(&gc->free, first);
	last = free ? free->start : top;
	other = runs_from(&gc->committed, first);
	if (first >= end)
		return error_range(-EEXIST, "claim", (void *)start, end - start,
				   "it contains an address to avoid, or crosses a color");
	if (first < gc->shape.base + gc->shape.slot || first >= top)
		return error_range(-EEXIST, "claim", (void *)start, end - start,
				   "an end slot of the region is never given out");
	if (other && other->start <= first) {
		what = "committed";
		first = other->start;
		last = run_end(other);
	} else if (other && other->start < last) {
		last = other->start;
	}
	if (runs_overlap(&gc->waiting_free, first, first + 1))
		what = "freed, but not carved yet";
	return error_set(-EEXIST, "cannot claim %s at %p: 0x%zx-0x%zx is %s",
			 error_size(end - start).text, (void *)start, (size_t)first,
			 (size_t)last, what);
}

int alloc_find(struct gccolor *gc, const struct gccolor_request *r,
	       const struct avoid *avoid, struct run **run, uintptr_t *out)
{
	uint32_t color;

	*run = NULL;
	if (r->color == GCCOLOR_ANY_COLOR && (r->prot & GCCOLOR_EXEC)) {
		for (color = 0; !*run && color < gc->shape.colors; color++) {
			if (gc->at.exec_colors >> color & 1)
				*run = find_in(gc, r, color, avoid, out);
		}
	} else {
		*run = find_in(gc, r, r->color, avoid, out);
	}
	if (*run)
		return 0;
	if (r->at)
		return taken(gc, (uintptr_t)r->at - r->guard,
			     (uintptr_t)r->at + r->length + r->guard);
	return error_set(-ENOSPC, "no free place for %s aligned to %s in color %d from %p "
			 "that avoids %zu addresses",
			 error_size(r->length + 2 * r->guard).text,
			 error_size(r->align).text, (int)r->color, r->after,
			 r->avoid_count);
}

/*
 * Back a range of the free run @around as the caller asks. Small writable ranges come
 * out of extents, as far as the neighbourhood is free; with guards it is not.
 */
static int back_free(struct gccolor *gc, const struct gccolor_request *r,
		     const struct run *around, uintptr_t start, uintptr_t end)
{
	uint32_t attr = kind_of(r->prot, r->flags);
	uintptr_t lo = start;
	uintptr_t hi = end;

	if (end - start < gc->extent && r->prot == READ_WRITE && !r->guard &&
	    !(r->flags & GCCOLOR_HUGETLB)) {
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

/* Back the place of a request and its guards, all of it free. */
static int back_place(struct gccolor *gc, const struct gccolor_request *r,
		      const struct run *around, uintptr_t start, uintptr_t end)
{
	int error = 0;

	if (r->guard)
		error = region_guard(gc, start - r->guard, start);
	if (!error && r->guard)
		error = region_guard(gc, end, end + r->guard);
	if (!error)
		error = r->prot ? back_free(gc, r, around, start, end)
				: region_unback(gc, start, end);
	if (error && r->guard && !gc->ops->can_trap)
		region_unback(gc, start - r->guard, end + r->guard);
	return error;
}

/* Backend kmod, mseal, posix, null: a place in the region; prot 0: a claim. */
static int take_place(struct gccolor *gc, const struct gccolor_request *r, void **out)
{
	const char *doing = r->prot ? "allocate" : "claim";
	struct avoid avoid;
	struct run *around;
	uintptr_t place;
	uintptr_t start;
	int error;

	if (avoid_init(&avoid, r->avoid, r->avoid_count))
		return error_set(-ENOMEM, "no memory to sort %zu addresses to avoid",
				 r->avoid_count);
	error = region_enter(gc);
	if (error)
		goto done;
	error = alloc_find(gc, r, &avoid, &around, &place);
	if (!error) {
		start = place + r->guard;
		error = back_place(gc, r, around, start, start + r->length);
		if (error)
			error_range(error, doing, (void *)start, r->length, NULL);
	}
	if (!error) {
		runs_cut(&gc->free, around, place, place + r->length + 2 * r->guard);
		*out = (void *)start;
	}
	region_leave(gc);
done:
	avoid_done(&avoid);
	return error;
}

int gccolor_claim(struct gccolor *gc, const struct gccolor_request *theirs,
		  void **out)
{
	struct gccolor_request r;
	int error;

	error = check_request(gc, &r, theirs, out);
	if (error)
		return error;
	if (r.prot || r.flags)
		return error_set(-EINVAL, "a claim has no prot and no flags");
	error = check_holds(gc, "claim");
	return error ? error : take_place(gc, &r, out);
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

static int align_hugetlb(struct gccolor_request *r)
{
	size_t huge = os_hugetlb_size();

	if (r->align < huge)
		r->align = huge;
	if (!(r->length % huge) && !((uintptr_t)r->at % r->align))
		return 0;
	return error_set(-EINVAL, "length %zu or at %p: not a multiple of %s, a huge page",
			 r->length, r->at, error_size(huge).text);
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
	if (!error && (r.flags & GCCOLOR_HUGETLB))
		error = align_hugetlb(&r);
	if (error)
		return error;
	if (r.color != GCCOLOR_ANY_COLOR)
		error = check_exec(gc, r.prot, r.color);
	else if (!gc->at.exec_colors)
		error = check_exec(gc, r.prot, 0);
	if (error)
		return error;
	error = gc->ops->holds ? take_place(gc, &r, out)
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
	else if (check_hugetlb(gc, "extend to", from, to, flags))
		error = -EINVAL;
	else if (prot)
		error = back_free(gc, &(struct gccolor_request){
					  .prot = prot, .flags = flags },
				  runs_from(&gc->free, from), from, to);
	else
		error = region_unback(gc, from, to);
	if (!error)
		runs_remove(&gc->free, from, to);
	else if (error != -ENOENT && error != -ENOSPC && error != -EINVAL)
		error_range(error, "extend to", addr, new_length, NULL);
	region_leave(gc);
	if (!error && (flags & GCCOLOR_POPULATE))
		gc->ops->populate(&gc->at, from, to - from, prot);
	return error;
}
