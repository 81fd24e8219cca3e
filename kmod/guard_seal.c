// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Denying by VM_SEALED: can_modify_vma() in mm/vma.h refuses with EPERM. */
#include <linux/mm.h>
#include <uapi/linux/gccolor.h>

#include "compat.h"
#include "guard.h"

void gccolor_guard_shut(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_SEALED);
}

void gccolor_guard_shut_new(struct vm_area_desc *desc)
{
	vma_desc_set_flags(desc, VMA_SEALED_BIT);
}

void gccolor_guard_open(struct vm_area_struct *vma)
{
	vm_flags_clear(vma, VM_SEALED);
}

bool gccolor_guard_is_shut(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_SEALED;
}

u32 gccolor_guard_level(u32 *reason)
{
	*reason = GCCOLOR_IOC_REASON_NONE;
	return GCCOLOR_IOC_LEVEL_ENFORCED;
}
