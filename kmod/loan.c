// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>

#include "compat.h"
#include "guard.h"
#include "loan.h"
#include "region.h"

#define RETURN_TRIES 64

static vm_fault_t loan_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGSEGV;
}

static int loan_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EPERM;
}

static const struct vm_operations_struct loan_vm_ops = {
	.may_split = loan_may_split,
	.fault = loan_fault,
};

void gccolor_loan_mmap(struct vm_area_desc *desc)
{
	vma_desc_set_flags(desc, VMA_IO_BIT, VMA_PFNMAP_BIT, VMA_DONTEXPAND_BIT,
			   VMA_DONTDUMP_BIT, VMA_DONTCOPY_BIT);
	vma_desc_clear_flags(desc, VMA_READ_BIT, VMA_WRITE_BIT, VMA_EXEC_BIT,
			     VMA_MAYREAD_BIT, VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT,
			     VMA_MAYSHARE_BIT);
	desc->vm_ops = &loan_vm_ops;
	gccolor_guard_shut_new(desc);
}

struct vm_area_struct *gccolor_loan_find(struct file *vmfile,
					 const struct gccolor_token *token)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, token->loan);

	if (!token->loan || !vma || vma->vm_start != token->loan ||
	    vma->vm_end - vma->vm_start != token->end - token->start ||
	    vma->vm_file != vmfile || vma->vm_ops != &loan_vm_ops)
		return NULL;

	return vma;
}

int gccolor_loan_take(struct file *vmfile, struct gccolor_token *token)
{
	struct gccolor_token loan = {
		.use = GCCOLOR_USE_LOAN,
		.task = current,
		.start = 0,
		.end = token->end - token->start,
	};
	unsigned long flags = MAP_PRIVATE;
	unsigned long addr;

	if (token->flags & GCCOLOR_IOC_COMMIT_NORESERVE)
		flags |= MAP_NORESERVE;
	gccolor_token_add(vmfile, &loan);
	addr = vm_mmap(vmfile, 0, loan.end, PROT_WRITE, flags, 0);
	gccolor_token_del(vmfile, &loan);
	if (IS_ERR_VALUE(addr))
		return (int)addr;
	token->loan = addr;

	return 0;
}

void gccolor_loan_return(struct file *vmfile, struct gccolor_token *token, bool made)
{
	struct vm_area_struct *vma;
	int tries = RETURN_TRIES;
	int ret;

	do {
		mmap_write_lock(current->mm);
		vma = gccolor_loan_find(vmfile, token);
		if (vma && token->loan_spent && !made)
			vm_flags_set(vma, VM_ACCOUNT);
		if (vma)
			gccolor_guard_open(vma);
		mmap_write_unlock(current->mm);
		if (!vma)
			break;
		/* ENOMEM would leave a VMA behind for ever */
		ret = gccolor_unmap(vmfile, token->loan,
				    token->loan + token->end - token->start);
	} while (ret && --tries);
	token->loan = 0;
}

void gccolor_loan_spend(struct vm_area_struct *loan, struct gccolor_token *token,
			struct vm_area_desc *desc)
{
	vma_desc_set_flags(desc, VMA_WRITE_BIT);
	if (loan->vm_flags & VM_NORESERVE)
		vma_desc_set_flags(desc, VMA_NORESERVE_BIT);
	if (loan->vm_flags & VM_ACCOUNT) {
		vma_desc_set_flags(desc, VMA_ACCOUNT_BIT);
		vm_flags_clear(loan, VM_ACCOUNT);
		token->loan_spent = true;
	}
}
