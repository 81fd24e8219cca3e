// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * gccolor_open() and gccolor_close(): options, choice of backend and base.
 */
#include "lib_test.h"

/* Options followed by bytes that this library does not know. */
struct later_options {
	struct gccolor_options opt;
	unsigned char tail[64];
};

FIXTURE(open)
{
	struct gccolor_options opt;
	struct gccolor *gc;
	struct facts f;
};

/* Learn what the backend can do from one region, and end it if that goes. */
FIXTURE_SETUP(open)
{
	self->opt = small_region();
	if (no_backend(_metadata, &self->gc, &self->opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	if (self->f.gives_back)
		ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
}

FIXTURE_TEARDOWN(open)
{
	if (self->gc)
		gccolor_close(self->gc, 0);
}

TEST_F(open, the_backend_asked_for)
{
	int wanted = wanted_backend();

	ASSERT_EQ(0, gccolor_open(&self->gc, NULL));
	if (wanted != GCCOLOR_AUTO)
		EXPECT_EQ(wanted, status_of(self->gc).backend);
	EXPECT_EQ(self->f.level != GCCOLOR_ENFORCED,
		  status_of(self->gc).why_not_better[0] != '\0');
	printf("# %s, %s, %s\n", gccolor_backend_name(status_of(self->gc).backend),
	       gccolor_level_name(status_of(self->gc).level),
	       status_of(self->gc).why_not_better);
}

TEST_F(open, default_shape)
{
	struct gccolor_geometry g;

	ASSERT_EQ(0, gccolor_open(&self->gc, NULL));
	g = gccolor_geometry(self->gc);
	EXPECT_EQ(16, g.colors);
	EXPECT_EQ(g.length, (size_t)g.colors << g.color_shift);
	EXPECT_EQ(0, g.base % g.length);
	EXPECT_LE(SMALL, g.length);
	if (self->f.bases && !SANITIZER && !narrow())
		EXPECT_EQ(DEFAULT_LENGTH, g.length);
	EXPECT_EQ(PAGE, g.page_size);
	EXPECT_EQ(1, gccolor_contains(g, (void *)g.base));
	EXPECT_EQ(0, gccolor_contains(g, (void *)(g.base - 1)));
	EXPECT_EQ(0, gccolor_contains(g, (void *)(g.base + g.length)));
	EXPECT_EQ(-1, gccolor_color_of(g, NULL));
	EXPECT_EQ(0, gccolor_color_of(g, (void *)g.base));
	EXPECT_EQ(15, gccolor_color_of(g, (void *)(g.base + g.length - 1)));
	EXPECT_EQ((void *)g.base, gccolor_color_start(g, 0));
}

TEST_F(open, sizes_of_options)
{
	struct later_options later = { .opt = self->opt };
	size_t bad[] = { 0, 1, 7, sizeof(size_t), sizeof(later.opt) - 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		later.opt.size = bad[i];
		EXPECT_EQ(-EINVAL, gccolor_open(&self->gc, &later.opt));
	}
	later.opt.size = sizeof(later);
	later.tail[63] = 1;
	EXPECT_EQ(-E2BIG, gccolor_open(&self->gc, &later.opt));
	EXPECT_EQ(NULL, self->gc);
	later.tail[63] = 0;
	EXPECT_EQ(0, gccolor_open(&self->gc, &later.opt));
}

#define REFUSED(change)							\
	do {								\
		struct gccolor_options opt = self->opt;			\
		struct gccolor *none = NULL;				\
									\
		opt.change;						\
		EXPECT_EQ(-EINVAL, gccolor_open(&none, &opt)) {		\
			TH_LOG("%s was accepted", #change);		\
		}							\
		EXPECT_EQ(NULL, none);					\
	} while (0)

TEST_F(open, wrong_options)
{
	static const uintptr_t bases[] = { PLACE, PLACE + PAGE };

	EXPECT_EQ(-EINVAL, gccolor_open(NULL, NULL));
	REFUSED(flags = 1);
	REFUSED(reserved = 1);
	REFUSED(backend = 7);
	REFUSED(min_level = 7);
	REFUSED(base_policy = 4);
	REFUSED(length = 3 * MIB);
	REFUSED(length = (size_t)1 << (WORD64 ? 63 : 31));
	REFUSED(min_length = 3 * MIB);
	REFUSED(min_length = 2 * SMALL);
	REFUSED(min_length = PAGE);
	REFUSED(colors = 3);
	REFUSED(colors = 128);
	REFUSED(exec_colors = 1 << 16);
	REFUSED(extent = 100);
	REFUSED(extent = 3 * PAGE);
	REFUSED(extent = PAGE / 2);
	REFUSED(extent = SMALL);
	REFUSED(base = PLACE);
	REFUSED(range_start = PLACE);
	REFUSED(bases = bases);
	REFUSED(bases_count = 1);
	REFUSED(base_policy = GCCOLOR_BASE_EXACT);
	REFUSED(base_policy = GCCOLOR_BASE_EXACT; opt.base = PLACE + PAGE);
	REFUSED(base_policy = GCCOLOR_BASE_RANGE; opt.range_end = MIB);
	REFUSED(base_policy = GCCOLOR_BASE_RANGE; opt.range_start = 2 * SMALL;
		opt.range_end = SMALL);
	REFUSED(bases = bases; opt.bases_count = 2);
}

TEST_F(open, minimum_level)
{
	struct gccolor *none = NULL;
	uint32_t level;
	int error;

	for (level = GCCOLOR_HINT; level <= GCCOLOR_ENFORCED; level++) {
		self->opt.min_level = level;
		error = gccolor_open(&none, &self->opt);
		if (level <= self->f.level) {
			ASSERT_EQ(0, error);
			EXPECT_LE(level, gccolor_level(none));
			gccolor_close(none, 0);
			none = NULL;
		} else {
			EXPECT_EQ(-EOPNOTSUPP, error);
			EXPECT_EQ(NULL, none);
		}
	}
}

TEST_F(open, close_and_keep)
{
	struct gccolor_geometry g;
	char *p;
	int error;

	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(-EINVAL, gccolor_close(self->gc, 2));
	EXPECT_EQ(-EINVAL, gccolor_close(NULL, 0));
	g = gccolor_geometry(self->gc);
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &p));
	*p = 5;
	EXPECT_EQ(0, gccolor_close(self->gc, GCCOLOR_KEEP));
	EXPECT_EQ(5, *p);
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	if (self->f.holds)
		EXPECT_NE(g.base, gccolor_geometry(self->gc).base);
	g = gccolor_geometry(self->gc);
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &p));
	error = gccolor_close(self->gc, 0);
	self->gc = NULL;
	EXPECT_EQ(self->f.gives_back ? 0 : -EPERM, error);
	if (self->f.bases && self->f.gives_back)
		EXPECT_NE(NULL, take_addresses(g.base, g.length));
}

