/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* What one start of chance_start tells chance_test, through its standard output. */
#ifndef SELFTESTS_CHANCE_H
#define SELFTESTS_CHANCE_H

#include <stdint.h>

#define FIXED_BASE	0x600000000000UL	/* what collectors ask for today */
#define HEAP		0x40000000UL		/* what each heap grows to: 1 GiB */

/* What would have become of a start that insists on FIXED_BASE. */
enum fixed {
	FIXED_WORKS,
	FIXED_TAKEN,		/* EEXIST: the program itself lies there */
	FIXED_STOPS_HEAP,	/* the region is there, but brk(2) cannot grow to 1 GiB */
	FIXED_UNKNOWN,		/* the backend cannot give a region back */
};

struct start {
	uint64_t base;		/* of the region; 0: none */
	uint64_t length;
	uint64_t brk_start;
	uint64_t brk_end;	/* where the heap stopped */
	uint64_t map_low;	/* lowest address that mmap(2) chose */
	uint32_t fixed;		/* enum fixed */
	uint32_t disturbed;	/* a heap could not grow */
	char fault[88];		/* what went wrong, "" if nothing */
};

#endif /* SELFTESTS_CHANCE_H */
