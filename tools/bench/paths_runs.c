// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Cost as a region fills: many runs apart, and many that are neighbours. */
#define _GNU_SOURCE
#include "paths.h"

#define EVERY		(16 * PAGE)
#define GAPS		16
#define ADJACENT	10000
#define MAX_MAP_COUNT	"/proc/sys/vm/max_map_count"

static unsigned long runs[SIDES];

/* One more run in a gap between @runs of them, which are a page each: GAPS times. */
static uint64_t one_more(const struct row *row, int side)
{
	uint64_t cost = 0, begin;

	for (unsigned long i = 0; i < GAPS; i++) {
		unsigned long gap = runs[side] < GAPS ? i : i * (runs[side] / GAPS);
		char *p = place(side) + gap * EVERY + EVERY / 2;

		begin = now();
		take(side, p, row->length);
		cost += now() - begin;
		give(side, p, row->length);
	}
	return cost / GAPS;
}

static void fill_up(int side, unsigned long count)
{
	for (; runs[side] < count; runs[side]++)
		take(side, place(side) + runs[side] * EVERY, PAGE);
}

static void grow(void)
{
	static const struct row rows[] = {
		{ "COMMIT of a page beside 1 run", 0, one_more, PAGE, 1 },
		{ "COMMIT of a page beside 10 runs", 0, one_more, PAGE, 10 },
		{ "COMMIT of a page beside 100 runs", 0, one_more, PAGE, 100 },
		{ "COMMIT of a page beside 1,000 runs", 0, one_more, PAGE, 1000 },
		{ "COMMIT of a page beside 10,000 runs", 0, one_more, PAGE, 10000 },
		{ "COMMIT of a page beside 30,000 runs", 0, one_more, PAGE, 30000 },
		{ NULL }
	};
	struct gccolor_ioc_info region;

	for (const struct row *row = rows; row->name; row++) {
		for (int side = OURS; side < SIDES; side++)
			fill_up(side, row->pages);
		if (info(region_fd, &region) || region.committed != row->pages * PAGE)
			die("not %lu runs", row->pages);
		measure(row);
	}
}

static unsigned long mappings_in(const char *p, unsigned long length)
{
	static struct maps_reader reader;
	unsigned long count = 0, start = (unsigned long)p;
	struct mapping map;

	if (!maps_open(&reader, "/proc/self/maps"))
		die("/proc/self/maps: %m");
	while (maps_next(&reader, &map))
		count += map.start >= start && map.end <= start + length;
	close(reader.fd);
	return count;
}

static void commit_neighbours(bool touched)
{
	unsigned long mappings[SIDES];
	uint64_t cost[SIDES];

	for (int side = OURS; side < SIDES; side++) {
		char *p = place(side) + COLOR / 4;

		cost[side] = 0;
		for (unsigned long i = 0; i < ADJACENT; i++) {
			uint64_t begin = now();

			take(side, p + i * PAGE, PAGE);
			cost[side] += now() - begin;
			if (touched)
				touch(p + i * PAGE, PAGE, PAGE);
		}
		mappings[side] = mappings_in(p, ADJACENT * PAGE);
		give(side, p, ADJACENT * PAGE);
	}
	print_fact(touched ? "10,000 adjacent commits of a page, each touched" :
			     "10,000 adjacent commits of a page, untouched",
		   "%lu VMAs (the peer: %lu), %llu instructions each (the peer: %llu)",
		   mappings[OURS], mappings[PEER], (unsigned long long)cost[OURS] / ADJACENT,
		   (unsigned long long)cost[PEER] / ADJACENT);
}

static void have_mappings(void)
{
	int err = write_number(MAX_MAP_COUNT, 1000000);

	if (err)
		die("%s: %s", MAX_MAP_COUNT, strerror(-err));
}

/* Without a COMMIT for each run, which the profiler would see too. */
static void fill_by_decommit(unsigned long count)
{
	unsigned long addr = (unsigned long)place(OURS);
	int err = commit_flags(region_fd, addr, count * EVERY, PROT_RW,
			       GCCOLOR_IOC_COMMIT_NORESERVE);

	if (err)
		die("COMMIT, not charged: %s", strerror(-err));
	for (; runs[OURS] < count; runs[OURS]++)
		give(OURS, place(OURS) + runs[OURS] * EVERY + PAGE, EVERY - PAGE);
}

void profile_crowded(void)
{
	const struct row row = { .length = PAGE };

	have_mappings();
	fill_by_decommit(30000);
	for (int i = 0; i < PROFILED / GAPS; i++) {
		one_more(&row, OURS);
		linger(i);
	}
}

void measure_runs(void)
{
	have_mappings();
	commit_neighbours(false);
	commit_neighbours(true);
	grow();
}
