// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gccolor doctor: why is my level not enforced, and what helps? */
#define _GNU_SOURCE
#include <stdbool.h>
#include <string.h>

#include <gccolor.h>

#include "doctor.h"
#include "tool.h"

static const struct check *const tables[] = { module_checks, access_checks, limit_checks };

static void help(void)
{
	const struct check *check;
	size_t i;

	puts("Usage: gccolor doctor [--json]\n"
	     "Tries to get a region as a program started here would, and says why its level is not\n"
	     "enforced: each cause with its cure. A note is about something else that a region\n"
	     "cannot do here. It changes nothing, and looks at:\n");
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (check = tables[i]; check->name; check++)
			printf("  %-14s%s\n", check->name, check->reads);
	puts("\n  --json       one JSON object, with all checks\n\n"
	     "Exit status: 0 if the level is enforced, 1 if not, 2 for a wrong option.");
}

static void print_text(const struct facts *facts)
{
	const char *level = facts->backend ? gccolor_level_name(facts->level) : "none";

	if (facts->level >= GCCOLOR_ENFORCED)
		printf("level  %s, backend %s\n", level, facts->backend);
	else
		printf("level  %s, backend %s; not enforced\n", level,
		       facts->backend ? facts->backend : "none");
}

static void print_finding(const struct check *check, const struct finding *f)
{
	if (f->state == FINDING_FINE)
		return;
	printf("%s  %s: %s\n  cure %s\n", f->state == FINDING_CAUSE ? "cause" : "note ",
	       check->name, f->cause, f->cure);
}

static void json_finding(const struct check *check, const struct finding *f, const char *before)
{
	static const char *const states[] = {
		[FINDING_FINE] = "fine", [FINDING_NOTE] = "note", [FINDING_CAUSE] = "cause",
	};

	printf("%s{\"check\":\"%s\",\"state\":\"%s\",\"cause\":", before, check->name,
	       states[f->state]);
	if (f->state == FINDING_FINE) {
		fputs("null,\"cure\":null}", stdout);
		return;
	}
	json_string(stdout, f->cause);
	fputs(",\"cure\":", stdout);
	json_string(stdout, f->cure);
	putchar('}');
}

static void json_head(const struct facts *facts)
{
	printf("{\"level\":\"%s\",\"backend\":",
	       facts->backend ? gccolor_level_name(facts->level) : "none");
	json_string(stdout, facts->backend ? facts->backend : "none");
	fputs(",\"why\":", stdout);
	json_string(stdout, facts->why);
	fputs(",\"checks\":[", stdout);
}

/* Nothing explains it: what the library says is all there is. */
static void no_cause(const struct facts *facts)
{
	if (facts->signal)
		printf("cause  not found: trying it ended with signal %d (%s)\n", facts->signal,
		       strsignal(facts->signal));
	else
		printf("cause  not found; the library says: %s\n", facts->why);
}

static int examine(bool json)
{
	const struct check *check;
	struct facts facts;
	bool caused = false;
	const char *before = "";
	size_t i;

	if (facts_find(&facts)) {
		perror("gccolor doctor: cannot try it in a child");
		return TOOL_FAILED;
	}
	if (json)
		json_head(&facts);
	else
		print_text(&facts);
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (check = tables[i]; check->name; check++) {
			struct finding f = { FINDING_FINE, "", "" };

			check->look(&facts, &f);
			caused |= f.state == FINDING_CAUSE;
			if (json)
				json_finding(check, &f, before);
			else
				print_finding(check, &f);
			before = ",";
		}
	}
	if (json)
		puts("]}");
	else if (!caused && facts.level < GCCOLOR_ENFORCED)
		no_cause(&facts);
	return facts.level < GCCOLOR_ENFORCED ? TOOL_FAILED : TOOL_OK;
}

int cmd_doctor(int argc, char **argv)
{
	bool json = false;
	int status = options_json("doctor", help, argc, argv, &json);

	return status < 0 ? examine(json) : status;
}
