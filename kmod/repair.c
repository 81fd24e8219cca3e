// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "event.h"
#include "guard.h"
#include "region.h"

#define REPAIR_TRIES 64

enum finding {
	FOUND_WHOLE,
	FOUND_NOTHING,
	FOUND_HOLE,
	FOUND_FOREIGN,
};

void gccolor_kill_mm(struct mm_struct *mm, struct gccolor_region *region, const char *why)
{
	struct task_struct *process, *thread;

	pr_notice_ratelimited("gccolor: killing pid %d: %s\n",
			      task_tgid_nr(current), why);
	/* One munmap(2) may have been the end of several mappings */
	if (!fatal_signal_pending(current))
		gccolor_event_killed(region);

	rcu_read_lock();
	for_each_process(process) {
		if (process->flags & PF_KTHREAD)
			continue;
		for_each_thread(process, thread) {
			if (READ_ONCE(thread->mm) == mm) {
				send_sig(SIGKILL, thread, 1);
				break;
			}
		}
	}
	rcu_read_unlock();
}

/* Heal what is ours; report the first hole or anything foreign. */
static enum finding survey(struct file *vmfile, unsigned long *hole_start,
			   unsigned long *hole_end)
{
	VMA_ITERATOR(vmi, current->mm, gccolor_region_of(vmfile)->base);
	struct gccolor_region *region = gccolor_region_of(vmfile);
	unsigned long end = gccolor_region_end(region);
	unsigned long pos = region->base;
	enum finding finding = FOUND_WHOLE;
	struct vm_area_struct *vma;
	bool ours = false;

	if (gccolor_region_marks(vmfile, current->mm) & GCCOLOR_MARK_RELEASING)
		return FOUND_NOTHING;

	for_each_vma_range(vmi, vma, end) {
		if (vma->vm_start > pos && finding == FOUND_WHOLE) {
			finding = FOUND_HOLE;
			*hole_start = pos;
			*hole_end = vma->vm_start;
		}
		pos = vma->vm_end;
		if (gccolor_vma_is_ours(vma, vmfile)) {
			gccolor_vma_heal(vma);
			ours = true;
		} else {
			finding = FOUND_FOREIGN;
		}
	}
	if (!ours)
		return FOUND_NOTHING;
	if (pos < end && finding == FOUND_WHOLE) {
		finding = FOUND_HOLE;
		*hole_start = pos;
		*hole_end = end;
	}

	return finding;
}

int gccolor_repair(struct file *vmfile)
{
	struct mm_struct *mm = current->mm;
	int tries;

	for (tries = 0; tries < REPAIR_TRIES; tries++) {
		struct gccolor_token token = { .use = GCCOLOR_USE_FILL };
		enum finding finding;

		mmap_write_lock(mm);
		finding = survey(vmfile, &token.want_start, &token.want_end);
		mmap_write_unlock(mm);

		switch (finding) {
		case FOUND_WHOLE:
			return 0;
		case FOUND_NOTHING:
			return -ENXIO;
		case FOUND_FOREIGN:
			gccolor_kill_mm(mm, gccolor_region_of(vmfile),
					"a foreign mapping got into its region");
			return -EINTR;
		case FOUND_HOLE:
			/* On failure the next survey says what became of it. */
			gccolor_carve(vmfile, &token);
		}
	}
	gccolor_kill_mm(mm, gccolor_region_of(vmfile), "a hole in its region could not be filled");

	return -EINTR;
}
