// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What the library adds: gccolor_commit() and gccolor_decommit() of a claimed range, as a
 * collector calls them that manages its own addresses. The peer gives the two commands
 * alone, to the same file and for the same range, so that the kernel does the same.
 */
#define _GNU_SOURCE
#include <gccolor.h>

#include "paths.h"

#define PLACES		16
#define EVERY		(4 * HUGE_PAGE)
#define TURNS		16		/* of all places: each has its share of timer ticks */

static struct gccolor *gc;
static char *begin_of_places;

/* The library's descriptor; nobody else in this process has one. */
static int find_descriptor(void)
{
	for (int fd = 0; fd < 4096; fd++) {
		char link[32], name[sizeof(DEVICE)] = "";

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, name, sizeof(name)) == sizeof(DEVICE) - 1 &&
		    !memcmp(name, DEVICE, sizeof(DEVICE) - 1))
			return fd;
	}
	die("the library has no descriptor of " DEVICE);
}

static void open_library(void)
{
	struct gccolor_options options = { .size = sizeof(options), .backend = GCCOLOR_KMOD };
	struct gccolor_request request = {
		.size = sizeof(request),
		.length = PLACES * EVERY,
		.color = 1,
		.align = HUGE_PAGE,
	};
	int err = gccolor_open(&gc, &options);

	if (!err)
		err = gccolor_claim(gc, &request, (void **)&begin_of_places);
	if (err)
		die("the library: %s", gccolor_strerror(err));
	region_fd = find_descriptor();
}

static void library_take(char *p, unsigned long length)
{
	int err = gccolor_commit(gc, p, length, 0, 0);

	if (err)
		die("gccolor_commit: %s", gccolor_strerror(err));
}

static void library_give(char *p, unsigned long length)
{
	int err = gccolor_decommit(gc, p, length, GCCOLOR_TRAP);

	if (err)
		die("gccolor_decommit: %s", gccolor_strerror(err));
}

/* One range after the other comes and goes, @row->pages of them stay meanwhile. */
static uint64_t come_and_go(const struct row *row, int side)
{
	char *stays = begin_of_places + EVERY / 2;	/* and is nobody's neighbour */
	uint64_t begin, cost;

	for (unsigned long i = 0; i < row->pages; i++)
		library_take(stays + i * EVERY, row->length);
	begin = now();
	for (int i = 0; i < TURNS * PLACES; i++) {
		char *p = begin_of_places + i % PLACES * EVERY;

		if (side == OURS) {
			library_take(p, row->length);
			library_give(p, row->length);
		} else {
			/* take() and give() of the file */
			take(OURS, p, row->length);
			give(OURS, p, row->length);
		}
	}
	cost = (now() - begin) / (TURNS * PLACES);
	for (unsigned long i = 0; i < row->pages; i++)
		library_give(stays + i * EVERY, row->length);
	return cost;
}

#define LIBRARY	"library: gccolor_commit() + gccolor_decommit() of "
#define RAW	" : COMMIT + DECOMMIT"

static const struct row rows[] = {
	{ LIBRARY "64 KiB" RAW, 1.05, come_and_go, 64 * KIB },
	{ LIBRARY "2 MiB" RAW, 1.05, come_and_go, HUGE_PAGE },
	{ LIBRARY "2 MiB, beside 16 runs" RAW, 1.05, come_and_go, HUGE_PAGE, 16 },
	{ NULL }
};

void measure_library(void)
{
	open_library();
	measure_rows(rows);
}
