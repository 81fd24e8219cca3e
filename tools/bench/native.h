/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Benchmarks in time, on the machine that they run on: a job as a region does it and as
 * peers do it, in turns. For `gccolor bench` and `make bench-user`.
 */
#ifndef BENCH_NATIVE_H
#define BENCH_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gccolor.h>

#define NATIVE_WAYS		5
#define NATIVE_ROUNDS_MAX	101

/**
 * struct native_row - one line of the report
 * @name: what is done
 * @ways: who does it: a region first, then its peers, then NULL
 * @goal: the largest ratio of the region to the fastest peer that is wanted, 0: none
 * @begin: brings about what the job needs, once
 * @job: what is measured, once
 * @undo: makes it possible to do it again, unmeasured; may be NULL
 * @units: of how many units the job consists: the figures are those of one
 * @length: bytes, for the job
 * @pages: how many of them to touch
 * @count: of claims that are there before; or bytes of an extent
 * @lazy: GCCOLOR_LAZY and MADV_FREE, not GCCOLOR_EAGER and MADV_DONTNEED
 * @kernel: the goal is that of the kernel module, and of no other backend
 *
 * Each row runs in a process of its own, on one backend, and leaves behind what it likes.
 */
struct native_row {
	const char *name;
	const char *ways[NATIVE_WAYS + 1];
	double goal;
	void (*begin)(const struct native_row *row, uint32_t backend);
	void (*job)(const struct native_row *row, int way);
	void (*undo)(const struct native_row *row, int way);
	unsigned int units;
	size_t length;
	unsigned int pages;
	size_t count;
	bool lazy;
	bool kernel;
};

struct native_group {
	const char *name;		/* for --only */
	const struct native_row *rows;	/* until a name is NULL */
};

extern const struct native_group native_steady;		/* native_steady.c */
extern const struct native_group native_paths;		/* native_paths.c */
extern const struct native_group native_claims;		/* native_claims.c */
extern const struct native_group native_placing;	/* native_placing.c */

/* All of these, until one is NULL */
extern const struct native_group *const native_groups[];

/* Of three in order of size, or all the same if there was one round only */
struct native_ratio {
	double low;		/* quartile */
	double middle;		/* median */
	double high;		/* quartile */
};

struct native_result {
	char error[240];	/* why there are no figures; empty: there are */
	double ns[NATIVE_WAYS];	/* of one unit, median */
	struct native_ratio ratio[NATIVE_WAYS];	/* ours to this way's, of the same round */
	int fastest;		/* of the peers */
};

/* Run one row. @rounds: turns of each way, 1 to NATIVE_ROUNDS_MAX. */
void native_measure(const struct native_row *row, uint32_t backend, int rounds,
		    struct native_result *result);

/* Can there be a region on this backend? 0, or why not is in result->error. */
int native_probe(uint32_t backend, struct native_result *result);

/* Run all rows of the group and print a line for each; how many have figures. */
int native_run(const struct native_group *group, uint32_t backend, int rounds, bool json);

/* Above the lines that are not JSON. */
void native_print_head(void);

/* For begin(), job() and undo(): there is no figure, because of this. Does not return. */
__attribute__((format(printf, 1, 2), noreturn))
void native_fail(const char *format, ...);

/* A region on a backend, extents of @extent bytes (0: as they come); or there is no figure. */
struct gccolor *native_open(uint32_t backend, size_t extent);

/* Committed memory of a region. */
char *native_alloc(struct gccolor *gc, size_t length);

/* Ends the row if @err is one. */
void native_check(const char *doing, int err);

/* For jobs that open regions anew: ends the row if this one cannot be given back. */
void native_need_release(struct gccolor *gc);

/* A range without access of one's own, as runtimes reserve it. */
char *native_reserve(size_t length);

/* One of 0 to @below - 1, at random, the same ones in every run */
size_t native_random(size_t below);

/* Write a word into each of the first @pages pages. */
void native_touch(char *p, unsigned int pages);

#endif /* BENCH_NATIVE_H */
