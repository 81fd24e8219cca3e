// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor compare: the options, a process per row, and the table. */
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "compare.h"
#include "tool.h"

#define ROWS_MAX	8

static void help(void)
{
	printf("Usage: gccolor compare [OPTIONS]\n"
	       "The same work and the same attacks on each backend, each in processes of its "
	       "own.\n\n"
	       "  --arenas N   allocations; 10000\n"
	       "  --size S     bytes of each, page-aligned; 4K\n"
	       "  --foreign K  foreign mappings that push in meanwhile, at most N; 64\n"
	       "  --backend B  %s or auto; may be repeated; all of them\n"
	       "  --json       one JSON object per backend and line\n"
	       "  -v           every attack by name, and what is not promised\n\n"
	       "Exit status: 0, 1 if no row could be measured, 2 for a wrong option.\n",
	       system_backend_names);
}

static const char *verdict_name(enum verdict v)
{
	switch (v) {
	case REFUSED:
		return "refused";
	case HARMLESS:
		return "harmless";
	case KILLED:
		return "killed";
	case SUCCEEDED:
		return "succeeded";
	case UNOWNED:
		return "unowned";
	case NOT_RUN:
		break;
	}
	return "not run";
}

static void print_head(const struct plan *p)
{
	char size[24];

	printf("%" PRIu64 " allocations of %s, %" PRIu64 " foreign mappings pushing in:\n",
	       p->arenas, format_size(size, p->size), p->foreign);
	printf("%-7s  %-8s  %-13s  %-10s  %-8s  %-8s  %-5s  %-9s  %-7s  %s\n", "backend",
	       "level", "in color", "foreign in", "refused", "owner ok", "traps",
	       "charged", "calls", "cost");
}

static void print_row(const struct row *row)
{
	char in[32], refused[24], size[24], calls[16], cost[16];

	if (row->error[0]) {
		printf("%-7s  not measured: %s\n", gccolor_backend_name(row->backend),
		       row->error);
		return;
	}
	snprintf(in, sizeof(in), "%" PRIu64 "/%" PRIu64, row->in_color, row->of);
	snprintf(refused, sizeof(refused), "%" PRIu32 "/%" PRIu32, row->refused,
		 row->attacks);
	if (row->calls_per_alloc >= 0)
		snprintf(calls, sizeof(calls), "%.3f", row->calls_per_alloc);
	else
		snprintf(calls, sizeof(calls), "?");
	if (row->cost_ratio >= 0)
		snprintf(cost, sizeof(cost), "%.2fx", row->cost_ratio);
	else
		snprintf(cost, sizeof(cost), "?");
	printf("%-7s  %-8s  %-13s  %-10" PRIu64 "  %-8s  %-8s  %-5s  %-9s  %-7s  %s\n",
	       gccolor_backend_name(row->backend), gccolor_level_name(row->level), in,
	       row->foreign_in, refused, row->owner_ok ? "yes" : "no",
	       !row->traps_done ? "?" : row->traps ? "yes" : "no",
	       format_size(size, row->charged), calls, cost);
}

static void print_foot(void)
{
	printf("refused: attacks that left no trace. calls: system calls per allocation. cost: "
	       "time per\nallocation / plain %s; ratios under emulation are not hardware "
	       "figures. -v: attacks.\n", system_plain_call);
}

static enum verdict verdict_of(const struct row *row, unsigned int i, unsigned int on)
{
	return row->verdict[2 * i + (on == ON_RESERVE)];
}

/* One line per attack and target, one column per row that was measured. */
static void print_attacks(const struct row *rows, size_t count, bool promised)
{
	unsigned int i, on;
	size_t r;

	printf("\n%-37s", promised ? "attack" : "not promised, not counted");
	for (r = 0; r < count; r++)
		if (!rows[r].error[0])
			printf("  %-10s", gccolor_backend_name(rows[r].backend));
	putchar('\n');
	for (on = ON_COMMITTED; on <= ON_RESERVE; on <<= 1) {
		for (i = 0; i < attacks_count; i++) {
			if (!(attacks[i].on & on) || attacks[i].promised != promised)
				continue;
			printf("%-9s  %-26s", on == ON_RESERVE ? "reserve" : "committed",
			       attacks[i].name);
			for (r = 0; r < count; r++)
				if (!rows[r].error[0])
					printf("  %-10s",
					       verdict_name(verdict_of(&rows[r], i, on)));
			putchar('\n');
		}
	}
}

static void json_attacks(const struct row *row, const char *key, bool promised)
{
	const char *comma = "";
	unsigned int i, on;

	printf(",\"%s\":{", key);
	for (on = ON_COMMITTED; on <= ON_RESERVE; on <<= 1) {
		for (i = 0; i < attacks_count; i++) {
			if (!(attacks[i].on & on) || attacks[i].promised != promised)
				continue;
			printf("%s\"%s: %s\":\"%s\"", comma,
			       on == ON_RESERVE ? "reserve" : "committed",
			       attacks[i].name, verdict_name(verdict_of(row, i, on)));
			comma = ",";
		}
	}
	putchar('}');
}

