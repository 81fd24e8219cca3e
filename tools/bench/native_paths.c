// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The ways of a backend into the kernel. The peer maps MAP_FIXED inside its own PROT_NONE
 * reservation, as Go, HotSpot and V8 do.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "../tool.h"
#include "native.h"

#define PLACES		16
#define HUGE_PAGE	((size_t)2 << 20)
#define RESERVED	((size_t)16 << 40)
#define ANONYMOUS	(MAP_PRIVATE | MAP_ANONYMOUS)

static struct gccolor *gc;
static uint32_t backend_used;
static char *places[2];		/* PLACES huge pages, every other one of which is used */
static char *peer;

static void begin(const struct native_row *row, uint32_t backend)
{
	struct gccolor_request req = {
		.size = sizeof(req), .length = 2 * PLACES * HUGE_PAGE, .align = HUGE_PAGE
	};
	void *p;

	(void)row;
	gc = native_open(backend, 0);
	native_check("claim", gccolor_claim(gc, &req, &p));
	places[0] = p;
	places[1] = native_reserve(req.length);
}

static char *place(int way, int i)
{
	return places[way] + 2 * (size_t)i * HUGE_PAGE;
}

static void take(int way, char *p, size_t length)
{
	if (!way)
		native_check("commit", gccolor_commit(gc, p, length, 0, 0));
	else if (mmap(p, length, PROT_READ | PROT_WRITE, ANONYMOUS | MAP_FIXED, -1, 0) != p)
		native_fail("mmap: %m");
}

static void give(int way, char *p, size_t length)
{
	if (!way)
		native_check("decommit", gccolor_decommit(gc, p, length, GCCOLOR_TRAP));
	else if (mmap(p, length, PROT_NONE, ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != p)
		native_fail("mmap: %m");
}

static void take_and_give(const struct native_row *row, int way)
{
	int i;

	for (i = 0; i < PLACES; i++)
		take(way, place(way, i), row->length);
	for (i = 0; i < PLACES; i++)
		give(way, place(way, i), row->length);
}

static void begin_taken(const struct native_row *row, uint32_t backend)
{
	int i, way;

	begin(row, backend);
	for (way = 0; way < 2; way++) {
		for (i = 0; i < PLACES; i++)
			take(way, place(way, i), row->length);
	}
}

static void touch(const struct native_row *row, int way)
{
	int i;

	for (i = 0; i < PLACES; i++)
		native_touch(place(way, i), row->pages);
}

static void untouch(const struct native_row *row, int way)
{
	int i;

	for (i = 0; i < PLACES; i++) {
		if (madvise(place(way, i), row->length, MADV_DONTNEED))
			native_fail("MADV_DONTNEED: %m");
	}
}

/* What is garbage is used again: ours returns its pages, the peer maps anew. */
static void reuse(const struct native_row *row, int way)
{
	int i;

	for (i = 0; i < PLACES; i++) {
		char *p = place(way, i);

		if (!way) {
			native_check("decommit",
				     gccolor_decommit(gc, p, row->length, GCCOLOR_EAGER));
		} else {
			give(way, p, row->length);
			take(way, p, row->length);
		}
		native_touch(p, row->pages);
	}
}

static void begin_open(const struct native_row *row, uint32_t backend)
{
	(void)row;
	gc = native_open(backend, 0);
	native_need_release(gc);
	native_check("close", gccolor_close(gc, 0));
	backend_used = backend;
}

static void open_region(const struct native_row *row, int way)
{
	struct gccolor_options opt = {
		.size = sizeof(opt), .backend = backend_used, .length = row->length
	};

	if (!way) {
		native_check("open", gccolor_open(&gc, &opt));
		return;
	}
	peer = mmap(NULL, HUGE_PAGE, PROT_NONE, ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (peer == MAP_FAILED)
		native_fail("mmap: %m");
}

static void close_region(const struct native_row *row, int way)
{
	(void)row;
	if (way)
		munmap(peer, HUGE_PAGE);
	else
		native_check("close", gccolor_close(gc, 0));
}

#define KIB		((size_t)1 << 10)
#define FIXED		"MAP_FIXED in a reservation"
#define COMMIT(what, bytes)							\
	{ .name = "commit + decommit, " what ", untouched",			\
	  .ways = { "gccolor_commit, gccolor_decommit", FIXED }, .goal = 1.5,	\
	  .kernel = true, .begin = begin, .job = take_and_give, .units = PLACES,	\
	  .length = bytes }
#define REUSE(what, bytes)							\
	{ .name = "decommit or map anew, " what ", 1 page",			\
	  .ways = { "gccolor_decommit", FIXED }, .goal = 0.5, .kernel = true,	\
	  .begin = begin_taken, .job = reuse, .units = PLACES, .length = bytes, .pages = 1 }

static const struct native_row rows[] = {
	COMMIT("64 KiB", 64 * KIB),
	COMMIT("2 MiB", HUGE_PAGE),
	{ .name = "first touch of a 4 KiB page", .goal = 1.01,
	  .ways = { "committed memory", "plain anonymous memory" }, .begin = begin_taken,
	  .job = touch, .undo = untouch, .units = PLACES * 64, .length = 256 * KIB, .pages = 64 },
	REUSE("64 KiB", 64 * KIB),
	REUSE("2 MiB", HUGE_PAGE),
	{ .name = "reserve 16 TiB", .ways = { "gccolor_open", "mmap of 2 MiB without access" },
	  .begin = begin_open, .job = open_region, .undo = close_region, .units = 1,
	  .length = RESERVED },
	{ .name = NULL }
};

const struct native_group native_paths = { "paths", rows };
