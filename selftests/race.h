/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * A victim that stops in the middle of a system call, to see what fits in.
 *
 * The victim makes its calls on processor 1. There a SCHED_FIFO thread, the
 * freezer, takes its place at a random moment, and keeps it until the test on
 * processor 0 says so, or a limit is over: who stopped with a lock held has to
 * go on. With preempt=full the victim can stop anywhere; otherwise where the
 * kernel calls cond_resched() or might_sleep(), as it does to take a lock.
 */
#ifndef SELFTESTS_RACE_H
#define SELFTESTS_RACE_H

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "child.h"
#include "region.h"

#define RACE_MS		3500	/* a busy machine may make fewer rounds */

static long race_end_ms;

static struct {
	sem_t wanted;
	int limit_ms;
	atomic_bool hold;
	unsigned int asked;
	atomic_uint begun, ended;
} freezer;

static struct {
	int (*call)(int fd);
	atomic_int fd;		/* -1: rests */
	atomic_uint rests, calls, successes;
} victim = { .fd = -1 };

static inline int run_on(int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static inline long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void race_clock_start(void)
{
	race_end_ms = now_ms() + RACE_MS;
}

static inline bool race_goes_on(void)
{
	return now_ms() < race_end_ms;
}

static inline void *freezer_thread(void *arg)
{
	struct sched_param param = { .sched_priority = 50 };
	long end;

	CHECK_EQ(0, run_on(1));
	CHECK_EQ(0, sched_setscheduler(0, SCHED_FIFO, &param));
	for (;;) {
		sem_wait(&freezer.wanted);
		freezer.begun++;
		end = now_ms() + freezer.limit_ms;
		while (freezer.hold && now_ms() < end)
			;
		freezer.ended++;
	}
	return NULL;
}

static inline void *victim_thread(void *arg)
{
	CHECK_EQ(0, run_on(1));
	for (;;) {
		int fd = victim.fd;

		if (fd < 0) {
			victim.rests++;
			continue;
		}
		if (victim.call(fd) == 0)
			victim.successes++;
		victim.calls++;
	}
	return NULL;
}

/*
 * False: this system cannot. @call NULL: the test has a victim of its own.
 * The threads end with the process of the test.
 */
static inline bool race_start(int limit_ms, int (*call)(int fd))
{
	pthread_t thread;

	if (geteuid() != 0 || run_on(1) || run_on(0))
		return false;
	race_clock_start();
	freezer.limit_ms = limit_ms;
	victim.call = call;
	return sem_init(&freezer.wanted, 0, 0) == 0 &&
	       pthread_create(&thread, NULL, freezer_thread, NULL) == 0 &&
	       (!call || pthread_create(&thread, NULL, victim_thread, NULL) == 0);
}

/* Any number of turns up to @limit. */
static inline void linger(unsigned int limit)
{
	static unsigned int state = 1;

	state = state * 1103515245 + 12345;
	for (volatile unsigned int n = (state >> 8) % (limit + 1); n; n--)
		;
}

/* Begin to freeze the victim, wherever it is; frozen() says when that is done. */
static inline void freeze(void)
{
	freezer.hold = true;
	freezer.asked++;
	sem_post(&freezer.wanted);
}

static inline bool frozen(void)
{
	return freezer.begun == freezer.asked;
}

static inline void thaw(void)
{
	freezer.hold = false;
	while (freezer.ended != freezer.asked)
		;
}

static inline void victim_start(int fd)
{
	victim.successes = 0;
	victim.calls = 0;
	victim.fd = fd;
}

/* When it returns, no call is under way. */
static inline void victim_rest(void)
{
	unsigned int before;

	victim.fd = -1;
	before = victim.rests;
	while (victim.rests == before)
		;
}

#endif /* SELFTESTS_RACE_H */
