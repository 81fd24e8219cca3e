// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/ftrace.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/syscall.h>

#include "audit.h"
#include "compat.h"
#include "event.h"
#include "guard.h"
#include "region.h"
#include "vmfile.h"

#if GCCOLOR_CORE_SEALS && defined(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)

/* Attempts at mmap_lock: some microseconds, the time of a short call */
#define PATIENCE	1000

static DEFINE_MUTEX(arm_lock);
static unsigned int listeners;	/* protected by arm_lock */
static bool armed;		/* written under arm_lock */

/*
 * The first of our VMAs in the range, and no token for exactly it: what follows will
 * be denied. Context: mmap_lock held, or not current's.
 */
static notrace void predict(struct mm_struct *mm, unsigned long start, unsigned long end,
			    u32 call)
{
	VMA_ITERATOR(vmi, mm, start);
	struct vm_area_struct *vma;

	for_each_vma_range(vmi, vma, end) {
		struct gccolor_region *region;

		if (!gccolor_is_vmfile(vma->vm_file))
			continue;
		region = gccolor_region_of(vma->vm_file);
		if (!gccolor_guard_sees(region) && !gccolor_token_find(region, start, end))
			gccolor_event_denied(region, call, start, end - start);
		return;
	}
}

static notrace void see_unmap(struct ftrace_regs *fregs)
{
	struct mm_struct *mm = (void *)ftrace_regs_get_argument(fregs, 2);

	predict(mm, ftrace_regs_get_argument(fregs, 3), ftrace_regs_get_argument(fregs, 4),
		GCCOLOR_IOC_CALL_UNMAP);
}

static notrace void see_map(struct ftrace_regs *fregs)
{
	unsigned long start = ftrace_regs_get_argument(fregs, 1);
	unsigned long length = ftrace_regs_get_argument(fregs, 2);

	if (current->mm)
		predict(current->mm, start, start + length, GCCOLOR_IOC_CALL_MAP);
}

/*
 * At the entry of a call that has not taken mmap_lock yet. Here nobody may sleep, so
 * if the lock is not had soon, the call is one that was not seen, and counted as that.
 */
static notrace void predict_locked(unsigned long start, unsigned long length, u32 call)
{
	struct mm_struct *mm = current->mm;
	unsigned int patience = PATIENCE;

	length = PAGE_ALIGN(length);
	if (!mm || offset_in_page(start) || start + length <= start)
		return;
	while (!mmap_read_trylock(mm)) {
		if (!patience--) {
			gccolor_event_unseen();
			return;
		}
		cpu_relax();
	}
	predict(mm, start, start + length, call);
	mmap_read_unlock(mm);
}

static notrace void see_protect(struct ftrace_regs *fregs)
{
	predict_locked(untagged_addr(ftrace_regs_get_argument(fregs, 0)),
		       ftrace_regs_get_argument(fregs, 1), GCCOLOR_IOC_CALL_PROTECT);
}

/* The system call: the core refuses before it calls anything else. */
static notrace void see_remap(struct ftrace_regs *fregs)
{
	const struct pt_regs *regs = (void *)ftrace_regs_get_argument(fregs, 0);
	unsigned long args[6];

	if (in_compat_syscall())
		return;
	syscall_get_arguments(current, (struct pt_regs *)regs, args);
	/* An old length of 0 asks for a second mapping of what lies there */
	predict_locked(untagged_addr(args[0]), args[1] ?: 1, GCCOLOR_IOC_CALL_REMAP);
}

struct sight {
	const char *names[2];
	void (*see)(struct ftrace_regs *fregs);
	struct ftrace_ops ops;
	bool registered;
};

static notrace void on_entry(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	container_of(ops, struct sight, ops)->see(fregs);
}

static struct sight sights[] = {
	{ { "do_vmi_align_munmap" }, see_unmap, { .func = on_entry } },
	{ { "__mmap_region", "mmap_region" }, see_map, { .func = on_entry } },
	{ { "do_mprotect_pkey" }, see_protect, { .func = on_entry } },
	{ { GCCOLOR_SYSCALL("mremap") }, see_remap, { .func = on_entry } },
};

static bool arm_one(struct sight *sight)
{
	char copy[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sight->names) && sight->names[i]; i++) {
		strscpy(copy, sight->names[i], sizeof(copy));
		if (ftrace_set_filter(&sight->ops, copy, strlen(copy), 1))
			continue;
		sight->registered = !register_ftrace_function(&sight->ops);
		return sight->registered;
	}

	return false;
}

static void disarm(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sights); i++) {
		if (sights[i].registered)
			unregister_ftrace_function(&sights[i].ops);
		sights[i].registered = false;
	}
}

void gccolor_audit_get(void)
{
	size_t i;

	mutex_lock(&arm_lock);
	if (!listeners++) {
		for (i = 0; i < ARRAY_SIZE(sights) && arm_one(&sights[i]); i++)
			;
		if (i < ARRAY_SIZE(sights))
			disarm();
		WRITE_ONCE(armed, i == ARRAY_SIZE(sights));
	}
	mutex_unlock(&arm_lock);
}

void gccolor_audit_put(void)
{
	mutex_lock(&arm_lock);
	if (!--listeners && armed) {
		WRITE_ONCE(armed, false);
		disarm();
	}
	mutex_unlock(&arm_lock);
}

void gccolor_audit_exit(void)
{
	size_t i;

	disarm();
	/* Only here: it leaves a filter that must not be set again */
	for (i = 0; i < ARRAY_SIZE(sights); i++)
		ftrace_free_filter(&sights[i].ops);
}

bool gccolor_audit_observes(const struct gccolor_region *region)
{
	return (region && gccolor_guard_sees(region)) || READ_ONCE(armed);
}

#else

void gccolor_audit_get(void)
{
}

void gccolor_audit_put(void)
{
}

void gccolor_audit_exit(void)
{
}

bool gccolor_audit_observes(const struct gccolor_region *region)
{
	return region ? gccolor_guard_sees(region) : !GCCOLOR_CORE_SEALS;
}

#endif
