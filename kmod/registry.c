// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "region.h"
#include "registry.h"

/*
 * By number. A tree of what the regions bring along, as an index would allocate in
 * every RESERVE. The lock is a leaf, and keeps a region from going while visited.
 */
static struct rb_root regions = RB_ROOT;
static DEFINE_SPINLOCK(lock);
static u32 last_id;
static u32 count;
static u64 ever;

static struct gccolor_region *region_of(const struct rb_node *node)
{
	return rb_entry(node, struct gccolor_region, in_registry);
}

static int compare(struct rb_node *a, const struct rb_node *b)
{
	u32 x = region_of(a)->id, y = region_of(b)->id;

	return (x > y) - (x < y);
}

void gccolor_registry_add(struct gccolor_region *region)
{
	region->pid = get_task_pid(current, PIDTYPE_TGID);
	region->pid_ns = get_pid_ns(task_active_pid_ns(current));
	get_task_comm(region->comm, current->group_leader);

	spin_lock(&lock);
	/* After four billion regions a number may be in use yet */
	do {
		region->id = ++last_id;
	} while (!region->id || rb_find_add(&region->in_registry, &regions, compare));
	count++;
	region->born = ++ever;
	spin_unlock(&lock);
}

void gccolor_registry_remove(struct gccolor_region *region)
{
	spin_lock(&lock);
	rb_erase(&region->in_registry, &regions);
	count--;
	spin_unlock(&lock);
	put_pid_ns(region->pid_ns);
	put_pid(region->pid);
}

/* The region with the lowest number from @id on, or NULL. */
static struct gccolor_region *first_from(unsigned long id)
{
	struct rb_node *node = regions.rb_node;
	struct gccolor_region *found = NULL;

	while (node) {
		if (region_of(node)->id >= id) {
			found = region_of(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}

	return found;
}

static struct gccolor_region *next_of(struct gccolor_region *region)
{
	struct rb_node *node = rb_next(&region->in_registry);

	return node ? region_of(node) : NULL;
}

bool gccolor_registry_next(unsigned long *id, u64 born,
			   void (*visit)(struct gccolor_region *region, void *arg),
			   void *arg)
{
	struct gccolor_region *region;

	spin_lock(&lock);
	region = first_from(*id);
	while (region && (!gccolor_region_is_set(region) || region->born > born))
		region = next_of(region);
	if (region) {
		*id = region->id;
		visit(region, arg);
	}
	spin_unlock(&lock);

	return region;
}

u32 gccolor_registry_count(void)
{
	return READ_ONCE(count);
}

u64 gccolor_registry_ever(void)
{
	return READ_ONCE(ever);
}
