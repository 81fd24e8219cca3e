// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * fork() copies a region with its lock and its account. All locks are taken
 * before and dropped after, in the order: list, then each region. A child has
 * to look whether the region came along (MADV_DONTFORK).
 */
#include "os.h"
#include "region.h"

static struct os_lock list_lock;	/* made by os_at_fork() */
static struct gccolor *list;	/* protected by list_lock */

static void before_fork(void)
{
	struct gccolor *gc;

	os_lock_take(&list_lock);
	for (gc = list; gc; gc = gc->next)
		os_lock_take(&gc->lock);
}

static void after_fork_in_parent(void)
{
	struct gccolor *gc;

	for (gc = list; gc; gc = gc->next)
		os_lock_drop(&gc->lock);
	os_lock_drop(&list_lock);
}

static void after_fork_in_child(void)
{
	struct gccolor *gc;

	for (gc = list; gc; gc = gc->next) {
		gc->forked = true;
		gc->inherited = true;
	}
	after_fork_in_parent();
}

int region_list_add(struct gccolor *gc)
{
	int error = os_at_fork(&list_lock, before_fork, after_fork_in_parent,
			       after_fork_in_child);

	if (error)
		return error;
	os_lock_take(&list_lock);
	gc->next = list;
	gc->link = &list;
	if (list)
		list->link = &gc->next;
	list = gc;
	os_lock_drop(&list_lock);
	return 0;
}

void region_list_remove(struct gccolor *gc)
{
	os_lock_take(&list_lock);
	*gc->link = gc->next;
	if (gc->next)
		gc->next->link = gc->link;
	os_lock_drop(&list_lock);
}
