/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* gccolor doctor: what was tried, and the checks that explain it. */
#ifndef GCCOLOR_DOCTOR_H
#define GCCOLOR_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/gccolor.h>

#define DOCTOR_DEVICE	"/dev/gccolor"

/* How far a child came; a filter may kill it at any call. */
enum stage {
	STAGE_OPEN,
	STAGE_QUERY,
	STAGE_RESERVE,
	STAGE_LIBRARY,
	STAGE_DONE,
};

/* What a process that wants a region here gets. Errors are errno values; 0: it worked. */
struct facts {
	enum stage stage;
	int signal;			/* that ended the child before STAGE_DONE */
	int open_error;
	int other_error;		/* of opening what is no device likewise */
	int query_error;
	struct gccolor_ioc_query query;
	int reserve_error;		/* of the default region, by the module itself */
	char occupant[320];		/* EEXIST: who */
	uint32_t level;			/* of what the library gives, by default */
	const char *backend;		/* NULL: nothing */
	char why[200];
	bool loaded;			/* is the module? */
	char release[65];		/* of the kernel */
};

enum finding_state {
	FINDING_FINE,
	FINDING_NOTE,			/* the level is not touched by it */
	FINDING_CAUSE,			/* this is why the level is below enforced */
};

struct finding {
	enum finding_state state;
	char cause[400];
	char cure[300];
};

struct check {
	const char *name;
	const char *reads;
	void (*look)(const struct facts *facts, struct finding *out);
};

/* Until a name is NULL. */
extern const struct check module_checks[];	/* can the module be had? */
extern const struct check access_checks[];	/* can this process reach it? */
extern const struct check limit_checks[];	/* what does it give? */

/* Try it all in a child. 0 or -errno. */
int facts_find(struct facts *out);

/* Why the level is below enforced; what else is not to be had; what helps. */
void because(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void note(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cure(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What a file of one line says, without the newline; "" if it cannot be read. */
const char *file_line(const char *path, char buf[256]);

#endif /* GCCOLOR_DOCTOR_H */
