/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* A fixture for what an operator sees of everybody's regions, through netlink. */
#ifndef SELFTESTS_WATCH_FIXTURE_H
#define SELFTESTS_WATCH_FIXTURE_H

#include <signal.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "child.h"
#include "kernel.h"
#include "region.h"
#include "watch.h"

#define PATIENCE	20000	/* ms; only a test that fails waits that long */

FIXTURE(netlink)
{
	struct watcher asker;
	struct watcher listener;
	struct told told;
	uint64_t joined;	/* events that came to pass before */
	int fd;
};

FIXTURE_SETUP(netlink)
{
	ASSERT_EQ(0, watcher_open(&self->asker)) {
		TH_LOG("no family gccolor");
	}
	ASSERT_EQ(0, watcher_open(&self->listener));
	self->fd = -1;
}

FIXTURE_TEARDOWN(netlink)
{
	watcher_close(&self->asker);
	watcher_close(&self->listener);
	if (self->fd >= 0)
		close(self->fd);
}

#define NUMBER(type)	told_number(&self->told, GCCOLOR_NL_REGION_##type)
#define EVENT(type)	told_number(&self->told, GCCOLOR_NL_EVENT_##type)
#define JOIN()		ASSERT_EQ(0, join(self))
#define NEXT()		next(self, PATIENCE)

static inline int totals(FIXTURE_DATA(netlink) * self)
{
	int err = watcher_ask(&self->asker, GCCOLOR_NL_CMD_GET_TOTALS, 0, 0);

	return err ? err : watcher_next(&self->asker, &self->told, PATIENCE);
}

/* What happened earlier may still be on its way, and does not count. */
static inline int join(FIXTURE_DATA(netlink) * self)
{
	int err = nl_socket_add_membership(self->listener.sock, self->listener.group);

	if (!err)
		err = totals(self);
	self->joined = told_number(&self->told, GCCOLOR_NL_TOTALS_EVENTS);
	return err;
}

static inline int next(FIXTURE_DATA(netlink) * self, int patience)
{
	int err;

	do {
		err = watcher_next(&self->listener, &self->told, patience);
	} while (!err && EVENT(SEQUENCE) <= self->joined);
	return err;
}

struct found {
	pid_t pid;
	unsigned int matches;
	uint32_t id;
	struct told told;
};

static inline void find_pid(struct told *t, void *arg)
{
	struct found *found = arg;

	if (told_number(t, GCCOLOR_NL_REGION_PID) != (uint64_t)found->pid)
		return;
	found->matches++;
	found->id = told_number(t, GCCOLOR_NL_REGION_ID);
}

/* The number of this process's only region, 0 if there is not exactly one. */
static inline uint32_t own_region(struct watcher *w, pid_t pid)
{
	struct found found = { .pid = pid };

	return watcher_dump(w, find_pid, &found) > 0 && found.matches == 1 ? found.id : 0;
}

#endif /* SELFTESTS_WATCH_FIXTURE_H */
