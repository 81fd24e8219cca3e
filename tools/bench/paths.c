// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * paths [carve | peer | crowded | reserve]: lines of JSON, one a row. The module is loaded.
 * With an argument, for a profiler, again and again: COMMIT and DECOMMIT, what the peer
 * does, COMMIT and DECOMMIT beside 30,000 runs, RESERVE.
 */
#define _GNU_SOURCE
#include <stdarg.h>

#include "child.h"
#include "paths.h"

#define RESERVATION	0x200000000000UL
#define THP		"/sys/kernel/mm/transparent_hugepage/enabled"

int region_fd = -1;

void die(const char *format, ...)
{
	va_list ap;

	fputs("paths: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void print_fact(const char *name, const char *format, ...)
{
	va_list ap;

	printf("{\"fact\":\"%s\",\"text\":\"", name);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	puts("\"}");
	fflush(stdout);
}

static void print_costs(const char *side, uint64_t *costs)
{
	sort_costs(costs, BATCHES);
	printf(",\"%s_least\":%llu,\"%s\":%llu,\"%s_most\":%llu",
	       side, (unsigned long long)costs[0], side, (unsigned long long)costs[BATCHES / 2],
	       side, (unsigned long long)costs[BATCHES - 1]);
}

void measure(const struct row *row)
{
	uint64_t costs[SIDES][BATCHES];

	/* Once in vain: caches of the kernel fill */
	for (int side = OURS; side < SIDES; side++)
		row->job(row, side);
	for (int i = 0; i < BATCHES; i++) {
		for (int side = OURS; side < SIDES; side++)
			costs[side][i] = row->job(row, side);
	}
	printf("{\"row\":\"%s\",\"goal\":%.2f", row->name, row->goal);
	print_costs("ours", costs[OURS]);
	print_costs("peer", costs[PEER]);
	puts("}");
	fflush(stdout);
}

void measure_rows(const struct row *rows)
{
	for (; rows->name; rows++)
		measure(rows);
}

char *place(int side)
{
	return (char *)(side == OURS ? BASE : RESERVATION) + COLOR + COLOR / 2;
}

static void reserve_peer(char *p, unsigned long length, int flag)
{
	char *got = mmap(p, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flag,
			 -1, 0);

	if (got != p)
		die("a reservation at %p: %m", p);
}

void take(int side, char *p, unsigned long length)
{
	int err;

	if (side == PEER) {
		if (mmap(p, length, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != p)
			die("mmap: %m");
		return;
	}
	err = commit(region_fd, (unsigned long)p, length);
	if (err)
		die("COMMIT: %s", strerror(-err));
}

void give(int side, char *p, unsigned long length)
{
	int err;

	if (side == PEER) {
		reserve_peer(p, length, MAP_FIXED);
		return;
	}
	err = decommit(region_fd, (unsigned long)p, length);
	if (err)
		die("DECOMMIT: %s", strerror(-err));
}

void take_huge(int side, char *p, unsigned long length)
{
	int err;

	if (side == PEER) {
		take(side, p, length);
		if (madvise(p, length, MADV_HUGEPAGE))
			die("MADV_HUGEPAGE: %m");
		return;
	}
	err = commit_flags(region_fd, (unsigned long)p, length, PROT_RW,
			   GCCOLOR_IOC_COMMIT_HUGEPAGE);
	if (err)
		die("COMMIT with huge pages: %s", strerror(-err));
}

void touch(char *p, unsigned long length, unsigned long step)
{
	for (char *end = p + length; p < end; p += step)
		*(volatile unsigned long *)p = 1;
}

void expect_huge(const char *p, unsigned long length)
{
	long got = smaps_field((unsigned long)p, "AnonHugePages");

	if (got != (long)(length / KIB))
		die("%ld KiB of huge pages, not %lu", got, length / KIB);
}

static void begin(void)
{
	region_fd = open_region(0);
	if (region_fd < 0)
		die("no region: %s", strerror(-region_fd));
	reserve_peer((char *)RESERVATION, LENGTH, MAP_FIXED_NOREPLACE);
}

static void in_child(void (*group)(void), bool region)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork: %m");
	if (pid == 0) {
		if (region)
			begin();
		group();
		exit(0);
	}
	status = wait_for(pid);
	if (status)
		die("a group of rows ended with %d", status);
}

static const struct job {
	const char *name;
	void (*profile)(void);
	bool region;
} jobs[] = {
	{ "carve", profile_carve, true },
	{ "peer", profile_peer, true },
	{ "crowded", profile_crowded, true },
	{ "reserve", profile_reserve, false },
	{ NULL }
};

static const struct job *find_job(const char *name)
{
	for (const struct job *job = jobs; job->name; job++) {
		if (!strcmp(job->name, name))
			return job;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct job *job = argc == 2 ? find_job(argv[1]) : NULL;
	int err;

	if (argc > 2 || (argc == 2 && !job)) {
		fputs("usage: paths [carve | peer | crowded | reserve]\n", stderr);
		return 2;
	}
	/* So that 4 KiB pages are what was not asked to be huge */
	err = write_file(THP, "madvise");
	if (err)
		die("%s: %s", THP, strerror(-err));
	if (job) {
		in_child(job->profile, job->region);
		return 0;
	}
	in_child(measure_touch, true);
	in_child(measure_carve, true);
	in_child(measure_runs, true);
	in_child(measure_reserve, false);
	in_child(measure_memory, false);
	in_child(measure_library, false);
	return 0;
}
