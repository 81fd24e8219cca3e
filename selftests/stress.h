/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The stress test: owners that commit, decommit and fork, under limits that
 * come and go, and attackers who aim at exactly where they are at work.
 */
#ifndef SELFTESTS_STRESS_H
#define SELFTESTS_STRESS_H

#include <pthread.h>
#include <semaphore.h>

#include "limits.h"
#include "maps.h"

#define OWNERS		2
#define ATTACKERS	2
#define SLOTS		48
#define SLOT_PAGES	16UL

/* Of one process; lives in memory that its parent sees. */
struct counts {
	unsigned long attacks, denied, succeeded;
	unsigned long commits, commits_failed;
	unsigned long decommits, decommits_failed;
	unsigned long forks, forks_failed;
	unsigned long limits, unmap_events;
	unsigned long stopped;		/* children that the module killed */
	unsigned long faults;		/* owners that lost memory, or worse */
	char first_fault[200];
	char first_success[200];
};

struct shared {
	pthread_barrier_t start;	/* of all threads of all processes */
	bool exact;			/* commits fit their reserve exactly */
	unsigned long attacks_wanted;
	unsigned long attacks;		/* of all processes */
	struct counts counts[8];
};

/* A run of committed pages in a slot of its own, reserve on either side. */
struct run {
	unsigned long addr;
	unsigned long length;
	unsigned int generation;	/* odd: being changed */
};

struct process {
	int fd;
	int uffd;
	unsigned int number;
	struct shared *shared;
	struct counts *counts;
	struct run runs[OWNERS][SLOTS];
	/* What each owner is changing right now, for the attackers. */
	unsigned long aim_addr[OWNERS], aim_length[OWNERS];
	/*
	 * Owners hold it for reading inside a call, the limiter for writing while it
	 * lowers a resource limit: one that changes inside a call is the documented
	 * fail-stop. Limits of the mm and of the system change at any time.
	 */
	pthread_rwlock_t limits;
	sem_t limiter;			/* posted now and then by owners */
	sem_t forker;
};

struct worker {
	struct process *process;
	unsigned int number;
	uint64_t random;
};

static inline void count(unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Nobody lowers a limit before everybody is there. */
static inline void wait_for_all(const struct process *process)
{
	pthread_barrier_wait(&process->shared->start);
}

static inline bool enough(const struct process *process)
{
	return __atomic_load_n(&process->shared->attacks, __ATOMIC_RELAXED) >=
	       process->shared->attacks_wanted;
}

/* xorshift: the same sequence in every run. */
static inline unsigned int pick(struct worker *worker, unsigned int below)
{
	worker->random ^= worker->random << 13;
	worker->random ^= worker->random >> 7;
	worker->random ^= worker->random << 17;
	return (worker->random >> 11) % below;
}

void fault(struct process *process, const char *what, unsigned long addr, int err);

void *attacker(void *worker);
void attack_a_few(struct worker *worker, unsigned int number);
void *owner(void *worker);
void *limiter(void *worker);
void *forker(void *worker);
void *unmap_reader(void *worker);
void lift_limits(void);

#endif /* SELFTESTS_STRESS_H */
