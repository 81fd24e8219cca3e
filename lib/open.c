// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Making a region and ending it: choice of backend, choice of base.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "caps.h"
#include "error.h"
#include "options.h"
#include "os.h"
#include "places.h"
#include "region.h"
#include "scan_map.h"

static unsigned int log2_of(size_t n)
{
	unsigned int bits = 0;

	while (n >>= 1)
		bits++;
	return bits;
}

static int cannot_do(const struct backend *ops, const struct gccolor_options *opt)
{
	if (ops->best < opt->min_level)
		return error_set(-EOPNOTSUPP, "it gives at most %s, and %s is asked for",
				 gccolor_level_name(ops->best),
				 gccolor_level_name(opt->min_level));
	if (opt->exec_colors && !ops->can_exec)
		return error_set(-EOPNOTSUPP, "it has no executable colors");
	if (ops->chooses_base &&
	    (opt->base_policy != GCCOLOR_BASE_LIST || opt->bases))
		return error_set(-EOPNOTSUPP, "it cannot be told where the region goes");
	return 0;
}

/* Say who is where the first place of this length should have been. */
static int taken(const struct backing *at, uintptr_t base, size_t tried)
{
	struct os_occupant who = { .start = at->busy_start, .end = at->busy_end,
				   .name = "a mapping" };
	char range[48] = "";

	if (!os_may_hold(base, at->length))
		snprintf(who.name, sizeof(who.name), "what a sanitizer keeps for itself");
	else if (os_occupant(base, base + at->length, &who) && !who.end)
		snprintf(who.name, sizeof(who.name), "somebody");
	else
		snprintf(range, sizeof(range), " (0x%zx-0x%zx)", (size_t)who.start,
			 (size_t)who.end);
	return error_set(-EEXIST, "%s at 0x%zx: in the way is %s%s; %zu place%s tried; "
			 "name another base, or none",
			 error_size(at->length).text, (size_t)base, who.name, range, tried,
			 tried == 1 ? "" : "s");
}

/* Try all places for one length. */
static int reserve_length(const struct backend *ops, struct backing *at,
			  const struct gccolor_options *opt)
{
	struct places places;
	uintptr_t first = 0;
	size_t tried = 0;
	int error;

	places_init(&places, opt, at->length);
	while ((error = places_next(&places, &at->base)) == 0) {
		at->busy_start = 0;
		at->busy_end = 0;
		error = ops->chooses_base || os_may_hold(at->base, at->length)
			? ops->reserve(at) : -EEXIST;
		if (error != -EEXIST && error != -ERANGE)
			break;
		if (error == -EEXIST && !tried++)
			first = at->base;
		if (error == -EEXIST && at->busy_end)
			places_skip(&places, at->busy_end);
	}
	if (error == -ENOENT && tried)
		return taken(at, first, tried);
	if (error == -ENOENT)
		return error_set(-ERANGE, "%s fits nowhere where it was asked for",
				 error_size(at->length).text);
	if (error == -EOPNOTSUPP)
		return error_set(error, "it cannot give level %s or executable colors here",
				 gccolor_level_name(opt->min_level));
	if (error == -E2BIG)
		return error_set(-EOPNOTSUPP, "it is older than this library, "
				 "and does not know what is asked for");
	if (error)
		return error_range(error, "reserve", (void *)at->base, at->length, NULL);
	return 0;
}

static int reserve(const struct backend *ops, struct backing *at,
		   const struct gccolor_options *opt)
{
	unsigned int colors_log2 = log2_of(opt->colors);
	int error;

	at->min_level = opt->min_level;
	at->exec_colors = opt->exec_colors;
	for (at->length = opt->length;; at->length /= 2) {
		at->color_shift = log2_of(at->length) - colors_log2;
		error = reserve_length(ops, at, opt);
		if (!error)
			return 0;
		if (at->length == opt->min_length)
			return error;
		if (error != -EEXIST && error != -ERANGE && error != -ENOMEM &&
		    error != -EAGAIN)
			return error;
	}
}

static int try_backend(struct gccolor *gc, const struct backend *ops,
		       const struct gccolor_options *opt)
{
	const char *why;
	int error = cannot_do(ops, opt);

	if (error)
		return error;
	gc->at = (struct backing){ 0 };
	error = ops->probe(&gc->at);
	if (error)
		return error;
	error = reserve(ops, &gc->at, opt);
	if (!error && ops->level(&gc->at, &why) < opt->min_level) {
		ops->release(&gc->at);
		error = error_set(-EOPNOTSUPP, "its level is below %s here",
				  gccolor_level_name(opt->min_level));
	}
	if (error)
		ops->forget(&gc->at);
	else
		gc->ops = ops;
	return error;
}

static void explain(struct gccolor *gc, const char *name, const char *why)
{
	size_t have = strlen(gc->why_not_better);

	snprintf(gc->why_not_better + have, sizeof(gc->why_not_better) - have,
		 "%s%s: %s", have ? "; " : "", name, why);
}

