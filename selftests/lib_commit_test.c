// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Commit and decommit: what is usable, what traps, what comes back.
 */
#include "lib_test.h"

FIXTURE(commit)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	char *p;	/* 16 claimed pages in color 1 */
};

FIXTURE_SETUP(commit)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	if (!self->f.holds)
		SKIP(return, "the backend holds no addresses");
	ASSERT_EQ(0, claim(self->gc, 16 * PAGE, 1, &self->p));
}

FIXTURE_TEARDOWN(commit)
{
	gccolor_close(self->gc, 0);
}

TEST_F(commit, zeroes_writable_counted)
{
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + PAGE, 4 * PAGE, 0, 0));
	EXPECT_TRUE(zeroes(self->p + PAGE, 4 * PAGE));
	memset(self->p + PAGE, 1, 4 * PAGE);
	EXPECT_EQ(4 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(4 * PAGE, status_of(self->gc).extents);
	EXPECT_EQ(16 * PAGE, status_of(self->gc).claimed);
}

TEST_F(commit, exactly_the_range_traps_outside)
{
	if (!self->f.traps)
		SKIP(return, "no traps");
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + PAGE, 2 * PAGE, 0, 0));
	EXPECT_TRUE(traps(self->p + PAGE - 1, false));
	EXPECT_FALSE(traps(self->p + PAGE, true));
	EXPECT_FALSE(traps(self->p + 3 * PAGE - 1, true));
	EXPECT_TRUE(traps(self->p + 3 * PAGE, true));
	EXPECT_TRUE(traps((char *)self->g.base, false));
	EXPECT_TRUE(traps((char *)self->g.base + self->g.length - 1, false));
}

TEST_F(commit, refusals)
{
	char *beyond = self->p + 16 * PAGE;

	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 2 * PAGE, 0, 0));
	EXPECT_EQ(-EEXIST, gccolor_commit(self->gc, self->p + PAGE, 2 * PAGE, 0, 0));
	EXPECT_EQ(-ENOENT, gccolor_commit(self->gc, beyond - PAGE, 2 * PAGE, 0, 0));
	EXPECT_EQ(-ENOENT, gccolor_commit(self->gc, (void *)self->g.base, PAGE, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, self->p + 1, PAGE, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, self->p + PAGE, 0, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, self->p + PAGE, 7, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, self->p + 4 * PAGE, PAGE, 0, 0x800000));
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, self->p + 4 * PAGE, PAGE, GCCOLOR_WRITE, 0));
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, self->p + 4 * PAGE, PAGE, 0x10, 0));
	EXPECT_EQ(-EINVAL, gccolor_commit(NULL, self->p, PAGE, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, NULL, PAGE, 0, 0));
	EXPECT_EQ(-EOVERFLOW, gccolor_commit(self->gc, self->p, (size_t)-PAGE, 0, 0));
	EXPECT_EQ(-ERANGE, gccolor_commit(self->gc, (char *)self->g.base - PAGE, PAGE, 0, 0));
	EXPECT_EQ(-ERANGE, gccolor_commit(self->gc, (char *)self->g.base + self->g.length,
					  PAGE, 0, 0));
	EXPECT_EQ(-EXDEV, gccolor_commit(self->gc, (char *)gccolor_color_start(self->g, 2) - PAGE,
					 2 * PAGE, 0, 0));
	EXPECT_EQ(2 * PAGE, status_of(self->gc).committed);
}

TEST_F(commit, decommit_keeps_the_claim)
{
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, 0));
	memset(self->p, 0x77, 4 * PAGE);
	ASSERT_EQ(0, gccolor_decommit(self->gc, self->p, PAGE, GCCOLOR_EAGER));
	EXPECT_TRUE(zeroes(self->p, PAGE));
	ASSERT_EQ(0, gccolor_decommit(self->gc, self->p + PAGE, PAGE, GCCOLOR_LAZY));
	EXPECT_TRUE(self->p[PAGE] == 0x77 || self->p[PAGE] == 0);
	self->p[PAGE] = 1;
	EXPECT_EQ(4 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(-EINVAL, gccolor_decommit(self->gc, self->p, PAGE, 3));
	EXPECT_EQ(-ENOENT, gccolor_decommit(self->gc, self->p + 3 * PAGE, 2 * PAGE,
					    GCCOLOR_EAGER));
	if (!self->f.traps) {
		EXPECT_EQ(-EOPNOTSUPP, gccolor_decommit(self->gc, self->p, PAGE, GCCOLOR_TRAP));
		return;
	}
	ASSERT_EQ(0, gccolor_decommit(self->gc, self->p + PAGE, 2 * PAGE, GCCOLOR_TRAP));
	EXPECT_TRUE(traps(self->p + PAGE, true));
	EXPECT_TRUE(traps(self->p + 2 * PAGE, false));
	EXPECT_EQ(0x77, self->p[3 * PAGE]);
	EXPECT_EQ(2 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(16 * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(-ENOENT, gccolor_decommit(self->gc, self->p, 4 * PAGE, GCCOLOR_TRAP));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + PAGE, 2 * PAGE, 0, 0));
	EXPECT_TRUE(zeroes(self->p + PAGE, 2 * PAGE));
}

