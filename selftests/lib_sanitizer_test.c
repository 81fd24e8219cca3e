// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A region in a program with a sanitizer: it works in the memory as in any other,
 * and finds what is wrong with it. Without one only that the bases are usual ones.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "lib_test.h"

#if SANITIZED(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#endif
#if defined(__SANITIZE_ADDRESS__) || SANITIZED(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

FIXTURE(sanitizer)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
};

FIXTURE_SETUP(sanitizer)
{
	if (no_backend(_metadata, &self->gc, NULL))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	printf("# %zu GiB over 0x%zx\n", self->g.length / GIB, (size_t)self->g.base);
}

FIXTURE_TEARDOWN(sanitizer)
{
	gccolor_close(self->gc, 0);
}

/* Write to all of a claim in each color, first and last page of the region included. */
TEST_F(sanitizer, memory_of_every_color)
{
	uint32_t color;
	char *p;

	for (color = 0; color < self->g.colors; color++) {
		struct gccolor_request r = request(MIB, color);

		ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
		EXPECT_TRUE(zeroes(p, MIB));
		memset(p, 1, MIB);
		if (!self->f.holds)
			continue;
		r.at = (char *)gccolor_color_start(self->g, color) +
		       ((size_t)1 << self->g.color_shift) - MIB;
		if (color == self->g.colors - 1)
			r.at = (char *)r.at - self->g.slot;
		ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
		EXPECT_TRUE(zeroes(p, MIB));
		memset(p, 1, MIB);
	}
}

static void poison(char *p, size_t length)
{
#if SANITIZED(memory_sanitizer)
	__msan_poison(p, length);
#endif
#if defined(__SANITIZE_ADDRESS__) || SANITIZED(address_sanitizer)
	__asan_poison_memory_region(p, length);
#endif
}

/* What was wrong with memory is forgotten when it is handed out again. */
TEST_F(sanitizer, memory_is_fresh)
{
	char *p, *q;
	int round;

	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, alloc(self->gc, 4 * PAGE, 1, &p));
		q = p;
		poison(p, 4 * PAGE);
		if (round == 2 && self->f.holds) {
			ASSERT_EQ(0, gccolor_decommit(self->gc, p, 4 * PAGE, GCCOLOR_EAGER));
		} else {
			ASSERT_EQ(0, gccolor_free(self->gc, p, 4 * PAGE));
			ASSERT_EQ(0, alloc(self->gc, 4 * PAGE, 1, &p));
		}
		if (self->f.holds)
			EXPECT_EQ(q, p);
		EXPECT_TRUE(zeroes(p, 4 * PAGE));
		memset(p, 1, 4 * PAGE);
		ASSERT_EQ(0, gccolor_free(self->gc, p, 4 * PAGE));
	}
}

/* A file mapped where something was wrong before. */
TEST_F(sanitizer, images_are_fresh)
{
	struct gccolor_image image = { .size = sizeof(image), .length = 4 * PAGE, .color = 1 };
	char *p, *q;
	size_t i;
	int sum = 0;

	if (!self->f.holds)
		SKIP(return, "the backend holds no addresses");
	image.file = file_of_program();
	ASSERT_EQ(0, alloc(self->gc, 4 * PAGE, 1, &p));
	poison(p, 4 * PAGE);
	ASSERT_EQ(0, gccolor_free(self->gc, p, 4 * PAGE));
	image.at = p;
	ASSERT_EQ(0, gccolor_map_image(self->gc, &image, (void **)&q));
	for (i = 0; i < 4 * PAGE; i++)
		sum += !!q[i];
	EXPECT_LT(0, sum);
	file_close(image.file);
}

static void *increment(void *arg)
{
	volatile int *n = arg;

	*n += 1;
	return NULL;
}

/* A race between two threads in the region: TSan ends the child with status 66. */
TEST_F(sanitizer, races_are_found)
{
	pthread_t thread;
	int status;
	pid_t pid;
	char *p;

#if !defined(__SANITIZE_THREAD__) && !SANITIZED(thread_sanitizer)
	SKIP(return, "thread sanitizer only");
#endif
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &p));
	pid = fork();
	if (pid == 0) {
		pthread_create(&thread, NULL, increment, p);
		increment(p);
		pthread_join(thread, NULL);
		exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(66, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
