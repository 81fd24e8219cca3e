/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * A loan: memory charged against the commit limit before a guard is opened.
 *
 * The core asks for the charge of a writable mapping after its last look at the
 * guards. A COMMIT that ends where its reserve VMA ends is not split there, so
 * nothing shuts the guard again if the charge is refused. Such a COMMIT takes
 * the charge first: with a VMA of the same length somewhere else, guarded and
 * without access. The carve itself is then read-only for the core, which charges nothing,
 * and gccolor_carve_mmap() moves charge and write permission to the new VMA. If the
 * core then fails to make that VMA, the charge goes back with the loan.
 */
#ifndef GCCOLOR_LOAN_H
#define GCCOLOR_LOAN_H

#include <linux/fs.h>
#include <linux/mm_types.h>

struct gccolor_token;
struct vm_area_desc;

/**
 * gccolor_loan_take() - take the charge that @token needs
 * @vmfile: of the region
 * @token: a COMMIT; @token->loan is set
 *
 * Context: no lock held.
 * Return: 0, or what the core refused the charge with.
 */
int gccolor_loan_take(struct file *vmfile, struct gccolor_token *token);

/**
 * gccolor_loan_return() - unmap the loan, and give back what was not spent
 * @vmfile: of the region
 * @token: as above
 * @made: the new VMA exists, and has the charge if it was spent
 *
 * Context: no lock held.
 */
void gccolor_loan_return(struct file *vmfile, struct gccolor_token *token, bool made);

/* The untouched VMA of a loan, or NULL. Context: mmap_lock held for writing. */
struct vm_area_struct *gccolor_loan_find(struct file *vmfile,
					 const struct gccolor_token *token);

/* Move the charge of @loan to the VMA that will be made. Context: as above. */
void gccolor_loan_spend(struct vm_area_struct *loan, struct gccolor_token *token,
			struct vm_area_desc *desc);

/* f_op->mmap_prepare of a loan */
void gccolor_loan_mmap(struct vm_area_desc *desc);

#endif /* GCCOLOR_LOAN_H */
