// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat.h"
#include "event.h"
#include "guard.h"
#include "limits.h"
#include "prove.h"
#include "region.h"
#include "registry.h"
#include "trace.h"
#include "vmfile.h"

#define RELEASE_TRIES 16

bool gccolor_drain;

struct gccolor_region *gccolor_region_new(void)
{
	struct gccolor_region *region;
	struct file *vmfile;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&region->lock);
	INIT_LIST_HEAD(&region->tokens);

	vmfile = gccolor_vmfile_new(region);
	if (IS_ERR(vmfile)) {
		kfree(region);
		return ERR_CAST(vmfile);
	}
	region->vmfile = vmfile;

	return region;
}

void gccolor_region_free(struct gccolor_region *region)
{
	if (region->claimed) {
		gccolor_registry_remove(region);
		gccolor_limits_uncharge(region->owner);
	}
	gccolor_event_free(region);
#ifndef GCCOLOR_PLANT_LEAK
	kfree(region);
#endif
}

/* path_noexec(), which is not exported */
static bool is_noexec(const struct path *path)
{
	return path->mnt->mnt_flags & MNT_NOEXEC ||
	       path->mnt->mnt_sb->s_iflags & SB_I_NOEXEC;
}

bool gccolor_exec_possible(struct file *file)
{
	return !is_noexec(&file->f_path);
}

unsigned long gccolor_region_marks(struct file *vmfile, struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	mmap_assert_locked(mm);
	vma = vma_lookup(mm, gccolor_region_of(vmfile)->base);
	if (!vma || !gccolor_vma_is_reserve(vma, vmfile))
		return 0;

	return (unsigned long)vma->vm_private_data;
}

bool gccolor_region_exists(struct file *vmfile, struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	mmap_assert_locked(mm);
	vma = vma_lookup(mm, gccolor_region_of(vmfile)->base);

	return vma && gccolor_vma_is_reserve(vma, vmfile) &&
	       !((unsigned long)vma->vm_private_data & GCCOLOR_MARK_RELEASING);
}

/* Context: mmap_lock held for writing; the VMA at the base is ours. */
static void set_marks(struct gccolor_region *region, unsigned long marks)
{
	struct vm_area_struct *lowest = vma_lookup(current->mm, region->base);

	marks |= (unsigned long)lowest->vm_private_data & GCCOLOR_MARK_COUNTED;
	lowest->vm_private_data = (void *)marks;
}

static void unclaim(struct gccolor_region *region)
{
	spin_lock(&region->lock);
	region->claimed = false;
	spin_unlock(&region->lock);
}

int gccolor_region_claim(struct gccolor_region *region, unsigned long base,
			 unsigned long length, u32 color_shift, u64 exec_colors)
{
	bool taken;
	int ret;

	spin_lock(&region->lock);
	taken = region->claimed;
	region->claimed = true;
	spin_unlock(&region->lock);
	if (taken)
		return -EBUSY;

	ret = READ_ONCE(gccolor_drain) ? -ESHUTDOWN :
					 gccolor_limits_charge(current_uid());
	if (ret) {
		unclaim(region);
		return ret;
	}
	region->owner = current_uid();
	gccolor_registry_add(region);
	region->mm = current->mm;
	region->base = base;
	region->length = length;
	region->color_shift = color_shift;
	region->exec_colors = exec_colors;
	i_size_write(file_inode(region->vmfile), length);
	gccolor_guard_choose(region);

	return 0;
}

void gccolor_region_publish(struct gccolor_region *region)
{
	/* Pairs with smp_load_acquire() in gccolor_region_is_set() */
	smp_store_release(&region->has_geometry, true);
	gccolor_event_up(region);
}

void gccolor_region_came(struct gccolor_region *region)
{
	atomic_inc(&region->counts.processes);
}

void gccolor_region_went(struct gccolor_region *region)
{
	if (atomic_dec_and_test(&region->counts.processes) && gccolor_region_is_set(region))
		gccolor_event_down(region);
}

static int check_reserve(struct file *file, const struct gccolor_ioc_reserve *arg)
{
	u64 colors;
	u32 reason;

	if (arg->flags || !is_power_of_2(arg->length) ||
	    arg->base & (arg->length - 1) || arg->color_shift > 63)
		return -EINVAL;
	colors = arg->length >> arg->color_shift;
	if (!colors || colors > GCCOLOR_COLORS_MAX ||
	    BIT_ULL(arg->color_shift) < GCCOLOR_COLOR_LENGTH_MIN)
		return -EINVAL;
	if (colors < 64 && arg->exec_colors >> colors)
		return -EINVAL;
	if (!arg->base || arg->length > gccolor_length_max() ||
	    arg->base > TASK_SIZE - arg->length)
		return -ERANGE;
	if (arg->level_min > gccolor_guard_level(NULL, &reason))
		return -EOPNOTSUPP;
	if (arg->exec_colors && !gccolor_exec_possible(file))
		return -EOPNOTSUPP;

	return 0;
}