TEST_F(commit, read_only)
{
	int error = gccolor_commit(self->gc, self->p, 2 * PAGE, GCCOLOR_READ, 0);

	if (!self->f.protects) {
		EXPECT_EQ(-EOPNOTSUPP, error);
		return;
	}
	ASSERT_EQ(0, error);
	EXPECT_TRUE(zeroes(self->p, 2 * PAGE));
	EXPECT_TRUE(traps(self->p, true));
	EXPECT_FALSE(traps(self->p, false));
	ASSERT_EQ(0, gccolor_free(self->gc, self->p, PAGE));
	EXPECT_TRUE(traps(self->p, false));
}

TEST_F(commit, executable_only_where_declared)
{
	struct gccolor_options opt = small_region();
	struct gccolor_request r = request(PAGE, 3);
	const uint32_t prot = GCCOLOR_READ | GCCOLOR_EXEC;
	struct gccolor *gc;
	char *p;
	int error;

	opt.exec_colors = 1 << 3;
	error = gccolor_open(&gc, &opt);
	if (!self->f.exec) {
		EXPECT_EQ(error, wanted_backend() == GCCOLOR_AUTO ? 0 : -EOPNOTSUPP);
		EXPECT_EQ(-EOPNOTSUPP, gccolor_commit(self->gc, self->p, PAGE, prot, 0));
		return;
	}
	if (error == -EOPNOTSUPP)
		SKIP(return, "%s", gccolor_strerror(error));
	ASSERT_EQ(0, error);
	r.prot = prot;
	ASSERT_EQ(0, gccolor_alloc(gc, &r, (void **)&p));
	EXPECT_EQ(-EACCES, gccolor_commit(self->gc, self->p, PAGE, prot, 0));
	EXPECT_EQ(-EACCES, gccolor_commit(self->gc, self->p, PAGE, prot | GCCOLOR_WRITE, 0));
	r.color = 2;
	EXPECT_EQ(-EACCES, gccolor_alloc(gc, &r, (void **)&p));
	r.color = GCCOLOR_ANY_COLOR;
	ASSERT_EQ(0, gccolor_alloc(gc, &r, (void **)&p));
	EXPECT_EQ(3, gccolor_color_of(gccolor_geometry(gc), p));
	EXPECT_EQ(1 << 3, status_of(gc).exec_colors);
	ASSERT_EQ(0, gccolor_close(gc, 0));
}

static bool populated(void *p, size_t length)
{
	long pages = resident_in(p, length);

	if (pages < 0)
		printf("# which pages are resident is not to be known here\n");
	return pages < 0 || (size_t)pages == length / PAGE;
}

TEST_F(commit, flags)
{
	struct gccolor_request r = request(4 * PAGE, 2);
	char *p;
	int error;

	r.flags = GCCOLOR_POPULATE;
	if (status_of(self->gc).caps & GCCOLOR_CAP_NORESERVE)
		r.flags |= GCCOLOR_NORESERVE;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_TRUE(populated(p, 4 * PAGE));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, GCCOLOR_POPULATE));
	EXPECT_TRUE(populated(self->p, 4 * PAGE));
	r.length = WORD64 ? 4 * MIB : 2 * MIB;
	r.align = 2 * MIB;
	r.flags = GCCOLOR_HUGEPAGE;
	error = gccolor_alloc(self->gc, &r, (void **)&p);
	EXPECT_TRUE(error == 0 || error == -EOPNOTSUPP);
	if (!error)
		EXPECT_TRUE(zeroes(p, r.length));
}

/* A stray write into reserve, where that does not trap, is not seen later. */
TEST_F(commit, reserve_written_before)
{
	if (self->f.traps) {
		EXPECT_TRUE(traps(self->p, true));
		return;
	}
	self->p[0] = 1;
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, PAGE, 0, 0));
	EXPECT_EQ(0, self->p[0]);
}

TEST_F(commit, runs_and_levels)
{
	struct gccolor_run run;
	char *at = (char *)self->g.base;
	char *end = at + self->g.length;
	size_t committed = 0, claimed = 0, runs = 0;
	uint32_t color;

	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + 2 * PAGE, 3 * PAGE, 0, 0));
	for (; gccolor_run_at(self->gc, at, &run) == 0; at += run.length, runs++) {
		ASSERT_EQ(at, run.start);
		ASSERT_NE(0, run.length);
		committed += run.state == GCCOLOR_RUN_COMMITTED ? run.length : 0;
		claimed += run.state == GCCOLOR_RUN_CLAIMED ? run.length : 0;
	}
	EXPECT_EQ(end, at);
	EXPECT_EQ(-ERANGE, gccolor_run_at(self->gc, at, &run));
	EXPECT_EQ(3 * PAGE, committed);
	EXPECT_EQ(13 * PAGE, claimed);
	EXPECT_EQ(19, runs);	/* 16 colors; color 1 has three pieces more */
	ASSERT_EQ(0, gccolor_run_at(self->gc, self->p + 3 * PAGE + 5, &run));
	EXPECT_EQ(self->p + 2 * PAGE, run.start);
	EXPECT_EQ(READ_WRITE, run.prot);
	for (color = 0; color < self->g.colors; color++)
		EXPECT_EQ(self->f.level, gccolor_color_level(self->gc, color));
	EXPECT_EQ(GCCOLOR_NONE, gccolor_color_level(self->gc, color));
	EXPECT_EQ(self->f.level, gccolor_level(self->gc));
}

TEST_HARNESS_MAIN
