// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor bench: the options, and which rows on which backends. */
#include <getopt.h>
#include <string.h>

#include <gccolor.h>

#include "bench/native.h"
#include "tool.h"

#define BACKENDS_MAX	8
#define ROUNDS		15

static void help(void)
{
	size_t i;

	printf("Usage: gccolor bench [OPTIONS]\n"
	       "What regions cost on this machine, beside others that do the same in the same "
	       "run.\n\n"
	       "  --only G     these rows only:");
	for (i = 0; native_groups[i]; i++)
		printf(" %s", native_groups[i]->name);
	printf("\n"
	       "  --backend B  kmod, mseal, posix or auto; may be repeated; those that are here\n"
	       "  --rounds N   turns of each way, 1 to %d; %d\n"
	       "  --json       one JSON object per row and line\n\n"
	       "A ratio is the median of the rounds' ratios, then the quartiles. man gccolor says "
	       "what the\nrows are.\n\n"
	       "Exit status: 0, 1 if no row could be measured, 2 for a wrong option. A missed "
	       "goal is no\nfailure.\n", NATIVE_ROUNDS_MAX, ROUNDS);
}

static int option_group(const char *text, const struct native_group **out)
{
	size_t i;

	for (i = 0; native_groups[i]; i++) {
		if (!strcmp(native_groups[i]->name, text)) {
			*out = native_groups[i];
			return 0;
		}
	}
	return usage_error("bench", "--only %s: no such rows; one of steady, paths, claims, "
			   "placing", text);
}

/* A hint holds no addresses: there is nothing to measure. */
static int option_holder(const char *text, uint32_t *out)
{
	int bad = option_backend("bench", text, out);

	if (!bad && *out == GCCOLOR_HINTED)
		return usage_error("bench", "--backend hint: it holds no addresses; one of "
				   "auto, kmod, mseal, posix");
	return bad;
}

static void print_missing(uint32_t backend, const char *why, bool json)
{
	const char *name = gccolor_backend_name(backend);

	if (!json) {
		printf("%-7s  not measured: %s\n", name, why);
		return;
	}
	printf("{\"group\":null,\"row\":null,\"backend\":\"%s\",\"error\":", name);
	json_string(stdout, why);
	puts(",\"ways\":[]}");
}

/* How many rows have figures. */
static int run(const struct native_group *only, uint32_t backend, int rounds, bool json)
{
	struct native_result result;
	int measured = 0;
	size_t i;

	if (native_probe(backend, &result)) {
		print_missing(backend, result.error, json);
		return 0;
	}
	for (i = 0; native_groups[i]; i++) {
		if (!only || only == native_groups[i])
			measured += native_run(native_groups[i], backend, rounds, json);
	}
	return measured;
}

int cmd_bench(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "only", required_argument, NULL, 'o' },
		{ "backend", required_argument, NULL, 'b' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	const struct native_group *only = NULL;
	uint32_t backends[BACKENDS_MAX];
	uint64_t rounds = ROUNDS;
	size_t count = 0, i;
	int measured = 0, c;
	bool json = false;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		int bad = 0;

		switch (c) {
		case 'o':
			bad = option_group(optarg, &only);
			break;
		case 'b':
			if (count == BACKENDS_MAX)
				return usage_error("bench", "--backend: at most %d",
						   BACKENDS_MAX);
			bad = option_holder(optarg, &backends[count++]);
			break;
		case 'r':
			bad = option_count("bench", "--rounds", optarg, 1, NATIVE_ROUNDS_MAX,
					   &rounds);
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("bench", c, argv);
		}
		if (bad)
			return bad;
	}
	if (optind < argc)
		return usage_error("bench", "unexpected argument %s; bench takes options only",
				   argv[optind]);
	if (!count) {
		for (i = 0; system_backends[i]; i++) {
			if (system_backends[i] != GCCOLOR_HINTED)
				backends[count++] = system_backends[i];
		}
	}
	if (!json)
		native_print_head();
	for (i = 0; i < count; i++)
		measured += run(only, backends[i], (int)rounds, json);
	if (!json)
		puts("Nanoseconds of processor time; the peer is the fastest of several.\n"
		     "Below a ratio of 1 the region is faster.\n"
		     "Ratios under emulation are not hardware figures.");
	return measured ? TOOL_OK : TOOL_FAILED;
}
