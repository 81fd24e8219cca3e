/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The region behind a handle, and what is known about its addresses.
 *
 * Every address outside the two end slots is in exactly one of these states:
 *
 *   in free              nobody's
 *   in waiting_free      nobody's, but not yet carved: not handed out
 *   in none of the two   claimed; in committed if its owner committed it;
 *                        in waiting_claimed if a decommit is still to be carved
 *
 * backed says independently of that what the backend made usable: all of
 * committed, all of the waiting sets, and the unused rest of extents.
 */
#ifndef GCCOLOR_REGION_H
#define GCCOLOR_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "gccolor.h"
#include "os.h"
#include "runs.h"
#include "scan.h"

/* Attribute of runs in committed: GCCOLOR_READ ...; in backed also: */
#define BACKED_EXTENT		0x40u	/* more than the owners asked for */
#define BACKED_WAITING		0x80u	/* is in one of the waiting sets */
#define BACKED_FLAGS_SHIFT	8	/* above: flags of gccolor_commit() */
#define BACKED_IMAGE		0x40000000u /* mapped from a file */
#define BACKED_PROT		(GCCOLOR_READ | GCCOLOR_WRITE | GCCOLOR_EXEC)
/* Memory with the same bits can stand in for each other. */
#define BACKED_KIND		(~(BACKED_EXTENT | BACKED_WAITING))

/* What memory is, of what gccolor_commit() was asked for; POPULATE passes. */
static inline uint32_t kind_of(uint32_t prot, uint32_t flags)
{
	return prot | (flags & ~GCCOLOR_POPULATE) << BACKED_FLAGS_SHIFT;
}

static inline uint32_t kind_flags(uint32_t attr)
{
	return attr >> BACKED_FLAGS_SHIFT;
}

struct gccolor {
	/* Constant after gccolor_open(). */
	const struct backend	*ops;
	struct gccolor_geometry	shape;
	size_t			extent;
	uint64_t		caps;
	void			(*release_failed)(void *arg, void *addr,
						  size_t length, int error);
	void			*release_failed_arg;
	char			why_not_better[200];

	/* Constant after gccolor_scan_enable(). */
	scan_find_fn		*scan_find;
	uintptr_t		*pages;	/* its bitmap: a bit is set while a page is committed */
	uint32_t		page_shift;

	/* Protected by the lock of fork.c. */
	struct gccolor		*next;
	struct gccolor		**link;

	struct os_lock		lock;	/* protects all that follows */
	struct backing		at;
	struct pool		pool;
	struct runs		free;
	struct runs		committed;
	struct runs		backed;
	struct runs		waiting_free;
	struct runs		waiting_claimed;
	uintptr_t		kept;	/* an empty extent that stays, or 0 */
	uintptr_t		retry_free;	/* where the next deferred carving */
	uintptr_t		retry_claimed;	/* of either set is tried */
	bool			claimed_turn;
	struct run		*failed; /* to be told to release_failed */
	uint64_t		releases_failed;
	bool			forked;	/* see whether the region came along */
	bool			lost;	/* it did not, or is gone since */
	bool			inherited; /* a fork child's: its file is the parent's */
};

/*
 * Take the lock and try one deferred carving. 0, or -ENXIO without the lock if
 * this process has no region any more.
 */
int region_enter(struct gccolor *gc);

/* Drop the lock and tell release_failed about what failed meanwhile. */
void region_leave(struct gccolor *gc);

/*
 * Reserve the nodes that one operation on [@start, @end) may take: extents are
 * touched beyond the range, and the kept one too; each run of backed may be
 * split, wait, and be reported. 0 or -ENOMEM.
 */
int region_reserve_nodes(struct gccolor *gc, uintptr_t start, uintptr_t end);

/* Put [@start, @end) into free. Takes a node for each color it touches. */
void region_add_free(struct gccolor *gc, uintptr_t start, uintptr_t end);

/* Is all of [@start, @end) claimed by somebody? */
bool region_claimed(const struct gccolor *gc, uintptr_t start, uintptr_t end);

/*
 * Back the claimed range [@start, @end), of which nothing is committed, with
 * zeroed memory of kind @attr, and enter it into committed. Where memory has to
 * be made, it may stretch to [@lo, @hi), if that is free. On failure nothing
 * has changed for anybody.
 */
int region_fill(struct gccolor *gc, uintptr_t start, uintptr_t end,
		uint32_t attr, uintptr_t lo, uintptr_t hi);

/*
 * Make sure that touching the free or claimed, uncommitted range traps where
 * the backend has traps. 0 or -errno.
 */
int region_unback(struct gccolor *gc, uintptr_t start, uintptr_t end);

/*
 * Make the free or claimed, uncommitted range trap, also on a backend without
 * traps that has guards. 0 or -errno, and then nothing has changed.
 */
int region_guard(struct gccolor *gc, uintptr_t start, uintptr_t end);

/* Free a claimed range. 0, GCCOLOR_DEFERRED or -ENOMEM. */
int region_free(struct gccolor *gc, uintptr_t start, uintptr_t end);

/* Turn a committed range back into reserve. 0, GCCOLOR_DEFERRED or -ENOMEM. */
int region_trap(struct gccolor *gc, uintptr_t start, uintptr_t end);

/* The list of all regions, whose locks are held across fork(). */
int region_list_add(struct gccolor *gc);
void region_list_remove(struct gccolor *gc);

#endif /* GCCOLOR_REGION_H */
