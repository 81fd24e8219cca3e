// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * stress_test [ATTACKS [exact]]: commits, decommits and forks that succeed and fail,
 * while attackers aim at exact mapping boundaries, in several processes.
 *
 * No attack may succeed, no owner may lose a byte. A process that the module
 * killed, because it could not keep the promise otherwise, is reported apart.
 * With "exact" every COMMIT fits its reserve exactly, so that no split shuts the
 * guard behind a refusal by the commit limit: before kmod/loan.c 119 of 200,000
 * attacks got in there.
 */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/wait.h>

#include "kselftest.h"
#include "stress.h"

#define PROCESSES	2
#define THREADS		(OWNERS + ATTACKERS + 2)
#define ATTACKS		500000UL
#define MAP_COUNT	"1200"

static struct process process;

/* An owner touched memory that was no longer there. */
static void lost_memory(int sig, siginfo_t *info, void *context)
{
	fault(&process, sig == SIGSEGV ? "SIGSEGV" : "SIGBUS", (unsigned long)info->si_addr, 0);
	_exit(7);
}

static int open_uffd(void)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_EVENT_UNMAP | UFFD_FEATURE_PAGEFAULT_FLAG_WP,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void start(pthread_t *thread, void *(*body)(void *), unsigned int number)
{
	static struct worker workers[16];
	static unsigned int used;
	struct worker *worker = &workers[used++];

	worker->process = &process;
	worker->number = number;
	worker->random = 0x9e3779b97f4a7c15UL * (used + 100 * process.number + 1);
	if (pthread_create(thread, NULL, body, worker))
		_exit(6);
}

static int run_process(struct shared *shared, unsigned int number)
{
	struct sigaction action = { .sa_sigaction = lost_memory, .sa_flags = SA_SIGINFO };
	pthread_t threads[THREADS], reader;
	pthread_rwlockattr_t attr;
	const char *state;
	unsigned int n = 0;

	process.shared = shared;
	process.counts = &shared->counts[number];
	process.number = number;
	process.fd = open_region(0);
	process.uffd = open_uffd();
	if (process.fd < 0 || process.uffd < 0)
		return 5;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&process.limits, &attr);
	sem_init(&process.limiter, 0, 0);
	sem_init(&process.forker, 0, 0);
	if (drop_capability(CAP_IPC_LOCK))
		return 4;
	start(&reader, unmap_reader, 0);
	for (unsigned int i = 0; i < OWNERS; i++)
		start(&threads[n++], owner, i);
	for (unsigned int i = 0; i < ATTACKERS; i++)
		start(&threads[n++], attacker, i);
	start(&threads[n++], limiter, 0);
	start(&threads[n++], forker, ATTACKERS);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);

	lift_limits();
	for (unsigned int o = 0; o < OWNERS; o++) {
		for (unsigned int s = 0; s < SLOTS; s++) {
			const struct run *run = &process.runs[o][s];

			if (run->length && !intact(run->addr, run->length))
				fault(&process, "contents changed", run->addr, 0);
		}
	}
	state = region_state(BASE, LENGTH);
	if (strcmp(state, "whole"))
		fault(&process, state, 0, 0);
	return 0;
}

static void print_counts(const char *who, const struct counts *c)
{
	ksft_print_msg("%s: %lu attacks, %lu denied, %lu succeeded; commits %lu ok, %lu failed; "
		       "decommits %lu ok, %lu failed; forks %lu ok, %lu failed; limits lowered %lu, "
		       "unmap events %lu; killed by the module %lu\n",
		       who, c->attacks, c->denied, c->succeeded, c->commits, c->commits_failed,
		       c->decommits, c->decommits_failed, c->forks, c->forks_failed, c->limits,
		       c->unmap_events, c->stopped);
	if (c->first_success[0])
		ksft_print_msg("first success: %s\n", c->first_success);
	if (c->first_fault[0])
		ksft_print_msg("%lu faults, the first: %s\n", c->faults, c->first_fault);
}

static void add_counts(struct counts *sum, const struct counts *c)
{
	sum->attacks += c->attacks;
	sum->denied += c->denied;
	sum->succeeded += c->succeeded;
	sum->commits += c->commits;
	sum->commits_failed += c->commits_failed;
	sum->decommits += c->decommits;
	sum->decommits_failed += c->decommits_failed;
	sum->forks += c->forks;
	sum->forks_failed += c->forks_failed;
	sum->limits += c->limits;
	sum->unmap_events += c->unmap_events;
	sum->stopped += c->stopped;
	sum->faults += c->faults;
}

int main(int argc, char **argv)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long map_count = read_number(MAX_MAP_COUNT), ratio = read_number(OVERCOMMIT_RATIO);
	pthread_barrierattr_t barrier;
	pid_t pids[PROCESSES];
	struct counts sum = { 0 };
	bool ended_well = true;

	shared->attacks_wanted = argc > 1 ? strtoul(argv[1], NULL, 0) : ATTACKS;
	shared->exact = argc > 2 && !strcmp(argv[2], "exact");
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->start, &barrier, PROCESSES * THREADS);
	ksft_print_header();
	ksft_set_plan(5);
	write_file(MAX_MAP_COUNT, MAP_COUNT);
	fflush(stdout);
	for (unsigned int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(run_process(shared, i));
	}
	for (unsigned int i = 0; i < PROCESSES; i++) {
		char name[32];
		int status;

		waitpid(pids[i], &status, 0);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
			shared->counts[i].stopped++;
		} else if (status) {
			ended_well = false;
			ksft_print_msg("process %u ended with status %#x\n", i, status);
		}
		snprintf(name, sizeof(name), "process %u", i);
		print_counts(name, &shared->counts[i]);
		add_counts(&sum, &shared->counts[i]);
	}
	write_number(MAX_MAP_COUNT, map_count);
	write_number(OVERCOMMIT_MEMORY, 0);
	write_number(OVERCOMMIT_RATIO, ratio);
	print_counts("all", &sum);
	ksft_test_result(sum.succeeded == 0, "no attack succeeded\n");
	ksft_test_result(sum.faults == 0, "no owner lost memory\n");
	ksft_test_result(sum.stopped == 0, "the module killed nobody\n");
	ksft_test_result(ended_well && sum.attacks >= shared->attacks_wanted,
			 "every process came to its end\n");
	/* A run in which nothing failed has shown nothing. */
	ksft_test_result(sum.commits && sum.commits_failed && sum.decommits &&
			 sum.decommits_failed && sum.forks && sum.limits && sum.unmap_events,
			 "calls succeeded and failed\n");
	ksft_finished();
}
