// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/mm.h>
#include <linux/sched.h>

#include "compat.h"
#include "event.h"
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
		gccolor_kill_mm(current->mm, gccolor_region_of(vmfile),
				"fork met a region that could not be repaired");
}

/*
 * The split at the start of a carve has all its memory: from here on it cannot fail,
 * and the core goes on only if it may reshape the upper half.
 */
static void open_upper_half(const struct vm_area_struct *lower)
{
	struct vm_area_struct *upper;
	struct gccolor_token *token;

	token = gccolor_token_at(gccolor_region_of(lower->vm_file), lower->vm_end);
	if (!token || !token->opened || lower->vm_end != token->start)
		return;
	upper = vma_lookup(current->mm, lower->vm_end);
	if (upper && gccolor_vma_is_reserve(upper, lower->vm_file))
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
		if (marks & GCCOLOR_MARK_COUNTED &&
		    vma->vm_start == gccolor_region_of(vma->vm_file)->base)
			gccolor_region_came(gccolor_region_of(vma->vm_file));
	}
}

/* Not the module's own attack: that one has a token. */
static void deny(const struct vm_area_struct *vma, u32 call, unsigned long addr,
		 unsigned long length, const struct gccolor_token *token)
{
	if (!token)
		gccolor_event_denied(gccolor_region_of(vma->vm_file), call, addr, length);
}

static int hook_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	struct gccolor_token *token;

	token = gccolor_token_at(gccolor_region_of(vma->vm_file), addr);
	if (token && token->use == GCCOLOR_USE_PROVE)
		token->denied_by = GCCOLOR_DENIED_BY_HOOK;
	if (!token || !token->opened) {
		deny(vma, GCCOLOR_IOC_CALL_SPLIT, addr, vma->vm_end - addr, token);
		return -EPERM;
	}
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

static int hook_mremap(struct vm_area_struct *vma)
{
	if (gccolor_guard_sees(gccolor_region_of(vma->vm_file)))
		deny(vma, GCCOLOR_IOC_CALL_REMAP, vma->vm_start,
		     vma->vm_end - vma->vm_start, NULL);
	return -EPERM;
}

static int hook_mprotect(struct vm_area_struct *vma, unsigned long start,
			 unsigned long end, unsigned long newflags)
{
	if (gccolor_guard_sees(gccolor_region_of(vma->vm_file)))
		deny(vma, GCCOLOR_IOC_CALL_PROTECT, start, end - start, NULL);
	return -EPERM;
}

static void hook_close(struct vm_area_struct *vma)
{
	struct gccolor_region *region = gccolor_region_of(vma->vm_file);
	unsigned long marks = vma->vm_start == region->base ?
			      (unsigned long)vma->vm_private_data : 0;

	if (vma->vm_start == vma->vm_end)
		return;	/* the new half of a split that failed */
	/* No users: exit, exec, a fork that failed */
	if (atomic_read(&vma->vm_mm->mm_users) &&
	    !gccolor_token_covers(region, vma->vm_start, vma->vm_end))
		gccolor_kill_mm(vma->vm_mm, region, "a part of its region was unmapped");
	if (marks & GCCOLOR_MARK_COUNTED)
		gccolor_region_went(region);
}

static vm_fault_t reserve_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGSEGV;
}

static const struct vm_operations_struct reserve_vm_ops = {
	.open = reserve_open,
	.close = hook_close,
	.may_split = hook_may_split,
	.mremap = hook_mremap,
	.mprotect = hook_mprotect,
	.fault = reserve_fault,
};

/*
 * A private mapping of a file full of zeroes, which the core copies on write: what
 * is committed in a hooked region, as anonymous memory has no vm_ops.
 */
static vm_fault_t hooked_fault(struct vm_fault *vmf)
{
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return gccolor_insert_zero_page(vmf);

	vmf->page = ZERO_PAGE(vmf->address);
	get_page(vmf->page);

	return 0;
}

static const struct vm_operations_struct hooked_vm_ops = {
	.close = hook_close,
	.may_split = hook_may_split,
	.mremap = hook_mremap,
	.mprotect = hook_mprotect,
	.fault = hooked_fault,
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
	return gccolor_vma_is_ours(vma, vmfile) &&
	       (!vma->vm_ops || vma->vm_ops == &hooked_vm_ops);
}

void gccolor_vma_make_reserve(struct vm_area_desc *desc)
{
	vma_desc_set_flags(desc, VMA_IO_BIT, VMA_PFNMAP_BIT, VMA_DONTEXPAND_BIT,
			   VMA_DONTDUMP_BIT);
	vma_desc_clear_flags(desc, VMA_READ_BIT, VMA_WRITE_BIT, VMA_EXEC_BIT,
			     VMA_MAYREAD_BIT, VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT,
			     VMA_MAYSHARE_BIT);
	desc->vm_ops = &reserve_vm_ops;
	desc->private_data = NULL;
	gccolor_guard_shut_new(desc);
}

void gccolor_vma_make_committed(struct vm_area_desc *desc, u32 prot, u32 flags)
{
	/* READ_IMPLIES_EXEC may have added VM_EXEC */
	if (!(prot & GCCOLOR_IOC_PROT_EXEC))
		vma_desc_clear_flags(desc, VMA_EXEC_BIT, VMA_MAYEXEC_BIT);
	/*
	 * Kernels without mmap_prepare merge before they ask us if the flags are
	 * those of a neighbour. Executable memory has no seal there to tell it
	 * apart, so it has a flag that a carve never asks for without WRITE.
	 */
	if (!(prot & GCCOLOR_IOC_PROT_WRITE))
		vma_desc_set_flags(desc, VMA_NORESERVE_BIT);
	if (flags & GCCOLOR_IOC_COMMIT_HUGEPAGE)
		vma_desc_set_flags(desc, VMA_HUGEPAGE_BIT);
	if (gccolor_region_of(desc->file)->hooked)
		desc->vm_ops = &hooked_vm_ops;
	else
		vma_desc_set_anonymous(desc);
	gccolor_guard_shut_new(desc);
}

void gccolor_vma_heal(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_DONTCOPY)
		vm_flags_clear(vma, VM_DONTCOPY);
	if (!gccolor_guard_is_shut(vma))
		gccolor_guard_shut(vma);
}
