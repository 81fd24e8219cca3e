// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Refusals that the other tests do not see, and what gccolor_strerror() says.
 */
#include "lib_test.h"

FIXTURE(error)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	char *p;
};

FIXTURE_SETUP(error)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	ASSERT_EQ(0, alloc(self->gc, 2 * PAGE, 1, &self->p));
}

FIXTURE_TEARDOWN(error)
{
	gccolor_close(self->gc, 0);
}

TEST_F(error, sizes_of_requests)
{
	struct {
		struct gccolor_request r;
		unsigned char tail[16];
	} later = { .r = request(PAGE, 1) };
	size_t bad[] = { 0, 1, 7, sizeof(size_t),
			 offsetof(struct gccolor_request, guard) - 1 };
	char *q;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		later.r.size = bad[i];
		EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &later.r, (void **)&q));
		EXPECT_EQ(-EINVAL, gccolor_claim(self->gc, &later.r, (void **)&q));
	}
	later.r.size = sizeof(later);
	later.tail[0] = 1;
	EXPECT_EQ(-E2BIG, gccolor_alloc(self->gc, &later.r, (void **)&q));
	later.tail[0] = 0;
	EXPECT_EQ(0, gccolor_alloc(self->gc, &later.r, (void **)&q));
}

TEST_F(error, wrong_requests)
{
	struct gccolor_request good = request(PAGE, 1);
	struct gccolor_request r;
	void *q = NULL;

#define REFUSED(error, change)						\
	do {								\
		r = good;						\
		r.change;						\
		EXPECT_EQ(error, gccolor_alloc(self->gc, &r, &q)) {	\
			TH_LOG("%s", #change);				\
		}							\
		EXPECT_EQ(NULL, q);					\
	} while (0)

	EXPECT_EQ(-EINVAL, gccolor_alloc(NULL, &good, &q));
	EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, NULL, &q));
	EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &good, NULL));
	REFUSED(-EINVAL, length = 0);
	REFUSED(-EINVAL, length = PAGE + 1);
	REFUSED(-EINVAL, length = (size_t)1 << 62);
	REFUSED(-EINVAL, reserved = 1);
	REFUSED(-EINVAL, flags = 0x80);
	REFUSED(-EINVAL, flags = 0x800000);
	REFUSED(-EINVAL, prot = GCCOLOR_WRITE);
	REFUSED(-EINVAL, prot = 8);
	REFUSED(-EACCES, prot = GCCOLOR_READ | GCCOLOR_WRITE | GCCOLOR_EXEC);
	REFUSED(-EINVAL, color = 16);
	REFUSED(-EINVAL, align = 3);
	REFUSED(-EINVAL, avoid_count = 1);
	REFUSED(-EINVAL, at = self->p; r.after = self->p);
	if (self->f.holds) {
		REFUSED(-EINVAL, at = self->p + 1);
		REFUSED(-EEXIST, at = self->p);
	} else {
		REFUSED(-EOPNOTSUPP, at = self->p);
		REFUSED(-EOPNOTSUPP, after = self->p);
		REFUSED(-EOPNOTSUPP, align = 2 * PAGE);
		EXPECT_EQ(-EOPNOTSUPP, gccolor_claim(self->gc, &good, &q));
		EXPECT_EQ(-EOPNOTSUPP, gccolor_commit(self->gc, self->p, PAGE, 0, 0));
		EXPECT_EQ(-EOPNOTSUPP, gccolor_extend(self->gc, self->p, PAGE, 2 * PAGE, 0, 0));
	}
	r = good;
	r.prot = GCCOLOR_READ;
	EXPECT_EQ(-EINVAL, gccolor_claim(self->gc, &r, &q));
	r = good;
	r.flags = GCCOLOR_POPULATE;
	EXPECT_EQ(-EINVAL, gccolor_claim(self->gc, &r, &q));
}

