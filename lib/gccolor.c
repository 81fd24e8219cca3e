// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry points: everything that a caller says is checked here, once.
 */
#include "gccolor.h"

#include <errno.h>

#include "check.h"
#include "claims.h"
#include "error.h"
#include "region.h"

static uint32_t kind_of(uint32_t prot, uint32_t flags)
{
	return prot | (flags & GCCOLOR_NORESERVE ? BACKED_NORESERVE : 0) |
	       (flags & GCCOLOR_HUGEPAGE ? BACKED_HUGEPAGE : 0);
}

static int not_held(const struct gccolor *gc, const char *doing)
{
	return error_set(-EOPNOTSUPP, "cannot %s: backend %s holds no addresses",
			 doing, gccolor_backend_name(gc->ops->id));
}

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

static int find_place(struct gccolor *gc, const struct gccolor_request *r,
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
	if (!gc->ops->holds)
		return not_held(gc, "claim");
	if (avoid_init(&avoid, r.avoid, r.avoid_count))
		return error_set(-ENOMEM, "no memory to sort %zu addresses to avoid",
				 r.avoid_count);
	error = region_enter(gc);
	if (error)
		goto done;
	error = find_place(gc, &r, &avoid, &place);
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
		return not_held(gc, "choose a place");
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
	error = find_place(gc, r, &avoid, &place);
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

int gccolor_commit(struct gccolor *gc, void *addr, size_t length, uint32_t prot,
		   uint32_t flags)
{
	uintptr_t start = (uintptr_t)addr;
	uintptr_t end = start + length;
	int error;

	error = check_range(gc, "commit", addr, length);
	if (error)
		return error;
	if (!gc->ops->holds)
		return not_held(gc, "commit");
	error = check_color(gc, "commit", start, length);
	if (error)
		return error;
	if (!prot)
		prot = READ_WRITE;
	error = check_prot(gc, prot, flags);
	if (!error)
		error = check_exec(gc, prot, check_color_of(gc, start));
	if (!error)
		error = region_enter(gc);
	if (error)
		return error;
	if (!region_claimed(gc, start, end))
		error = error_range(-ENOENT, "commit", addr, length,
				    "a part is not claimed");
	else if (runs_overlap(&gc->committed, start, end))
		error = error_range(-EEXIST, "commit", addr, length,
				    "a part is committed already");
	else
		error = region_fill(gc, start, end, kind_of(prot, flags), start, end);
	if (error && error != -ENOENT && error != -EEXIST)
		error_range(error, "commit", addr, length, NULL);
	region_leave(gc);
	if (!error && (flags & GCCOLOR_POPULATE))
		gc->ops->populate(&gc->at, start, length, prot);
	return error;
}

/* Drop contents piece by piece; protections differ. */
static int discard(struct gccolor *gc, uintptr_t start, uintptr_t end, bool lazy)
{
	while (start < end) {
		struct run *run = runs_from(&gc->committed, start);
		uintptr_t last = run_end(run) < end ? run_end(run) : end;
		int error;

		error = gc->ops->discard(&gc->at, start, last - start, run->attr, lazy);
		if (error)
			return error;
		if (!lazy)
			os_fresh(start, last - start);
		start = last;
	}
	return 0;
}

int gccolor_decommit(struct gccolor *gc, void *addr, size_t length,
		     enum gccolor_decommit how)
{
	uintptr_t start = (uintptr_t)addr;
	uintptr_t end = start + length;
	int error;

	error = check_range(gc, "decommit", addr, length);
	if (error)
		return error;
	if ((unsigned int)how > GCCOLOR_TRAP)
		return error_set(-EINVAL, "%d is no way to decommit", (int)how);
	if (how == GCCOLOR_TRAP && !gc->ops->can_trap)
		return error_set(-EOPNOTSUPP, "backend %s has no traps; use GCCOLOR_EAGER",
				 gccolor_backend_name(gc->ops->id));
	error = region_enter(gc);
	if (error)
		return error;
	if (!runs_cover(&gc->committed, start, end))
		error = error_range(-ENOENT, "decommit", addr, length,
				    "a part is not committed");
	else if (how == GCCOLOR_TRAP)
		error = region_trap(gc, start, end);
	else
		error = discard(gc, start, end, how == GCCOLOR_LAZY);
	if (error < 0 && error != -ENOENT)
		error_range(error, "decommit", addr, length, NULL);
	region_leave(gc);
	return error;
}

/* Backend hint: what is ours is what we mapped. */
static int free_anywhere(struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	int error = pool_reserve(&gc->pool, 8);

	if (!error)
		error = gc->ops->unplace(&gc->at, start, end - start);
	if (error) {
		gc->releases_failed++;
		return error;
	}
	runs_remove(&gc->committed, start, end);
	runs_remove(&gc->backed, start, end);
	return 0;
}

int gccolor_free(struct gccolor *gc, void *addr, size_t length)
{
	uintptr_t start = (uintptr_t)addr;
	uintptr_t end = start + length;
	bool ours;
	int error;

	error = check_range(gc, "free", addr, length);
	if (!error)
		error = region_enter(gc);
	if (error)
		return error;
	ours = gc->ops->holds ? region_claimed(gc, start, end)
			      : runs_cover(&gc->committed, start, end);
	if (!ours)
		error = error_range(-ENOENT, "free", addr, length,
				    "a part is not claimed");
	else if (gc->ops->holds)
		error = region_free(gc, start, end);
	else
		error = free_anywhere(gc, start, end);
	if (error < 0 && error != -ENOENT)
		error_range(error, "free", addr, length, NULL);
	region_leave(gc);
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
	if (!gc->ops->holds)
		return not_held(gc, "extend");
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
