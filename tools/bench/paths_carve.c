// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Taking memory and giving it back: COMMIT and DECOMMIT, a collector's steady state,
 * memory that is there at once. The peer maps MAP_FIXED inside its own PROT_NONE
 * reservation, as Go, HotSpot and V8 do.
 */
#define _GNU_SOURCE
#include "paths.h"

#define PLACES		16
#define EVERY		(2 * HUGE_PAGE)	/* so that no two of them are neighbours */

/* Of PLACES ranges in reserve: all taken, then all given back. */
static void carve(const struct row *row, int side, uint64_t *taking, uint64_t *giving)
{
	uint64_t begin = now(), middle;

	for (int i = 0; i < PLACES; i++)
		take(side, place(side) + i * EVERY, row->length);
	middle = now();
	*taking = (middle - begin) / PLACES;
	for (int i = 0; i < PLACES; i++)
		touch(place(side) + i * EVERY, row->pages * PAGE, PAGE);
	middle = now();
	for (int i = 0; i < PLACES; i++)
		give(side, place(side) + i * EVERY, row->length);
	*giving = (now() - middle) / PLACES;
}

static uint64_t take_and_give(const struct row *row, int side)
{
	uint64_t taking, giving;

	carve(row, side, &taking, &giving);
	return taking + giving;
}

static uint64_t only_take(const struct row *row, int side)
{
	uint64_t taking, giving;

	carve(row, side, &taking, &giving);
	return taking;
}

static uint64_t only_give(const struct row *row, int side)
{
	uint64_t taking, giving;

	carve(row, side, &taking, &giving);
	return giving;
}

/*
 * A heap of extents, all taken and in use. Every other one becomes garbage and is used
 * again: ours returns its pages, the peer gives it back and takes it anew.
 */
static uint64_t steady(const struct row *row, int side)
{
	unsigned long count = row->length == HUGE_PAGE ? 8 : 32;
	uint64_t begin, cost;
	char *heap = place(side), *p;

	for (p = heap; p < heap + count * row->length; p += row->length) {
		take(side, p, row->length);
		touch(p, row->pages * PAGE, PAGE);
	}
	begin = now();
	for (p = heap; p < heap + count * row->length; p += 2 * row->length) {
		if (side == PEER) {
			give(side, p, row->length);
			take(side, p, row->length);
		} else if (madvise(p, row->length, row->advice)) {
			die("madvise %d: %m", row->advice);
		}
		touch(p, row->pages * PAGE, PAGE);
	}
	cost = (now() - begin) / (count / 2);
	give(side, heap, count * row->length);
	return cost;
}

static void touch_or_advise(const struct row *row, char *p, unsigned long step)
{
	if (!row->advice)
		touch(p, row->length, step);
	else if (madvise(p, row->length, row->advice))
		die("madvise %d: %m", row->advice);
}

/* Memory that is there at once: one COMMIT, or what else it takes. */
static uint64_t populate(const struct row *row, int side)
{
	char *p = place(side);
	uint64_t begin = now(), cost;
	int err;

	if (side == PEER) {
		take(side, p, row->length);
		touch_or_advise(row, p, PAGE);
	} else {
		err = commit_flags(region_fd, (unsigned long)p, row->length, PROT_RW,
				   GCCOLOR_IOC_COMMIT_POPULATE);
		if (err)
			die("COMMIT, populated: %s", strerror(-err));
	}
	cost = now() - begin;
	if (smaps_field((unsigned long)p, "Rss") != (long)(row->length / KIB))
		die("not all of %lu bytes is there", row->length);
	give(side, p, row->length);
	return cost;
}

static uint64_t populate_huge(const struct row *row, int side)
{
	char *p = place(side);
	uint64_t begin = now(), cost;
	int err;

	if (side == PEER) {
		take_huge(side, p, row->length);
		touch_or_advise(row, p, HUGE_PAGE);
	} else {
		err = commit_flags(region_fd, (unsigned long)p, row->length, PROT_RW,
				   GCCOLOR_IOC_COMMIT_POPULATE | GCCOLOR_IOC_COMMIT_HUGEPAGE);
		if (err)
			die("COMMIT, populated with huge pages: %s", strerror(-err));
	}
	cost = now() - begin;
	expect_huge(p, row->length);
	give(side, p, row->length);
	return cost;
}

#define STEADY(size, length, what, advice, touches, pages)				\
	{ "steady state, " size " extents, " what ", " touches, 0.5, steady, length,	\
	  pages, advice }

static const struct row rows[] = {
	{ "COMMIT + DECOMMIT of 2 MiB, untouched", 1.5, take_and_give, HUGE_PAGE },
	{ "COMMIT of 2 MiB", 0, only_take, HUGE_PAGE },
	{ "DECOMMIT of 2 MiB, untouched", 0, only_give, HUGE_PAGE },
	{ "DECOMMIT of 2 MiB, all pages touched", 0, only_give, HUGE_PAGE, 512 },
	{ "COMMIT + DECOMMIT of 64 KiB, untouched", 0, take_and_give, 64 * KIB },
	STEADY("64 KiB", 64 * KIB, "MADV_DONTNEED", MADV_DONTNEED, "untouched", 0),
	STEADY("64 KiB", 64 * KIB, "MADV_DONTNEED", MADV_DONTNEED, "1 page touched", 1),
	STEADY("64 KiB", 64 * KIB, "MADV_DONTNEED", MADV_DONTNEED, "all pages touched", 16),
	STEADY("64 KiB", 64 * KIB, "MADV_FREE", MADV_FREE, "1 page touched", 1),
	STEADY("64 KiB", 64 * KIB, "MADV_FREE", MADV_FREE, "all pages touched", 16),
	STEADY("2 MiB", HUGE_PAGE, "MADV_DONTNEED", MADV_DONTNEED, "untouched", 0),
	STEADY("2 MiB", HUGE_PAGE, "MADV_DONTNEED", MADV_DONTNEED, "1 page touched", 1),
	STEADY("2 MiB", HUGE_PAGE, "MADV_DONTNEED", MADV_DONTNEED, "all pages touched", 512),
	STEADY("2 MiB", HUGE_PAGE, "MADV_FREE", MADV_FREE, "1 page touched", 1),
	STEADY("2 MiB", HUGE_PAGE, "MADV_FREE", MADV_FREE, "all pages touched", 512),
	{ "one COMMIT, populated: 64 KiB", 1, populate, 64 * KIB },
	{ "one COMMIT, populated: 2 MiB", 1, populate, HUGE_PAGE },
	{ "one COMMIT, populated: 2 MiB; the peer by MADV_POPULATE_WRITE", 0, populate,
	  HUGE_PAGE, 0, MADV_POPULATE_WRITE },
	{ "one COMMIT, populated, huge pages: 2 MiB", 1, populate_huge, HUGE_PAGE },
	{ "one COMMIT, populated, huge pages: 16 MiB", 1, populate_huge, 8 * HUGE_PAGE },
	{ "one COMMIT, populated, huge pages: 2 MiB; the peer by MADV_POPULATE_WRITE", 0,
	  populate_huge, HUGE_PAGE, 0, MADV_POPULATE_WRITE },
	{ NULL }
};

void measure_carve(void)
{
	measure_rows(rows);
}

static void profile(int side)
{
	for (int i = 0; i < PROFILED; i++) {
		take(side, place(side), HUGE_PAGE);
		give(side, place(side), HUGE_PAGE);
		linger(i);
	}
}

void profile_carve(void)
{
	profile(OURS);
}

void profile_peer(void)
{
	profile(PEER);
}
