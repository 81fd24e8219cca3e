// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "runs.h"

#include <errno.h>

#include "os.h"

#define SLAB_SIZE	0x10000u

/* A slab is one mapping; the nodes follow the header. Never given back early. */
struct pool_slab {
	struct pool_slab	*next;
	struct run		nodes[];
};

#define SLAB_NODES	((SLAB_SIZE - sizeof(struct pool_slab)) / sizeof(struct run))

int pool_reserve(struct pool *pool, size_t nodes)
{
	while (pool->spares < nodes) {
		struct pool_slab *slab = os_map(SLAB_SIZE);

		if (!slab)
			return -ENOMEM;
		for (; pool->fresh < pool->fresh_end; pool->fresh++) {
			pool->fresh->right = pool->spare;
			pool->spare = pool->fresh;
		}
		slab->next = pool->slabs;
		pool->slabs = slab;
		pool->fresh = slab->nodes;
		pool->fresh_end = slab->nodes + SLAB_NODES;
		pool->spares += SLAB_NODES;
	}
	return 0;
}

struct run *pool_take(struct pool *pool)
{
	struct run *run = pool->spare;

	if (run)
		pool->spare = run->right;
	else
		run = pool->fresh++;
	pool->spares--;
	return run;
}

void pool_put(struct pool *pool, struct run *run)
{
	run->right = pool->spare;
	pool->spare = run;
	pool->spares++;
}

void pool_destroy(struct pool *pool)
{
	struct pool_slab *slab = pool->slabs;

	while (slab) {
		struct pool_slab *next = slab->next;

		os_unmap(slab, SLAB_SIZE);
		slab = next;
	}
	*pool = (struct pool){ 0 };
}

static uint32_t next_priority(struct pool *pool)
{
	uint32_t x = pool->seed ? pool->seed : 0x9e3779b9u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	pool->seed = x;
	return x;
}

static void update(struct run *t)
{
	t->longest = t->length;
	if (t->left && t->left->longest > t->longest)
		t->longest = t->left->longest;
	if (t->right && t->right->longest > t->longest)
		t->longest = t->right->longest;
}

/*
 * Has a subtree of which one run had one length and has another, 0: none, to look at its
 * children for its longest? Seldom: in a large set they are in no cache.
 */
static bool is_stale(const struct run *t, size_t had, size_t has)
{
	return has < had && t->longest == had && t->length != had;
}

/* The run of the subtree @t that begins or began at @start had one length and has another. */
static void settle(struct run *t, uintptr_t start, size_t had, size_t has)
{
	struct run *next;

	for (; t; t = next) {
		if (t->start == start)
			next = NULL;
		else
			next = start < t->start ? t->left : t->right;
		if (t->longest < has)
			t->longest = has;
		if (is_stale(t, had, has)) {
			settle(next, start, had, has);
			update(t);
			return;
		}
	}
}

/* Split @t into the runs that start below @key and the others. */
static void split(struct run *t, uintptr_t key, struct run **below,
		  struct run **above)
{
	if (!t) {
		*below = NULL;
		*above = NULL;
	} else if (t->start < key) {
		*below = t;
		split(t->right, key, &t->right, above);
		update(t);
	} else {
		*above = t;
		split(t->left, key, below, &t->left);
		update(t);
	}
}

/* Join two treaps; all of @below starts below all of @above. */
static struct run *join(struct run *below, struct run *above)
{
	if (!below)
		return above;
	if (!above)
		return below;
	if (below->priority > above->priority) {
		below->right = join(below->right, above);
		update(below);
		return below;
	}
	above->left = join(below, above->left);
	update(above);
	return above;
}

static void insert(struct runs *set, uintptr_t start, uintptr_t end, uint32_t attr)
{
	struct run *run = pool_take(set->pool);
	struct run **link = &set->root;

	*run = (struct run){
		.start = start,
		.length = end - start,
		.attr = attr,
		.priority = next_priority(set->pool),
	};
	while (*link && (*link)->priority >= run->priority) {
		if ((*link)->longest < run->length)
			(*link)->longest = run->length;
		link = start < (*link)->start ? &(*link)->left : &(*link)->right;
	}
	split(*link, start, &run->left, &run->right);
	update(run);
	*link = run;
}

static void erase(struct runs *set, struct run *run)
{
	struct run **link = &set->root;
	bool stale = false;

	while (*link != run) {
		stale |= is_stale(*link, run->length, 0);
		link = run->start < (*link)->start ? &(*link)->left : &(*link)->right;
	}
	*link = join(run->left, run->right);
	if (stale)
		settle(set->root, run->start, run->length, 0);
	pool_put(set->pool, run);
}

