// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor list: who has regions. */
#include <inttypes.h>
#include <stdbool.h>

#include "regions.h"
#include "tool.h"

static void help(void)
{
	puts("Usage: gccolor list [--json]\n"
	     "Every region on this machine: whose it is, where, at which level, and what was tried\n"
	     "on it. \"-\" under DENIED: attempts are not observed now (gccolor watch does).\n\n"
	     "  --json       one JSON object per region and line\n\n"
	     "Exit status: 0, 1 without the module or CAP_NET_ADMIN, 2 for a wrong option.");
}

static void print_row(const struct watch_region *r)
{
	char pid[16], length[24], committed[24], denied[24];

	snprintf(pid, sizeof(pid), r->pid ? "%" PRIu32 : "ended", r->pid);
	snprintf(denied, sizeof(denied), r->observed || r->denied ? "%" PRIu64 : "-", r->denied);
	printf("%7s %-15s %5" PRIu32 " 0x%012" PRIx64 " %9s %6u %10s %6" PRIu32 " %7s %s%s%s\n",
	       pid, r->comm, r->processes, r->base, format_size(length, r->length),
	       (unsigned int)(r->length >> r->color_shift), format_size(committed, r->committed),
	       r->runs, denied, watch_level_name(r->level), r->reason ? ": " : "",
	       watch_reason_text(r->reason));
}

static void print_json(const struct watch_region *r)
{
	printf("{\"region\":%" PRIu32 ",\"pid\":", r->id);
	if (r->pid)
		printf("%" PRIu32, r->pid);
	else
		fputs("null", stdout);
	fputs(",\"comm\":", stdout);
	json_string(stdout, r->comm);
	printf(",\"uid\":%" PRIu32 ",\"processes\":%" PRIu32 ",\"base\":\"0x%" PRIx64
	       "\",\"length\":%" PRIu64 ",\"colors\":%" PRIu64 ",\"committed\":%" PRIu64
	       ",\"runs\":%" PRIu32 ",\"commits\":%" PRIu64 ",\"decommits\":%" PRIu64
	       ",\"failures\":%" PRIu64 ",\"denied\":%" PRIu64 ",\"observed\":%s,\"level\":\"%s\""
	       ",\"why\":",
	       r->uid, r->processes, r->base, r->length, r->length >> r->color_shift,
	       r->committed, r->runs, r->commits, r->decommits, r->failures, r->denied,
	       r->observed ? "true" : "false", watch_level_name(r->level));
	if (r->reason)
		json_string(stdout, watch_reason_text(r->reason));
	else
		fputs("null", stdout);
	puts("}");
}

/* All of it is read before the first line: who may not look sees no empty table. */
static int list(bool json)
{
	struct words words;
	struct watch *w;
	size_t i;
	int error;

	error = watch_open(&w);
	if (!error) {
		error = words_read(w, &words);
		watch_close(w);
	}
	if (error) {
		watch_complain("list", error);
		return TOOL_FAILED;
	}
	if (!json)
		printf("%7s %-15s %5s %-14s %9s %6s %10s %6s %7s %s\n", "PID", "COMMAND", "PROCS",
		       "BASE", "LENGTH", "COLORS", "COMMITTED", "RUNS", "DENIED", "LEVEL");
	for (i = 0; i < words.count; i++) {
		if (json)
			print_json(&words.v[i]);
		else
			print_row(&words.v[i]);
	}
	words_free(&words);
	return TOOL_OK;
}

int cmd_list(int argc, char **argv)
{
	bool json = false;
	int status = options_json("list", help, argc, argv, &json);

	return status < 0 ? list(json) : status;
}