static bool falls_through(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -EOPNOTSUPP ||
	       error == -ESHUTDOWN;
}

static int choose(struct gccolor *gc, const struct gccolor_options *opt)
{
	bool automatic = opt->backend == GCCOLOR_AUTO;
	int none = -EOPNOTSUPP;	/* what to return if there is no backend */
	int error = error_set(-EOPNOTSUPP, "not on this system");
	char text[sizeof(gc->why_not_better) * 2];
	const struct backend *ops;
	const char *why = NULL;
	size_t i;

	for (i = 0; (ops = backends[i]); i++) {
		if (automatic ? ops->asked_only : ops->id != opt->backend)
			continue;
		error = try_backend(gc, ops, opt);
		if (!error || !automatic || !falls_through(error))
			break;
		explain(gc, gccolor_backend_name(ops->id), gccolor_strerror(error));
		if (error == -ESHUTDOWN)
			none = error;	/* another time there is one */
	}
	if (error && automatic && !ops)
		return error_set(none, "no backend: %s", gc->why_not_better);
	if (error) {
		snprintf(text, sizeof(text), "%s: %s",
			 gccolor_backend_name(ops ? ops->id : opt->backend),
			 gccolor_strerror(error));
		return error_set(error, "%s", text);
	}
	gc->ops->level(&gc->at, &why);
	if (why && !gc->why_not_better[0])
		explain(gc, gccolor_backend_name(gc->ops->id), why);
	return 0;
}

/* The account of a fresh region: all free, but for the end slots. */
static void init_account(struct gccolor *gc, const struct gccolor_options *opt)
{
	struct gccolor_geometry *shape = &gc->shape;

	shape->base = gc->at.base;
	shape->length = gc->at.length;
	shape->color_shift = gc->at.color_shift;
	shape->colors = opt->colors;
	shape->page_size = os_page_size();
	shape->slot = slot_size();

	gc->extent = opt->extent;
	gc->caps = caps_find(gc->ops, &gc->at);
	gc->release_failed = opt->release_failed;
	gc->release_failed_arg = opt->release_failed_arg;
	gc->free.pool = &gc->pool;
	gc->committed.pool = &gc->pool;
	gc->backed.pool = &gc->pool;
	gc->waiting_free.pool = &gc->pool;
	gc->waiting_claimed.pool = &gc->pool;
	gc->free.origin = shape->base;
	gc->free.barrier = (size_t)1 << shape->color_shift;
	if (gc->ops->holds)
		region_add_free(gc, shape->base + shape->slot,
				shape->base + shape->length - shape->slot);
}

int gccolor_open(struct gccolor **out, const struct gccolor_options *options)
{
	struct gccolor_options opt;
	struct gccolor *gc;
	int error;

	if (!out)
		return error_set(-EINVAL, "open: no place for the handle");
	error = options_read(&opt, options);
	if (error)
		return error;

	gc = os_map(sizeof(*gc));
	if (!gc)
		return error_set(-ENOMEM, "no memory for a handle");
	os_lock_init(&gc->lock);
	error = pool_reserve(&gc->pool, 2 * (size_t)opt.colors);
	if (error) {
		error_set(error, "no memory for the account of a region");
		goto free_handle;
	}
	error = choose(gc, &opt);
	if (error)
		goto free_handle;
	init_account(gc, &opt);
	error = region_list_add(gc);
	if (error) {
		error_set(error, "cannot prepare for fork()");
		goto free_region;
	}
	*out = gc;
	return 0;

free_region:
	gc->ops->release(&gc->at);
	gc->ops->forget(&gc->at);
free_handle:
	pool_destroy(&gc->pool);
	os_lock_destroy(&gc->lock);
	os_unmap(gc, sizeof(*gc));
	return error;
}

int gccolor_close(struct gccolor *gc, uint32_t flags)
{
	uintptr_t base;
	int error = 0;

	if (!gc || (flags & ~GCCOLOR_KEEP))
		return error_set(-EINVAL, "close: no handle, or unknown flags 0x%x",
				 flags);
	base = gc->shape.base;
	region_list_remove(gc);
	os_lock_take(&gc->lock);
	if (!(flags & GCCOLOR_KEEP))
		error = gc->lost || gc->ops->present(&gc->at)
			? -ENXIO : gc->ops->release(&gc->at);
	gc->ops->forget(&gc->at);
	os_lock_drop(&gc->lock);
	if (error == -EPERM)
		error_set(error, "the region at 0x%zx is sealed or locked and stays mapped "
			  "until exec or exit; GCCOLOR_KEEP says that this is meant",
			  (size_t)base);
	else if (error)
		error_range(error, "give back", (void *)base, gc->shape.length, NULL);
	scan_map_destroy(gc);
	pool_destroy(&gc->pool);
	os_lock_destroy(&gc->lock);
	os_unmap(gc, sizeof(*gc));
	return error;
}
