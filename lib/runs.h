/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Sets of addresses, kept as disjoint runs in a treap ordered by address.
 * Pure logic; every operation is O(log n) in the number of runs touched and
 * kept. Touching runs with the same attribute are one run.
 *
 * Memory: nodes come from a pool. pool_reserve() is the only thing that can
 * fail; runs_add() and runs_remove() take at most one node each, so a caller
 * reserves what it will need before it changes anything.
 *
 * Locking: the caller's; sets that share a pool share a lock.
 */
#ifndef GCCOLOR_RUNS_H
#define GCCOLOR_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run {
	uintptr_t	start;
	size_t		length;
	size_t		longest;	/* longest run of this subtree */
	struct run	*left;
	struct run	*right;		/* in the pool and in lists: next */
	uint32_t	attr;		/* the user's */
	uint32_t	priority;	/* treap: not above the parent's */
};

struct pool {
	struct run	*spare;		/* given back */
	struct run	*fresh;		/* of the last slab: never taken, */
	struct run	*fresh_end;	/* so that its pages are not touched */
	size_t		spares;		/* of both */
	struct pool_slab *slabs;
	uint32_t	seed;
};

/* Make sure that @nodes can be taken. 0 or -ENOMEM. */
int pool_reserve(struct pool *pool, size_t nodes);
struct run *pool_take(struct pool *pool);
void pool_put(struct pool *pool, struct run *run);
/* Give all memory back; no set may use the pool any more. */
void pool_destroy(struct pool *pool);

struct runs {
	struct run	*root;
	struct pool	*pool;
	size_t		total;		/* bytes in the set */
	uint32_t	attrs;		/* all bits that a run of it ever had */
	uintptr_t	origin;		/* no run begins below, nor crosses a multiple of barrier */
	size_t		barrier;	/* above it; 0: they may */
};

/* Lowest run that ends above @addr; NULL if there is none. */
struct run *runs_from(const struct runs *set, uintptr_t addr);

/* Highest run that starts below @addr; NULL if there is none. */
struct run *runs_before(const struct runs *set, uintptr_t addr);

/* Lowest run of which at least @length bytes lie in [@lo, @hi). */
struct run *runs_fit(const struct runs *set, uintptr_t lo, uintptr_t hi,
		     size_t length);

/* Does the set have something of [@start, @end); does it have all of it? */
bool runs_overlap(const struct runs *set, uintptr_t start, uintptr_t end);
bool runs_cover(const struct runs *set, uintptr_t start, uintptr_t end);

/* How many runs have something of [@start, @end). */
size_t runs_count(const struct runs *set, uintptr_t start, uintptr_t end);

/* Add [@start, @end), of which nothing is in the set, within one barrier. */
void runs_add(struct runs *set, uintptr_t start, uintptr_t end, uint32_t attr);

/* Remove what @run, of the set, has of [@start, @end): something. Takes a node at most. */
void runs_cut(struct runs *set, struct run *run, uintptr_t start, uintptr_t end);

/* Remove what the set has of [@start, @end). */
void runs_remove(struct runs *set, uintptr_t start, uintptr_t end);

static inline uintptr_t run_end(const struct run *run)
{
	return run->start + run->length;
}

#endif /* GCCOLOR_RUNS_H */
