// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * threads: what page faults of two threads cost while two others commit and decommit. Lines
 * of JSON, one for each turn. The module is loaded.
 *
 * Ours commits by COMMIT and DECOMMIT. The peer has a PROT_NONE reservation of its own and
 * commits by mprotect(2), decommits by MADV_DONTNEED and mprotect(2).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "region.h"

#define TURNS		15
#define FAULTERS	2
#define COMMITTERS	2
#define PAGES		4096UL		/* that each of the first touches in a turn */
#define RUN		(2 * MIB)	/* that is committed and decommitted */
#define EACH		(64 * MIB)	/* the distance of the threads' addresses */
#define RESERVATION	0x200000000000UL
#define THP		"/sys/kernel/mm/transparent_hugepage/enabled"

enum { OURS, PEER, SIDES };
static const char *const sides[] = { "ours", "peer" };

static int region_fd;
static pthread_barrier_t begin, end;
/* Of this turn; written between end and begin. */
static int side;
static bool committing;
static atomic_int faulting;
static atomic_ulong pairs;

__attribute__((noreturn)) static void die(const char *what, int err)
{
	fprintf(stderr, "threads: %s: %s\n", what, strerror(err));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static char *place(unsigned long thread)
{
	return (char *)(side == OURS ? BASE : RESERVATION) + COLOR + thread * EACH;
}

static void take(char *p, unsigned long length)
{
	int err = 0;

	if (side == OURS)
		err = -commit(region_fd, (unsigned long)p, length);
	else if (mprotect(p, length, PROT_READ | PROT_WRITE))
		err = errno;
	if (err)
		die("to commit", err);
}

static void give(char *p, unsigned long length)
{
	int err = 0;

	if (side == OURS)
		err = -decommit(region_fd, (unsigned long)p, length);
	else if (madvise(p, length, MADV_DONTNEED) || mprotect(p, length, PROT_NONE))
		err = errno;
	if (err)
		die("to decommit", err);
}

static void *faulter(void *arg)
{
	for (;;) {
		char *p;

		pthread_barrier_wait(&begin);
		p = place((unsigned long)arg);
		for (unsigned long i = 0; i < PAGES; i++)
			((volatile char *)p)[i * PAGE] = 1;
		faulting--;
		pthread_barrier_wait(&end);
	}
	return NULL;
}

static void *committer(void *arg)
{
	for (;;) {
		unsigned long done = 0;
		char *p;

		pthread_barrier_wait(&begin);
		p = place((unsigned long)arg);
		while (committing && faulting) {
			take(p, RUN);
			*(volatile char *)p = 1;
			give(p, RUN);
			done++;
		}
		pairs += done;
		pthread_barrier_wait(&end);
	}
	return NULL;
}

static void turn(int number)
{
	double time;

	for (unsigned long i = 0; i < FAULTERS; i++)
		take(place(i), PAGES * PAGE);
	faulting = FAULTERS;
	pairs = 0;
	time = now();
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	time = now() - time;
	for (unsigned long i = 0; i < FAULTERS; i++)
		give(place(i), PAGES * PAGE);
	if (committing && !pairs)
		die("nothing was committed meanwhile", EAGAIN);
	if (number >= 0)	/* before that, caches of the kernel fill */
		printf("{\"number\":%d,\"committing\":%s,\"side\":\"%s\",\"ns\":%.1f,"
		       "\"pairs\":%lu}\n", number, committing ? "true" : "false", sides[side],
		       time / (FAULTERS * PAGES), pairs);
	fflush(stdout);
}

static void start(unsigned long thread)
{
	pthread_t id;
	int err = pthread_create(&id, NULL, thread < FAULTERS ? faulter : committer,
				 (void *)thread);

	if (err)
		die("a thread", err);
}

int main(void)
{
	int fd = open(THP, O_WRONLY);
	unsigned long i;

	/* So that every touch of a page is a fault */
	if (fd < 0 || write(fd, "never", 5) != 5)
		die(THP, errno);
	close(fd);
	region_fd = open_region(0);
	if (region_fd < 0)
		die("no region", -region_fd);
	if (mmap((void *)RESERVATION, LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) != (void *)RESERVATION)
		die("a reservation", errno);
	pthread_barrier_init(&begin, NULL, FAULTERS + COMMITTERS + 1);
	pthread_barrier_init(&end, NULL, FAULTERS + COMMITTERS + 1);
	for (i = 0; i < FAULTERS + COMMITTERS; i++)
		start(i);
	for (int n = -1; n < TURNS; n++) {
		for (int mode = 0; mode < 2 * SIDES; mode++) {
			side = mode % SIDES;
			committing = mode >= SIDES;
			turn(n);
		}
	}
	return 0;
}
