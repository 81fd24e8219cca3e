/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The only place that knows kernel versions. Feature code is written to the
 * newest API; what an older kernel lacks is supplied here.
 */
#ifndef GCCOLOR_COMPAT_H
#define GCCOLOR_COMPAT_H

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched/coredump.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#include <linux/pfn_t.h>
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
/* 5.10: no VMA iterators, no vm_ops->may_split, no vm_ops->mprotect */
#error "gccolor: kernels before 6.1 are not supported"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#error "gccolor: kernels between 6.12 and 7.3 were never tested"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 4, 0)
#error "gccolor: kernels after 7.3 were never tested"
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

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0)

/* struct file_operations: how a file is mapped. */
#define GCCOLOR_MMAP_OP(prepare)	.mmap_prepare = prepare
#define GCCOLOR_DEFINE_MMAP(prepare)	int prepare(struct vm_area_desc *desc)

#else

/*
 * Where f_op->mmap is called with the new VMA, it is described for a function
 * written as f_op->mmap_prepare, and made what that makes of the description.
 */
struct vm_area_desc {
	struct mm_struct *mm;
	struct file *file;
	unsigned long start;
	unsigned long end;
	struct file *vm_file;
	vm_flags_t vma_flags;
	const struct vm_operations_struct *vm_ops;
	void *private_data;
};

#define VMA_READ_BIT		VM_READ
#define VMA_WRITE_BIT		VM_WRITE
#define VMA_EXEC_BIT		VM_EXEC
#define VMA_MAYREAD_BIT		VM_MAYREAD
#define VMA_MAYWRITE_BIT	VM_MAYWRITE
#define VMA_MAYEXEC_BIT		VM_MAYEXEC
#define VMA_MAYSHARE_BIT	VM_MAYSHARE
#define VMA_PFNMAP_BIT		VM_PFNMAP
#define VMA_IO_BIT		VM_IO
#define VMA_DONTCOPY_BIT	VM_DONTCOPY
#define VMA_DONTEXPAND_BIT	VM_DONTEXPAND
#define VMA_DONTDUMP_BIT	VM_DONTDUMP
#define VMA_ACCOUNT_BIT		VM_ACCOUNT
#define VMA_HUGEPAGE_BIT	VM_HUGEPAGE
#define VMA_NORESERVE_BIT	VM_NORESERVE
#define VMA_SEALED_BIT		VM_SEALED

static inline vm_flags_t gccolor_vma_flags(size_t count, const vm_flags_t *bits)
{
	vm_flags_t flags = 0;

	while (count--)
		flags |= bits[count];

	return flags;
}

#define mk_vma_flags(...) \
	gccolor_vma_flags(COUNT_ARGS(__VA_ARGS__), (const vm_flags_t []){ __VA_ARGS__ })
#define vma_desc_set_flags(desc, ...) \
	((desc)->vma_flags |= mk_vma_flags(__VA_ARGS__))
#define vma_desc_clear_flags(desc, ...) \
	((desc)->vma_flags &= ~mk_vma_flags(__VA_ARGS__))
#define vma_desc_test_any(desc, ...) \
	(!!((desc)->vma_flags & mk_vma_flags(__VA_ARGS__)))

static inline void vma_desc_set_anonymous(struct vm_area_desc *desc)
{
	desc->vm_ops = NULL;
}

static inline int gccolor_mmap(struct file *file, struct vm_area_struct *vma,
			       int (*prepare)(struct vm_area_desc *desc))
{
	struct vm_area_desc desc = {
		.mm = vma->vm_mm,
		.file = file,
		.start = vma->vm_start,
		.end = vma->vm_end,
		.vm_file = vma->vm_file,
		.vma_flags = vma->vm_flags,
		.vm_ops = vma->vm_ops,
	};
	int ret = prepare(&desc);

	if (ret)
		return ret;
	vm_flags_mod(vma, desc.vma_flags, ~desc.vma_flags);
	vma->vm_ops = desc.vm_ops;
	vma->vm_private_data = desc.private_data;
	if (desc.vm_file != vma->vm_file) {
		vma_set_file(vma, desc.vm_file);
		fput(desc.vm_file);	/* the reference of the description */
	}

	return 0;
}

#define GCCOLOR_MMAP_OP(prepare)	.mmap = prepare##_on_vma
#define GCCOLOR_DEFINE_MMAP(prepare)					\
	static int prepare##_on_vma(struct file *file, struct vm_area_struct *vma) \
	{								\
		return gccolor_mmap(file, vma, prepare);		\
	}

#define mm_flags_test(flag, mm)	test_bit(flag, &(mm)->flags)

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define mm_get_unmapped_area(file, ...) \
	(current->mm->get_unmapped_area(file, __VA_ARGS__))
#else
#define mm_get_unmapped_area(file, ...) \
	mm_get_unmapped_area(current->mm, file, __VA_ARGS__)
#endif

/* prctl(PR_SET_MDWE): 6.3; there is no such bit before */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define MMF_HAS_MDWE		28
#endif

#endif

/* struct genl_family: who listens. Before 6.8 nobody needs to know, see audit.h. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define GCCOLOR_GENL_BIND(join, leave)
#else
#define GCCOLOR_GENL_BIND(join, leave)	.bind = join, .unbind = leave,
#endif

/* What ftrace knows a system call as. */
#if defined(CONFIG_X86_64)
#define GCCOLOR_SYSCALL(name)	"__x64_sys_" name
#elif defined(CONFIG_ARM64)
#define GCCOLOR_SYSCALL(name)	"__arm64_sys_" name
#else
#define GCCOLOR_SYSCALL(name)	"sys_" name
#endif

/* What a read of anonymous memory maps. Context: vm_ops->fault. */
static inline vm_fault_t gccolor_insert_zero_page(struct vm_fault *vmf)
{
	unsigned long pfn = page_to_pfn(ZERO_PAGE(vmf->address));

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
	return vmf_insert_mixed(vmf->vma, vmf->address, pfn_to_pfn_t(pfn));
#else
	return vmf_insert_mixed(vmf->vma, vmf->address, pfn);
#endif
}

#endif /* GCCOLOR_COMPAT_H */