TEST_F(error, ranges)
{
	struct gccolor_run run;

	EXPECT_EQ(-EINVAL, gccolor_free(NULL, self->p, PAGE));
	EXPECT_EQ(-EINVAL, gccolor_free(self->gc, NULL, PAGE));
	EXPECT_EQ(-EINVAL, gccolor_free(self->gc, self->p + 1, PAGE));
	EXPECT_EQ(-EINVAL, gccolor_free(self->gc, self->p, 0));
	EXPECT_EQ(-EINVAL, gccolor_free(self->gc, self->p, 1));
	EXPECT_EQ(-EOVERFLOW, gccolor_free(self->gc, self->p, (size_t)-PAGE));
	EXPECT_EQ(-EOVERFLOW, gccolor_decommit(self->gc, self->p, (size_t)-PAGE, 0));
	EXPECT_EQ(-EINVAL, gccolor_decommit(self->gc, self->p, PAGE + 1, 0));
	EXPECT_EQ(-EINVAL, gccolor_decommit(NULL, self->p, PAGE, 0));
	EXPECT_EQ(-EINVAL, gccolor_extend(NULL, self->p, PAGE, 2 * PAGE, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_run_at(NULL, self->p, &run));
	EXPECT_EQ(-EINVAL, gccolor_run_at(self->gc, self->p, NULL));
	EXPECT_EQ(-ERANGE, gccolor_run_at(self->gc, (void *)(self->g.base - 1), &run));
	EXPECT_EQ(-EINVAL, gccolor_status(self->gc, NULL));
	EXPECT_EQ(-EINVAL, gccolor_status(self->gc, &(struct gccolor_status){ .size = 7 }));
	EXPECT_EQ(GCCOLOR_NONE, gccolor_level(NULL));
	EXPECT_EQ(0, gccolor_geometry(NULL).length);
	if (self->f.holds) {
		char *low = (char *)self->g.base;

		EXPECT_EQ(-ERANGE, gccolor_free(self->gc, low - PAGE, PAGE));
		EXPECT_EQ(-ERANGE, gccolor_free(self->gc, low - PAGE, 2 * PAGE));
		EXPECT_EQ(-ERANGE, gccolor_free(self->gc, low + self->g.length - PAGE, 2 * PAGE));
		EXPECT_EQ(-ERANGE, gccolor_extend(self->gc, self->p, PAGE, self->g.length, 0, 0));
	}
	EXPECT_EQ(2 * PAGE, status_of(self->gc).committed);
}

/* A longer struct than ours is filled, and what we do not know is 0. */
TEST_F(error, status_of_a_later_version)
{
	struct {
		struct gccolor_status status;
		unsigned char tail[16];
	} later;

	memset(&later, 0xee, sizeof(later));
	later.status.size = sizeof(later);
	ASSERT_EQ(0, gccolor_status(self->gc, &later.status));
	EXPECT_EQ(sizeof(later), later.status.size);
	EXPECT_TRUE(zeroes((char *)later.tail, sizeof(later.tail)));
	EXPECT_EQ(2 * PAGE, later.status.committed);
}

TEST_F(error, text_names_address_size_and_what_to_do)
{
	char place[32];
	const char *text;

	ASSERT_EQ(-ENOENT, gccolor_free(self->gc, self->p + 64 * PAGE, 4 * PAGE));
	text = gccolor_strerror(-ENOENT);
	snprintf(place, sizeof(place), "%p", self->p + 64 * PAGE);
	printf("# %s\n", text);
	EXPECT_NE(NULL, strstr(text, place));
	EXPECT_NE(NULL, strstr(text, "16 KiB"));
	EXPECT_NE(NULL, strstr(text, "free"));
	/* Another error than the last has its general text. */
	EXPECT_EQ(NULL, strstr(gccolor_strerror(-EINVAL), place));
	EXPECT_STREQ("no error", gccolor_strerror(0));
	EXPECT_NE(NULL, strstr(gccolor_strerror(GCCOLOR_DEFERRED), "later"));
	EXPECT_NE(NULL, gccolor_strerror(-4711));
	EXPECT_NE(NULL, gccolor_strerror(4711));
}

static void *fail_elsewhere(void *arg)
{
	(void)gccolor_free(arg, (void *)gccolor_geometry(arg).base, 8 * PAGE);
	return NULL;
}

TEST_F(error, text_is_of_this_thread)
{
	char before[600];
	struct thread thread;

	ASSERT_EQ(-ENOENT, gccolor_free(self->gc, self->p + 64 * PAGE, 4 * PAGE));
	snprintf(before, sizeof(before), "%s", gccolor_strerror(-ENOENT));
	ASSERT_EQ(0, thread_start(&thread, fail_elsewhere, self->gc));
	thread_join(&thread);
	EXPECT_STREQ(before, gccolor_strerror(-ENOENT));
}

/* The numbers of the header are the library's, and on Linux errno.h's. */
TEST(numbers)
{
	struct gccolor_options opt = small_region();
	static const int pairs[][2] = {
		{ GCCOLOR_EPERM, EPERM }, { GCCOLOR_ENOENT, ENOENT },
		{ GCCOLOR_EIO, EIO }, { GCCOLOR_ENXIO, ENXIO },
		{ GCCOLOR_E2BIG, E2BIG }, { GCCOLOR_EAGAIN, EAGAIN },
		{ GCCOLOR_ENOMEM, ENOMEM }, { GCCOLOR_EACCES, EACCES },
		{ GCCOLOR_EBUSY, EBUSY }, { GCCOLOR_EEXIST, EEXIST },
		{ GCCOLOR_EXDEV, EXDEV }, { GCCOLOR_ENODEV, ENODEV },
		{ GCCOLOR_EINVAL, EINVAL }, { GCCOLOR_ENFILE, ENFILE },
		{ GCCOLOR_EMFILE, EMFILE }, { GCCOLOR_ENOSPC, ENOSPC },
		{ GCCOLOR_ERANGE, ERANGE }, { GCCOLOR_EOVERFLOW, EOVERFLOW },
		{ GCCOLOR_EOPNOTSUPP, EOPNOTSUPP }, { GCCOLOR_ESHUTDOWN, ESHUTDOWN },
		{ GCCOLOR_EDQUOT, EDQUOT }, { GCCOLOR_EBADF, EBADF },
		{ GCCOLOR_ENODATA, ENODATA },
	};
	struct gccolor *gc = NULL;
	size_t i;

	opt.min_level = GCCOLOR_ENFORCED;
	opt.backend = GCCOLOR_NULL;
	EXPECT_EQ(-95, gccolor_open(&gc, &opt));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-95), "at most"));
	EXPECT_STREQ("address + length wraps around", gccolor_strerror(-75));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-108), "drained"));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-122), "regions"));
	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		EXPECT_EQ(pairs[i][0], pairs[i][1]);
}

TEST(names)
{
	uint32_t i;

	for (i = 0; gccolor_level_name(i); i++)
		EXPECT_EQ(i, gccolor_level_from_name(gccolor_level_name(i)));
	EXPECT_EQ(GCCOLOR_ENFORCED + 1, i);
	for (i = 0; gccolor_backend_name(i); i++)
		EXPECT_EQ(i, gccolor_backend_from_name(gccolor_backend_name(i)));
	EXPECT_EQ(GCCOLOR_NULL + 1, i);
	EXPECT_EQ(-EINVAL, gccolor_level_from_name("best"));
	EXPECT_EQ(-EINVAL, gccolor_level_from_name(NULL));
	EXPECT_EQ(-EINVAL, gccolor_backend_from_name("KMOD"));
	EXPECT_STREQ("1.0.0", gccolor_version());
}

TEST_HARNESS_MAIN