static int reserve(struct file *file, struct gccolor_ioc_reserve *arg)
{
	struct gccolor_region *region = gccolor_region_of(file);
	struct gccolor_token token = { .use = GCCOLOR_USE_RESERVE };
	enum gccolor_denier denied_by;
	int ret;

	ret = check_reserve(file, arg);
	if (ret)
		return ret;
	ret = gccolor_region_claim(region, arg->base, arg->length,
				   arg->color_shift, arg->exec_colors);
	if (ret)
		return ret;

	token.want_start = arg->base;
	token.want_end = arg->base + arg->length;
	ret = gccolor_carve(region->vmfile, &token);
	if (ret) {
		arg->busy_start = token.busy_start;
		arg->busy_end = token.busy_end;
		gccolor_registry_remove(region);
		gccolor_limits_uncharge(region->owner);
		unclaim(region);
		return ret;
	}
	ret = gccolor_prove_new(region->vmfile, &denied_by);
	/* Nothing is committed yet, so that everything that will be has hooks */
	if (denied_by == GCCOLOR_DENIED_BY_HOOK && !region->hooked)
		region->hooked = GCCOLOR_IOC_REASON_UNPROVEN;
	gccolor_region_publish(region);

	arg->busy_start = 0;
	arg->busy_end = 0;
	arg->level = gccolor_guard_level(region, &arg->reason);
	if (!ret || arg->level < arg->level_min) {
		gccolor_region_release(file);
		return -EOPNOTSUPP;
	}

	return 0;
}

int gccolor_region_reserve(struct file *file, struct gccolor_ioc_reserve *arg)
{
	int ret = reserve(file, arg);

	trace_gccolor_reserve(gccolor_region_of(file)->id, arg->base, arg->length, arg->level,
			      ret);

	return ret;
}

/* Take mmap_lock for writing if the region exists in this mm. */
static int lock_existing(struct gccolor_region *region)
{
	if (!gccolor_region_is_set(region))
		return -ENXIO;
	if (mmap_write_lock_killable(current->mm))
		return -EINTR;
	if (gccolor_region_exists(region->vmfile, current->mm))
		return 0;
	mmap_write_unlock(current->mm);

	return -ENXIO;
}

static int release_once(struct gccolor_region *region)
{
	VMA_ITERATOR(vmi, current->mm, region->base);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	for_each_vma_range(vmi, vma, gccolor_region_end(region))
		if (gccolor_vma_is_ours(vma, region->vmfile))
			gccolor_guard_open(vma);
	mmap_write_unlock(mm);

	return gccolor_unmap(region->vmfile, region->base, gccolor_region_end(region));
}

int gccolor_region_release(struct file *file)
{
	struct gccolor_region *region = gccolor_region_of(file);
	struct mm_struct *mm = current->mm;
	int tries = RELEASE_TRIES;
	int ret;

	ret = lock_existing(region);
	if (ret)
		return ret;
	if (gccolor_region_marks(region->vmfile, mm) & GCCOLOR_MARK_LOCKED) {
		mmap_write_unlock(mm);
		return -EPERM;
	}
	/* From here on no other call finds the region */
	set_marks(region, GCCOLOR_MARK_RELEASING);
	mmap_write_unlock(mm);

	do {
		/* EPERM: a fork in another thread has shut the guards */
		ret = release_once(region);
	} while (ret == -EPERM && --tries);
	if (!ret)
		return 0;

	mmap_write_lock(mm);
	if (gccolor_region_marks(region->vmfile, mm))
		set_marks(region, 0);
	mmap_write_unlock(mm);
	gccolor_repair(region->vmfile);

	return ret == -EPERM ? -EBUSY : ret;
}

int gccolor_region_lock(struct file *file)
{
	struct gccolor_region *region = gccolor_region_of(file);
	int ret;

	ret = lock_existing(region);
	if (ret)
		return ret;
	/* Copied by fork and by splits; DECOMMIT never replaces this VMA */
	set_marks(region, GCCOLOR_MARK_LOCKED);
	WRITE_ONCE(region->locked_once, true);
	mmap_write_unlock(current->mm);

	return 0;
}
