// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Carving: vm_mmap() of our own file over a part of the region.
 *
 * The core calls gccolor_carve_area() and gccolor_carve_mmap() inside one
 * mmap_lock write section. The first opens the guards of what will be
 * replaced, the second describes the new VMA and shuts what is left over; with
 * all guards shut, the core can merge the new VMA with its neighbours. That it
 * made the VMA is known from what vm_mmap() returns, and from nothing else. Calls in
 * other threads and in fork children that share the file cannot interfere:
 * their token is another, and they see the region before or after.
 */
#include <linux/mman.h>
#include <linux/sched.h>

#include "compat.h"
#include "event.h"
#include "guard.h"
#include "limits.h"
#include "loan.h"
#include "prove.h"
#include "region.h"

#define CARVE_TRIES 1000

/*
 * Widen a new reserve by its reserve neighbours, so that they become one VMA;
 * the core does not merge VM_SPECIAL. The lowest slot stays as it is. With
 * MCL_FUTURE the core would charge the whole range against RLIMIT_MEMLOCK.
 * Whether all this still is so is checked when the core asks for the address.
 */
static int widen(struct file *vmfile, struct gccolor_token *token)
{
	VMA_ITERATOR(below, current->mm, token->start);
	VMA_ITERATOR(above, current->mm, token->end);
	struct gccolor_region *region = gccolor_region_of(vmfile);
	unsigned long lowest = region->base + GCCOLOR_SLOT;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	if (mm->def_flags & VM_LOCKED)
		goto unlock;
	while (token->start > lowest) {
		vma = vma_prev(&below);
		if (!vma || vma->vm_end != token->start ||
		    !gccolor_vma_is_reserve(vma, vmfile))
			break;
		token->start = max(vma->vm_start, lowest);
	}
	while (token->end < gccolor_region_end(region)) {
		vma = vma_next(&above);
		if (!vma || vma->vm_start != token->end ||
		    !gccolor_vma_is_reserve(vma, vmfile))
			break;
		token->end = vma->vm_end;
	}
unlock:
	mmap_read_unlock(mm);

	return 0;
}

static unsigned long carve_prot(const struct gccolor_token *token)
{
	if (token->use != GCCOLOR_USE_COMMIT)
		return PROT_NONE;

	return (token->prot & GCCOLOR_IOC_PROT_READ ? PROT_READ : 0) |
	       (token->prot & GCCOLOR_IOC_PROT_WRITE && !token->loan ? PROT_WRITE : 0) |
	       (token->prot & GCCOLOR_IOC_PROT_EXEC ? PROT_EXEC : 0);
}

static unsigned long carve_flags(const struct gccolor_token *token)
{
	unsigned long flags = MAP_PRIVATE;

	switch (token->use) {
	case GCCOLOR_USE_RESERVE:
	case GCCOLOR_USE_FILL:
		return flags | MAP_FIXED_NOREPLACE;
	case GCCOLOR_USE_COMMIT:
		/* Nothing else is charged; see gccolor_vma_make_committed() */
		if (token->flags & GCCOLOR_IOC_COMMIT_NORESERVE &&
		    carve_prot(token) & PROT_WRITE)
			flags |= MAP_NORESERVE;
		if (token->flags & GCCOLOR_IOC_COMMIT_POPULATE)
			flags |= MAP_POPULATE;
		fallthrough;
	default:
		return flags | MAP_FIXED;
	}
}

unsigned long gccolor_carve_map(struct file *vmfile, struct gccolor_token *token)
{
	unsigned long base = gccolor_region_of(vmfile)->base;
	unsigned long addr;

	gccolor_token_add(vmfile, token);
	addr = vm_mmap(vmfile, token->start, token->end - token->start,
		       carve_prot(token), carve_flags(token), token->start - base);
	gccolor_token_del(vmfile, token);

	return addr;
}

int gccolor_unmap(struct file *vmfile, unsigned long start, unsigned long end)
{
	struct gccolor_token token = {
		.use = GCCOLOR_USE_UNMAP,
		.start = start,
		.end = end,
		.opened = true,
	};
	int ret;

	gccolor_token_add(vmfile, &token);
	ret = vm_munmap(start, end - start);
	gccolor_token_del(vmfile, &token);

	return ret;
}

