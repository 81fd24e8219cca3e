// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * chance_test STARTS [BITS...]: does address-space randomisation ever leave a
 * program without a region, or a region in the way of a heap? Starts
 * ./chance_start (dynamic, PIE) STARTS times at each vm.mmap_rnd_bits, or at
 * the machine's own where none is named, and counts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "chance.h"

#define RND_BITS	"/proc/sys/vm/mmap_rnd_bits"
#define AT_ONCE		2
#define CONTROLS	10	/* starts with the region forced into the heap's way */
#define TESTS		4	/* of test_bits() */
#define FAULTS_SHOWN	3

struct tally {
	unsigned int starts;
	unsigned int regions;
	unsigned int at_fixed;
	unsigned int disturbed;
	unsigned int faults;
	unsigned int fixed[FIXED_UNKNOWN + 1];
	unsigned int bases;		/* different ones */
	uint64_t base[64];
	uint64_t least_room;		/* between the heap at 1 GiB and a region above it */
	uint64_t least_below;		/* between a region and the lowest mapping above it */
};

static int read_bits(void)
{
	FILE *file = fopen(RND_BITS, "r");
	int bits = -1;

	if (file) {
		if (fscanf(file, "%d", &bits) != 1)
			bits = -1;
		fclose(file);
	}
	return bits;
}

static bool set_bits(int bits)
{
	FILE *file = fopen(RND_BITS, "w");

	if (!file)
		return false;
	fprintf(file, "%d\n", bits);
	return fclose(file) == 0 && read_bits() == bits;
}

/* Returns the end of the pipe that the answer comes from, or -1. */
static int begin(const char *program, const char *mode)
{
	char *const argv[] = { (char *)program, (char *)mode, NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	pid_t pid;

	if (pipe(ends))
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	error = posix_spawn(&pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!error)
		return ends[0];
	close(ends[0]);
	return -1;
}

static void end(int fd, struct start *start)
{
	memset(start, 0, sizeof(*start));
	start->fixed = FIXED_UNKNOWN;
	if (fd < 0)
		snprintf(start->fault, sizeof(start->fault), "it cannot be started");
	else if (read(fd, start, sizeof(*start)) != sizeof(*start))
		snprintf(start->fault, sizeof(start->fault), "it died without an answer");
	close(fd);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void count_base(struct tally *tally, uint64_t base)
{
	for (unsigned int i = 0; i < tally->bases; i++) {
		if (tally->base[i] == base)
			return;
	}
	if (tally->bases < ARRAY_SIZE(tally->base))
		tally->base[tally->bases++] = base;
}

static void count(struct tally *tally, const struct start *start)
{
	uint64_t end = start->base + start->length;

	tally->starts++;
	tally->fixed[start->fixed]++;
	tally->disturbed += start->disturbed;
	if (start->fault[0] && tally->faults++ < FAULTS_SHOWN)
		ksft_print_msg("region %#llx, brk %#llx-%#llx: %s\n",
			       (unsigned long long)start->base,
			       (unsigned long long)start->brk_start,
			       (unsigned long long)start->brk_end, start->fault);
	if (!start->base)
		return;
	tally->regions++;
	tally->at_fixed += start->base == FIXED_BASE;
	count_base(tally, start->base);
	if (start->base >= start->brk_end && start->base - start->brk_end < tally->least_room)
		tally->least_room = start->base - start->brk_end;
	if (start->map_low >= end && start->map_low - end < tally->least_below)
		tally->least_below = start->map_low - end;
}

static void run(const char *program, const char *mode, unsigned int starts,
		struct tally *tally)
{
	int fds[AT_ONCE];
	struct start start;

	*tally = (struct tally){ .least_room = ~0ULL, .least_below = ~0ULL };
	for (unsigned int i = 0; i < starts + AT_ONCE; i++) {
		if (i >= AT_ONCE) {
			end(fds[i % AT_ONCE], &start);
			count(tally, &start);
		}
		if (i < starts)
			fds[i % AT_ONCE] = begin(program, mode);
	}
}

static void test_starts(const char *program, unsigned int starts, int bits)
{
	struct tally tally;

	run(program, NULL, starts, &tally);
	ksft_print_msg("%u starts of %s at rnd_bits %d: %u regions, "
		       "%u at 0x6000_0000_0000, %u elsewhere, %u heaps disturbed\n",
		       tally.starts, program, bits, tally.regions, tally.at_fixed,
		       tally.regions - tally.at_fixed, tally.disturbed);
	ksft_print_msg("%u different bases; least distance: heap at 1 GiB to a region above it "
		       "%llu GiB, region to mmap's lowest above it %llu GiB\n",
		       tally.bases, (unsigned long long)tally.least_room >> 30,
		       (unsigned long long)tally.least_below >> 30);
	if (tally.fixed[FIXED_UNKNOWN] < starts)
		ksft_print_msg("had they insisted on 0x6000_0000_0000: %u without region, "
			       "%u with a heap that cannot grow to 1 GiB, %u fine\n",
			       tally.fixed[FIXED_TAKEN], tally.fixed[FIXED_STOPS_HEAP],
			       tally.fixed[FIXED_WORKS]);
	ksft_test_result(tally.regions == starts && !tally.disturbed && !tally.faults,
			 "%s at rnd_bits %d: every start has its region, no heap is disturbed\n",
			 program, bits);
}

/* Would a region in the way of the heap be seen? */
static void test_control(const char *program, int bits)
{
	struct tally tally;

	ksft_print_msg("the next %u starts must fail:\n", CONTROLS);
	run(program, "heap", CONTROLS, &tally);
	ksft_print_msg("region forced into the way of the heap: %u of %u starts disturbed\n",
		       tally.disturbed, tally.starts);
	ksft_test_result(tally.regions == CONTROLS && tally.disturbed == CONTROLS,
			 "at rnd_bits %d: a region in the way of the heap is seen\n", bits);
}

/* 0x6000_0000_0000 lies seldom right above a heap. Here each region could. */
static void test_above(const char *program, unsigned int starts, int bits)
{
	struct tally tally;

	run(program, "above", starts, &tally);
	ksft_print_msg("%u starts with a region just above the break: %u regions, %u heaps "
		       "disturbed, least distance to the heap at 1 GiB %llu GiB\n",
		       tally.starts, tally.regions, tally.disturbed,
		       (unsigned long long)tally.least_room >> 30);
	ksft_test_result(tally.regions == starts && !tally.disturbed && !tally.faults,
			 "at rnd_bits %d: the library leaves room for the heap\n", bits);
}

static void test_bits(unsigned int starts, int bits)
{
	test_starts("./chance_start", starts, bits);
	/* Its heap lies elsewhere: the kernel moves the break of a static PIE. */
	test_starts("./chance_start_static", starts / 10, bits);
	test_above("./chance_start", starts / 10, bits);
	test_control("./chance_start", bits);
}

int main(int argc, char **argv)
{
	unsigned int starts = argc > 1 ? atoi(argv[1]) : 0;

	if (!starts)
		return KSFT_FAIL;
	ksft_print_header();
	ksft_set_plan(argc > 2 ? (1 + TESTS) * (argc - 2) : TESTS);
	if (argc == 2)
		test_bits(starts, read_bits());
	for (int i = 2; i < argc; i++) {
		int bits = atoi(argv[i]);
		bool set = set_bits(bits);

		ksft_test_result(set, "vm.mmap_rnd_bits is set to %d\n", bits);
		test_bits(set ? starts : 0, bits);
	}
	ksft_finished();
}
