// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What a region tells of attacks on it, and when. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "lib_event.h"

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

/* The module has them, unless it is an older one, made for this (skew_check). */
TEST_F(event, who_has_them)
{
	bool has = self->f.backend == GCCOLOR_KMOD && !getenv("GCCOLOR_TEST_NO_EVENTS");

	EXPECT_EQ(has, !!(self->caps & GCCOLOR_CAP_EVENTS));
	if (!has)
		EXPECT_TRUE(refused(self->gc));
}

TEST_HARNESS_MAIN
