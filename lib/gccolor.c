// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry points that act on addresses handed out: commit, decommit, free.
 */
#include "gccolor.h"

#include <errno.h>
#include <stdbool.h>

#include "check.h"
#include "error.h"
#include "region.h"

int gccolor_commit(struct gccolor *gc, void *addr, size_t length, uint32_t prot,
		   uint32_t flags)
{
	uintptr_t start = (uintptr_t)addr;
	uintptr_t end = start + length;
	int error;

	error = check_range(gc, "commit", addr, length);
	if (error)
		return error;
	error = check_holds(gc, "commit");
	if (!error)
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
	else if (check_hugetlb(gc, "commit", start, end, flags))
		error = -EINVAL;
	else
		error = region_fill(gc, start, end, kind_of(prot, flags), start, end);
	if (error && error != -ENOENT && error != -EEXIST && error != -EINVAL)
		error_range(error, "commit", addr, length, NULL);
	region_leave(gc);
	if (!error && (flags & GCCOLOR_POPULATE))
		gc->ops->populate(&gc->at, start, length, prot);
	return error;
}

/* What is mapped from a file would come back with the file's content. */
static bool has_image(const struct gccolor *gc, uintptr_t start, uintptr_t end)
{
	struct run *run;

	if (!(gc->backed.attrs & BACKED_IMAGE))
		return false;
	while (start < end && (run = runs_from(&gc->backed, start)) && run->start < end) {
		if (run->attr & BACKED_IMAGE)
			return true;
		start = run_end(run);
	}
	return false;
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
	else if (check_hugetlb(gc, "decommit", start, end, 0))
		error = -EINVAL;
	else if (how == GCCOLOR_TRAP)
		error = region_trap(gc, start, end);
	else if (has_image(gc, start, end))
		error = -EOPNOTSUPP;
	else
		error = discard(gc, start, end, how == GCCOLOR_LAZY);
	if (error < 0 && error != -ENOENT && error != -EINVAL)
		error_range(error, "decommit", addr, length, error != -EOPNOTSUPP ? NULL :
			    "a part is mapped from a file and would have its content again; "
			    "GCCOLOR_TRAP and commit give zeroes");
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
	else if (check_hugetlb(gc, "free", start, end, 0))
		error = -EINVAL;
	else if (gc->ops->holds)
		error = region_free(gc, start, end);
	else
		error = free_anywhere(gc, start, end);
	if (error < 0 && error != -ENOENT && error != -EINVAL)
		error_range(error, "free", addr, length, NULL);
	region_leave(gc);
	return error;
}
