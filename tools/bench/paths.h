/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The kernel's paths, counted in instructions: a job that the region does, and the
 * same job as a peer without the module does it, in turns.
 */
#ifndef BENCH_PATHS_H
#define BENCH_PATHS_H

#include "cost.h"
#include "maps.h"

#define KIB		0x400UL
#define HUGE_PAGE	(2 * MIB)
#define BATCHES		15

/* OURS: a region. PEER: a PROT_NONE reservation of one's own, of the same length. */
enum { OURS, PEER, SIDES };

/**
 * struct row - one line of the report
 * @name: what is done, for people; also its key from run to run
 * @goal: the largest ratio ours : peer that is wanted, 0: none
 * @job: does it once; returns what one unit of it cost
 * @length: bytes, for the job
 * @pages: how many of them to touch, or to have committed before, for the job
 * @advice: of madvise(2), for the job
 */
struct row {
	const char *name;
	double goal;
	uint64_t (*job)(const struct row *row, int side);
	unsigned long length;
	unsigned long pages;
	int advice;
};

/* Prints a row as a line of JSON, after BATCHES turns of each side. */
void measure(const struct row *row);

/* All of them; the last one has no name. */
void measure_rows(const struct row *rows);

/* Prints something that is no ratio. Quotes and line ends in it are not escaped. */
__attribute__((format(printf, 2, 3)))
void print_fact(const char *name, const char *format, ...);

/* Ends the program, which has no result then. */
__attribute__((format(printf, 1, 2), noreturn))
void die(const char *format, ...);

/* The file of the region, once measure() may be called. */
extern int region_fd;

/* Where jobs work: the same distance from the begin of the region and of the reservation. */
char *place(int side);

/* Memory at @p, inside the region or the reservation; and back. */
void take(int side, char *p, unsigned long length);
void give(int side, char *p, unsigned long length);

/* As take(), and huge pages are wanted. */
void take_huge(int side, char *p, unsigned long length);

/* Write a word every @step bytes. */
void touch(char *p, unsigned long length, unsigned long step);

/* Dies if [p, p + length) is not made of huge pages, all there. */
void expect_huge(const char *p, unsigned long length);

/* The groups: each in a process of its own, with a region and a reservation of its own. */
void measure_touch(void);	/* paths_touch.c */
void measure_carve(void);	/* paths_carve.c: COMMIT, DECOMMIT, a steady state */
void measure_runs(void);	/* paths_runs.c: fragmented regions, neighbours */
void measure_reserve(void);	/* paths_reserve.c: RESERVE; without a region so far */
void measure_memory(void);	/* paths_reserve.c: what the kernel holds; likewise */
void measure_library(void);	/* paths_library.c: what the library adds; likewise */

/* The same for a profiler */
void profile_carve(void);	/* paths_carve.c: COMMIT and DECOMMIT */
void profile_peer(void);	/* what the peer does instead */
void profile_crowded(void);	/* paths_runs.c: COMMIT beside 30,000 runs */
void profile_reserve(void);	/* paths_reserve.c: RESERVE; without a region so far */

#define PROFILED		10000	/* times */

/* Between two of them: for a while that is never the same, or samples would keep step. */
static inline void linger(unsigned long i)
{
	for (volatile unsigned long n = i * 7919 % 10007; n; n--)
		;
}

#endif /* BENCH_PATHS_H */
