// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * fork() copies a region with its lock and its account. All locks are taken
 * before and dropped after, in the order: list, then each region. A child has
 * to look whether the region came along (MADV_DONTFORK).
 */
#include <errno.h>
#include <pthread.h>

#include "region.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t list_lock;	/* made by register_handlers() */
static struct gccolor *list;	/* protected by list_lock */
static int atfork_error;

static void before_fork(void)
{
	struct gccolor *gc;

	pthread_mutex_lock(&list_lock);
	for (gc = list; gc; gc = gc->next)
		pthread_mutex_lock(&gc->lock);
}

static void after_fork_in_parent(void)
{
	struct gccolor *gc;

	for (gc = list; gc; gc = gc->next)
		pthread_mutex_unlock(&gc->lock);
	pthread_mutex_unlock(&list_lock);
}

static void after_fork_in_child(void)
{
	struct gccolor *gc;

	for (gc = list; gc; gc = gc->next)
		gc->forked = true;
	after_fork_in_parent();
}

static void register_handlers(void)
{
	pthread_mutex_init(&list_lock, NULL);
	atfork_error = pthread_atfork(before_fork, after_fork_in_parent,
				      after_fork_in_child);
}

int region_list_add(struct gccolor *gc)
{
	pthread_once(&once, register_handlers);
	if (atfork_error)
		return -atfork_error;
	pthread_mutex_lock(&list_lock);
	gc->next = list;
	gc->link = &list;
	if (list)
		list->link = &gc->next;
	list = gc;
	pthread_mutex_unlock(&list_lock);
	return 0;
}

void region_list_remove(struct gccolor *gc)
{
	pthread_mutex_lock(&list_lock);
	*gc->link = gc->next;
	if (gc->next)
		gc->next->link = gc->link;
	pthread_mutex_unlock(&list_lock);
}
