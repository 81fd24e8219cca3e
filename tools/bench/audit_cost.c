// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What the module costs a process that has no region: instructions of one munmap(2),
 * mmap(2), mprotect(2) and mremap(2), for a guest whose clock ticks once an instruction.
 *
 * audit_cost MODULE: one line of JSON per state. Nothing is loaded yet.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "cost.h"
#include "kernel.h"
#include "module.h"

#define CALLS	64
#define BATCHES	31
#define EVERY	(4 * PAGE)	/* so that no two mappings merge */

enum { MUNMAP, MMAP, MPROTECT, MREMAP, KINDS };

static const char *const names[KINDS] = { "munmap", "mmap", "mprotect", "mremap" };
static uint64_t medians[KINDS];

static void call(int kind, char *p)
{
	switch (kind) {
	case MUNMAP:
		munmap(p, PAGE);
		break;
	case MMAP:
		mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	case MPROTECT:
		mprotect(p, PAGE, PROT_READ | PROT_WRITE);
		break;
	case MREMAP:
		mremap(p, PAGE, 2 * PAGE, 0);
		break;
	}
}

/* Of one kind, CALLS times, all alike. */
static uint64_t batch(int kind, char *area)
{
	uint64_t begin;
	int i;

	for (i = 0; i < CALLS; i++) {
		munmap(area + i * EVERY, EVERY);
		if (kind != MMAP)
			mmap(area + i * EVERY, PAGE, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	}
	begin = now();
	for (i = 0; i < CALLS; i++)
		call(kind, area + i * EVERY);
	return (now() - begin) / CALLS;
}

static void measure(const char *state)
{
	uint64_t cost[BATCHES];
	char *area = mmap(NULL, CALLS * EVERY, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	printf("{\"state\":\"%s\"", state);
	for (int kind = 0; kind < KINDS; kind++) {
		for (int i = 0; i < BATCHES; i++)
			cost[i] = batch(kind, area);
		sort_costs(cost, BATCHES);
		medians[kind] = cost[BATCHES / 2];
		printf(",\"%s\":%llu,\"%s_least\":%llu,\"%s_most\":%llu", names[kind],
		       (unsigned long long)medians[kind], names[kind], (unsigned long long)cost[0],
		       names[kind], (unsigned long long)cost[BATCHES - 1]);
	}
	puts("}");
	fflush(stdout);
	munmap(area, CALLS * EVERY);
}

/* Another process has a region, and listens to it or not, until it is killed. */
static pid_t start_owner(bool listens)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (pid == 0) {
		struct pollfd p = { open_region(0), POLLIN, 0 };

		if (p.fd < 0 || (listens && poll(&p, 1, 0)) || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	close(ready[1]);
	if (pid > 0 && read(ready[0], &c, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid;
}

static void with_owner(bool listens, const char *state)
{
	pid_t pid = start_owner(listens);

	if (pid < 0) {
		fprintf(stderr, "audit_cost: no region for state \"%s\"\n", state);
		exit(1);
	}
	measure(state);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: audit_cost MODULE\n");
		return 2;
	}
	measure("not loaded");
	err = load(argv[1]);
	if (err) {
		fprintf(stderr, "audit_cost: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	measure("loaded");
	with_owner(false, "region elsewhere");
	with_owner(true, "somebody listens");
	measure("nobody listens any more");
	return 0;
}
