/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Where the next claim goes: first fit over the free runs. Pure logic.
 */
#ifndef GCCOLOR_CLAIMS_H
#define GCCOLOR_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "runs.h"

/*
 * Addresses that a claim must not contain, in ascending order. A list that is
 * not in order is copied; avoid_done() frees the copy.
 */
struct avoid {
	void *const	*list;
	size_t		count;
	void		**copy;
};

/* 0 or -ENOMEM. Call it without locks: it may be long. */
int avoid_init(struct avoid *avoid, void *const *list, size_t count);
void avoid_done(struct avoid *avoid);

struct want {
	uintptr_t	lo;		/* the claim lies in [lo, hi) */
	uintptr_t	hi;
	size_t		length;
	size_t		align;		/* power of two, at least a page */
	size_t		skew;		/* claim + skew is aligned; 0 up to align */
	size_t		page;
	const struct avoid *avoid;
};

/*
 * The lowest place in @free that satisfies @want, and the run that has all of it; NULL:
 * there is none. O(log n) in
 * the runs of @free, plus one step for each address to avoid that is in the
 * way, plus, with @align above a page, one step for each free run that is
 * long enough but has no aligned place.
 */
struct run *claims_find(const struct runs *free, const struct want *want, uintptr_t *out);

#endif /* GCCOLOR_CLAIMS_H */
