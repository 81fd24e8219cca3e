// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* QUERY and INFO: what this kernel gives, and what a region is. */
#include <linux/mm.h>
#include <linux/sched.h>

#include "compat.h"
#include "event.h"
#include "guard.h"
#include "limits.h"
#include "prove.h"
#include "region.h"

#define INFO_TRIES 16

int gccolor_region_query(struct file *file, struct gccolor_ioc_query *arg)
{
	if (arg->flags)
		return -EINVAL;

	arg->abi = GCCOLOR_IOC_ABI;
	arg->level = gccolor_guard_level(NULL, &arg->reason);
	if (READ_ONCE(gccolor_drain)) {
		arg->level = GCCOLOR_IOC_LEVEL_NONE;
		arg->reason = GCCOLOR_IOC_REASON_DRAINING;
	}
	arg->page_size = PAGE_SIZE;
	arg->features = GCCOLOR_IOC_FEATURE_EVENTS;
	if (gccolor_exec_possible(file))
		arg->features |= GCCOLOR_IOC_FEATURE_EXEC;
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) &&
	    arg->level == GCCOLOR_IOC_LEVEL_ENFORCED)
		arg->features |= GCCOLOR_IOC_FEATURE_HUGEPAGE;
	arg->slot_size = GCCOLOR_SLOT;
	arg->color_length_min = GCCOLOR_COLOR_LENGTH_MIN;
	arg->region_length_max = gccolor_length_max();
	arg->colors_max = GCCOLOR_COLORS_MAX;
	arg->__reserved = 0;
	arg->default_base = gccolor_default_base();
	arg->default_length = gccolor_default_length();
	arg->address_end = TASK_SIZE;

	return 0;
}

/* -EUCLEAN: needs repair */
static int fill_info(struct gccolor_region *region, struct gccolor_ioc_info *arg)
{
	VMA_ITERATOR(vmi, current->mm, region->base);
	struct file *vmfile = region->vmfile;
	struct mm_struct *mm = current->mm;
	unsigned long pos = region->base;
	struct vm_area_struct *vma;
	int ret = -EUCLEAN;

	arg->state = 0;
	arg->committed = 0;
	arg->mappings = 0;
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	if (!gccolor_region_exists(vmfile, mm)) {
		ret = -ENXIO;
		goto unlock;
	}
	if (gccolor_region_marks(vmfile, mm) & GCCOLOR_MARK_LOCKED)
		arg->state |= GCCOLOR_IOC_STATE_LOCKED;
	for_each_vma_range(vmi, vma, gccolor_region_end(region)) {
		if (vma->vm_start != pos || !gccolor_vma_is_ours(vma, region->vmfile) ||
		    !gccolor_guard_is_shut(vma))
			goto unlock;
		if (gccolor_vma_is_committed(vma, vmfile))
			arg->committed += vma->vm_end - vma->vm_start;
		arg->mappings++;
		pos = vma->vm_end;
	}
	if (pos == gccolor_region_end(region))
		ret = 0;
unlock:
	mmap_read_unlock(mm);

	return ret;
}

int gccolor_region_info(struct file *file, struct gccolor_ioc_info *arg)
{
	struct gccolor_region *region = gccolor_region_of(file);
	int tries = INFO_TRIES;
	enum gccolor_denier denied_by;
	int ret;

	if (arg->flags)
		return -EINVAL;
	if (!gccolor_region_is_set(region))
		return -ENXIO;

	do {
		ret = fill_info(region, arg);
		if (ret != -EUCLEAN)
			break;
		ret = gccolor_repair(region->vmfile);
		if (ret)
			break;
		ret = -EBUSY;
	} while (--tries);
	if (ret)
		return ret;

	arg->base = region->base;
	arg->length = region->length;
	arg->color_shift = region->color_shift;
	arg->exec_colors = region->exec_colors;
	arg->level = gccolor_guard_level(region, &arg->reason);
	ret = gccolor_prove(region->vmfile, &denied_by);
	if (ret == -ENXIO || ret == -EINTR)
		return ret;
	if (!ret || (denied_by == GCCOLOR_DENIED_BY_HOOK && !region->hooked)) {
		arg->level = GCCOLOR_IOC_LEVEL_RESERVED;
		arg->reason = GCCOLOR_IOC_REASON_UNPROVEN;
	}
	if (arg->level == GCCOLOR_IOC_LEVEL_RESERVED)
		gccolor_event_guard_lost(region, arg->level, arg->reason);
	else
		WRITE_ONCE(region->guard_lost, false);

	return 0;
}
