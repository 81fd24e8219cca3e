// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Claim and free a page in a fragmented region: between two live claims is always a free
 * page. What the account of addresses costs as it grows; nothing is committed.
 */
#include "native.h"
#include "../tool.h"

#define FEW	10		/* live claims of the peer */
#define TURNS	64		/* claims of a job */

static struct gccolor *regions[2];
static size_t live[2];
static char *first[2];		/* the claims: every other page from here */

static char *claim(struct gccolor *gc, size_t length, const void *after)
{
	struct gccolor_request req = { .size = sizeof(req), .length = length, .after = after };
	void *p;

	native_check("claim", gccolor_claim(gc, &req, &p));
	return p;
}

static void release(int way, void *p)
{
	native_check("free", gccolor_free(regions[way], p, system_page_size()));
}

static void begin(const struct native_row *row, uint32_t backend)
{
	size_t page = system_page_size(), i;
	int way;

	live[0] = row->count;
	live[1] = FEW;
	for (way = 0; way < 2; way++) {
		regions[way] = native_open(backend, 0);
		first[way] = claim(regions[way], 2 * live[way] * page, NULL);
		for (i = 0; i < live[way]; i++)
			release(way, first[way] + (2 * i + 1) * page);
	}
}

/* The first free page there is, again and again. */
static void lowest(const struct native_row *row, int way)
{
	size_t page = system_page_size();
	int i;

	(void)row;
	for (i = 0; i < TURNS; i++)
		release(way, claim(regions[way], page, NULL));
}

/* A free page somewhere: from a claim that is any of them. */
static void anywhere(const struct native_row *row, int way)
{
	size_t page = system_page_size();
	int i;

	(void)row;
	for (i = 0; i < TURNS; i++) {
		char *after = first[way] + 2 * native_random(live[way]) * page;

		release(way, claim(regions[way], page, after));
	}
}

/* Any live claim dies, and another one is made, in the first place that is free. */
static void replace(const struct native_row *row, int way)
{
	size_t page = system_page_size();
	int i;

	(void)row;
	for (i = 0; i < TURNS; i++) {
		char *p = first[way] + 2 * native_random(live[way]) * page;

		release(way, p);
		if (claim(regions[way], page, p) != p)
			native_fail("%p was free, and is not", p);
	}
}

#define ROW(what, work, number, wanted)						\
	{ .name = what "; " #number " live", .ways = { "with these", "with 10" },	\
	  .goal = wanted, .begin = begin, .job = work, .units = TURNS, .count = number }

static const struct native_row rows[] = {
	ROW("claim + free, lowest place", lowest, 1, 0),
	ROW("claim + free, lowest place", lowest, 10, 0),
	ROW("claim + free, lowest place", lowest, 100, 0),
	ROW("claim + free, lowest place", lowest, 1000, 0),
	ROW("claim + free, lowest place", lowest, 10000, 0),
	ROW("claim + free, lowest place", lowest, 100000, 0),
	ROW("claim + free, lowest place", lowest, 1000000, 1.5),
	ROW("claim + free, anywhere", anywhere, 1, 0),
	ROW("claim + free, anywhere", anywhere, 10, 0),
	ROW("claim + free, anywhere", anywhere, 100, 0),
	ROW("claim + free, anywhere", anywhere, 1000, 0),
	ROW("claim + free, anywhere", anywhere, 10000, 0),
	ROW("claim + free, anywhere", anywhere, 100000, 0),
	ROW("claim + free, anywhere", anywhere, 1000000, 1.5),
	ROW("free + claim again, any", replace, 1, 0),
	ROW("free + claim again, any", replace, 10, 0),
	ROW("free + claim again, any", replace, 100, 0),
	ROW("free + claim again, any", replace, 1000, 0),
	ROW("free + claim again, any", replace, 10000, 0),
	ROW("free + claim again, any", replace, 100000, 0),
	ROW("free + claim again, any", replace, 1000000, 1.5),
	{ .name = NULL }
};

const struct native_group native_claims = { "claims", rows };