static void json_number(const char *key, double n)
{
	if (n >= 0)
		printf(",\"%s\":%.4f", key, n);
	else
		printf(",\"%s\":null", key);
}

static void print_json(const struct row *row, bool verbose)
{
	printf("{\"backend\":\"%s\"", gccolor_backend_name(row->backend));
	if (row->error[0]) {
		printf(",\"level\":null,\"in_color\":null,\"of\":null,\"refused\":null,"
		       "\"attacks\":null,\"owner_ok\":null,\"traps\":null,\"charged\":null,"
		       "\"syscalls_per_alloc\":null,\"cost_ratio\":null,\"error\":");
		json_string(stdout, row->error);
		puts("}");
		return;
	}
	printf(",\"level\":\"%s\",\"in_color\":%" PRIu64 ",\"of\":%" PRIu64
	       ",\"intact\":%" PRIu64 ",\"foreign_in\":%" PRIu64 ",\"refused\":%" PRIu32
	       ",\"attacks\":%" PRIu32 ",\"owner_ok\":%s,\"traps\":%s,\"charged\":%" PRIu64
	       ",\"charged_reserve\":%" PRIu64, gccolor_level_name(row->level),
	       row->in_color, row->of, row->intact, row->foreign_in, row->refused,
	       row->attacks, row->owner_ok ? "true" : "false",
	       !row->traps_done ? "null" : row->traps ? "true" : "false", row->charged,
	       row->charged_reserve);
	json_number("syscalls_per_alloc", row->calls_per_alloc);
	json_number("cost_ratio", row->cost_ratio);
	fputs(",\"error\":null", stdout);
	if (verbose) {
		json_attacks(row, "attack_results", true);
		json_attacks(row, "not_promised", false);
	}
	puts("}");
}

static int check_plan(const struct plan *p)
{
	size_t page = system_page_size();

	if (p->size % page)
		return usage_error("compare", "--size: must be a multiple of the page size, %zu",
				   page);
	if (p->foreign > p->arenas)
		return usage_error("compare", "--foreign %" PRIu64 ": more than --arenas %"
				   PRIu64 "; at most one per allocation", p->foreign,
				   p->arenas);
	/* Default regions have 16 colors of 64 GiB; leave their ends alone. */
	if (p->arenas > 16 * (((64ULL << 30) - (2ULL << 20)) / p->size))
		return usage_error("compare", "--arenas %" PRIu64 " of that --size do not fit "
				   "into a region of 1 TiB", p->arenas);
	return 0;
}

int cmd_compare(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "arenas", required_argument, NULL, 'n' },
		{ "size", required_argument, NULL, 's' },
		{ "foreign", required_argument, NULL, 'k' },
		{ "backend", required_argument, NULL, 'b' },
		{ "json", no_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	static struct row rows[ROWS_MAX];
	uint32_t backends[ROWS_MAX];
	struct plan p = { .arenas = 10000, .size = 4096, .foreign = 64 };
	bool json = false, verbose = false, foreign_given = false;
	size_t count = 0, measured = 0, i;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:vh", longs, NULL)) != -1) {
		int bad = 0;

		switch (c) {
		case 'n':
			bad = option_count("compare", "--arenas", optarg, 1, 10000000,
					   &p.arenas);
			break;
		case 's':
			bad = option_size("compare", "--size", optarg, 4096, 32ULL << 30,
					  &p.size);
			break;
		case 'k':
			bad = option_count("compare", "--foreign", optarg, 0, 100000,
					   &p.foreign);
			foreign_given = true;
			break;
		case 'b':
			if (count == ROWS_MAX)
				return usage_error("compare", "--backend: at most %d rows",
						   ROWS_MAX);
			bad = option_backend("compare", optarg, &backends[count++]);
			break;
		case 'j':
			json = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("compare", c, argv);
		}
		if (bad)
			return bad;
	}
	if (optind < argc)
		return usage_error("compare", "unexpected argument %s; compare takes options "
				   "only", argv[optind]);
	if (!foreign_given && p.foreign > p.arenas)
		p.foreign = p.arenas;
	if (check_plan(&p))
		return TOOL_USAGE;
	if (!count) {	/* the weakest first: the list is the other way round */
		while (system_backends[count])
			count++;
		for (i = 0; i < count; i++)
			backends[i] = system_backends[count - 1 - i];
	}
	if (!json)
		print_head(&p);
	for (i = 0; i < count; i++) {
		p.backend = backends[i];
		system_row(&p, &rows[i]);
		measured += !rows[i].error[0];
		if (json)
			print_json(&rows[i], verbose);
		else
			print_row(&rows[i]);
		fflush(stdout);
	}
	if (!json)
		print_foot();
	if (!json && verbose) {
		print_attacks(rows, count, true);
		print_attacks(rows, count, false);
	}
	return measured ? TOOL_OK : TOOL_FAILED;
}
