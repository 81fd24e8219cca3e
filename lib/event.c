// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry points that tell what happened to a region.
 */
#include "gccolor_event.h"

#include <errno.h>

#include "check.h"
#include "error.h"

#define EVENTS_MAX	64	/* of one call: who is attacked without end gets away */

/* Take the lock, in a process that may have the events. 0 or -errno without it. */
static int enter(struct gccolor *gc)
{
	int error = check_cap(gc, GCCOLOR_CAP_EVENTS);

	if (!error)
		error = region_enter(gc);
	if (error || !gc->inherited)
		return error;
	region_leave(gc);
	return error_set(-EPERM, "the events of the region at 0x%zx are its parent's, "
			 "not a fork child's", (size_t)gc->shape.base);
}

static int leave(struct gccolor *gc, int result)
{
	if (result < 0)
		error_range(result, "watch", (void *)gc->shape.base, gc->shape.length, NULL);
	region_leave(gc);
	return result;
}

int gccolor_event_fd(struct gccolor *gc)
{
	int error;

	if (!gc)
		return error_set(-EINVAL, "event_fd: no handle");
	error = enter(gc);
	return error ? error : leave(gc, gc->ops->event_fd(&gc->at));
}

int gccolor_events(struct gccolor *gc,
		   void (*fn)(const struct gccolor_event *event, void *arg), void *arg)
{
	struct gccolor_event event;
	int result = 0;
	int count;

	if (!gc || !fn)
		return error_set(-EINVAL, "events: no handle, or no function");
	for (count = 0; count < EVENTS_MAX; count++) {
		result = enter(gc);
		if (!result)
			result = leave(gc, gc->ops->next_event(&gc->at, &event));
		if (result <= 0)
			break;
		fn(&event, arg);
	}
	return count ? count : result;
}
