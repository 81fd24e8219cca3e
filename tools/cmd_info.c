// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor info: open a region, say what it is, give it back. */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <gccolor.h>

#include "tool.h"

static void help(void)
{
	printf("Usage: gccolor info [--all] [--backend B] [--json]\n"
	       "What a region with default options gets on this machine, and why not better.\n\n"
	       "  --all        every backend, not only the one that is chosen\n"
	       "  --backend B  instead of auto; one of %s\n"
	       "  --json       one JSON object per backend and line\n\n"
	       "Exit status: 0, 1 if there is no such region here, 2 for a wrong option.\n",
	       system_backend_names);
}

static void print_failure(uint32_t backend, int err, bool json)
{
	const char *why = gccolor_strerror(err);

	if (json) {
		printf("{\"backend\":\"%s\",\"error\":", gccolor_backend_name(backend));
		json_string(stdout, why);
		puts("}");
	} else {
		printf("backend  %s\nerror    %s\n", gccolor_backend_name(backend), why);
	}
}

/* The names of the caps in @caps. */
static void print_caps(uint64_t caps, const char *before, const char *between)
{
	const char *name;
	const char *sep = "";
	int i;

	for (i = 0; i < 64 && (name = gccolor_cap_name(1ULL << i)); i++) {
		if (caps & (1ULL << i)) {
			printf("%s%s%s%s", sep, before, name, before);
			sep = between;
		}
	}
}

static void print_text(const struct gccolor_geometry *g,
		       const struct gccolor_status *st)
{
	char a[24], b[24], c[24];

	printf("backend  %s\n", gccolor_backend_name(st->backend));
	printf("level    %s\n", gccolor_level_name(st->level));
	if (st->why_not_better[0])
		printf("why      %s\n", st->why_not_better);
	printf("base     0x%" PRIxPTR "\n", g->base);
	printf("length   %s, to 0x%" PRIxPTR "\n", format_size(a, g->length),
	       g->base + g->length);
	printf("colors   %" PRIu32 " of %s, executable: ", g->colors,
	       format_size(a, (uint64_t)1 << g->color_shift));
	if (st->exec_colors)
		printf("0x%" PRIx64 "\n", st->exec_colors);
	else
		puts("none");
	printf("sizes    page %s, lowest and highest slot %s each, committed %s\n",
	       format_size(a, g->page_size), format_size(b, g->slot),
	       format_size(c, st->extents));
	fputs("can      ", stdout);
	print_caps(st->caps, "", " ");
	fputs("\ncannot   ", stdout);
	print_caps(~st->caps, "", " ");
	if (st->hugetlb)
		printf("\nhugetlb  %s", format_size(a, st->hugetlb));
	putchar('\n');
}

static void print_json(const struct gccolor_geometry *g,
		       const struct gccolor_status *st)
{
	printf("{\"backend\":\"%s\",\"level\":\"%s\",\"why_not_better\":",
	       gccolor_backend_name(st->backend), gccolor_level_name(st->level));
	if (st->why_not_better[0])
		json_string(stdout, st->why_not_better);
	else
		fputs("null", stdout);
	printf(",\"base\":\"0x%" PRIxPTR "\",\"length\":%zu,\"colors\":%" PRIu32
	       ",\"color_length\":%" PRIu64 ",\"exec_colors\":%" PRIu64
	       ",\"page_size\":%zu,\"slot\":%zu,\"committed\":%zu,\"hugetlb\":%zu,\"caps\":[",
	       g->base, g->length, g->colors, (uint64_t)1 << g->color_shift,
	       st->exec_colors, g->page_size, g->slot, st->extents, st->hugetlb);
	print_caps(st->caps, "\"", ",");
	puts("],\"error\":null}");
}

static int show(uint32_t backend, bool json)
{
	struct gccolor_options opt = { .size = sizeof(opt), .backend = backend };
	struct gccolor_status st = { .size = sizeof(st) };
	struct gccolor_geometry g;
	struct gccolor *gc;
	int err;

	err = gccolor_open(&gc, &opt);
	if (err) {
		print_failure(backend, err, json);
		return TOOL_FAILED;
	}
	err = gccolor_status(gc, &st);
	if (err) {
		print_failure(backend, err, json);
	} else {
		g = gccolor_geometry(gc);
		if (json)
			print_json(&g, &st);
		else
			print_text(&g, &st);
	}
	/* A sealed region cannot be given back: it stays until we exit. */
	gccolor_close(gc, st.backend == GCCOLOR_MSEAL ? GCCOLOR_KEEP : 0);
	return err ? TOOL_FAILED : TOOL_OK;
}

struct showing {
	uint32_t backend;
	bool json;
};

static void show_one(void *arg)
{
	const struct showing *s = arg;

	show(s->backend, s->json);
}

int cmd_info(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "backend", required_argument, NULL, 'b' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	uint32_t backend = GCCOLOR_AUTO;
	bool all = false, json = false;
	struct showing one;
	size_t i;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		switch (c) {
		case 'a':
			all = true;
			break;
		case 'b':
			if (option_backend("info", optarg, &backend))
				return TOOL_USAGE;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("info", c, argv);
		}
	}
	if (optind < argc)
		return usage_error("info", "unexpected argument %s; info takes options only",
				   argv[optind]);
	if (all && backend != GCCOLOR_AUTO)
		return usage_error("info", "--all and --backend exclude each other");
	if (!all)
		return show(backend, json);
	for (i = 0; system_backends[i]; i++) {
		if (i && !json)
			putchar('\n');
		one = (struct showing){ system_backends[i], json };
		system_apart(show_one, &one);
	}
	return TOOL_OK;
}
