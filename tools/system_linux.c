// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What the gccolor command has on Linux, and its processes. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compare.h"
#include "tool.h"

const struct command system_commands[] = {
	{ "info", cmd_info, "what a region gets on this machine" },
	{ "compare", cmd_compare, "the same work and the same attacks on every backend" },
	{ "bench", cmd_bench, "what a region costs on this machine, in time" },
	{ "run", cmd_run, "an unmodified program with its heap in a region" },
	{ "list", cmd_list, "who has regions on this machine" },
	{ "map", cmd_map, "the regions of a process as a picture" },
	{ "verify", cmd_verify, "is a region of a process what the module says?" },
	{ "watch", cmd_watch, "what happens to regions, as it happens" },
	{ "doctor", cmd_doctor, "why is my level not enforced, and what helps?" },
	{ "compare-row", cmd_compare_row, NULL },
	{ NULL, NULL, NULL },
};

const char *const system_command_names = "info, compare, bench, run, list, map, verify, "
					 "watch, doctor";

const uint32_t system_backends[] = {
	GCCOLOR_KMOD, GCCOLOR_MSEAL, GCCOLOR_POSIX, GCCOLOR_HINTED, GCCOLOR_AUTO
};

const char *const system_backend_names = "kmod, mseal, posix, hint";
const char *const system_plain_call = "mmap(NULL)";

size_t system_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* In a child: a sealed region stays until exit. */
void system_apart(void (*work)(void *arg), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		work(arg);
		fflush(stdout);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	else
		perror("gccolor: fork");
}

void system_row(const struct plan *p, struct row *row)
{
	char arenas[24], size[24], foreign[24], fd[16];
	int ends[2], status;
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	memset(row, 0, sizeof(*row));
	row->backend = p->backend;
	if (pipe(ends)) {
		snprintf(row->error, sizeof(row->error), "pipe: %s", strerror(errno));
		return;
	}
	snprintf(arenas, sizeof(arenas), "%" PRIu64, p->arenas);
	snprintf(size, sizeof(size), "%" PRIu64, p->size);
	snprintf(foreign, sizeof(foreign), "%" PRIu64, p->foreign);
	snprintf(fd, sizeof(fd), "%d", ends[1]);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		execl("/proc/self/exe", "gccolor", "compare-row",
		      gccolor_backend_name(p->backend), arenas, size, foreign, fd,
		      (char *)NULL);
		_exit(TOOL_FAILED);
	}
	close(ends[1]);
	while (got < sizeof(*row)) {
		n = read(ends[0], (char *)row + got, sizeof(*row) - got);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = -1;
	if (got == sizeof(*row))
		return;
	memset(row, 0, sizeof(*row));
	row->backend = p->backend;
	if (WIFSIGNALED(status))
		snprintf(row->error, sizeof(row->error), "the row's process: %s",
			 strsignal(WTERMSIG(status)));
	else
		snprintf(row->error, sizeof(row->error),
			 "the row's process gave no answer (is /proc mounted?)");
}

double system_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1000000000;
}