/* Give @run new bounds that keep its place in the order. */
static void resize(struct runs *set, struct run *run, uintptr_t start, uintptr_t end)
{
	size_t had = run->length;

	run->start = start;
	run->length = end - start;
	settle(set->root, start, had, end - start);
}

struct run *runs_from(const struct runs *set, uintptr_t addr)
{
	struct run *t = set->root;
	struct run *best = NULL;

	while (t) {
		if (run_end(t) > addr) {
			best = t;
			t = t->left;
		} else {
			t = t->right;
		}
	}
	return best;
}

struct run *runs_before(const struct runs *set, uintptr_t addr)
{
	struct run *t = set->root;
	struct run *best = NULL;

	while (t) {
		if (t->start < addr) {
			best = t;
			t = t->right;
		} else {
			t = t->left;
		}
	}
	return best;
}

/* Lowest run of at least @length bytes. */
static struct run *lowest(struct run *t, size_t length)
{
	if (!t || t->longest < length)
		return NULL;
	for (;;) {
		if (t->left && t->left->longest >= length) {
			t = t->left;
			continue;
		}
		if (t->length >= length)
			return t;
		t = t->right;
	}
}

/*
 * Lowest run of which at least @length bytes lie at or above @lo. Among those that begin
 * there it succeeds where there is one long enough, so it goes astray only along the
 * path to @lo.
 */
static struct run *fit(struct run *t, uintptr_t lo, size_t length)
{
	struct run *found;

	if (!t || t->longest < length)
		return NULL;
	if (t->start < lo)
		return run_end(t) > lo && run_end(t) - lo >= length ? t
								    : fit(t->right, lo, length);
	found = fit(t->left, lo, length);
	if (found)
		return found;
	return t->length >= length ? t : lowest(t->right, length);
}

struct run *runs_fit(const struct runs *set, uintptr_t lo, uintptr_t hi,
		     size_t length)
{
	struct run *run = lo <= set->origin ? lowest(set->root, length)
					    : fit(set->root, lo, length);
	uintptr_t start;

	if (!run)
		return NULL;
	start = run->start > lo ? run->start : lo;
	return start < hi && hi - start >= length ? run : NULL;
}

bool runs_overlap(const struct runs *set, uintptr_t start, uintptr_t end)
{
	struct run *run = runs_from(set, start);

	return run && run->start < end;
}

bool runs_cover(const struct runs *set, uintptr_t start, uintptr_t end)
{
	while (start < end) {
		struct run *run = runs_from(set, start);

		if (!run || run->start > start)
			return false;
		start = run_end(run);
	}
	return true;
}

size_t runs_count(const struct runs *set, uintptr_t start, uintptr_t end)
{
	size_t count = 0;
	struct run *run;

	while (start < end && (run = runs_from(set, start)) && run->start < end) {
		count++;
		start = run_end(run);
	}
	return count;
}

static bool may_join(const struct runs *set, uintptr_t at)
{
	return !set->barrier || (at - set->origin) % set->barrier;
}

void runs_add(struct runs *set, uintptr_t start, uintptr_t end, uint32_t attr)
{
	struct run *below = NULL;
	struct run *above = NULL;
	struct run *t = set->root;

	while (t) {
		if (t->start < start) {
			below = t;
			t = t->right;
		} else {
			above = t;
			t = t->left;
		}
	}
	set->total += end - start;
	set->attrs |= attr;
	if (below && (run_end(below) != start || below->attr != attr ||
		      !may_join(set, start)))
		below = NULL;
	if (above && (above->start != end || above->attr != attr ||
		      !may_join(set, end)))
		above = NULL;
	if (above) {
		end = run_end(above);
		if (below)
			erase(set, above);
		else
			resize(set, above, start, end);
	}
	if (below)
		resize(set, below, below->start, end);
	else if (!above)
		insert(set, start, end, attr);
}

void runs_cut(struct runs *set, struct run *run, uintptr_t start, uintptr_t end)
{
	uintptr_t first = run->start;
	uintptr_t last = run_end(run);

	set->total -= (last < end ? last : end) - (first > start ? first : start);
	if (first < start) {
		resize(set, run, first, start);
		if (last > end)
			insert(set, end, last, run->attr);
	} else if (last > end) {
		resize(set, run, end, last);
	} else {
		erase(set, run);
	}
}

void runs_remove(struct runs *set, uintptr_t start, uintptr_t end)
{
	struct run *run;

	while (start < end && (run = runs_from(set, start)) && run->start < end) {
		uintptr_t last = run_end(run);

		runs_cut(set, run, start, end);
		start = last;
	}
}
