// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What a region tells of attacks on it. A backend that sees none says so, to each
 * of these tests: then both calls are refused, and nobody is attacked.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

static void see(const struct gccolor_event *event, void *arg)
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
static bool refused(struct gccolor *gc)
{
	struct seen seen = { .count = 0 };

	return gccolor_events(gc, see, &seen) == -EOPNOTSUPP && !seen.count &&
	       strstr(gccolor_strerror(-EOPNOTSUPP), "\"events\"") &&
	       gccolor_event_fd(gc) == -EOPNOTSUPP &&
	       strstr(gccolor_strerror(-EOPNOTSUPP), "\"events\"");
}

/* True: there are none, and it says so; the rest of the test is for who has them. */
static bool no_events(struct __test_metadata *_metadata, FIXTURE_DATA(event) * self)
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

static void *attempt(void *arg)
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
static bool denied(char *at, size_t length)
{
	struct attempt a = { .call = GCCOLOR_CALL_UNMAP, .at = at, .length = length };

	attempt(&a);
	return a.error == -EPERM;
}

static void *attempt_by_name(void *arg)
{
	prctl(PR_SET_NAME, "mutator");
	return attempt(arg);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Another thread attacks; just that is told, and no more. */
static void expect_told(struct __test_metadata *_metadata, FIXTURE_DATA(event) * self,
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

/* The first thing that happens after gccolor_event_fd(). */
TEST_F(event, munmap_is_told)
{
	if (no_events(_metadata, self))
		return;
	expect_told(_metadata, self, GCCOLOR_CALL_UNMAP, self->p, PAGE);
	expect_told(_metadata, self, GCCOLOR_CALL_UNMAP, self->p + 3 * PAGE, 5 * PAGE);
}

TEST_F(event, mmap_over_it_is_told)
{
	if (no_events(_metadata, self))
		return;
	expect_told(_metadata, self, GCCOLOR_CALL_MAP, self->p + PAGE, 2 * PAGE);
}

TEST_F(event, mprotect_is_told)
{
	if (no_events(_metadata, self))
		return;
	expect_told(_metadata, self, GCCOLOR_CALL_PROTECT, self->p, 4 * PAGE);
}

TEST_F(event, mremap_is_told)
{
	if (no_events(_metadata, self))
		return;
	expect_told(_metadata, self, GCCOLOR_CALL_REMAP, self->p, 4 * PAGE);
}

/* Reserve: nobody has claimed it. */
TEST_F(event, attacks_on_reserve_are_told)
{
	char *at = gccolor_color_start(self->g, 5);

	if (no_events(_metadata, self))
		return;
	expect_told(_metadata, self, GCCOLOR_CALL_UNMAP, at, PAGE);
	expect_told(_metadata, self, GCCOLOR_CALL_PROTECT, at + PAGE, PAGE);
}

TEST_F(event, the_descriptor)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN };

	if (no_events(_metadata, self))
		return;
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->fd, F_GETFD));
	EXPECT_EQ(O_NONBLOCK, fcntl(self->fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(self->fd, gccolor_event_fd(self->gc));
	EXPECT_EQ(0, poll(&p, 1, 0));
	EXPECT_TRUE(denied(self->p, PAGE));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN, p.revents);
	/* Asking for it again takes nothing. */
	EXPECT_EQ(self->fd, gccolor_event_fd(self->gc));
	EXPECT_EQ(1, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(0, poll(&p, 1, 0));
}

static void *attempt_later(void *arg)
{
	usleep(200000);
	return attempt(arg);
}

TEST_F(event, a_poll_that_waits_is_woken)
{
	struct attempt a = { .call = GCCOLOR_CALL_PROTECT, .at = self->p, .length = PAGE };
	struct pollfd p = { .fd = self->fd, .events = POLLIN };

	if (no_events(_metadata, self))
		return;
	ASSERT_EQ(0, thread_start(&a.thread, attempt_later, &a));
	EXPECT_EQ(1, poll(&p, 1, 20000));
	EXPECT_EQ(POLLIN, p.revents);
	thread_join(&a.thread);
	EXPECT_EQ(1, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(a.tid, self->seen->event[0].tid);
}

/* Whichever of the two is called first. */
TEST(kept_from_the_first_call_on)
{
	struct gccolor_options opt = small_region();
	struct seen seen = { .count = 0 };
	struct gccolor *gc;
	char *p;
	int i;

	for (i = 0; i < 2; i++) {
		if (no_backend(_metadata, &gc, &opt))
			SKIP(return, "no such backend here");
		ASSERT_EQ(0, alloc(gc, PAGE, 1, &p));
		if (!(status_of(gc).caps & GCCOLOR_CAP_EVENTS)) {
			EXPECT_TRUE(refused(gc));
			gccolor_close(gc, 0);
			continue;
		}
		seen.count = 0;
		EXPECT_TRUE(denied(p, PAGE));
		if (i)
			EXPECT_LE(0, gccolor_event_fd(gc));
		EXPECT_EQ(0, gccolor_events(gc, see, &seen));
		EXPECT_TRUE(denied(p, PAGE));
		EXPECT_EQ(1, gccolor_events(gc, see, &seen));
		EXPECT_EQ(1, seen.count);
		EXPECT_EQ(0, gccolor_close(gc, 0));
	}
}

/* All that the library does for its caller, in every way that this backend has. */
TEST_F(event, own_calls_are_no_events)
{
	static const uint64_t caps[] = { GCCOLOR_CAP_NORESERVE, GCCOLOR_CAP_POPULATE,
		GCCOLOR_CAP_HUGEPAGE, GCCOLOR_CAP_STACK, GCCOLOR_CAP_NODUMP };
	static const uint32_t flags[] = { GCCOLOR_NORESERVE, GCCOLOR_POPULATE,
		GCCOLOR_HUGEPAGE, GCCOLOR_STACK, GCCOLOR_NODUMP };
	struct gccolor_image image = { .size = sizeof(image), .length = PAGE + 5 };
	struct gccolor_request r = request(4 * PAGE, 2);
	char *q;
	int how;
	int i;

	if (no_events(_metadata, self))
		return;
	for (how = GCCOLOR_LAZY; how <= GCCOLOR_TRAP; how++)
		ASSERT_EQ(0, gccolor_decommit(self->gc, self->p + PAGE, PAGE, how));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + PAGE, PAGE, GCCOLOR_READ, 0));
	ASSERT_EQ(0, gccolor_free(self->gc, self->p + 2 * PAGE, 2 * PAGE));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!(self->caps & caps[i]))
			continue;
		r.flags = flags[i];
		r.guard = PAGE;
		ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&q));
		ASSERT_EQ(0, gccolor_free(self->gc, q - PAGE, 6 * PAGE));
	}
	ASSERT_EQ(0, claim(self->gc, MIB, 3, &q));
	ASSERT_EQ(0, gccolor_extend(self->gc, q, MIB, 2 * MIB, READ_WRITE, 0));
	ASSERT_EQ(0, gccolor_advise(self->gc, q + MIB, MIB, GCCOLOR_ADVISE_POPULATE));
	if (self->caps & GCCOLOR_CAP_PAGEOUT)
		(void)gccolor_advise(self->gc, q + MIB, MIB, GCCOLOR_ADVISE_PAGEOUT);
	ASSERT_EQ(0, gccolor_free(self->gc, q, 2 * MIB));
	image.file = file_of_program();
	ASSERT_LE(0, image.file);
	image.color = 4;
	image.prot = GCCOLOR_READ;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&q));
	ASSERT_EQ(0, gccolor_free(self->gc, q, 2 * PAGE));
	file_close(image.file);
	EXPECT_EQ(self->f.level, gccolor_level(self->gc));
	/* Calls that fail, and memory elsewhere. */
	EXPECT_EQ(-ENOENT, gccolor_free(self->gc, q, PAGE));
	q = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, q);
	EXPECT_EQ(0, mprotect(q, PAGE, PROT_NONE));
	EXPECT_EQ(0, munmap(q, 4 * PAGE));
	EXPECT_EQ(0, gccolor_events(self->gc, see, self->seen));
	/* It is not that nothing was looked at. */
	EXPECT_TRUE(denied(self->p, PAGE));
	EXPECT_EQ(1, gccolor_events(self->gc, see, self->seen));
}

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

TEST_F(event, each_region_has_its_own)
{
	struct gccolor_options opt = small_region();
	struct gccolor *other;
	char *q;

	if (no_events(_metadata, self))
		return;
	ASSERT_EQ(0, gccolor_open(&other, &opt));
	ASSERT_EQ(0, alloc(other, PAGE, 1, &q));
	EXPECT_NE(self->fd, gccolor_event_fd(other));
	EXPECT_TRUE(denied(q, PAGE));
	EXPECT_EQ(0, gccolor_events(self->gc, see, self->seen));
	EXPECT_EQ(1, gccolor_events(other, see, self->seen));
	EXPECT_EQ(q, self->seen->event[0].addr);
	EXPECT_EQ(0, gccolor_close(other, 0));
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

/* The module has them, unless it is an older one, made for this (skew_check). */
TEST_F(event, who_has_them)
{
	bool has = self->f.backend == GCCOLOR_KMOD && !getenv("GCCOLOR_TEST_NO_EVENTS");

	EXPECT_EQ(has, !!(self->caps & GCCOLOR_CAP_EVENTS));
	if (!has)
		EXPECT_TRUE(refused(self->gc));
}

TEST_HARNESS_MAIN
