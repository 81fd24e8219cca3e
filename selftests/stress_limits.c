// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Limits that come and go while everybody is at work. */
#define _GNU_SOURCE
#include <sched.h>

#include "stress.h"

#define FILLERS		(BASE - LENGTH + 256 * MIB)
#define MAX_FILLERS	2048

/* One mapping in two pages: none of them merge. */
static void fill_map_count(void)
{
	for (unsigned long i = 0; i < MAX_FILLERS; i++) {
		void *p = mmap((void *)(FILLERS + 2 * i * PAGE), PAGE, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
			       -1, 0);

		if (p == MAP_FAILED)
			break;
	}
}

static void drain_map_count(void)
{
	munmap((void *)FILLERS, 2 * MAX_FILLERS * PAGE);
}

void lift_limits(void)
{
	unlimit(RLIMIT_AS);
	unlimit(RLIMIT_DATA);
	set_limit(RLIMIT_MEMLOCK, 64 * MIB);
	munlockall();
	drain_map_count();
}

/* Let the owners run into it for a while: until they have posted a few times more. */
static void hold(struct process *process)
{
	while (sem_trywait(&process->limiter) == 0)
		continue;
	for (int i = 0; i < 4 && !enough(process); i++)
		sem_wait(&process->limiter);
}

static void lower_limit(struct process *process, int resource, unsigned long value)
{
	pthread_rwlock_wrlock(&process->limits);
	set_limit(resource, value);
	pthread_rwlock_unlock(&process->limits);
}

/* For all processes: none. A little would be granted by a count that lags behind. */
static void exhaust_commit_limit(void)
{
	write_number(OVERCOMMIT_KBYTES, 1);
	write_number(OVERCOMMIT_MEMORY, 2);
}

static void lower_one(struct process *process, unsigned int which)
{
	switch (which) {
	case 0:
		lower_limit(process, RLIMIT_AS, LENGTH / 2);
		break;
	case 1:
		lower_limit(process, RLIMIT_DATA, PAGE);
		break;
	case 2:
		lower_limit(process, RLIMIT_MEMLOCK, PAGE);
		mlockall(MCL_FUTURE);
		break;
	case 3:
		fill_map_count();
		break;
	case 4:
		exhaust_commit_limit();
		break;
	case 5:
		/* What is locked from now on has room, but no charge. */
		mlockall(MCL_FUTURE);
		exhaust_commit_limit();
		break;
	}
}

void *limiter(void *arg)
{
	struct worker *worker = arg;
	struct process *process = worker->process;

	wait_for_all(process);
	for (unsigned int i = 0; !enough(process); i++) {
		unsigned int which = i % 6;

		/* One process is enough for what holds for all. */
		if (which >= 4 && process->number)
			continue;
		lower_one(process, which);
		count(&process->counts->limits);
		hold(process);
		if (which >= 4)
			write_number(OVERCOMMIT_MEMORY, 0);
		lift_limits();
		hold(process);
	}
	return NULL;
}
