// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry point that gives advice on committed memory.
 */
#include <errno.h>

#include "check.h"
#include "error.h"

/* The length from @start of memory with one protection, @prot; 0 or -errno. */
static int next_run(struct gccolor *gc, uintptr_t start, uintptr_t end,
		    uintptr_t *last, uint32_t *prot)
{
	int error = region_enter(gc);
	struct run *run;

	if (error)
		return error;
	run = runs_from(&gc->committed, start);
	if (run && run->start <= start && runs_cover(&gc->committed, start, end)) {
		*last = run_end(run) < end ? run_end(run) : end;
		*prot = run->attr;
	} else {
		error = error_range(-ENOENT, "advise", (void *)start, end - start,
				    "a part is not committed");
	}
	region_leave(gc);
	return error;
}

static int check_advice(const struct gccolor *gc, enum gccolor_advice advice)
{
	static const uint64_t cap[] = {
		[GCCOLOR_ADVISE_POPULATE] = GCCOLOR_CAP_POPULATE,
		[GCCOLOR_ADVISE_COLLAPSE] = GCCOLOR_CAP_COLLAPSE,
		[GCCOLOR_ADVISE_COLD] = GCCOLOR_CAP_COLD,
		[GCCOLOR_ADVISE_PAGEOUT] = GCCOLOR_CAP_PAGEOUT,
	};

	if ((unsigned int)advice - 1 >= GCCOLOR_ADVISE_PAGEOUT)
		return error_set(-EINVAL, "%d is no advice", (int)advice);
	return check_cap(gc, cap[advice]);
}

/*
 * Without the lock: it may take long, and userfaultfd may stop it for ever. Who
 * frees the range meanwhile gives advice on what comes after.
 */
static int advise_run(struct gccolor *gc, uintptr_t start, size_t length,
		      uint32_t prot, enum gccolor_advice advice)
{
	if (advice != GCCOLOR_ADVISE_POPULATE)
		return gc->ops->advise(&gc->at, start, length, advice);
	gc->ops->populate(&gc->at, start, length, prot);
	return 0;
}

int gccolor_advise(struct gccolor *gc, void *addr, size_t length,
		   enum gccolor_advice advice)
{
	uintptr_t start = (uintptr_t)addr;
	uintptr_t end = start + length;
	uintptr_t last = end;
	uint32_t prot = 0;
	int error;

	error = check_range(gc, "advise", addr, length);
	if (!error)
		error = check_advice(gc, advice);
	while (!error && start < end) {
		error = next_run(gc, start, end, &last, &prot);
		if (error)
			break;
		error = advise_run(gc, start, last - start, prot, advice);
		if (error)
			error_range(error, "advise", (void *)start, last - start,
				    error == -EOPNOTSUPP
				    ? "not possible for memory of this kind" : NULL);
		start = last;
	}
	return error;
}
