// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What a carve looks at before it opens a guard, all under mmap_lock. */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/personality.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "guard.h"
#include "region.h"

/*
 * Is every byte of the kind that @use replaces? DECOMMIT: committed where the
 * caller asked, reserve where the range was widened. -EUCLEAN: the region needs
 * repair, or changed since the range was widened.
 */
static int check_range(struct file *vmfile, const struct gccolor_token *token,
		       struct gccolor_span *span)
{
	VMA_ITERATOR(vmi, current->mm, token->start);
	unsigned long pos = token->start;
	struct vm_area_struct *vma;

	span->first = NULL;
	for_each_vma_range(vmi, vma, token->end) {
		bool wanted = vma->vm_end > token->want_start &&
			      vma->vm_start < token->want_end;

		if (vma->vm_start > pos || !gccolor_vma_is_ours(vma, vmfile) ||
		    !gccolor_guard_is_shut(vma))
			return -EUCLEAN;
		if (token->use == GCCOLOR_USE_DECOMMIT && wanted) {
			if (!gccolor_vma_is_committed(vma, vmfile))
				return -ENOENT;
		} else if (!gccolor_vma_is_reserve(vma, vmfile)) {
			return wanted ? -EEXIST : -EUCLEAN;
		}
		pos = vma->vm_end;
		if (!span->first)
			span->first = vma;
		span->last = vma;
	}

	return pos < token->end ? -EUCLEAN : 0;
}

bool gccolor_is_reserve(struct file *vmfile, unsigned long start, unsigned long end)
{
	const struct gccolor_token token = {
		.use = GCCOLOR_USE_COALESCE,
		.start = start,
		.end = end,
		.want_start = start,
		.want_end = end,
	};
	struct gccolor_span span;

	return check_range(vmfile, &token, &span) == 0;
}

static int check_vacant(struct gccolor_token *token)
{
	struct vm_area_struct *vma;

	vma = find_vma_intersection(current->mm, token->start, token->end);
	if (!vma)
		return 0;
	token->busy_start = vma->vm_start;
	token->busy_end = vma->vm_end;

	return -EEXIST;
}

/*
 * Whatever do_mmap() and mmap_region() would refuse for after our
 * get_unmapped_area has opened the guards.
 */
static int check_limits(const struct gccolor_token *token)
{
	unsigned long pages = (token->end - token->start) >> PAGE_SHIFT;
	struct mm_struct *mm = current->mm;
	unsigned long data;

	if (mm->def_flags & VM_LOCKED &&
	    mm->locked_vm + pages > rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT &&
	    !capable(CAP_IPC_LOCK))
		return -EAGAIN;
	if (token->use == GCCOLOR_USE_RESERVE || token->use == GCCOLOR_USE_FILL)
		return 0;	/* opens nothing */

	if (mm->total_vm > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return -ENOMEM;
	if (!(token->prot & GCCOLOR_IOC_PROT_WRITE))
		return 0;

	/* The core subtracts the replaced pages, which were no data */
	data = rlimit(RLIMIT_DATA) ? rlimit(RLIMIT_DATA) : rlimit_max(RLIMIT_DATA);
	if (mm->data_vm + pages > data >> PAGE_SHIFT)
		return -ENOMEM;

	return 0;
}

/* do_mmap() adds PROT_EXEC to a file that may be executed, MDWE refuses it. */
static int check_personality(const struct gccolor_token *token)
{
	if (token->prot & GCCOLOR_IOC_PROT_WRITE &&
	    current->personality & READ_IMPLIES_EXEC &&
	    mm_flags_test(MMF_HAS_MDWE, current->mm))
		return -EACCES;

	return 0;
}

int gccolor_carve_check(struct file *vmfile, struct gccolor_token *token,
			struct gccolor_span *span)
{
	struct gccolor_region *region = gccolor_region_of(vmfile);
	int ret;

	switch (token->use) {
	case GCCOLOR_USE_FILL:
		/* A hole at the base makes the region look absent */
		if (token->start > region->base &&
		    !gccolor_region_exists(vmfile, current->mm))
			return -ENXIO;
		fallthrough;
	case GCCOLOR_USE_RESERVE:
		ret = check_vacant(token);
		break;
	default:
		if (!gccolor_region_exists(vmfile, current->mm))
			return -ENXIO;
		if (token->use == GCCOLOR_USE_PROVE)
			return 0;
		if (token->use == GCCOLOR_USE_DECOMMIT && READ_ONCE(region->locked_once) &&
		    gccolor_region_marks(vmfile, current->mm) & GCCOLOR_MARK_LOCKED)
			return -EPERM;
		ret = check_range(vmfile, token, span);
	}
	if (!ret)
		ret = check_personality(token);
	if (!ret)
		ret = check_limits(token);

	return ret;
}

bool gccolor_splits_in_three(const struct gccolor_token *token,
			     const struct gccolor_span *span)
{
	/* Elsewhere nothing is open yet when the core refuses */
	return GCCOLOR_CORE_SEALS && span->first && span->first->vm_start < token->start &&
	       token->end < span->first->vm_end;
}

bool gccolor_wants_loan(const struct gccolor_token *token, const struct gccolor_span *span)
{
	return token->use == GCCOLOR_USE_COMMIT &&
	       token->prot & GCCOLOR_IOC_PROT_WRITE &&
	       !(GCCOLOR_CORE_CHARGES_FIRST && token->end < span->first->vm_end);
}
