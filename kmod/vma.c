// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/mm.h>
#include <linux/sched.h>

#include "compat.h"
#include "guard.h"
#include "region.h"

/*
 * Called by dup_mmap() for each reserve VMA, lowest first, with the mmap_lock
 * of the parent and of the child held for writing. A carve that failed in the
 * parent may not have been repaired yet: from this VMA up to the next reserve
 * VMA, which will do the same, give the child nothing that is open, not to be
 * copied, or missing. The child's tree still holds the parent's VMAs and must
 * not be looked at.
 */
static void heal_parent(const struct vm_area_struct *child, bool releasing)
{
	VMA_ITERATOR(vmi, current->mm, child->vm_start);
	struct file *vmfile = child->vm_file;
	unsigned long end = gccolor_region_end(gccolor_region_of(vmfile));
	unsigned long pos = child->vm_start;
	struct vm_area_struct *vma;

	for_each_vma_range(vmi, vma, end) {
		if (vma->vm_start != pos || !gccolor_vma_is_ours(vma, vmfile))
			break;
		gccolor_vma_heal(vma);
		pos = vma->vm_end;
		if (vma->vm_start != child->vm_start &&
		    gccolor_vma_is_reserve(vma, vmfile))
			return;
	}
	if (pos < end && !releasing)
		gccolor_kill_mm(current->mm, "fork met a region that could not be repaired");
}

/*
 * The split at the start of a carve has all its memory: from here on it cannot fail,
 * and the core goes on only if it may reshape the upper half.
 */
static void open_upper_half(const struct vm_area_struct *lower)
{
	struct vm_area_struct *upper = vma_lookup(current->mm, lower->vm_end);
	struct gccolor_token *token;

	token = gccolor_token_at(gccolor_region_of(lower->vm_file), lower->vm_end);
	if (token && lower->vm_end == token->start && upper &&
	    gccolor_vma_is_reserve(upper, lower->vm_file))
		gccolor_guard_open(upper);
}

static void reserve_open(struct vm_area_struct *vma)
{
	/* Either a half of a split, made for one of our own carves ... */
	gccolor_guard_shut(vma);
	if (vma->vm_mm == current->mm) {
		open_upper_half(vma);
	} else {
		/* ... or a fork. */
		unsigned long marks = (unsigned long)vma->vm_private_data;

		heal_parent(vma, marks & GCCOLOR_MARK_RELEASING);
		marks &= ~GCCOLOR_MARK_RELEASING;
		vma->vm_private_data = (void *)marks;
	}
}

static int reserve_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	struct gccolor_token *token;

	token = gccolor_token_at(gccolor_region_of(vma->vm_file), addr);
	if (!token)
		return -EPERM;
#ifndef GCCOLOR_PLANT_NO_RESEAL
	/*
	 * The split at the end of a carve comes after the last look at the
	 * guard; both halves inherit it, so whatever fails later leaves
	 * nothing open. After the split at the start there is another look, see
	 * open_upper_half(), but the split itself may fail.
	 */
	gccolor_guard_shut(vma);
#endif
	return 0;
}

static int reserve_mremap(struct vm_area_struct *vma)
{
	return -EPERM;
}

static int reserve_mprotect(struct vm_area_struct *vma, unsigned long start,
			    unsigned long end, unsigned long newflags)
{
	return -EPERM;
}

static vm_fault_t reserve_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGSEGV;
}

static const struct vm_operations_struct reserve_vm_ops = {
	.open = reserve_open,
	.may_split = reserve_may_split,
	.mremap = reserve_mremap,
	.mprotect = reserve_mprotect,
	.fault = reserve_fault,
};

bool gccolor_vma_is_ours(const struct vm_area_struct *vma, struct file *vmfile)
{
	unsigned long base = gccolor_region_of(vmfile)->base;

	return vma->vm_file == vmfile &&
	       vma->vm_pgoff == (vma->vm_start - base) >> PAGE_SHIFT;
}

bool gccolor_vma_is_reserve(const struct vm_area_struct *vma, struct file *vmfile)
{
	return gccolor_vma_is_ours(vma, vmfile) && vma->vm_ops == &reserve_vm_ops;
}

bool gccolor_vma_is_committed(const struct vm_area_struct *vma, struct file *vmfile)
{
	return gccolor_vma_is_ours(vma, vmfile) && !vma->vm_ops;
}

void gccolor_vma_make_reserve(struct vm_area_struct *vma)
{
	vm_flags_mod(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP,
		     VM_READ | VM_WRITE | VM_EXEC |
		     VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_MAYSHARE);
	vma->vm_ops = &reserve_vm_ops;
	vma->vm_private_data = NULL;
	gccolor_guard_shut(vma);
}

void gccolor_vma_make_committed(struct vm_area_struct *vma, u32 prot, u32 flags)
{
	/* READ_IMPLIES_EXEC may have added VM_EXEC */
	if (!(prot & GCCOLOR_IOC_PROT_EXEC))
		vm_flags_clear(vma, VM_EXEC | VM_MAYEXEC);
	if (flags & GCCOLOR_IOC_COMMIT_HUGEPAGE)
		vm_flags_set(vma, VM_HUGEPAGE);
	vma_set_anonymous(vma);
	gccolor_guard_shut(vma);
}

void gccolor_vma_heal(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_DONTCOPY)
		vm_flags_clear(vma, VM_DONTCOPY);
	if (!gccolor_guard_is_shut(vma))
		gccolor_guard_shut(vma);
}
