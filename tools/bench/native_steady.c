// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A collector's steady state: extents that were committed once; what becomes garbage is
 * returned and used again. The peer does it in memory that it reserved by mmap(2) and
 * committed by mprotect(2).
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "native.h"
#include "../tool.h"

#define EXTENTS		16	/* in use; every other one is garbage in turn */

static struct gccolor *gc;
static char *heaps[2];		/* of the region and of the peer */

static void begin(const struct native_row *row, uint32_t backend)
{
	size_t length = EXTENTS * row->length;
	int way;

	gc = native_open(backend, 0);
	heaps[0] = native_alloc(gc, length);
	heaps[1] = native_reserve(length);
	if (mprotect(heaps[1], length, PROT_READ | PROT_WRITE))
		native_fail("mprotect: %m");
	for (way = 0; way < 2; way++)
		native_touch(heaps[way], (unsigned int)(length / system_page_size()));
}

static void discard(const struct native_row *row, char *p)
{
	if (madvise(p, row->length, row->lazy ? MADV_FREE : MADV_DONTNEED))
		native_fail("madvise: %m");
}

/* The library returns memory of a region, madvise(2) that of the peer. */
static void by_library(const struct native_row *row, int way)
{
	enum gccolor_decommit how = row->lazy ? GCCOLOR_LAZY : GCCOLOR_EAGER;
	int i;

	for (i = 0; i < EXTENTS; i += 2) {
		char *p = heaps[way] + (size_t)i * row->length;

		if (way)
			discard(row, p);
		else
			native_check("decommit", gccolor_decommit(gc, p, row->length, how));
		native_touch(p, row->pages);
	}
}

/* madvise(2) returns both. */
static void by_caller(const struct native_row *row, int way)
{
	int i;

	for (i = 0; i < EXTENTS; i += 2) {
		char *p = heaps[way] + (size_t)i * row->length;

		discard(row, p);
		native_touch(p, row->pages);
	}
}

#define KIB		((size_t)1024)
#define STEADY(what, bytes, touches, number, advice)				\
	{ .name = "steady state, " what ", " touches ", " advice,		\
	  .ways = { "gccolor_decommit", "plain mmap, mprotect, madvise" },	\
	  .goal = 1.03, .begin = begin, .job = by_library, .units = EXTENTS / 2,	\
	  .length = bytes, .pages = number, .lazy = sizeof(advice) == sizeof("FREE") }
#define MEMORY(what, bytes, touches, number)					\
	{ .name = "madvise in a region, " what ", " touches,	\
	  .ways = { "madvise in a region", "plain mmap, mprotect, madvise" },	\
	  .goal = 1.03, .begin = begin, .job = by_caller, .units = EXTENTS / 2,	\
	  .length = bytes, .pages = number }

static const struct native_row rows[] = {
	STEADY("4 KiB", 4 * KIB, "touched", 1, "DONTNEED"),
	STEADY("64 KiB", 64 * KIB, "untouched", 0, "DONTNEED"),
	STEADY("64 KiB", 64 * KIB, "1 page", 1, "DONTNEED"),
	STEADY("64 KiB", 64 * KIB, "all pages", 16, "DONTNEED"),
	STEADY("64 KiB", 64 * KIB, "all pages", 16, "FREE"),
	STEADY("2 MiB", 2048 * KIB, "1 page", 1, "DONTNEED"),
	STEADY("2 MiB", 2048 * KIB, "all pages", 512, "DONTNEED"),
	STEADY("2 MiB", 2048 * KIB, "all pages", 512, "FREE"),
	MEMORY("64 KiB", 64 * KIB, "all pages", 16),
	MEMORY("2 MiB", 2048 * KIB, "all pages", 512),
	{ .name = NULL }
};

const struct native_group native_steady = { "steady", rows };
