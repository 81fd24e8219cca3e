// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>

#include "compat.h"
#include "limits.h"
#include "region.h"
#include "trace.h"
#include "vmfile.h"

/* What a carve has come to, for who watches. */
static void count(struct gccolor_region *region, const struct gccolor_token *token, int ret)
{
	struct gccolor_counts *counts = &region->counts;
	long length = token->want_end - token->want_start;
	bool commit = token->use == GCCOLOR_USE_COMMIT;

	if (commit)
		trace_gccolor_commit(region->id, token->want_start, length, token->prot, ret);
	else
		trace_gccolor_decommit(region->id, token->want_start, length, 0, ret);
	if (ret) {
		atomic64_inc(&counts->failures);
		return;
	}
	atomic64_inc(commit ? &counts->commits : &counts->decommits);
	if (current->mm == region->mm) {
		atomic64_add(commit ? length : -length, &counts->committed);
		atomic_add(token->runs, &counts->runs);
	}
}

/* COMMIT and DECOMMIT: is the range one that this region can have? */
static int check_bounds(const struct gccolor_region *region, u64 addr, u64 length)
{
	u64 end;

	if (!length || !PAGE_ALIGNED(addr) || !PAGE_ALIGNED(length))
		return -EINVAL;
	if (check_add_overflow(addr, length, &end))
		return -EOVERFLOW;
	if (!gccolor_region_is_set(region))
		return -ENXIO;
	if (addr < region->base + GCCOLOR_SLOT ||
	    end > gccolor_region_end(region) - GCCOLOR_SLOT)
		return -ERANGE;

	return 0;
}

static int check_commit(struct file *file, const struct gccolor_ioc_commit *arg)
{
	const struct gccolor_region *region = gccolor_region_of(file);
	u64 first, last;
	int ret;

	if (arg->flags & ~(GCCOLOR_IOC_COMMIT_NORESERVE |
			   GCCOLOR_IOC_COMMIT_POPULATE |
			   GCCOLOR_IOC_COMMIT_HUGEPAGE) || arg->__reserved)
		return -EINVAL;
	if (arg->prot & ~(GCCOLOR_IOC_PROT_READ | GCCOLOR_IOC_PROT_WRITE |
			  GCCOLOR_IOC_PROT_EXEC) ||
	    !(arg->prot & GCCOLOR_IOC_PROT_READ))
		return -EINVAL;
	ret = check_bounds(region, arg->addr, arg->length);
	if (ret)
		return ret;

	first = (arg->addr - region->base) >> region->color_shift;
	last = (arg->addr + arg->length - 1 - region->base) >> region->color_shift;
	if (first != last)
		return -EXDEV;
	if (arg->prot & GCCOLOR_IOC_PROT_EXEC &&
	    (arg->prot & GCCOLOR_IOC_PROT_WRITE ||
	     !(region->exec_colors & BIT_ULL(first))))
		return -EACCES;
	if (arg->prot & GCCOLOR_IOC_PROT_EXEC && !gccolor_exec_possible(file))
		return -EOPNOTSUPP;
	if (arg->flags & GCCOLOR_IOC_COMMIT_HUGEPAGE &&
	    (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) || region->hooked))
		return -EOPNOTSUPP;

	return 0;
}

int gccolor_region_commit(struct file *file, struct gccolor_ioc_commit *arg)
{
	struct gccolor_token token = {
		.use = GCCOLOR_USE_COMMIT,
		.want_start = arg->addr,
		.want_end = arg->addr + arg->length,
		.prot = arg->prot,
		.flags = arg->flags,
	};
	int ret;

	ret = check_commit(file, arg);
	if (ret)
		return ret;

	ret = gccolor_carve(gccolor_region_of(file)->vmfile, &token);
	count(gccolor_region_of(file), &token, ret);

	return ret;
}

int gccolor_region_decommit(struct file *file, struct gccolor_ioc_decommit *arg)
{
	struct gccolor_token token = {
		.use = GCCOLOR_USE_DECOMMIT,
		.want_start = arg->addr,
		.want_end = arg->addr + arg->length,
	};
	int ret;

	if (arg->flags)
		return -EINVAL;
	ret = check_bounds(gccolor_region_of(file), arg->addr, arg->length);
	if (ret)
		return ret;

	ret = gccolor_carve(gccolor_region_of(file)->vmfile, &token);
	count(gccolor_region_of(file), &token, ret);

	return ret;
}
