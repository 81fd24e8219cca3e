// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The start of a program under gccolor run: what the command wrote into the
 * environment, the region, and what happens at fork and at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run.h"

struct run run;

static const struct profile profiles[] = {
	{ .name = "generic", .move_reservations = true },
	/* Its heap is mapped writable at once; what it reserves is something else. */
	{ .name = "libgc", .move_reservations = false },
	{ .name = NULL }
};

const struct profile *profile_find(const char *name)
{
	size_t i;

	for (i = 0; profiles[i].name; i++)
		if (!strcmp(name, profiles[i].name))
			return &profiles[i];
	return NULL;
}

void run_die(const char *what, const char *why)
{
	dprintf(STDERR_FILENO, "gccolor run: %s: %s\n", what, why);
	syscall(SYS_exit_group, EXIT_UNPROTECTED);
	__builtin_unreachable();
}

static void wrong(const char *variable)
{
	run_die(variable, "not a value that gccolor run writes; unset it or use gccolor run");
}

static uint64_t number(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);
	unsigned long long n;
	char *end;

	if (!text)
		return otherwise;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end)
		wrong(variable);
	return n;
}

static void before_fork(void)
{
	run_enter();
}

static void after_fork(void)
{
	run_leave();
}

static void open_region(void)
{
	/* One color: the program's heap is one space to us. */
	struct gccolor_options opt = { .size = sizeof(opt), .colors = 1 };
	struct gccolor_status st = { .size = sizeof(st) };
	const char *name = getenv("GCCOLOR_RUN_BACKEND");
	int err;

	if (name) {
		err = gccolor_backend_from_name(name);
		if (err < 0)
			wrong("GCCOLOR_RUN_BACKEND");
		opt.backend = (uint32_t)err;
	}
	opt.min_level = run.required;
	err = gccolor_open(&run.gc, &opt);
	if (err)
		run_die("no region for the heap", gccolor_strerror(err));
	err = gccolor_status(run.gc, &st);
	if (err)
		run_die("no region for the heap", gccolor_strerror(err));
	run.backend = st.backend;
	run.g = gccolor_geometry(run.gc);
}

static void start(void)
{
	const char *profile = getenv("GCCOLOR_RUN_PROFILE");
	const char *level = getenv("GCCOLOR_RUN_REQUIRE");
	char range[64];

	run.profile = profile_find(profile ? profile : "generic");
	if (!run.profile)
		wrong("GCCOLOR_RUN_PROFILE");
	if (level) {
		if (gccolor_level_from_name(level) < 0)
			wrong("GCCOLOR_RUN_REQUIRE");
		run.required = (uint32_t)gccolor_level_from_name(level);
	}
	run.min_size = number("GCCOLOR_RUN_MIN_SIZE", 64 * 1024);
	run.foreign_left = number("GCCOLOR_RUN_FOREIGN", 0);
	run.report_pid = (pid_t)number("GCCOLOR_RUN_PID", 0);
	run.report = getenv("GCCOLOR_RUN_REPORT");
	if (run.report)
		run.report = strdup(run.report);	/* the program owns its environment */
	open_region();
	/* After the library's own: ours then run outside of them. */
	if (pthread_atfork(before_fork, after_fork, after_fork))
		run_die("no region for the heap", "no memory for the fork handlers");
	snprintf(range, sizeof(range), "0x%zx-0x%zx", (size_t)run.g.base,
		 (size_t)(run.g.base + run.g.length));
	setenv("GCCOLOR_RUN_REGION", range, 1);
	if (run.report) {
		atexit(run_report);
		at_quick_exit(run_report);
	}
}

bool run_started(void)
{
	/* 0: not yet, 1: a thread is at it, 2: done. Before other threads exist. */
	static atomic_int state;
	int expected = 0;

	if (atomic_load_explicit(&state, memory_order_acquire) == 2)
		return true;
	if (!environ)
		return false;	/* the C library itself has not started */
	if (!atomic_compare_exchange_strong(&state, &expected, 1))
		return expected == 2;
	start();
	atomic_store_explicit(&state, 2, memory_order_release);
	return true;
}

__attribute__((constructor)) static void construct(void)
{
	run_started();
}
