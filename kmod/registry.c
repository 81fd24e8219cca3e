// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/atomic.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "region.h"
#include "registry.h"

/* number -> region; its lock is a leaf, and protects a region from going while visited */
static DEFINE_XARRAY_ALLOC1(regions);
static u32 next_id;
static atomic_t count;
static atomic64_t ever;

int gccolor_registry_add(struct gccolor_region *region)
{
	int ret;

	region->pid = get_task_pid(current, PIDTYPE_TGID);
	region->pid_ns = get_pid_ns(task_active_pid_ns(current));
	get_task_comm(region->comm, current->group_leader);
	region->born = atomic64_inc_return(&ever);
	ret = xa_alloc_cyclic(&regions, &region->id, region, xa_limit_32b, &next_id,
			      GFP_KERNEL_ACCOUNT);
	if (ret < 0) {
		put_pid_ns(region->pid_ns);
		put_pid(region->pid);
		return ret == -EBUSY ? -ENOMEM : ret;
	}
	atomic_inc(&count);

	return 0;
}

void gccolor_registry_remove(struct gccolor_region *region)
{
	xa_erase(&regions, region->id);
	atomic_dec(&count);
	put_pid_ns(region->pid_ns);
	put_pid(region->pid);
}

bool gccolor_registry_next(unsigned long *id, u64 born,
			   void (*visit)(struct gccolor_region *region, void *arg),
			   void *arg)
{
	struct gccolor_region *region;

	xa_lock(&regions);
	region = xa_find(&regions, id, ULONG_MAX, XA_PRESENT);
	while (region && (!gccolor_region_is_set(region) || region->born > born))
		region = xa_find_after(&regions, id, ULONG_MAX, XA_PRESENT);
	if (region)
		visit(region, arg);
	xa_unlock(&regions);

	return region;
}

u32 gccolor_registry_count(void)
{
	return atomic_read(&count);
}

u64 gccolor_registry_ever(void)
{
	return atomic64_read(&ever);
}

void gccolor_registry_exit(void)
{
	xa_destroy(&regions);
}
