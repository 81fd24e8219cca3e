// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Owners, who want their memory back as they left it, and those who fork them. */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/wait.h>

#include "stress.h"

void fault(struct process *process, const char *what, unsigned long addr, int err)
{
	struct counts *counts = process->counts;

	if (__atomic_fetch_add(&counts->faults, 1, __ATOMIC_RELAXED) == 0)
		snprintf(counts->first_fault, sizeof(counts->first_fault), "%s at %lx: %d (%s)",
			 what, addr, err, err < 0 ? strerrorname_np(-err) : "-");
}

/* Errors that a limit may cause; anything else is a fault. */
static bool is_limit(int err)
{
	return err == -ENOMEM || err == -EAGAIN;
}

/* Tell a slow reader when this memory goes. */
static void watch(struct process *process, const struct run *run)
{
	struct uffdio_register range = {
		.range = { run->addr, run->length }, .mode = UFFDIO_REGISTER_MODE_WP,
	};

	if (process->uffd >= 0)
		ioctl(process->uffd, UFFDIO_REGISTER, &range);
}

static void try_commit(struct worker *worker, struct run *run, unsigned long addr)
{
	struct process *process = worker->process;
	unsigned long length = process->shared->exact ? SLOT_PAGES * PAGE :
			       (1 + pick(worker, 8)) * PAGE;
	unsigned int flags = pick(worker, 4) ? 0 : GCCOLOR_IOC_COMMIT_POPULATE;
	int err;

	__atomic_store_n(&process->aim_addr[worker->number], addr, __ATOMIC_RELAXED);
	__atomic_store_n(&process->aim_length[worker->number], length, __ATOMIC_RELAXED);
	__atomic_add_fetch(&run->generation, 1, __ATOMIC_SEQ_CST);
	pthread_rwlock_rdlock(&process->limits);
	err = commit_flags(process->fd, addr, length, PROT_RW, flags);
	pthread_rwlock_unlock(&process->limits);
	if (err) {
		count(&process->counts->commits_failed);
		if (!is_limit(err))
			fault(process, "commit", addr, err);
	} else {
		count(&process->counts->commits);
		if (!zeroed(addr, length))
			fault(process, "fresh memory is not zero", addr, 0);
		fill(addr, length);
		run->addr = addr;
		run->length = length;
		if (pick(worker, 4) == 0)
			watch(process, run);
	}
	__atomic_add_fetch(&run->generation, 1, __ATOMIC_SEQ_CST);
}

static void try_decommit(struct worker *worker, struct run *run)
{
	struct process *process = worker->process;
	int err;

	__atomic_store_n(&process->aim_addr[worker->number], run->addr, __ATOMIC_RELAXED);
	__atomic_store_n(&process->aim_length[worker->number], run->length, __ATOMIC_RELAXED);
	if (!intact(run->addr, run->length))
		fault(process, "contents changed", run->addr, 0);
	__atomic_add_fetch(&run->generation, 1, __ATOMIC_SEQ_CST);
	pthread_rwlock_rdlock(&process->limits);
	err = decommit(process->fd, run->addr, run->length);
	pthread_rwlock_unlock(&process->limits);
	if (err) {
		count(&process->counts->decommits_failed);
		if (!is_limit(err))
			fault(process, "decommit", run->addr, err);
		if (!intact(run->addr, run->length))
			fault(process, "contents changed by a failed decommit", run->addr, 0);
	} else {
		count(&process->counts->decommits);
		if (readable(run->addr) || readable(run->addr + run->length - 1))
			fault(process, "decommitted memory can be read", run->addr, 0);
		run->length = 0;
	}
	__atomic_add_fetch(&run->generation, 1, __ATOMIC_SEQ_CST);
}

static unsigned long slot_addr(const struct worker *worker, unsigned int slot)
{
	unsigned long addr = INSIDE(1 + worker->number) + slot * SLOT_PAGES * PAGE;

	return worker->process->shared->exact ? addr : addr + 4 * PAGE;
}

