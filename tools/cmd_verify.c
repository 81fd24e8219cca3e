// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor verify: the module's word about a process against what the kernel shows of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gccolor.h>

#include "regions.h"
#include "space.h"
#include "tool.h"
#include "verify.h"
#include "watch.h"

#define TRIES		50
#define TRIES_MIN	3	/* then not for longer than this */
#define SECONDS		5
#define PAUSE_US	20000

/* One look at all regions of the process. */
struct look {
	struct verdict *v;
	size_t count;
	unsigned int faults;
	uint64_t calls;		/* that changed them, ever */
};

static void help(void)
{
	puts("Usage: gccolor verify PID [--require LEVEL]\n"
	     "Compares what the module says of the regions of a process with /proc/PID/smaps:\n"
	     "  every byte of a region is mapped by the module, from one file, each at its place;\n"
	     "  reserve has no access and cannot get it; what is committed is private, and can be\n"
	     "  executed only in colors reserved so, never where it can be written; both ends are\n"
	     "  reserve; on Linux 6.12 and later every mapping of an enforced region is sealed;\n"
	     "  as many bytes in as many runs are committed as the module counts.\n"
	     "Not seen from outside, and not verified: what a call would do, and the library's claims.\n"
	     "The module counts for the process that reserved a region: for a fork child the last\n"
	     "point is left out. What is wrong is looked at again, up to 50 times in 5 seconds.\n\n"
	     "  --require LEVEL  fail if a region has less: guarded or enforced\n\n"
	     "Exit status: 0 if all is as it should be, 1 if not, or if the process has no region or\n"
	     "cannot be looked at, 2 for a wrong option.");
}

/* Who has it, in front of every line. */
static void print_head(uint32_t pid, const struct verdict *v)
{
	if (v->found.claim == CLAIM_UNTOLD || v->found.claim == CLAIM_AMONG)
		printf("process %" PRIu32 ", region at 0x%" PRIx64 ": ", pid, v->found.word.base);
	else
		printf("process %" PRIu32 ", region %" PRIu32 ": ", pid, v->found.word.id);
}

static void print_claim(const struct verdict *v)
{
	const struct watch_region *r = &v->found.word;

	if (v->found.claim == CLAIM_AMONG)
		printf(", inherited by fork: one of %u regions at this base, level at least %s",
		       v->found.among, watch_level_name(r->level));
	else
		printf(", level %s%s%s", watch_level_name(r->level), r->reason ? ": " : "",
		       watch_reason_text(r->reason));
	if (v->found.claim == CLAIM_INHERITED)
		printf("; inherited by fork, reserved by %s", r->comm);
	if (v->found.claim == CLAIM_INHERITED && r->pid)
		printf(" (process %" PRIu32 ")", r->pid);
}

static void print_verdict(uint32_t pid, const struct verdict *v, bool changing)
{
	const struct watch_region *r = &v->found.word;
	char size[24];
	unsigned int i;

	for (i = 0; i < v->faults && i < ARRAY_SIZE(v->text); i++) {
		print_head(pid, v);
		puts(v->text[i]);
	}
	if (v->faults > i) {
		print_head(pid, v);
		printf("and %u more\n", v->faults - i);
	}
	if (v->differs) {
		print_head(pid, v);
		printf("%" PRIu64 " bytes in %u runs are committed, the module counts %" PRIu64
		       " in %" PRIu32 "%s\n", v->committed, v->runs, r->committed, r->runs,
		       changing ? "; it goes on changing, and was not seen still" : "");
	}
	print_head(pid, v);
	printf("0x%" PRIx64 " to 0x%" PRIx64 ", %s committed in %u runs", r->base,
	       r->base + r->length, format_size(size, v->committed), v->runs);
	print_claim(v);
	if (v->faults || (v->differs && !changing))
		puts(": NOT as it should be");
	else if (v->differs)
		puts(": NOT COMPARED, it is changing");
	else if (v->found.claim == CLAIM_OWN)
		puts(": as the module says");
	else
		puts(": as it should be; the module does not count what a fork child commits");
}

static int judge(uint32_t pid, uint32_t require, const struct words *words, struct look *out)
{
	struct found_regions regions;
	struct space space;
	int error;
	size_t i;

	error = space_read(pid, "smaps", &space);
	if (error)
		return error;
	error = regions_find(pid, &space, words, &regions);
	if (!error && regions.count) {
		out->v = calloc(regions.count, sizeof(*out->v));
		error = out->v ? 0 : -ENOMEM;
	}
	for (i = 0; !error && i < regions.count; i++) {
		struct verdict *v = &out->v[out->count++];

		verify_region(&regions.v[i], &space, require, v);
		out->faults += v->faults + v->differs;
		out->calls += v->found.word.commits + v->found.word.decommits +
			      v->found.word.failures;
	}
	regions_free(&regions);
	space_free(&space);
	return error;
}

static bool once_more(int looks, double begin)
{
	return looks < TRIES_MIN || (looks < TRIES && system_seconds() - begin < SECONDS);
}

/* The best of some looks: what is wrong in passing is not wrong. */
static int look_until_fine(struct watch *w, uint32_t pid, uint32_t require, struct look *best,
			   bool *changing)
{
	double begin = system_seconds();
	uint64_t calls = 0;
	int error = 0, i;

	for (i = 0; !error && (!i || best->faults) && once_more(i, begin); i++) {
		struct look now = { 0 };
		struct words words;

		if (i)
			usleep(PAUSE_US);
		error = words_read(w, &words);
		if (error)
			break;
		error = judge(pid, require, &words, &now);
		words_free(&words);
		*changing |= i && now.calls != calls;
		calls = now.calls;
		if (error || (i && now.faults >= best->faults)) {
			free(now.v);
			continue;
		}
		free(best->v);
		*best = now;
	}
	return error;
}

static int compare(uint32_t pid, uint32_t require)
{
	struct look look = { 0 };
	bool changing = false;
	struct watch *w;
	char comm[16];
	int error;
	size_t i;

	error = watch_open(&w);
	if (error) {
		watch_complain("verify", error);
		return TOOL_FAILED;
	}
	error = process_status(pid, comm, &pid);
	if (!error)
		error = look_until_fine(w, pid, require, &look, &changing);
	watch_close(w);
	if (error == -EPERM)
		watch_complain("verify", error);
	else if (error)
		process_complain("verify", pid, error);
	for (i = 0; !error && i < look.count; i++)
		print_verdict(pid, &look.v[i], changing);
	if (!error && !look.count)
		fprintf(stderr, "gccolor verify: process %" PRIu32 " (%s) has no region\n", pid,
			comm);
	free(look.v);
	return error || !look.count || look.faults ? TOOL_FAILED : TOOL_OK;
}

int cmd_verify(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "require", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	uint32_t pid, require = 0;
	int c;

	opterr = 0;
	/* The number may come first. */
	while ((c = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (c) {
		case 'r':
			if (option_level("verify", optarg, &require))
				return TOOL_USAGE;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("verify", c, argv);
		}
	}
	if (option_process("verify", argc, argv, &pid))
		return TOOL_USAGE;
	return compare(pid, require);
}