/* What the carve came without, so that it was sent back. */
static int supply(struct file *vmfile, struct gccolor_token *token)
{
	u32 lacks = token->lacks;
	int ret = 0;

	token->lacks = 0;
	if (lacks & GCCOLOR_LACKS_ROOM)
		ret = gccolor_room_find(vmfile);
	if (!ret && lacks & GCCOLOR_LACKS_LOAN)
		ret = gccolor_loan_take(vmfile, token);

	return ret;
}

static int carve_once(struct file *vmfile, struct gccolor_token *token)
{
	unsigned long addr;
	int ret;

	token->start = token->want_start;
	token->end = token->want_end;
	token->lacks = 0;
	token->loan = 0;
	token->loan_spent = false;
	token->opened = false;
	token->cuts_committed = false;
	token->done = false;
	if (token->use == GCCOLOR_USE_DECOMMIT || token->use == GCCOLOR_USE_COALESCE) {
		ret = widen(vmfile, token);
		if (ret)
			return ret;
	}

	addr = gccolor_carve_map(vmfile, token);
	if (token->lacks) {
		ret = supply(vmfile, token);
		if (ret)
			return ret;
		addr = gccolor_carve_map(vmfile, token);
	}
	if (token->loan)
		gccolor_loan_return(vmfile, token, addr == token->start);
	if (addr == token->start && token->done)
		return 0;
	if (token->opened)
		gccolor_room_forget();

	return IS_ERR_VALUE(addr) ? (int)addr : -ENOMEM;
}

/* The splits of a carve that failed: make reserve one VMA again. */
static void coalesce(struct file *vmfile, const struct gccolor_token *failed)
{
	struct gccolor_token token = {
		.use = GCCOLOR_USE_COALESCE,
		.want_start = failed->want_start,
		.want_end = failed->want_end,
	};

	/* Only tidies up: the region is whole and guarded without it. */
	if (carve_once(vmfile, &token) && token.opened)
		gccolor_repair(vmfile);
}

/* Did a DECOMMIT fail so late that the repair has made the range reserve? */
static bool decommitted(struct file *vmfile, const struct gccolor_token *token)
{
	bool done;

	if (token->use != GCCOLOR_USE_DECOMMIT)
		return false;
	mmap_write_lock(current->mm);
	done = gccolor_is_reserve(vmfile, token->want_start, token->want_end);
	mmap_write_unlock(current->mm);

	return done;
}

int gccolor_carve(struct file *vmfile, struct gccolor_token *token)
{
	int tries = CARVE_TRIES;
	int ret, repaired;

	while (tries--) {
		ret = carve_once(vmfile, token);
		if (!ret || (ret != -EUCLEAN && !token->opened))
			return ret;
		repaired = gccolor_repair(vmfile);
		if (repaired)
			return repaired;
		if (ret != -EUCLEAN) {
			if (token->use == GCCOLOR_USE_COMMIT)
				coalesce(vmfile, token);
			return decommitted(vmfile, token) ? 0 : ret;
		}
		cond_resched();
	}

	return -EBUSY;
}

/* How many more committed runs there will be. */
static int more_runs(struct file *vmfile, const struct gccolor_token *token,
		     const struct gccolor_span *span)
{
	unsigned long start = token->want_start, end = token->want_end;
	struct vm_area_struct *below, *above;
	int around;

	below = span->first->vm_start < start ? span->first : vma_lookup(current->mm, start - 1);
	above = span->last->vm_end > end ? span->last : vma_lookup(current->mm, end);
	around = (below && gccolor_vma_is_committed(below, vmfile)) +
		 (above && gccolor_vma_is_committed(above, vmfile));

	return token->use == GCCOLOR_USE_COMMIT ? 1 - around : around - 1;
}

static void open_guards(struct gccolor_token *token, const struct gccolor_span *span)
{
	VMA_ITERATOR(vmi, current->mm, token->start);
	struct vm_area_struct *vma;

	token->opened = true;
	if (span->first == span->last) {
		gccolor_guard_open(span->first);
		return;
	}
	for_each_vma_range(vmi, vma, token->end)
		gccolor_guard_open(vma);
}

/* Context: mmap_lock held for writing; the range is as it should be. */
static int look_for_lacks(struct file *vmfile, struct gccolor_token *token,
			  const struct gccolor_span *span)
{
	if (gccolor_splits_in_three(token, span) &&
	    !gccolor_room_is_known(current->mm->map_count))
		token->lacks |= GCCOLOR_LACKS_ROOM;
	if ((token->loan || gccolor_wants_loan(token, span)) &&
	    !gccolor_loan_find(vmfile, token))
		token->lacks |= GCCOLOR_LACKS_LOAN;

	return token->lacks ? -EUCLEAN : 0;
}

