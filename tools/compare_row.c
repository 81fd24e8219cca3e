// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * One row of gccolor compare, in a process of its own: N allocations while K
 * foreign mappings push in; the other measurements are called from here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare.h"
#include "tool.h"

#define FOREIGN_LENGTH	(64 * 1024)

struct arenas {
	const struct plan *plan;
	struct row *row;
};

int in_child(void (*work)(void *arg), void *arg, unsigned int seconds)
{
	struct rlimit none = { 0, 0 };
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		/* Many of them are meant to die; none should leave a core. */
		setrlimit(RLIMIT_CORE, &none);
		prctl(PR_SET_DUMPABLE, 1);
		alarm(seconds);
		work(arg);
		_exit(0);
	}
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return -1;
	return status;
}

/* Bytes that this process is charged for: mappings with "ac" in VmFlags. */
static uint64_t charged(void)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	unsigned long start, end;
	uint64_t length = 0, sum = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			length = end - start;
		else if (!strncmp(line, "VmFlags:", 8) && strstr(line, " ac"))
			sum += length;
	}
	if (f)
		fclose(f);
	return sum;
}

/*
 * What other code in the process does meanwhile: plain mappings that want the
 * place where the collector goes on. Every second one by a hint (another
 * library with the same idea), the others by MAP_FIXED_NOREPLACE (one that
 * insists, but does not replace). On every backend at the same distance from
 * what was allocated last.
 */
static void push_in(const struct gccolor_geometry *g, struct row *row, uint64_t which,
		    const char *last)
{
	/* NORESERVE: they shall not show in what the allocations are charged. */
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uintptr_t page = g->page_size;
	uintptr_t at = last ? ((uintptr_t)last + 2 * page - 1) / page * page :
		       g->base + g->slot;
	void *p;

	if (which & 1)
		flags |= MAP_FIXED_NOREPLACE;
	p = mmap((void *)at, FOREIGN_LENGTH, PROT_READ | PROT_WRITE, flags, -1, 0);
	row->foreign_in += p != MAP_FAILED && gccolor_contains(*g, p);
}

static uint64_t mark(uint64_t which, uintptr_t at)
{
	return (which + 1) * 0x9e3779b97f4a7c15ULL ^ at;
}

static void run_arenas(void *arg)
{
	struct arenas *a = arg;
	const struct plan *p = a->plan;
	struct row *row = a->row;
	uint64_t last = p->size / 8 - 1, i, next = 0, before;
	struct gccolor_geometry g;
	struct gccolor *gc;
	uint64_t **addr;
	uint8_t *right;
	char *end = NULL;
	uint32_t color;
	void *out;
	int err;

	addr = calloc(p->arenas, sizeof(*addr));
	right = calloc(p->arenas, 1);
	before = charged();
	gc = open_region(p, row);
	if (!gc)
		return;
	if (!addr || !right) {
		snprintf(row->error, sizeof(row->error), "no memory for %llu arenas",
			 (unsigned long long)p->arenas);
		return;
	}
	g = gccolor_geometry(gc);
	row->charged_reserve = charged() - before;
	before += row->charged_reserve;
	for (i = 0; i < p->arenas; i++) {
		while (next < p->foreign && next * p->arenas / p->foreign <= i)
			push_in(&g, row, next++, end);
		err = plan_alloc(gc, p, i, &out, &color);
		if (err) {
			snprintf(row->error, sizeof(row->error), "arena %llu of %llu: %s",
				 (unsigned long long)i + 1, (unsigned long long)p->arenas,
				 gccolor_strerror(err));
			return;
		}
		addr[i] = out;
		right[i] = gccolor_color_of(g, out) == (int)color;
		end = (char *)out + p->size;
		addr[i][0] = mark(i, (uintptr_t)out);
		addr[i][last] = ~addr[i][0];
	}
	row->charged = charged() - before;
	for (i = 0; i < p->arenas; i++) {
		bool intact = addr[i][0] == mark(i, (uintptr_t)addr[i]) &&
			      addr[i][last] == ~addr[i][0];

		row->intact += intact;
		row->in_color += intact && right[i];
	}
	row->of = p->arenas;
	row->arenas_done = true;
}

/* gccolor compare-row BACKEND ARENAS SIZE FOREIGN FD */
int cmd_compare_row(int argc, char **argv)
{
	struct arenas a;
	struct plan p;
	struct row *row;
	uint64_t fd;
	int status;

	if (argc != 6)
		return usage_error("", "compare-row is for gccolor compare only");
	if (option_backend("compare-row", argv[1], &p.backend) ||
	    option_count("compare-row", "ARENAS", argv[2], 1, UINT32_MAX, &p.arenas) ||
	    option_count("compare-row", "SIZE", argv[3], 1, UINT64_MAX, &p.size) ||
	    option_count("compare-row", "FOREIGN", argv[4], 0, UINT32_MAX, &p.foreign) ||
	    option_count("compare-row", "FD", argv[5], 0, 1024, &fd))
		return TOOL_USAGE;
	row = mmap(NULL, sizeof(*row), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		   -1, 0);
	if (row == MAP_FAILED)
		return TOOL_FAILED;
	row->backend = p.backend;
	row->cost_ratio = -1;
	row->calls_per_alloc = -1;
	a.plan = &p;
	a.row = row;
	status = in_child(run_arenas, &a, 120);
	if (!row->arenas_done && !row->error[0])
		snprintf(row->error, sizeof(row->error),
			 "the measuring process did not survive: %s",
			 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no result");
	if (!row->error[0]) {
		measure_attacks(&p, row);
		measure_calls(&p, row);
		measure_time(&p, row);
	}
	return write((int)fd, row, sizeof(*row)) == (ssize_t)sizeof(*row) ? TOOL_OK :
		TOOL_FAILED;
}
