/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The module's netlink family, as the commands that watch see it; the facts are those
 * of <linux/gccolor_netlink.h>.
 */
#ifndef GCCOLOR_WATCH_H
#define GCCOLOR_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch;		/* a connection; made by watch_open() */

struct watch_region {
	uint32_t id;
	uint32_t pid;		/* 0: who reserved it has ended */
	uint32_t uid;
	char comm[16];		/* printable */
	uint64_t base;
	uint64_t length;
	uint32_t color_shift;
	uint64_t exec_colors;
	uint32_t level;
	uint32_t reason;
	uint32_t processes;
	uint64_t committed;
	uint32_t runs;
	uint64_t commits;
	uint64_t decommits;
	uint64_t failures;
	uint64_t denied;
	bool observed;		/* denied counts all of them now */
};

struct watch_event {
	uint32_t kind;		/* enum gccolor_ioc_event_kind */
	uint64_t sequence;
	uint64_t time;		/* ns of CLOCK_MONOTONIC */
	uint32_t region;
	uint64_t base;
	uint64_t length;
	uint32_t pid;
	uint32_t tid;
	char comm[16];
	uint32_t call;		/* enum gccolor_ioc_event_call */
	uint64_t addr;
	uint64_t extent;
	uint32_t suppressed;
	uint32_t level;
	uint32_t reason;
};

/* 0; -ENOENT: no module; -EPERM; or another -errno. @out is the caller's to close. */
int watch_open(struct watch **out);
void watch_close(struct watch *w);

/*
 * Visit each region, in the order of their numbers, until one returns not 0.
 * That value, 0 or -errno.
 */
int watch_regions(struct watch *w, int (*visit)(const struct watch_region *r, void *arg),
		  void *arg);

/* Get events from now on. 0 or -errno. */
int watch_join(struct watch *w);

/* What came of waiting for an event. */
enum watch_news {
	WATCH_EVENT,		/* *event is one */
	WATCH_LOST,		/* the socket's buffer was full: look at the next sequence */
	WATCH_GONE,		/* the module was unloaded */
	WATCH_BACK,		/* it is there again, and its events are on their way */
	WATCH_FAILED,		/* errno says why; EINTR: a signal */
};

enum watch_news watch_next(struct watch *w, struct watch_event *event);

/* "enforced" ...; "the guard was not run when it should have been" ...; never NULL. */
const char *watch_level_name(uint32_t level);
const char *watch_reason_text(uint32_t reason);
const char *watch_kind_name(uint32_t kind);
const char *watch_call_name(uint32_t call);

/* Say on stderr why watch_open() failed, and what to do. */
void watch_complain(const char *cmd, int error);

#endif /* GCCOLOR_WATCH_H */
