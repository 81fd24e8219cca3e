// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Alloc and free of the library, in an extent that is there, beside what allocators have
 * between them and the kernel. A free gives the memory back to the system at once: jemalloc
 * and mimalloc are told to do so as well, with no delay.
 */
#include <dlfcn.h>
#include <jemalloc/jemalloc.h>
#include <mimalloc.h>
#include <stdio.h>
#include <sys/types.h>

#include "../tool.h"
#include "user.h"

#define EXTENT		((size_t)64 << 20)
#define TURNS		16
#define MIMALLOC	"libmimalloc.so.2"

static struct gccolor *gc;
static unsigned int arena;
static struct peer_memmap2 *slot;
static void *(*mi_alloc)(size_t size);
static void (*mi_release)(void *p);

static void set_decay(const char *kind)
{
	ssize_t at_once = 0;
	char name[64];

	snprintf(name, sizeof(name), "arena.%u.%s_decay_ms", arena, kind);
	if (mallctl(name, NULL, NULL, &at_once, sizeof(at_once)))
		native_fail("jemalloc: %s", name);
}

/* Not linked: it would be everybody's malloc(), as jemalloc is. */
static void open_mimalloc(bool lazy)
{
	void (*set)(mi_option_t option, long value);
	void *library = dlopen(MIMALLOC, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		native_fail("%s", dlerror());
	*(void **)&mi_alloc = dlsym(library, "mi_malloc");
	*(void **)&mi_release = dlsym(library, "mi_free");
	*(void **)&set = dlsym(library, "mi_option_set");
	if (!mi_alloc || !mi_release || !set)
		native_fail(MIMALLOC ": not all functions");
	if (lazy)
		return;
	set(mi_option_decommit_delay, 0);
	set(mi_option_segment_decommit_delay, 0);
	set(mi_option_page_reset, 1);
}

/* An allocation that stays keeps the extent, as the first of many does. */
static void begin(const struct native_row *row, uint32_t backend)
{
	struct gccolor_request req = { .size = sizeof(req), .length = system_page_size() };
	size_t size = sizeof(arena);
	void *p;

	gc = native_open(backend, EXTENT);
	native_check("alloc", gccolor_alloc(gc, &req, &p));
	if (mallctl("arenas.create", &arena, &size, NULL, 0))
		native_fail("jemalloc: arenas.create");
	set_decay("dirty");
	set_decay("muzzy");
	open_mimalloc(row->lazy);
	slot = peer_memmap2_slot();
}

static void use(const struct native_row *row, char *p)
{
	if (!p)
		native_fail("no memory");
	native_touch(p, row->pages);
}

static void by_region(const struct native_row *row)
{
	struct gccolor_request req = { .size = sizeof(req), .length = row->length };
	void *p;

	native_check("alloc", gccolor_alloc(gc, &req, &p));
	use(row, p);
	native_check("free", gccolor_free(gc, p, row->length));
}

static void by_pages(const struct native_row *row)
{
	bool commit = true;
	char *p = je_pages_map(NULL, row->length, system_page_size(), &commit);

	use(row, p);
	je_pages_unmap(p, row->length);
}

static void by_extents(const struct native_row *row)
{
	char *p = mallocx(row->length, MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE);

	use(row, p);
	dallocx(p, MALLOCX_TCACHE_NONE);
}

static void by_memmap2(const struct native_row *row)
{
	use(row, peer_memmap2_map(slot, row->length));
	peer_memmap2_unmap(slot);
}

static void by_mimalloc(const struct native_row *row)
{
	char *p = mi_alloc(row->length);

	use(row, p);
	mi_release(p);
}

static void do_it(const struct native_row *row, void (*once)(const struct native_row *row))
{
	int i;

	for (i = 0; i < TURNS; i++)
		once(row);
}

static void beside_system(const struct native_row *row, int way)
{
	static void (*const once[])(const struct native_row *row) = {
		by_region, by_pages, by_memmap2, by_mimalloc
	};

	do_it(row, once[way]);
}

static void beside_extents(const struct native_row *row, int way)
{
	do_it(row, way ? by_extents : by_region);
}

static void beside_cache(const struct native_row *row, int way)
{
	do_it(row, way ? by_mimalloc : by_region);
}

#define KIB		((size_t)1 << 10)
#define US		"gccolor_alloc, gccolor_free"

/* What mimalloc takes from pages of its own never gets to the system: no peer there. */
#define MIMALLOC_WAY	"mimalloc: mi_malloc, mi_free, delays 0"

#define SYSTEM(what, bytes, number, other)						\
	{ .name = "alloc + free, " what, .goal = 0.5, .begin = begin, .job = beside_system,	\
	  .units = TURNS, .length = bytes, .pages = number,				\
	  .ways = { US, "jemalloc: pages_map, pages_unmap", "memmap2: map_anon, drop",	\
		    other } }
#define EXTENTS(what, bytes, number)							\
	{ .name = "beside cached extents, " what, .begin = begin, .job = beside_extents,	\
	  .units = TURNS, .length = bytes, .pages = number,				\
	  .ways = { US, "jemalloc: mallocx, dallocx, decay 0" } }
#define CACHE(what, bytes, number)							\
	{ .name = "beside what keeps all, " what, .begin = begin, .job = beside_cache,	\
	  .units = TURNS, .length = bytes, .pages = number, .lazy = true,		\
	  .ways = { US, "mimalloc: mi_malloc, mi_free" } }

static const struct native_row rows[] = {
	SYSTEM("4 KiB, untouched", 4 * KIB, 0, NULL),
	SYSTEM("64 KiB, untouched", 64 * KIB, 0, NULL),
	SYSTEM("2 MiB, untouched", 2048 * KIB, 0, MIMALLOC_WAY),
	SYSTEM("4 KiB, touched", 4 * KIB, 1, NULL),
	SYSTEM("64 KiB, 1 page", 64 * KIB, 1, NULL),
	SYSTEM("2 MiB, 1 page", 2048 * KIB, 1, MIMALLOC_WAY),
	EXTENTS("4 KiB, untouched", 4 * KIB, 0),
	EXTENTS("64 KiB, untouched", 64 * KIB, 0),
	EXTENTS("2 MiB, untouched", 2048 * KIB, 0),
	EXTENTS("64 KiB, 1 page", 64 * KIB, 1),
	CACHE("4 KiB, untouched", 4 * KIB, 0),
	CACHE("64 KiB, untouched", 64 * KIB, 0),
	CACHE("2 MiB, untouched", 2048 * KIB, 0),
	{ .name = NULL }
};

const struct native_group user_alloc = { "alloc", rows };
