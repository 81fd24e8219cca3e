// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The cost of an allocation in gccolor compare: system calls, counted by
 * ptrace(2) from outside, and time beside plain mmap(2).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare.h"
#include "tool.h"

/* Enough for an average; each system call costs four context switches. */
#define CALLS_ALLOCS	256
#define ROUNDS		3
#define HUGE_TIME	1000000.0	/* seconds */

/* getppid() marks where counting begins and ends: the loop makes no such call. */
static void traced(const struct plan *p)
{
	static struct row ignored;
	struct gccolor *gc;
	uint64_t i;
	void *out;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(1);
	raise(SIGSTOP);
	gc = open_region(p, &ignored);
	if (!gc)
		_exit(2);
	syscall(SYS_getppid);
	for (i = 0; i < CALLS_ALLOCS && i < p->arenas; i++)
		if (plan_alloc(gc, p, i, &out, NULL))
			_exit(3);
	syscall(SYS_getppid);
	_exit(0);
}

void measure_calls(const struct plan *p, struct row *row)
{
	uint64_t calls = 0, allocs = p->arenas < CALLS_ALLOCS ? p->arenas : CALLS_ALLOCS;
	struct __ptrace_syscall_info info;
	int marks = 0, status, sig;
	pid_t pid;

	row->calls_per_alloc = -1;
	pid = fork();
	if (!pid)
		traced(p);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return;		/* ptrace is refused here */
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (sig = 0;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)sig) ||
		    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			break;
		sig = WSTOPSIG(status);
		if (sig != (SIGTRAP | 0x80))
			continue;
		sig = 0;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
		    info.op != PTRACE_SYSCALL_INFO_ENTRY)
			continue;
		if (info.entry.nr == SYS_getppid)
			marks++;
		else if (marks == 1)
			calls++;
	}
	if (WIFEXITED(status) && !WEXITSTATUS(status) && marks == 2)
		row->calls_per_alloc = (double)calls / (double)allocs;
}

/* Seconds for all allocations by plain mmap(2); they are unmapped unmeasured. */
static double plain_round(const struct plan *p, void **addr)
{
	double start = system_seconds(), end;
	uint64_t i, n;

	for (n = 0; n < p->arenas; n++) {
		addr[n] = mmap(NULL, p->size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (addr[n] == MAP_FAILED)
			break;
	}
	end = system_seconds();
	for (i = 0; i < n; i++)
		munmap(addr[i], p->size);
	return n == p->arenas ? end - start : -1;
}

struct timing {
	const struct plan *plan;
	struct row *row;
};

static void time_both(void *arg)
{
	static struct row ignored;
	struct timing *t = arg;
	double plain = HUGE_TIME, region = HUGE_TIME, s;
	struct gccolor *gc;
	void **addr;
	int i;

	gc = open_region(t->plan, &ignored);
	addr = calloc(t->plan->arenas, sizeof(*addr));
	if (!gc || !addr)
		return;
	/* In turn, and the best of each: the machine's mood is the same for both. */
	for (i = 0; i < ROUNDS; i++) {
		s = plain_round(t->plan, addr);
		if (s < 0)
			return;
		plain = s < plain ? s : plain;
		s = plan_round(t->plan, gc, addr);
		if (s < 0)
			return;
		region = s < region ? s : region;
	}
	t->row->cost_ratio = plain > 0 ? region / plain : -1;
	free(addr);
}

void measure_time(const struct plan *p, struct row *row)
{
	struct timing t = { p, row };

	row->cost_ratio = -1;
	in_child(time_both, &t, 120);
}
