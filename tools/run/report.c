// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Where the heap has been: one line for people, or JSON into a file. May run
 * in a signal handler that calls _exit(), so it uses neither malloc() nor
 * stdio streams.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

struct sums {
	size_t heap;		/* what was moved, or should have been */
	size_t in_region;	/* of it */
	size_t code;		/* anonymous and executable, outside */
	size_t metadata;	/* anonymous and writable, outside, no heap */
};

static void heap_sums(struct sums *s)
{
	struct gccolor_status st = { .size = sizeof(st) };
	uintptr_t end = run.g.base + run.g.length;

	s->heap = spans_within(&run.outside, 0, UINTPTR_MAX);
	if (run.backend == GCCOLOR_HINTED) {
		s->in_region = spans_within(&run.outside, run.g.base, end);
	} else if (!gccolor_status(run.gc, &st)) {
		s->in_region = st.committed;
		s->heap += st.committed;
	}
}

/* One line of /proc/self/maps. */
static void outside_sums(struct sums *s, const char *line)
{
	unsigned long start, end, inode;
	char perms[5], name[32] = "";

	if (sscanf(line, "%lx-%lx %4s %*x %*s %lu %31s", &start, &end, perms, &inode,
		   name) < 4 || inode || perms[3] != 'p' || run_touches(start, end - start))
		return;
	if (name[0] == '[' && name[1] == 'v')
		return;			/* [vdso], [vvar], [vsyscall] */
	if (perms[2] == 'x')
		s->code += end - start;
	else if (perms[1] == 'w')
		s->metadata += end - start - spans_within(&run.outside, start, end);
}

static void map_sums(struct sums *s)
{
	static char buffer[8192];
	size_t have = 0, used;
	char *newline;
	ssize_t n;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (n = read(fd, buffer + have, sizeof(buffer) - 1 - have)) > 0) {
		have += (size_t)n;
		buffer[have] = 0;
		for (used = 0; (newline = strchr(buffer + used, '\n')); ) {
			*newline = 0;
			outside_sums(s, buffer + used);
			used = (size_t)(newline + 1 - buffer);
		}
		have -= used;
		memmove(buffer, buffer + used, have);
	}
	if (fd >= 0)
		close(fd);
}

/* Tenths of MiB, never rounded up. */
struct text {
	char s[32];
};

static struct text mib(size_t n)
{
	struct text t;

	snprintf(t.s, sizeof(t.s), "%zu.%zu", n >> 20, ((n & 0xfffff) * 10) >> 20);
	return t;
}

static void report_text(const struct sums *s, const char *level)
{
	dprintf(STDERR_FILENO, "gccolor: heap %s of %s MiB %s%s"
		" | code %s MiB outside (executable)"
		" | metadata %s MiB outside (malloc, stacks)\n",
		mib(s->in_region).s, mib(s->heap).s, level,
		run.backend == GCCOLOR_HINTED ? " (in the region, nothing promised)" :
		s->in_region < s->heap ? ", the rest unprotected" : "", mib(s->code).s,
		mib(s->metadata).s);
	if (run.hidden.count || run.dontfork || run.denied || run.copied) {
		size_t hidden = spans_within(&run.hidden, 0, UINTPTR_MAX);

		dprintf(STDERR_FILENO, "gccolor: not protected from the program itself "
			"%s MiB | refused %llu | DONTFORK swallowed %llu"
			" | file copied %s MiB\n", mib(hidden).s,
			(unsigned long long)run.denied, (unsigned long long)run.dontfork,
			mib((size_t)run.copied).s);
	}
}

static void report_json(const struct sums *s, const char *level)
{
	int fd = open(run.report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0) {
		dprintf(STDERR_FILENO, "gccolor run: --report=%s: %m\n", run.report);
		return;
	}
	dprintf(fd, "{\"pid\":%d,\"backend\":\"%s\",\"level\":\"%s\",\"weakest\":\"%s\","
		"\"base\":\"0x%zx\",\"length\":%zu,\"heap_bytes\":%zu,"
		"\"heap_in_region\":%zu,\"code_outside\":%zu,\"metadata_outside\":%zu,"
		"\"mappings_moved\":%llu,\"not_protected\":%zu,\"refused\":%llu,"
		"\"dontfork_swallowed\":%llu,\"file_copied\":%llu,\"min_size\":%zu}\n",
		(int)getpid(), gccolor_backend_name(run.backend), level,
		s->in_region < s->heap && run.backend != GCCOLOR_HINTED ? "none" : level,
		(size_t)run.g.base, run.g.length, s->heap, s->in_region, s->code,
		s->metadata, (unsigned long long)run.moved,
		spans_within(&run.hidden, 0, UINTPTR_MAX), (unsigned long long)run.denied,
		(unsigned long long)run.dontfork, (unsigned long long)run.copied,
		run.min_size);
	close(fd);
}

void run_report(void)
{
	struct sums s = { 0 };
	const char *level;

	/* Children, and a second way to the end, have nothing to say. */
	if (getpid() != run.report_pid || !run_enter())
		return;
	run.report_pid = 0;
	heap_sums(&s);
	map_sums(&s);
	level = gccolor_level_name(gccolor_level(run.gc));
	if (!strcmp(run.report, "-"))
		report_text(&s, level);
	else
		report_json(&s, level);
	run_leave();
}
