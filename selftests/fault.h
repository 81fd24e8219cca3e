/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The fault test: every allocation and every copy from or to user space of every
 * command is made to fail, one at a time.
 *
 * A scene is a state of a process and one call in it. The state is the same for all
 * that have a region: the runs of pieces[] are committed, color 3 is executable.
 */
#ifndef SELFTESTS_FAULT_H
#define SELFTESTS_FAULT_H

#include "maps.h"

#define RUN		INSIDE(1)	/* 16 pages, read and write */
#define RUNS		INSIDE(2)	/* 4 pages each: writable, read-only, writable */
#define GAP		INSIDE(4)	/* 4 pages, a gap of 4, 4 pages */
#define CRUMBS		INSIDE(5)	/* reserve in VMAs of one page, where asked for */
#define HUGE		INSIDE(6)	/* nothing yet */
#define CODE		INSIDE(3)
#define OUTSIDE		(BASE - LENGTH)

enum before {
	REGION,
	NO_FILE,
	NO_REGION,	/* a file without */
};

/* What an attack of another thread may find, if the call fails: see Fail-stop in the docs. */
enum window {
	SHUT,		/* nothing */
	HOLE,		/* the range is unmapped for a moment */
	OPEN,		/* guards are open for a moment */
};

struct scene {
	const char *name;
	int (*call)(const struct scene *scene);	/* 0 or a negative errno */
	void (*after)(void);			/* success: what else must be so, see CHECK() */
	enum before before;
	enum window window;
	bool crumbled;		/* CRUMBS are crumbs */
	bool all_locked;	/* mlockall(MCL_FUTURE) during the call */
	bool ends;		/* success leaves no region to look at */
	bool once;		/* cannot be called again */
	bool quiet;		/* may have nothing in it that can fail */
	unsigned long addr;	/* what the call is about, and what attackers aim at */
	unsigned long length;
	unsigned int prot;
	unsigned int flags;
	int change;		/* 1: success commits it, -1: decommits it */
};

struct piece {
	unsigned long addr;
	unsigned long length;
	unsigned int prot;
};

#define PIECES		6

extern const struct scene scenes[];		/* ends with an entry without a name */
extern const struct piece pieces[PIECES];
extern int fault_fd;				/* of /dev/gccolor */

/* Become the process of a scene, ready to call. */
void scene_prepare(const struct scene *scene);

/* Is every committed byte what it was, but for this range? NULL, or what is wrong. */
const char *contents_fault(unsigned long but, unsigned long length);

/* Every attack on one page in the middle of something: NULL, or the one that got in. */
const char *page_attack(unsigned long addr);

#endif /* SELFTESTS_FAULT_H */
