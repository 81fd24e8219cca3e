/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * A region that listens to attacks on it. A backend that sees none says so, to each
 * test: then both calls are refused, and nobody is attacked.
 */
#ifndef SELFTESTS_LIB_EVENT_H
#define SELFTESTS_LIB_EVENT_H

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include <gccolor_event.h>

#include "lib_test.h"
#include "kernel.h"

#define PAGES	64
#define SEEN	128

struct seen {
	struct gccolor_event event[SEEN];
	size_t count;
};

static inline void see(const struct gccolor_event *event, void *arg)
{
	struct seen *seen = arg;

	/* The library may be older than this program. */
	if (seen->count < SEEN)
		memcpy(&seen->event[seen->count], event,
		       event->size < sizeof(*event) ? event->size : sizeof(*event));
	seen->count++;
}

FIXTURE(event)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	uint64_t caps;
	int fd;
	char *p;
	struct seen *seen;
};

FIXTURE_SETUP(event)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	self->caps = status_of(self->gc).caps;
	ASSERT_EQ(0, alloc(self->gc, PAGES * PAGE, 1, &self->p));
	memset(self->p, 0x11, PAGES * PAGE);
	self->seen = calloc(1, sizeof(*self->seen));
	self->fd = gccolor_event_fd(self->gc);
	if (self->caps & GCCOLOR_CAP_EVENTS) {
		ASSERT_LE(0, self->fd) {
			TH_LOG("%s", gccolor_strerror(self->fd));
		}
	} else {
		ASSERT_EQ(-EOPNOTSUPP, self->fd);
	}
}

FIXTURE_TEARDOWN(event)
{
	free(self->seen);
	gccolor_close(self->gc, 0);
}

/* Are both calls refused, as by a backend that has no events? */
static inline bool refused(struct gccolor *gc)
{
	struct seen seen = { .count = 0 };

	return gccolor_events(gc, see, &seen) == -EOPNOTSUPP && !seen.count &&
	       strstr(gccolor_strerror(-EOPNOTSUPP), "\"events\"") &&
	       gccolor_event_fd(gc) == -EOPNOTSUPP &&
	       strstr(gccolor_strerror(-EOPNOTSUPP), "\"events\"");
}

/* True: there are none, and it says so; the rest of the test is for who has them. */
static inline bool no_events(struct __test_metadata *_metadata, FIXTURE_DATA(event) * self)
{
	if (self->caps & GCCOLOR_CAP_EVENTS)
		return false;
	EXPECT_TRUE(refused(self->gc));
	return true;
}

/* One attempt, by whatever thread runs it: 0 if it got through. */
struct attempt {
	struct thread thread;
	uint32_t call;
	char *at;
	size_t length;
	pid_t tid;
	int error;
};

static inline void *attempt(void *arg)
{
	struct attempt *a = arg;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	bool got = false;
	void *to;

	a->tid = (pid_t)syscall(SYS_gettid);
	errno = 0;
	switch (a->call) {
	case GCCOLOR_CALL_UNMAP:
		got = munmap(a->at, a->length) == 0;
		break;
	case GCCOLOR_CALL_MAP:
		got = mmap(a->at, a->length, PROT_NONE, flags, -1, 0) != MAP_FAILED;
		break;
	case GCCOLOR_CALL_PROTECT:
		got = mprotect(a->at, a->length, PROT_NONE) == 0;
		break;
	case GCCOLOR_CALL_REMAP:
		to = mmap(NULL, a->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		got = mremap(a->at, a->length, a->length, MREMAP_MAYMOVE | MREMAP_FIXED, to) !=
		      MAP_FAILED;
		break;
	case GCCOLOR_CALL_SPLIT:
		got = madvise(a->at, a->length, MADV_DONTFORK) == 0;
		break;
	}
	a->error = got ? 0 : -errno;
	return NULL;
}

/* munmap() by the calling thread: is it denied? */
static inline bool denied(char *at, size_t length)
{
	struct attempt a = { .call = GCCOLOR_CALL_UNMAP, .at = at, .length = length };

	attempt(&a);
	return a.error == -EPERM;
}

static inline void *attempt_by_name(void *arg)
{
	prctl(PR_SET_NAME, "mutator");
	return attempt(arg);
}

static inline uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Another thread attacks; just that is told, and no more. */
static inline void expect_told(struct __test_metadata *_metadata, FIXTURE_DATA(event) * self,
			       uint32_t call, char *at, size_t length)
{
	struct attempt a = { .call = call, .at = at, .length = length };
	struct gccolor_event *e = &self->seen->event[0];
	uint64_t before = now();

	self->seen->count = 0;
	ASSERT_EQ(0, thread_start(&a.thread, attempt_by_name, &a));
	thread_join(&a.thread);
	ASSERT_GT(0, a.error);
	ASSERT_EQ(1, gccolor_events(self->gc, see, self->seen));
	ASSERT_EQ(1, self->seen->count);
	EXPECT_EQ(sizeof(*e), e->size);
	EXPECT_EQ(GCCOLOR_EVENT_DENIED, e->kind);
	EXPECT_EQ(call == GCCOLOR_CALL_MAP && kernel_before(KERNEL(6, 12))
		  ? GCCOLOR_CALL_UNMAP : call, e->call);
	EXPECT_EQ(at, e->addr);
	EXPECT_EQ(length, e->length);
	EXPECT_EQ(getpid(), e->pid);
	EXPECT_EQ(a.tid, e->tid);
	EXPECT_NE(getpid(), e->tid);
	EXPECT_EQ(0, e->suppressed);
	EXPECT_EQ(0, e->lost);
	EXPECT_STREQ("mutator", e->comm);
	EXPECT_LE(before, e->time);
	EXPECT_GE(now(), e->time);
	EXPECT_EQ(0, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(1, self->seen->count);
	EXPECT_EQ(0x11, self->p[0]);
	EXPECT_EQ(0x11, self->p[PAGES * PAGE - 1]);
}

#endif /* SELFTESTS_LIB_EVENT_H */
