// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Placing 1,000 blocks in a window of addresses when 64 foreign mappings are in the way:
 * by a region, and by the ways in which runtimes look for room, written anew from what is
 * published about them. All get 64 GiB; a way has failed if a block lies elsewhere.
 *
 * A region looks for a window first: its first 64 are taken. The others have a window, of
 * which the lower half is taken.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "native.h"
#include "../tool.h"

#define BLOCKS		1000
#define FOREIGN		64
#define WINDOW		((size_t)64 << 30)
#define PIECE		(WINDOW / 2 / FOREIGN)	/* between two foreign mappings */
#define GAP		((size_t)64 << 10)	/* or they would be one */

enum way { REGION, GO, HOTSPOT, LUAJIT };

static struct gccolor *gc;
static uint32_t backend_used;
static char *window;		/* of the peers */
static char *blocks[BLOCKS];

static struct gccolor *open_window(uint32_t backend, size_t extent)
{
	struct gccolor_options opt = {
		.size = sizeof(opt), .backend = backend, .length = WINDOW, .colors = 1,
		.extent = extent,
	};
	struct gccolor *region;

	native_check("open", gccolor_open(&region, &opt));
	return region;
}

static void occupy(void *at, size_t length)
{
	void *p = mmap(at, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
		       MAP_FIXED_NOREPLACE, -1, 0);

	if (p != at)
		native_fail("a foreign mapping at %p: %m", at);
}

static void begin(const struct native_row *row, uint32_t backend)
{
	struct gccolor *region = open_window(backend, row->count);
	int i;

	native_need_release(region);
	native_check("close", gccolor_close(region, 0));
	backend_used = backend;
	for (i = 0; i < FOREIGN; i++) {
		uintptr_t base;

		region = open_window(GCCOLOR_POSIX, 0);
		base = gccolor_geometry(region).base;
		native_check("close", gccolor_close(region, 0));
		occupy((void *)base, GAP);
	}
	window = native_reserve(WINDOW);
	munmap(window, WINDOW);
	for (i = 0; i < FOREIGN; i++)
		occupy(window + (size_t)i * PIECE, PIECE - GAP);
}

static void by_region(const struct native_row *row)
{
	struct gccolor_request req = { .size = sizeof(req), .length = row->length };
	void *p;
	int i;

	gc = open_window(backend_used, row->count);
	for (i = 0; i < BLOCKS; i++)
		native_check("alloc", gccolor_alloc(gc, &req, &p));
}

/* Without MAP_FIXED: the kernel takes another place where that one is not free. */
static char *map_near(char *at, size_t length, int prot)
{
	char *p = mmap(at, length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* As a runtime reserves at a place and only there, and then commits. */
static char *reserve_and_map(char *at, size_t length)
{
	char *p = map_near(at, length, PROT_NONE);

	if (p && p != at) {
		munmap(p, length);
		return NULL;
	}
	if (p && mmap(p, length, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return NULL;
	return p;
}

/* Go: a list of 128 hints; one that failed is never tried again, one that did not moves up. */
static void by_hints(const struct native_row *row)
{
	char *hints[128];
	size_t hint = 0;
	int i;

	for (i = 0; i < 128; i++)
		hints[i] = window + (size_t)i * PIECE;
	for (i = 0; i < BLOCKS; hint++) {
		if (hint == 128)
			native_fail("Go: no hint is left");
		while (i < BLOCKS) {
			char *p = reserve_and_map(hints[hint], row->length);

			if (!p)
				break;
			blocks[i++] = p;
			hints[hint] += row->length;
		}
	}
}

/* HotSpot: 32 points, one anywhere in each 32nd of the window, the outermost first. */
static char *by_points_once(size_t length)
{
	size_t count = WINDOW / length, section = count / 32, points[32];
	size_t i;
	char *p;

	for (i = 0; i < 32; i++)
		points[i] = i * section + native_random(section);
	for (i = 0; i < 32; i++) {
		p = reserve_and_map(window + points[i % 2 ? 31 - i / 2 : i / 2] * length, length);
		if (p)
			return p;
	}
	return NULL;
}

static void by_points(const struct native_row *row)
{
	int i;

	for (i = 0; i < BLOCKS; i++) {
		blocks[i] = by_points_once(row->length);
		if (!blocks[i])
			native_fail("HotSpot: no point was free");
	}
}

/*
 * LuaJIT: right above the last block; else five times 16 MiB further, then wherever the
 * kernel likes, then at random; 30 times in all.
 */
static char *by_probing_once(char **hint, size_t length)
{
	int try;
	char *p;

	for (try = 0; try < 30; try++) {
		p = map_near(*hint, length, PROT_READ | PROT_WRITE);
		if (!p)
			return NULL;
		if (p >= window && p + length <= window + WINDOW) {
			*hint = p + length;
			return p;
		}
		munmap(p, length);
		if (*hint && try < 5)
			*hint += (size_t)16 << 20;
		else if (*hint && try == 5)
			*hint = NULL;
		else
			*hint = window + native_random(WINDOW / length) * length;
	}
	return NULL;
}

static void by_probing(const struct native_row *row)
{
	char *hint = window;
	int i;

	for (i = 0; i < BLOCKS; i++) {
		blocks[i] = by_probing_once(&hint, row->length);
		if (!blocks[i])
			native_fail("LuaJIT: 30 tries were not enough");
	}
}

static void job(const struct native_row *row, int way)
{
	static void (*const place[])(const struct native_row *row) = {
		[REGION] = by_region,
		[GO] = by_hints,
		[HOTSPOT] = by_points,
		[LUAJIT] = by_probing,
	};

	place[way](row);
}

static void undo(const struct native_row *row, int way)
{
	int i;

	if (way == REGION) {
		native_check("close", gccolor_close(gc, 0));
		return;
	}
	for (i = 0; i < BLOCKS; i++)
		munmap(blocks[i], row->length);
}

#define KIB		((size_t)1 << 10)
#define MIB		((size_t)1 << 20)
#define ROW(what, bytes, extent, wanted)					\
	{ .name = "1,000 blocks, " what, .goal = wanted, .begin = begin, .job = job,	\
	  .undo = undo, .units = BLOCKS, .length = bytes, .count = extent,	\
	  .ways = { "gccolor_open and gccolor_alloc", "Go: 128 hints",		\
		    "HotSpot: 32 points between", "LuaJIT: 5 steps, then random" } }

/* Extents of what is committed at once, as an allocator would choose them; and the default */
static const struct native_row rows[] = {
	ROW("4 KiB, extents of 64 MiB", 4 * KIB, 64 * MIB, 0.2),
	ROW("64 KiB, extents of 64 MiB", 64 * KIB, 64 * MIB, 0.2),
	ROW("2 MiB, extents of 1 GiB", 2 * MIB, 1024 * MIB, 0.2),
	ROW("4 KiB, extents of 256 KiB", 4 * KIB, 0, 0),
	ROW("64 KiB, extents of 256 KiB", 64 * KIB, 0, 0),
	{ .name = NULL }
};

const struct native_group native_placing = { "placing", rows };
