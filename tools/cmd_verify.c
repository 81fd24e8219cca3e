// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor verify: the module's word about a process against what the kernel shows of it. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gccolor.h>

#include "tool.h"
#include "watch.h"

#define MAPPED_AS	"anon_inode:[gccolor]"

/* One region of the process, and what is wrong with it. */
struct verification {
	uint32_t pid;
	uint32_t require;	/* enum gccolor_level */
	unsigned int regions;
	unsigned int faults;
};

static void help(void)
{
	puts("Usage: gccolor verify PID [--require LEVEL]\n"
	     "Compares what the module says of the regions of a process with /proc/PID/maps: every\n"
	     "byte of a region is mapped, by the module and by nothing else, and as much of it is\n"
	     "committed as the module says. What cannot be seen from outside is not verified.\n\n"
	     "  --require LEVEL  fail if a region has less: guarded or enforced\n\n"
	     "Exit status: 0 if all is as it should be, 1 if not, or if the process has no region or\n"
	     "cannot be looked at, 2 for a wrong option.");
}

static void fault(struct verification *v, const struct watch_region *r, const char *what,
		  uint64_t at)
{
	printf("pid %" PRIu32 " region %" PRIu32 ": %s at 0x%" PRIx64 "\n", v->pid, r->id, what, at);
	v->faults++;
}

/*
 * Walk the mappings. Headers are "start-end perms offset dev inode name"; readable is
 * what is committed.
 */
static void look_at(struct verification *v, const struct watch_region *r, FILE *maps)
{
	uint64_t pos = r->base, end = r->base + r->length, committed = 0, start, stop;
	char line[4352], perms[8];
	unsigned int runs = 0;
	bool running = false;

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &start, &stop, perms) != 3 ||
		    stop <= r->base || start >= end)
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (start != pos)
			fault(v, r, "a hole", pos);
		if (strlen(line) < strlen(MAPPED_AS) ||
		    strcmp(line + strlen(line) - strlen(MAPPED_AS), MAPPED_AS))
			fault(v, r, "a foreign mapping", start);
		if (perms[0] == 'r') {
			committed += stop - start;
			runs += !running;
		}
		running = perms[0] == 'r';
		pos = stop;
	}
	if (pos != end)
		fault(v, r, pos == r->base ? "nothing mapped" : "the end is missing", pos);
	if (committed != r->committed || runs != r->runs) {
		printf("pid %" PRIu32 " region %" PRIu32 ": %" PRIu64 " bytes in %u runs are committed, "
		       "the module counts %" PRIu64 " in %" PRIu32 "\n", v->pid, r->id, committed,
		       runs, r->committed, r->runs);
		v->faults++;
	}
}

static int verify(const struct watch_region *r, void *arg)
{
	struct verification *v = arg;
	char path[64], size[24];
	FILE *maps;

	if (r->pid != v->pid)
		return 0;
	v->regions++;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", v->pid);
	maps = fopen(path, "r");
	if (!maps) {
		fprintf(stderr, "gccolor verify: %s: %s\n", path, strerror(errno));
		return -errno;
	}
	look_at(v, r, maps);
	fclose(maps);
	if (r->level < v->require) {
		printf("pid %" PRIu32 " region %" PRIu32 ": level %s, not %s: %s\n", v->pid, r->id,
		       watch_level_name(r->level), watch_level_name(v->require),
		       watch_reason_text(r->reason));
		v->faults++;
	}
	printf("pid %" PRIu32 " region %" PRIu32 ": 0x%" PRIx64 " to 0x%" PRIx64 ", %s committed, "
	       "level %s: %s\n", v->pid, r->id, r->base, r->base + r->length,
	       format_size(size, r->committed), watch_level_name(r->level),
	       v->faults ? "NOT as the module says" : "as the module says");
	return 0;
}

int cmd_verify(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "require", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	struct verification v = { 0 };
	uint64_t pid = 0;
	struct watch *w;
	int c, error;

	opterr = 0;
	/* The number may come first. */
	while ((c = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (c) {
		case 'r':
			if (option_level("verify", optarg, &v.require))
				return TOOL_USAGE;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("verify", c, argv);
		}
	}
	if (optind + 1 != argc)
		return usage_error("verify", "one process is to be named by its number");
	if (option_count("verify", "PID", argv[optind], 1, INT32_MAX, &pid))
		return TOOL_USAGE;
	v.pid = (uint32_t)pid;
	error = watch_open(&w);
	if (!error) {
		error = watch_regions(w, verify, &v);
		watch_close(w);
	}
	if (error) {
		watch_complain("verify", error);
		return TOOL_FAILED;
	}
	if (!v.regions) {
		fprintf(stderr, "gccolor verify: process %" PRIu32 " has reserved no region\n", v.pid);
		return TOOL_FAILED;
	}
	return v.faults ? TOOL_FAILED : TOOL_OK;
}
