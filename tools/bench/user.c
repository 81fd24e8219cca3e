// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * user [ROUNDS]: all benchmarks in time, also those that need other allocators, as lines of
 * JSON. Status 1 if a backend has no figure at all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../tool.h"
#include "native.h"
#include "user.h"

int main(int argc, char **argv)
{
	static const uint32_t backends[] = { GCCOLOR_POSIX, GCCOLOR_MSEAL };
	int rounds = argc > 1 ? atoi(argv[1]) : NATIVE_ROUNDS_MAX;
	int measured;
	size_t b, i;

	if (argc > 2 || rounds < 1 || rounds > NATIVE_ROUNDS_MAX) {
		fprintf(stderr, "usage: user [ROUNDS], 1 to %d\n", NATIVE_ROUNDS_MAX);
		return TOOL_USAGE;
	}
	for (b = 0; b < ARRAY_SIZE(backends); b++) {
		measured = native_run(&user_alloc, backends[b], rounds, true);
		for (i = 0; native_groups[i]; i++)
			measured += native_run(native_groups[i], backends[b], rounds, true);
		if (!measured) {
			fprintf(stderr, "user: nothing could be measured on %s\n",
				gccolor_backend_name(backends[b]));
			return TOOL_FAILED;
		}
	}
	return TOOL_OK;
}
