// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <uapi/linux/gccolor.h>

#include "compat.h"
#include "guard.h"
#include "probe.h"
#include "region.h"

char *gccolor_guard_parameter = "auto";

static bool hooks_only;

int gccolor_guard_init(void)
{
	hooks_only = !strcmp(gccolor_guard_parameter, "hooks");

	return hooks_only || !strcmp(gccolor_guard_parameter, "auto") ? 0 : -EINVAL;
}

void gccolor_guard_exit(void)
{
	gccolor_probe_disarm();
}

static bool is_hooked(const struct vm_area_struct *vma)
{
	return gccolor_region_of(vma->vm_file)->hooked != GCCOLOR_IOC_REASON_NONE;
}

void gccolor_guard_choose(struct gccolor_region *region)
{
	if (hooks_only)
		region->hooked = GCCOLOR_IOC_REASON_PARAMETER;
	else if (GCCOLOR_CORE_SEALS)
		region->hooked = GCCOLOR_IOC_REASON_NONE;
	else
		region->hooked = gccolor_probe_missed() ? GCCOLOR_IOC_REASON_MISSED :
							  gccolor_probe_arm();
}

void gccolor_guard_shut(struct vm_area_struct *vma)
{
	if (!is_hooked(vma))
		vm_flags_set(vma, VM_SEALED);
}

void gccolor_guard_shut_new(struct vm_area_desc *desc)
{
	if (!gccolor_region_of(desc->file)->hooked)
		vma_desc_set_flags(desc, VMA_SEALED_BIT);
}

void gccolor_guard_open(struct vm_area_struct *vma)
{
	/* Whatever the level: somebody may have called mseal(2) */
	vm_flags_clear(vma, VM_SEALED);
}

bool gccolor_guard_is_shut(const struct vm_area_struct *vma)
{
	/* VM_SEALED is no bit at all where the core does not look at it */
	return is_hooked(vma) || (vma->vm_flags & VM_SEALED) == VM_SEALED;
}

bool gccolor_guard_sees(const struct gccolor_region *region)
{
	return region->hooked || !GCCOLOR_CORE_SEALS;
}

u32 gccolor_guard_level(const struct gccolor_region *region, u32 *reason)
{
	if (region)
		*reason = region->hooked;
	else if (hooks_only)
		*reason = GCCOLOR_IOC_REASON_PARAMETER;
	else
		*reason = GCCOLOR_CORE_SEALS ? GCCOLOR_IOC_REASON_NONE :
					       gccolor_probe_refused();
	if (*reason)
		return GCCOLOR_IOC_LEVEL_GUARDED;

	if (!GCCOLOR_CORE_SEALS && gccolor_probe_missed())
		*reason = GCCOLOR_IOC_REASON_MISSED;

	/* Nothing watches committed memory then; its hooks come with a new region */
	return *reason ? GCCOLOR_IOC_LEVEL_RESERVED : GCCOLOR_IOC_LEVEL_ENFORCED;
}
