// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* A sequence in a process of its own, and the shortest that finds something too. */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <sys/wait.h>

#include "limits.h"
#include "random.h"

/* A sequence that has not ended by then never will. */
#define SECONDS_MAX	600

/* The stack is not to grow while RLIMIT_AS is low. */
static void touch_stack(void)
{
	volatile char room[256 * 1024];

	for (unsigned long i = 0; i < sizeof(room); i += 4096)
		room[i] = 0;
}

static void live(const struct call *calls, int count, int plant, bool verbose,
		 struct report *report)
{
	static struct world w;

	w.report = report;
	w.calls = calls;
	w.count = count;
	w.plant = plant;
	w.verbose = verbose;
	w.uffd = -1;
	w.key = 0x5bd1e9955bd1e995UL;
	w.maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	w.memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	touch_stack();
	catch_signals(&w);
	/* Root's locks and limits know no limit. */
	if (w.maps < 0 || w.memory < 0 || drop_capability(CAP_IPC_LOCK) ||
	    drop_capability(CAP_SYS_RESOURCE))
		found(&w, "cannot begin");
	alarm(SECONDS_MAX);
	prepare_commands();
	lift_limits(&w);
	/* Which region does not depend on which calls are left of a sequence. */
	open_world(&w, calls[count].noise);
	check_region(&w);
	run_calls(&w, count);
	check_end(&w);
}

bool run_sequence(const struct call *calls, int count, int plant, bool verbose,
		  struct report *report)
{
	unsigned long before = atomic_load(&report->calls);
	int status;
	pid_t pid;

	atomic_store(&report->found, 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		live(calls, count, plant, verbose, report);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (atomic_load(&report->found))
		return true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return false;
	/* Where the kernel cannot deny, the module kills: that is its promise. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && atomic_load(&report->hits)) {
		struct gccolor_ioc_query kernel;
		int fd = open_device();

		if (fd >= 0 && query(fd, &kernel) == 0 &&
		    kernel.level < GCCOLOR_IOC_LEVEL_ENFORCED) {
			close(fd);
			atomic_fetch_add(&report->stopped, 1);
			return false;
		}
		close(fd);
	}
	atomic_store(&report->found, 1);
	report->position = atomic_load(&report->calls) - before;
	report->kind = NULL;
	snprintf(report->text, sizeof(report->text), "call %d: the process ended with status %#x",
		 report->position, status);
	return true;
}

/* What threads do differs from run to run. */
static bool still_found(const struct call *calls, int count, int plant, struct report *report,
			const char *kind)
{
	int tries = 1;

	for (int i = 0; i < count; i++) {
		if (ops[calls[i].op].run == do_threads)
			tries = 4;
	}
	while (tries--) {
		if (run_sequence(calls, count, plant, false, report) && report->kind == kind)
			return true;
	}
	return false;
}

/*
 * Without calls [at, at + length): in other; the last of all stays, which says
 * what the region is.
 */
static int without(const struct call *calls, int count, int at, int length, struct call *other)
{
	if (length > count - at)
		length = count - at;
	memcpy(other, calls, at * sizeof(*calls));
	memcpy(other + at, calls + at + length, (count + 1 - at - length) * sizeof(*calls));
	return count - length;
}

int shrink(struct call *calls, int count, int plant, struct report *report)
{
	static struct call other[CALLS_MAX + 1];
	const char *kind = report->kind;
	int length = count;
	bool shorter;

	while (length > 1) {
		length = (length + 1) / 2;
		do {
			shorter = false;
			for (int at = 0; at < count; ) {
				int left = without(calls, count, at, length, other);

				if (still_found(other, left, plant, report, kind)) {
					memcpy(calls, other, (left + 1) * sizeof(*calls));
					count = left;
					shorter = true;
				} else {
					at += length;
				}
			}
		} while (shorter && length == 1);
	}
	/* The report is that of a failed attempt to leave something out. */
	still_found(calls, count, plant, report, kind);
	return count;
}
