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
		size_t i;

		if (!slab)
			return -ENOMEM;
		slab->next = pool->slabs;
		pool->slabs = slab;
		for (i = 0; i < SLAB_NODES; i++)
			pool_put(pool, &slab->nodes[i]);
	}
	return 0;
}

struct run *pool_take(struct pool *pool)
{
	struct run *run = pool->spare;

	pool->spare = run->right;
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
	struct run *t;

	*run = (struct run){
		.start = start,
		.length = end - start,
		.attr = attr,
		.priority = next_priority(set->pool),
	};
	while ((t = *link) && t->priority >= run->priority) {
		if (t->longest < run->length)
			t->longest = run->length;
		link = start < t->start ? &t->left : &t->right;
	}
	split(t, start, &run->left, &run->right);
	update(run);
	*link = run;
}

/* Take @run out of the subtree that has it. */
static struct run *cut(struct run *t, struct run *run)
{
	if (t == run)
		return join(t->left, t->right);
	if (run->start < t->start)
		t->left = cut(t->left, run);
	else
		t->right = cut(t->right, run);
	update(t);
	return t;
}

static void erase(struct runs *set, struct run *run)
{
	set->root = cut(set->root, run);
	pool_put(set->pool, run);
}

/* Give @run new bounds that keep its place in the order. */
static void resize(struct run *t, struct run *run, uintptr_t start, uintptr_t end)
{
	if (t == run) {
		run->start = start;
		run->length = end - start;
	} else if (run->start < t->start) {
		resize(t->left, run, start, end);
	} else {
		resize(t->right, run, start, end);
	}
	update(t);
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

/*
 * A subtree that lies wholly in [lo, hi) and has a run long enough succeeds,
 * so this fails only along the two paths to the bounds.
 */
static struct run *fit(struct run *t, uintptr_t lo, uintptr_t hi, size_t length)
{
	struct run *found = NULL;
	uintptr_t start;
	uintptr_t end;

	if (!t || t->longest < length)
		return NULL;
	if (t->start > lo)
		found = fit(t->left, lo, hi, length);
	if (found)
		return found;
	start = t->start > lo ? t->start : lo;
	end = run_end(t) < hi ? run_end(t) : hi;
	if (start < end && end - start >= length)
		return t;
	return t->start < hi ? fit(t->right, lo, hi, length) : NULL;
}

struct run *runs_fit(const struct runs *set, uintptr_t lo, uintptr_t hi,
		     size_t length)
{
	return fit(set->root, lo, hi, length);
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
			resize(set->root, above, start, end);
	}
	if (below)
		resize(set->root, below, below->start, end);
	else if (!above)
		insert(set, start, end, attr);
}

void runs_remove(struct runs *set, uintptr_t start, uintptr_t end)
{
	struct run *run;

	while ((run = runs_from(set, start)) && run->start < end) {
		uintptr_t first = run->start;
		uintptr_t last = run_end(run);

		if (first < start && last > end) {
			resize(set->root, run, first, start);
			insert(set, end, last, run->attr);
			set->total -= end - start;
		} else if (first < start) {
			resize(set->root, run, first, start);
			set->total -= last - start;
		} else if (last > end) {
			resize(set->root, run, end, last);
			set->total -= end - first;
		} else {
			erase(set, run);
			set->total -= last - first;
		}
		if (last >= end)
			break;
	}
}