TEST_F(open, environment)
{
	uint32_t plain = (uint32_t)gccolor_backend_from_name(plain_backend);

	ASSERT_EQ(0, set_environment("GCCOLOR_BACKEND", "posixx"));
	EXPECT_EQ(-EINVAL, gccolor_open(&self->gc, &self->opt));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EINVAL), "GCCOLOR_BACKEND=posixx"));
	ASSERT_EQ(0, set_environment("GCCOLOR_BACKEND", foreign_backend));
	EXPECT_EQ(-EOPNOTSUPP, gccolor_open(&self->gc, &self->opt));
	ASSERT_EQ(0, set_environment("GCCOLOR_BACKEND", "hint"));
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(GCCOLOR_HINTED, status_of(self->gc).backend);
	ASSERT_EQ(0, gccolor_close(self->gc, 0));
	/* A backend that the caller names is not replaced. */
	self->opt.backend = plain;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(plain, status_of(self->gc).backend);
	ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->opt.backend = GCCOLOR_AUTO;
	ASSERT_EQ(0, set_environment("GCCOLOR_BACKEND", ""));
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_LE(GCCOLOR_RESERVED, status_of(self->gc).level);
}

TEST_F(open, automatic_takes_the_best_and_says_why)
{
	struct gccolor_status status;

	ASSERT_EQ(0, set_environment("GCCOLOR_BACKEND", "auto"));
	self->opt.exec_colors = 2;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	status = status_of(self->gc);
	printf("# %s: %s\n", gccolor_backend_name(status.backend), status.why_not_better);
	if (status.backend == GCCOLOR_WINDOWS) {
		EXPECT_NE(NULL, strstr(status.why_not_better, "VirtualFree"));
	} else if (status.backend == GCCOLOR_POSIX) {
		EXPECT_NE(NULL, strstr(status.why_not_better, "kmod: "));
		EXPECT_NE(NULL, strstr(status.why_not_better, "mseal: "));
	} else {
		EXPECT_EQ(GCCOLOR_KMOD, status.backend);
	}
}

TEST_HARNESS_MAIN
