/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The only place that knows kernel versions. Feature code is written to the
 * newest API; what an older kernel lacks is supplied here.
 */
#ifndef GCCOLOR_COMPAT_H
#define GCCOLOR_COMPAT_H

#include <linux/mm.h>
#include <linux/pfn_t.h>
#include <linux/sched/coredump.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "gccolor: kernels before 6.1 are not supported: no VMA iterators, no vm_ops->may_split or ->mprotect on 5.10"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#error "gccolor: kernels after 6.12 are not supported yet"
#endif
#ifndef CONFIG_64BIT
#error "gccolor: 64-bit kernels only"
#endif

/*
 * 6.12: mmap_region() looks at VM_SEALED and splits before it charges and unmaps.
 * 6.10 and 6.11 know the flag, but check it elsewhere, too early for a carve.
 * Before 6.12 the probe (probe.h) denies instead, and MAP_FIXED unmaps first and
 * charges then.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define GCCOLOR_CORE_SEALS 0
#define GCCOLOR_CORE_CHARGES_FIRST false
#undef VM_SEALED
#define VM_SEALED VM_NONE
#else
#define GCCOLOR_CORE_SEALS 1
#define GCCOLOR_CORE_CHARGES_FIRST true
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static inline unsigned long
mm_get_unmapped_area(struct mm_struct *mm, struct file *file, unsigned long addr,
		     unsigned long len, unsigned long pgoff, unsigned long flags)
{
	return mm->get_unmapped_area(file, addr, len, pgoff, flags);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
/* Context for all three: mmap_lock held for writing, or @vma not visible yet. */
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}

static inline void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
				vm_flags_t clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

/* What a read of anonymous memory maps. Context: vm_ops->fault. */
static inline vm_fault_t gccolor_insert_zero_page(struct vm_fault *vmf)
{
	return vmf_insert_mixed(vmf->vma, vmf->address,
				pfn_to_pfn_t(my_zero_pfn(vmf->address)));
}

/* prctl(PR_SET_MDWE): 6.3 */
static inline bool gccolor_mm_denies_write_exec(struct mm_struct *mm)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	return false;
#else
	return test_bit(MMF_HAS_MDWE, &mm->flags);
#endif
}

#endif /* GCCOLOR_COMPAT_H */
