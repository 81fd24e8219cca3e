// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/atomic.h>
#include <linux/ftrace.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <uapi/linux/gccolor.h>

#include "compat.h"
#include "event.h"
#include "guard.h"
#include "probe.h"
#include "region.h"
#include "vmfile.h"

#if !GCCOLOR_CORE_SEALS && defined(CONFIG_DYNAMIC_FTRACE_WITH_REGS) && \
	defined(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API)

/* The unmap core: int f(iterator, vma, mm, start, end, ...); newest first */
static const char * const unmap_names[] = {
	"do_vmi_align_munmap",	/* 6.3 */
	"do_mas_align_munmap",	/* 6.1 */
};

#define UNMAP_ARG_MM	2
#define UNMAP_ARG_START	3
#define UNMAP_ARG_END	4

/* int f(..., vma, pprev, start, end, flags); from 6.3 an iterator comes first */
static const char protect_name[] = "mprotect_fixup";

static const unsigned int protect_arg_start[] = { 4, 3 };	/* as unmap_names */

static DEFINE_MUTEX(arm_lock);
static bool armed;		/* protected by arm_lock */
static u32 refused;		/* written under arm_lock */
static unsigned int known;	/* index into unmap_names, written before arming */
static atomic_t missed;

#ifdef GCCOLOR_PLANT_PROBE
/* For selftests/guard_test.c: 1: the probe is deaf; 2: it was missed */
static int plant_probe;
module_param(plant_probe, int, 0600);
#else
#define plant_probe 0
#endif

static notrace int deny(void)
{
	return -EPERM;
}

/*
 * Only the first of our VMAs in the range is looked at: a token is for exactly
 * one range, and that lies in one region.
 */
static notrace bool may_unmap_range(struct mm_struct *mm, unsigned long start,
				    unsigned long end)
{
	VMA_ITERATOR(vmi, mm, start);
	struct gccolor_token *token;
	struct vm_area_struct *vma;

	if (plant_probe == 1)
		return true;

	for_each_vma_range(vmi, vma, end) {
		if (!gccolor_is_vmfile(vma->vm_file))
			continue;
		token = gccolor_token_find(gccolor_region_of(vma->vm_file), start, end);
		if (token && token->use == GCCOLOR_USE_PROVE)
			token->denied_by = GCCOLOR_DENIED_BY_GUARD;
		if (!token)
			gccolor_event_denied(gccolor_region_of(vma->vm_file),
					     GCCOLOR_IOC_CALL_UNMAP, start, end - start);

		return token && token->opened;
	}

	return true;
}

static notrace bool may_unmap(struct pt_regs *regs)
{
	return may_unmap_range((void *)regs_get_kernel_argument(regs, UNMAP_ARG_MM),
			       regs_get_kernel_argument(regs, UNMAP_ARG_START),
			       regs_get_kernel_argument(regs, UNMAP_ARG_END));
}

static notrace bool may_protect(struct pt_regs *regs)
{
	unsigned long start = regs_get_kernel_argument(regs, protect_arg_start[known]);
	unsigned long end = regs_get_kernel_argument(regs, protect_arg_start[known] + 1);
	struct vm_area_struct *vma = current->mm ? vma_lookup(current->mm, start) : NULL;

	if (!vma || !gccolor_is_vmfile(vma->vm_file))
		return true;
	gccolor_event_denied(gccolor_region_of(vma->vm_file), GCCOLOR_IOC_CALL_PROTECT, start,
			     end - start);

	return false;
}

/*
 * Context for all three: where the function would begin, so mmap_lock of the mm is
 * held for writing; preemption is off.
 */
static notrace void on_entry(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_regs *fregs, bool (*may)(struct pt_regs *regs))
{
	struct pt_regs *regs = ftrace_get_regs(fregs);
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0 || !regs || plant_probe == 2) {
		if (!atomic_fetch_inc(&missed))
			gccolor_event_guards_lost();
	} else if (!may(regs)) {
		instruction_pointer_set(regs, (unsigned long)deny);
	}
	if (bit >= 0)
		ftrace_test_recursion_unlock(bit);
}

static notrace void on_unmap(unsigned long ip, unsigned long parent_ip,
			     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	on_entry(ip, parent_ip, fregs, may_unmap);
}

static notrace void on_protect(unsigned long ip, unsigned long parent_ip,
			       struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	on_entry(ip, parent_ip, fregs, may_protect);
}

#define PROBE_FLAGS (FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY | \
		     FTRACE_OPS_FL_PERMANENT)

static struct ftrace_ops unmap_ops = { .func = on_unmap, .flags = PROBE_FLAGS };
static struct ftrace_ops protect_ops = { .func = on_protect, .flags = PROBE_FLAGS };

/* The core may write to the name that it is given. */
static int set_filter(struct ftrace_ops *ops, const char *name)
{
	char copy[32];

	strscpy(copy, name, sizeof(copy));

	return ftrace_set_filter(ops, copy, strlen(copy), 1);
}

static int find_functions(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unmap_names); i++) {
		known = i;
		if (!set_filter(&unmap_ops, unmap_names[i]))
			return set_filter(&protect_ops, protect_name);
	}

	return -ENOENT;
}

static u32 arm(void)
{
	if (find_functions())
		return GCCOLOR_IOC_REASON_KERNEL;
	if (register_ftrace_function(&unmap_ops))
		return GCCOLOR_IOC_REASON_BUSY;
	if (register_ftrace_function(&protect_ops)) {
		unregister_ftrace_function(&unmap_ops);
		return GCCOLOR_IOC_REASON_BUSY;
	}

	return GCCOLOR_IOC_REASON_NONE;
}

u32 gccolor_probe_arm(void)
{
	u32 reason = GCCOLOR_IOC_REASON_NONE;

	mutex_lock(&arm_lock);
	if (!armed) {
		reason = arm();
		armed = !reason;
		WRITE_ONCE(refused, reason);
	}
	mutex_unlock(&arm_lock);

	return reason;
}

u32 gccolor_probe_refused(void)
{
	return READ_ONCE(refused);
}

void gccolor_probe_disarm(void)
{
	if (armed) {
		unregister_ftrace_function(&protect_ops);
		unregister_ftrace_function(&unmap_ops);
		/* A task may have been preempted on its way through deny() */
		synchronize_rcu_tasks();
	}
	/* Only here: it leaves a filter that must not be set again (6.1) */
	ftrace_free_filter(&unmap_ops);
	ftrace_free_filter(&protect_ops);
}

bool gccolor_probe_missed(void)
{
	return atomic_read(&missed);
}

#else /* the core seals, or there is no ftrace with registers */

u32 gccolor_probe_arm(void)
{
	return GCCOLOR_IOC_REASON_KERNEL;
}

u32 gccolor_probe_refused(void)
{
	return GCCOLOR_IOC_REASON_KERNEL;
}

void gccolor_probe_disarm(void)
{
}

bool gccolor_probe_missed(void)
{
	return false;
}

#endif
