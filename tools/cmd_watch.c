// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor watch: what happens to regions, as it happens. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <linux/gccolor.h>

#include "tool.h"
#include "watch.h"

static void help(void)
{
	puts("Usage: gccolor watch [--json] [--count N]\n"
	     "Follows what happens to the regions on this machine, one line per event, until it\n"
	     "is interrupted. While it runs, every denied attempt is counted. It goes on when the\n"
	     "module is unloaded and loaded again.\n\n"
	     "  --json       one JSON object per line\n"
	     "  --count N    end after N events\n\n"
	     "Exit status: 0, 1 without the module or CAP_NET_ADMIN, 2 for a wrong option.");
}

static void print_text(const struct watch_event *e)
{
	char length[24];

	printf("%" PRIu64 ".%06" PRIu64 " %-10s pid %" PRIu32 " (%s)", e->time / 1000000000,
	       e->time % 1000000000 / 1000, watch_kind_name(e->kind), e->pid, e->comm);
	printf(" region %" PRIu32 " at 0x%" PRIx64, e->region, e->base);
	if (e->kind == GCCOLOR_IOC_EVENT_DENIED)
		printf(": %s of 0x%" PRIx64 " to 0x%" PRIx64, watch_call_name(e->call), e->addr,
		       e->addr + e->extent);
	if (e->suppressed)
		printf(", %" PRIu32 " more not reported", e->suppressed);
	if (e->kind == GCCOLOR_IOC_EVENT_UP)
		printf(", %s, %s", format_size(length, e->length), watch_level_name(e->level));
	if (e->kind == GCCOLOR_IOC_EVENT_GUARD_LOST)
		printf(", now %s", watch_level_name(e->level));
	if (e->reason)
		printf(": %s", watch_reason_text(e->reason));
	putchar('\n');
}

static void print_json(const struct watch_event *e)
{
	printf("{\"event\":\"%s\",\"sequence\":%" PRIu64 ",\"time_ns\":%" PRIu64
	       ",\"region\":%" PRIu32 ",\"base\":\"0x%" PRIx64 "\",\"length\":%" PRIu64
	       ",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"comm\":",
	       watch_kind_name(e->kind), e->sequence, e->time, e->region, e->base, e->length,
	       e->pid, e->tid);
	json_string(stdout, e->comm);
	if (e->kind == GCCOLOR_IOC_EVENT_DENIED)
		printf(",\"call\":\"%s\",\"addr\":\"0x%" PRIx64 "\",\"extent\":%" PRIu64
		       ",\"suppressed\":%" PRIu32, watch_call_name(e->call), e->addr, e->extent,
		       e->suppressed);
	if (e->kind == GCCOLOR_IOC_EVENT_UP || e->kind == GCCOLOR_IOC_EVENT_GUARD_LOST)
		printf(",\"level\":\"%s\"", watch_level_name(e->level));
	puts("}");
}

static void print_note(const char *name, uint64_t number, bool json)
{
	if (json)
		printf("{\"event\":\"%s\",\"number\":%" PRIu64 "}\n", name, number);
	else if (number)
		printf("%s: %" PRIu64 " events\n", name, number);
	else
		printf("%s\n", name);
}

/* Until @count events were seen (0: for ever). */
static int follow(struct watch *w, uint64_t count, bool json)
{
	uint64_t last = 0, seen = 0;
	struct watch_event e;

	while (!count || seen < count) {
		switch (watch_next(w, &e)) {
		case WATCH_EVENT:
			if (last && e.sequence > last + 1)
				print_note("lost", e.sequence - last - 1, json);
			last = e.sequence;
			seen++;
			if (json)
				print_json(&e);
			else
				print_text(&e);
			break;
		case WATCH_LOST:
			break;	/* the gap tells how many */
		case WATCH_GONE:
			print_note("module-unloaded", 0, json);
			last = 0;
			break;
		case WATCH_BACK:
			print_note("module-loaded", 0, json);
			break;
		case WATCH_FAILED:
			if (errno == EINTR)
				return TOOL_OK;
			fprintf(stderr, "gccolor watch: %s\n", strerror(errno));
			return TOOL_FAILED;
		}
		if (fflush(stdout))
			return TOOL_FAILED;
	}
	return TOOL_OK;
}

int cmd_watch(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "count", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	uint64_t count = 0;
	bool json = false;
	struct watch *w;
	int c, error;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'c':
			if (option_count("watch", "--count", optarg, 1, UINT64_MAX / 2, &count))
				return TOOL_USAGE;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("watch", c, argv);
		}
	}
	if (optind < argc)
		return usage_error("watch", "unexpected argument %s; watch takes options only",
				   argv[optind]);
	error = watch_open(&w);
	if (!error) {
		error = watch_join(w);
		if (error)
			watch_close(w);
	}
	if (error) {
		watch_complain("watch", error);
		return TOOL_FAILED;
	}
	c = follow(w, count, json);
	watch_close(w);
	return c;
}
