// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Taking events: from the callback, in threads and children, in floods. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "lib_event.h"

struct nested {
	struct gccolor *gc;
	int depth;
	int inner;
	int errors;
	struct seen *seen;
};

/* Everything but closing. */
static void call_back(const struct gccolor_event *event, void *arg)
{
	struct nested *n = arg;
	char *q;

	see(event, n->seen);
	n->errors += alloc(n->gc, PAGE, 2, &q) != 0;
	n->errors += gccolor_decommit(n->gc, q, PAGE, GCCOLOR_TRAP) != 0;
	n->errors += gccolor_free(n->gc, q, PAGE) != 0;
	n->errors += gccolor_level(n->gc) == GCCOLOR_NONE;
	if (!n->depth++)
		n->inner = gccolor_events(n->gc, call_back, n);
}

TEST_F(event, the_function_may_call_the_library)
{
	struct nested n = { .gc = self->gc, .seen = self->seen };
	int i;

	if (no_events(_metadata, self))
		return;
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(denied(self->p + i * PAGE, PAGE));
	/* The first one takes the other two. */
	EXPECT_EQ(1, gccolor_events(self->gc, call_back, &n));
	EXPECT_EQ(2, n.inner);
	EXPECT_EQ(0, n.errors);
	ASSERT_EQ(3, self->seen->count);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(self->p + i * PAGE, self->seen->event[i].addr);
}

