// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * gccolor run: check the program, write into the environment what the
 * preloaded library shall do, and become the program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gccolor.h>

#include "program.h"
#include "tool.h"

#ifndef LIBDIR
#define LIBDIR		"/usr/local/lib"	/* where it is, if nowhere near */
#endif
#define LIBRARY		"libgccolor-run.so"

struct wishes {
	uint32_t backend, level;
	uint64_t min_size, foreign;
	const char *profile, *report;
};

static void help(void)
{
	puts("Usage: gccolor run [OPTIONS] -- PROGRAM [ARGS]\n"
	     "Run an unmodified, dynamically linked program with its heap in a region.\n\n"
	     "  --require LEVEL  fail rather than have one heap byte protected less: placed,\n"
	     "                   reserved, guarded, sealed or enforced\n"
	     "  --min-size S     move mappings of at least S bytes; 64K\n"
	     "  --backend B      kmod, mseal, posix or hint; the best there is\n"
	     "  --report[=FILE]  at the end one line on standard error, or JSON into FILE\n"
	     "  --profile NAME   generic, or libgc: reservations without access stay outside\n"
	     "  --foreign K      map something behind each of the first K blocks of the heap, as\n"
	     "                   another library might; 0\n\n"
	     "Exit status: the program's own; 2 for a wrong option; 125 if its heap could not be\n"
	     "had as required; 126 if this program cannot be run this way (static, Go, set-user-ID,\n"
	     "musl, 32-bit); 127 if there is no such program.");
}

/*
 * Beside this command in the build tree, ../lib/gccolor/ when installed, or
 * where it was configured to be. NULL if it is nowhere.
 */
static const char *find_library(char *path, size_t room)
{
	static const char *const places[] = { "/" LIBRARY, "/../lib/gccolor/" LIBRARY };
	char self[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	if (n > 0) {
		self[n] = 0;
		slash = strrchr(self, '/');
		*slash = 0;
		for (i = 0; i < 2; i++) {
			if ((size_t)snprintf(path, room, "%s%s", self, places[i]) < room &&
			    !access(path, R_OK))
				return path;
		}
	}
	snprintf(path, room, "%s", LIBDIR "/gccolor/" LIBRARY);
	return access(path, R_OK) ? NULL : path;
}

/* In front of what is preloaded already. */
static int preload(const char *library)
{
	const char *others = getenv("LD_PRELOAD");
	char *value;

	if (strpbrk(library, " :")) {
		fprintf(stderr, "gccolor run: %s: LD_PRELOAD cannot name a path with a space or "
			"colon; move it\n", library);
		return RUN_UNPROTECTED;
	}
	if (asprintf(&value, "%s%s%s", library, others && *others ? ":" : "",
		     others ? others : "") < 0 || setenv("LD_PRELOAD", value, 1)) {
		perror("gccolor run");
		return RUN_UNPROTECTED;
	}
	free(value);
	return 0;
}

static void set_number(const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	setenv(name, text, 1);
}

/* One variable per wish; an inherited one that was not wished for goes. */
static int set_environment(const struct wishes *w)
{
	char where[PATH_MAX], *full;

	if (w->backend != GCCOLOR_AUTO)
		setenv("GCCOLOR_RUN_BACKEND", gccolor_backend_name(w->backend), 1);
	else
		unsetenv("GCCOLOR_RUN_BACKEND");
	if (w->level)
		setenv("GCCOLOR_RUN_REQUIRE", gccolor_level_name(w->level), 1);
	else
		unsetenv("GCCOLOR_RUN_REQUIRE");
	set_number("GCCOLOR_RUN_MIN_SIZE", w->min_size);
	set_number("GCCOLOR_RUN_FOREIGN", w->foreign);
	setenv("GCCOLOR_RUN_PROFILE", w->profile, 1);
	set_number("GCCOLOR_RUN_PID", (uint64_t)getpid());	/* exec keeps it */
	if (!w->report) {
		unsetenv("GCCOLOR_RUN_REPORT");
	} else if (*w->report == '/' || !strcmp(w->report, "-")) {
		setenv("GCCOLOR_RUN_REPORT", w->report, 1);
	} else {
		/* The program may change its directory. */
		if (!getcwd(where, sizeof(where)) ||
		    asprintf(&full, "%s/%s", where, w->report) < 0) {
			fprintf(stderr, "gccolor run: --report=%s: %s\n", w->report,
				strerror(errno));
			return RUN_UNPROTECTED;
		}
		setenv("GCCOLOR_RUN_REPORT", full, 1);
		free(full);
	}
	return 0;
}

static int become(const struct wishes *w, char **argv)
{
	char path[PATH_MAX], library[PATH_MAX];
	int ret;

	ret = program_find(argv[0], path, sizeof(path));
	if (!ret)
		ret = program_check(path);
	if (ret)
		return ret;
	if (!find_library(library, sizeof(library))) {
		fprintf(stderr, "gccolor run: %s is not beside this command, in "
			"../lib/gccolor/ from it, or in " LIBDIR "/gccolor/; install it with "
			"make install\n", LIBRARY);
		return RUN_UNPROTECTED;
	}
	ret = preload(library);
	if (!ret)
		ret = set_environment(w);
	if (ret)
		return ret;
	execv(path, argv);
	fprintf(stderr, "gccolor run: %s: %s\n", path, strerror(errno));
	return errno == ENOENT ? RUN_NOT_FOUND : RUN_REFUSED;
}

static int set_profile(struct wishes *w, const char *name)
{
	if (strcmp(name, "generic") && strcmp(name, "libgc"))
		return usage_error("run", "--profile %s: no such profile; one of generic, libgc",
				   name);
	w->profile = name;
	return 0;
}

int cmd_run(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "require", required_argument, NULL, 'r' },
		{ "min-size", required_argument, NULL, 'm' },
		{ "backend", required_argument, NULL, 'b' },
		{ "report", optional_argument, NULL, 'o' },
		{ "profile", required_argument, NULL, 'p' },
		{ "foreign", required_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	struct wishes w = { .min_size = 64 * 1024, .profile = "generic" };
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", longs, NULL)) != -1) {
		int bad = 0;

		switch (c) {
		case 'r':
			bad = option_level("run", optarg, &w.level);
			break;
		case 'm':
			bad = option_size("run", "--min-size", optarg, 4096, 1ULL << 40,
					  &w.min_size);
			break;
		case 'b':
			bad = option_backend("run", optarg, &w.backend);
			break;
		case 'o':
			w.report = optarg ? optarg : "-";
			if (!*w.report)
				bad = usage_error("run", "--report=: no file; without one: "
						  "--report");
			break;
		case 'p':
			bad = set_profile(&w, optarg);
			break;
		case 'k':
			bad = option_count("run", "--foreign", optarg, 0, 100000, &w.foreign);
			break;
		case 'h':
			help();
			return TOOL_OK;
		default:
			return option_error("run", c, argv);
		}
		if (bad)
			return bad;
	}
	if (optind == argc)
		return usage_error("run", "no program to run; write: gccolor run -- PROGRAM");
	return become(&w, argv + optind);
}