void *owner(void *arg)
{
	struct worker *worker = arg;
	struct process *process = worker->process;
	bool exact = process->shared->exact;

	/* What is committed for good between the others makes them fit exactly. */
	for (unsigned int slot = 0; exact && slot < SLOTS; slot += 2)
		try_commit(worker, &process->runs[worker->number][slot],
			   slot_addr(worker, slot));
	wait_for_all(process);
	for (unsigned long i = 0; !enough(process); i++) {
		unsigned int slot = exact ? pick(worker, SLOTS) | 1 : pick(worker, SLOTS);
		struct run *run = &process->runs[worker->number][slot];

		if (run->length)
			try_decommit(worker, run);
		else
			try_commit(worker, run, slot_addr(worker, slot));
		if (i % 16 == 0)
			sem_post(&process->limiter);
		if (i % 64 == 0)
			sem_post(&process->forker);
	}
	sem_post(&process->limiter);
	sem_post(&process->forker);
	return NULL;
}

/* Runs that were quiet before the fork, and still are in the child's copy. */
static bool quiet_runs_intact(const struct process *process,
			      const unsigned int before[OWNERS][SLOTS])
{
	for (unsigned int o = 0; o < OWNERS; o++) {
		for (unsigned int s = 0; s < SLOTS; s++) {
			const struct run *run = &process->runs[o][s];

			if (before[o][s] & 1 || before[o][s] != run->generation || !run->length)
				continue;
			if (!intact(run->addr, run->length))
				return false;
		}
	}
	return true;
}

static int check_child(struct worker *worker, const unsigned int before[OWNERS][SLOTS])
{
	struct process *process = worker->process;
	unsigned long addr = INSIDE(8);
	const char *state;
	int err;

	lift_limits();
	if (!quiet_runs_intact(process, before)) {
		fault(process, "contents changed in a fork child", 0, 0);
		return 1;
	}
	attack_a_few(worker, 32);
	err = commit(process->fd, addr, 2 * PAGE);
	if (err == 0) {
		fill(addr, 2 * PAGE);
		err = decommit(process->fd, addr, 2 * PAGE);
	}
	if (err && !is_limit(err)) {
		fault(process, "commit or decommit in a fork child", addr, err);
		return 2;
	}
	state = region_state(BASE, LENGTH);
	if (strcmp(state, "whole")) {
		fault(process, state, 0, 0);
		return 3;
	}
	return 0;
}

void *forker(void *arg)
{
	struct worker *worker = arg;
	struct process *process = worker->process;
	static unsigned int before[OWNERS][SLOTS];

	wait_for_all(process);
	while (!enough(process)) {
		int status;
		pid_t pid;

		sem_wait(&process->forker);
		while (sem_trywait(&process->forker) == 0)
			continue;
		for (unsigned int o = 0; o < OWNERS; o++)
			for (unsigned int s = 0; s < SLOTS; s++)
				before[o][s] = __atomic_load_n(&process->runs[o][s].generation,
							       __ATOMIC_SEQ_CST);
		pid = syscall(SYS_clone, SIGCHLD, 0UL, 0UL, 0UL, 0UL);
		if (pid == 0)
			_exit(check_child(worker, before));
		if (pid < 0) {
			count(&process->counts->forks_failed);
			continue;
		}
		count(&process->counts->forks);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			continue;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			count(&process->counts->stopped);
		else if (status)
			fault(process, "a fork child ended with status", status, 0);
	}
	return NULL;
}

/* Reads one event at a time, slowly: who decommits waits for it. */
void *unmap_reader(void *arg)
{
	struct worker *worker = arg;
	struct process *process = worker->process;
	struct uffd_msg message;

	while (read(process->uffd, &message, sizeof(message)) == sizeof(message)) {
		count(&process->counts->unmap_events);
		for (int i = 0; i < 8; i++)
			sched_yield();
	}
	return NULL;
}