/* Denials are told 64 a second, the others are counted; 64 wait, others are counted. */
TEST_F(event, a_flood_is_counted)
{
	struct gccolor_event *e = self->seen->event;
	int i;

	if (no_events(_metadata, self))
		return;
	for (i = 0; i < 200; i++)
		ASSERT_TRUE(denied(self->p, PAGE));
	usleep(1200000);
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(denied(self->p, PAGE));
	EXPECT_EQ(64, gccolor_events(self->gc, see, self->seen));
	for (i = 0; i < 64; i++)
		EXPECT_EQ(0, e[i].suppressed + e[i].lost);
	EXPECT_EQ(0, gccolor_events(self->gc, see, self->seen));
	/* Of the three nothing is left but their number. */
	EXPECT_TRUE(denied(self->p + PAGE, PAGE));
	ASSERT_EQ(1, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(self->p + PAGE, e[64].addr);
	EXPECT_EQ(3, e[64].lost);
	for (i = 0; i < 70; i++)
		ASSERT_TRUE(denied(self->p, PAGE));
	EXPECT_EQ(60, gccolor_events(self->gc, see, self->seen));
	usleep(1200000);
	self->seen->count = 0;
	EXPECT_TRUE(denied(self->p, PAGE));
	ASSERT_EQ(1, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(10, e[0].suppressed);
	EXPECT_EQ(0, e[0].lost);
}

struct reader {
	struct thread thread;
	struct gccolor *gc;
	atomic_bool *stop;
	struct seen seen;
	int error;
};

static void *read_on(void *arg)
{
	struct reader *r = arg;
	bool last = false;
	int got = 0;

	while (got >= 0 && !last) {
		last = atomic_load(r->stop);
		got = gccolor_events(r->gc, see, &r->seen);
	}
	r->error = got < 0 ? got : 0;
	return NULL;
}

TEST_F_TIMEOUT(event, each_is_given_to_one_reader, 120)
{
	struct reader *r = calloc(4, sizeof(*r));
	atomic_bool stop = false;
	int told[50] = { 0 };
	int i, k;

	if (no_events(_metadata, self))
		return;
	for (i = 0; i < 4; i++) {
		r[i].gc = self->gc;
		r[i].stop = &stop;
		ASSERT_EQ(0, thread_start(&r[i].thread, read_on, &r[i]));
	}
	for (i = 0; i < 50; i++) {
		EXPECT_TRUE(denied(self->p + i * PAGE, PAGE));
		usleep(1000);	/* for all of them to have a chance */
	}
	atomic_store(&stop, true);
	for (i = 0; i < 4; i++) {
		thread_join(&r[i].thread);
		EXPECT_EQ(0, r[i].error);
		printf("# reader %d: %zu of 50\n", i, r[i].seen.count);
		for (k = 0; k < (int)r[i].seen.count; k++)
			told[((char *)r[i].seen.event[k].addr - self->p) / PAGE]++;
	}
	for (i = 0; i < 50; i++)
		EXPECT_EQ(1, told[i]);
	free(r);
}

/* The parent has its own events and the child's; the child has none and takes none. */
TEST_F(event, a_child_is_told_of_and_takes_nothing)
{
	int status;
	pid_t pid;

	if (no_events(_metadata, self))
		return;
	EXPECT_TRUE(denied(self->p, PAGE));
	pid = fork();
	if (pid == 0) {
		int error = gccolor_events(self->gc, see, self->seen);
		char *q;

		if (error != -EPERM || !strstr(gccolor_strerror(error), "child") ||
		    gccolor_event_fd(self->gc) != -EPERM || self->seen->count)
			_exit(1);
		if (!denied(self->p + PAGE, PAGE) || alloc(self->gc, PAGE, 2, &q))
			_exit(2);
		_exit(gccolor_close(self->gc, 0) ? 3 : 0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(2, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(getpid(), self->seen->event[0].pid);
	EXPECT_EQ(self->p, self->seen->event[0].addr);
	EXPECT_EQ(pid, self->seen->event[1].pid);
	EXPECT_EQ(pid, self->seen->event[1].tid);
	EXPECT_EQ(self->p + PAGE, self->seen->event[1].addr);
	/* A child that has closed its own leaves the parent's as it was. */
	EXPECT_TRUE(denied(self->p, PAGE));
	EXPECT_EQ(1, gccolor_events(self->gc, see, self->seen));
}

/* All of the region, by a child. What level guarded cannot deny, it kills for. */
TEST_F(event, a_kill_is_told)
{
	bool killed = self->f.level == GCCOLOR_GUARDED;
	struct gccolor_event *e = &self->seen->event[0];
	int status;
	pid_t pid;

	if (no_events(_metadata, self))
		return;
	pid = fork();
	if (pid == 0)
		_exit(denied((char *)self->g.base, self->g.length) ? 0 : 1);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(killed ? SIGKILL : 0, status);
	ASSERT_LT(0, gccolor_events(self->gc, see, self->seen));
	if (!killed)
		EXPECT_EQ(1, self->seen->count);
	for (; self->seen->count--; e++) {
		EXPECT_EQ(killed ? GCCOLOR_EVENT_KILLED : GCCOLOR_EVENT_DENIED, e->kind);
		EXPECT_EQ(killed ? GCCOLOR_CALL_UNKNOWN : GCCOLOR_CALL_UNMAP, e->call);
		EXPECT_EQ(killed ? 0 : self->g.base, (uintptr_t)e->addr);
		EXPECT_EQ(killed ? 0 : self->g.length, e->length);
		EXPECT_EQ(pid, e->pid);
	}
	EXPECT_EQ(self->f.level, gccolor_level(self->gc));
	EXPECT_EQ(0x11, self->p[0]);
}

TEST_F(event, a_replaced_descriptor_is_not_read)
{
	if (no_events(_metadata, self))
		return;
	ASSERT_EQ(self->fd, dup2(STDERR_FILENO, self->fd));
	EXPECT_EQ(-ENXIO, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(-ENXIO, gccolor_event_fd(self->gc));
	EXPECT_EQ(0, self->seen->count);
}

TEST_F(event, wrong_arguments)
{
	EXPECT_EQ(-EINVAL, gccolor_event_fd(NULL));
	EXPECT_EQ(-EINVAL, gccolor_events(NULL, see, self->seen));
	EXPECT_EQ(-EINVAL, gccolor_events(self->gc, NULL, self->seen));
	EXPECT_EQ(0, self->seen->count);
}

TEST_HARNESS_MAIN
