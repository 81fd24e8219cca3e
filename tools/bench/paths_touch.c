// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Committed memory in use: what a page of it costs beside ordinary anonymous memory. */
#define _GNU_SOURCE
#include <signal.h>

#include "paths.h"
#include "pressure.h"

#define LENGTH_4K	(2 * MIB)
#define LENGTH_THP	(8 * MIB)

/* The pages that a row's memory has, one unit each. */
static unsigned long step(const struct row *row)
{
	return row->length == LENGTH_THP ? HUGE_PAGE : PAGE;
}

static void have(const struct row *row, int side)
{
	if (step(row) == PAGE)
		take(side, place(side), row->length);
	else
		take_huge(side, place(side), row->length);
}

static uint64_t touched(const struct row *row, int side)
{
	uint64_t begin = now(), end;

	touch(place(side), row->length, step(row));
	end = now();
	if (step(row) == HUGE_PAGE)
		expect_huge(place(side), row->length);
	give(side, place(side), row->length);
	return (end - begin) / (row->length / step(row));
}

static uint64_t first_touch(const struct row *row, int side)
{
	have(row, side);
	return touched(row, side);
}

static uint64_t second_touch(const struct row *row, int side)
{
	have(row, side);
	touch(place(side), row->length, step(row));
	return touched(row, side);
}

/* The first one has mapped the page of zeroes, as a collector's scan may. */
static uint64_t write_after_read(const struct row *row, int side)
{
	const volatile char *p = place(side);

	have(row, side);
	for (unsigned long i = 0; i < row->length; i += PAGE)
		(void)p[i];
	return touched(row, side);
}

static uint64_t cow_after_fork(const struct row *row, int side)
{
	uint64_t cost;
	pid_t pid;

	have(row, side);
	touch(place(side), row->length, step(row));
	pid = fork();
	if (pid < 0)
		die("fork: %m");
	if (pid == 0) {
		pause();
		_exit(0);
	}
	cost = touched(row, side);
	kill(pid, SIGKILL);
	wait_for(pid);
	return cost;
}

static uint64_t discard_and_refault(const struct row *row, int side)
{
	uint64_t begin, cost;

	have(row, side);
	touch(place(side), row->length, step(row));
	begin = now();
	if (madvise(place(side), row->length, MADV_DONTNEED))
		die("MADV_DONTNEED: %m");
	cost = now() - begin;
	return cost / (row->length / step(row)) + touched(row, side);
}

static uint64_t swap_in(const struct row *row, int side)
{
	unsigned long addr = (unsigned long)place(side);

	have(row, side);
	touch(place(side), row->length, step(row));
	if (page_out(addr, row->length) != row->length)
		die("%lu of %lu bytes were swapped out", swapped(addr), row->length);
	return touched(row, side);
}

static const struct row rows[] = {
	{ "first touch of a 4 KiB page", 1.01, first_touch, LENGTH_4K },
	{ "first touch of a huge page (2 MiB)", 1.01, first_touch, LENGTH_THP },
	{ "second touch of a 4 KiB page", 1.01, second_touch, LENGTH_4K },
	{ "write to a 4 KiB page that was read before", 1.01, write_after_read, LENGTH_4K },
	{ "write to a 4 KiB page after fork (copy)", 1.01, cow_after_fork, LENGTH_4K },
	{ "MADV_DONTNEED and touch again, a 4 KiB page", 1.01, discard_and_refault, LENGTH_4K },
	{ "MADV_DONTNEED and touch again, a huge page", 1.01, discard_and_refault, LENGTH_THP },
	{ NULL }
};

static const struct row swap_row = { "swap-in of a 4 KiB page", 1.01, swap_in, LENGTH_4K };

void measure_touch(void)
{
	measure_rows(rows);
	if (!swap_begin())
		die("no swap: %m");
	measure(&swap_row);
	swap_end();
}