unsigned long gccolor_carve_area(struct file *vmfile, unsigned long addr,
				 unsigned long len, unsigned long pgoff,
				 unsigned long flags)
{
	struct gccolor_region *region = gccolor_region_of(vmfile);
	struct gccolor_span span = { NULL, NULL };
	struct gccolor_token *token;
	int ret;

	token = gccolor_token_find(region, addr, addr + len);
	if (token && token->use == GCCOLOR_USE_LOAN) {
		token->start = mm_get_unmapped_area(vmfile, 0, len, 0, flags);
		token->end = token->start + len;
		return token->start;
	}
	/* mremap(2) asks where committed memory may go, if nothing has denied it before */
	if (!token && gccolor_guard_sees(region))
		gccolor_event_denied(region, GCCOLOR_IOC_CALL_REMAP,
				     region->base + (pgoff << PAGE_SHIFT), len);
	if (!token || pgoff != (addr - region->base) >> PAGE_SHIFT)
		return -EPERM;

	ret = gccolor_carve_check(vmfile, token, &span);
	if (!ret && token->use == GCCOLOR_USE_PROVE)
		token->map_count = current->mm->map_count;
	if (!ret && span.first)
		ret = look_for_lacks(vmfile, token, &span);
	if (ret)
		return ret;
	if (!span.first)
		return addr;

	if (token->use == GCCOLOR_USE_COMMIT || token->use == GCCOLOR_USE_DECOMMIT)
		token->runs = more_runs(vmfile, token, &span);
	token->cuts_committed = (span.first->vm_start < token->start &&
				 gccolor_vma_is_committed(span.first, vmfile)) ||
				(span.last->vm_end > token->end &&
				 gccolor_vma_is_committed(span.last, vmfile));
	open_guards(token, &span);

	return addr;
}

/* The halves that a carve out of committed memory left over have no vm_ops. */
static void shut_neighbours(struct file *vmfile, const struct gccolor_token *token)
{
	struct gccolor_region *region = gccolor_region_of(vmfile);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

#ifdef GCCOLOR_PLANT_OPEN_HALVES
	return;	/* selftests/plant_test */
#endif
	if (token->start > region->base) {
		vma = vma_lookup(mm, token->start - 1);
		if (vma && gccolor_vma_is_ours(vma, vmfile))
			gccolor_guard_shut(vma);
	}
	if (token->end < gccolor_region_end(region)) {
		vma = vma_lookup(mm, token->end);
		if (vma && gccolor_vma_is_ours(vma, vmfile))
			gccolor_guard_shut(vma);
	}
}

static void mark_lowest(struct gccolor_region *region, const struct gccolor_token *token,
			struct vm_area_desc *desc)
{
	unsigned long marks = GCCOLOR_MARK_COUNTED;

	/* Who refilled the lowest slot cannot know any more: err on this side */
	if (token->use == GCCOLOR_USE_FILL && region->locked_once)
		marks |= GCCOLOR_MARK_LOCKED;
	desc->private_data = (void *)marks;
	gccolor_region_came(region);
}

int gccolor_carve_mmap(struct vm_area_desc *desc)
{
	struct file *vmfile = desc->file;
	struct gccolor_token *token;

	token = gccolor_token_find(gccolor_region_of(vmfile), desc->start, desc->end);
	if (!token)
		return -EPERM;
	if (token->use == GCCOLOR_USE_LOAN) {
		gccolor_loan_mmap(desc);
		token->done = true;
		return 0;
	}

	if (token->loan)
		gccolor_loan_spend(gccolor_loan_find(vmfile, token), token, desc);
	if (token->use == GCCOLOR_USE_COMMIT)
		gccolor_vma_make_committed(desc, token->prot, token->flags);
	else
		gccolor_vma_make_reserve(desc);
	if ((token->use == GCCOLOR_USE_RESERVE || token->use == GCCOLOR_USE_FILL) &&
	    desc->start == gccolor_region_of(vmfile)->base)
		mark_lowest(gccolor_region_of(vmfile), token, desc);
	if (token->cuts_committed)
		shut_neighbours(vmfile, token);
	token->done = true;

	return 0;
}
