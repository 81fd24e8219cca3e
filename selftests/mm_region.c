// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Linked with each of the kernel's own mm tests (see mm_test): if GCCOLOR_MM_REGION
 * names a file, the process gets a region with memory in it before main() runs, and
 * when it or a fork child of it ends, that region must be whole. One line in the
 * file for each: "begun PID", then "whole PID" or "broken PID WHAT". With
 * GCCOLOR_MM_PLANT one byte in it is wrong.
 */
#define _GNU_SOURCE
#include "maps.h"

#define RUNS		8
#define RUN_LENGTH	(4 * PAGE)
#define HIGH		900	/* above what tests expect open(2) to return */

static int region_fd;
static int report_fd;

/* In eight colors, far from each other. */
static unsigned long run_at(int i)
{
	return INSIDE(i + 1) + i * 7 * PAGE;
}

static const char *state(void)
{
	const char *whole = region_state(BASE, LENGTH);

	if (strcmp(whole, "whole"))
		return whole;
	for (int i = 0; i < RUNS; i++) {
		if (!intact(run_at(i), RUN_LENGTH))
			return "other bytes";
	}
	return whole;
}

void __real__exit(int status);

/* The linker leads all here: exit() too, and the tests that the harness forks. */
void __wrap__exit(int status)
{
	const char *what;

	if (!report_fd)
		__real__exit(status);
	what = state();
	if (!strcmp(what, "whole"))
		dprintf(report_fd, "whole %d\n", getpid());
	else
		dprintf(report_fd, "broken %d %s\n", getpid(), what);
	__real__exit(status);
}

static int move_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH);

	close(fd);
	return high;
}

__attribute__((constructor)) static void give_region(void)
{
	const char *path = getenv("GCCOLOR_MM_REGION");
	int error;

	/* Or children say it again, and mm_guest cannot see who goes on. */
	setlinebuf(stdout);
	if (!path)
		return;
	report_fd = move_high(open(path, O_WRONLY | O_APPEND | O_CLOEXEC));
	error = open_region(0);
	if (error >= 0) {
		region_fd = move_high(error);
		for (int i = 0; i < RUNS; i++) {
			error = commit(region_fd, run_at(i), RUN_LENGTH);
			if (error)
				break;
			fill(run_at(i), RUN_LENGTH);
		}
	}
	if (error < 0) {
		dprintf(report_fd, "broken %d at the start: %d\n", getpid(), error);
		return;
	}
	if (getenv("GCCOLOR_MM_PLANT"))
		*(volatile char *)run_at(RUNS / 2) ^= 1;
	dprintf(report_fd, "begun %d\n", getpid());
}
