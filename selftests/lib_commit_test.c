// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Commit and decommit: what is usable, what traps, what comes back, and what
 * happens when the system refuses.
 */
#include "lib_test.h"

struct failures {
	int calls;
	int error;
	void *addr;
	size_t length;
	struct gccolor *gc;
};

static void release_failed(void *arg, void *addr, size_t length, int error)
{
	struct failures *f = arg;

	f->calls++;
	f->addr = addr;
	f->length = length;
	f->error = error;
	if (f->gc)	/* no lock is held */
		(void)gccolor_level(f->gc);
}

FIXTURE(commit)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	struct failures failures;
	char *p;	/* 16 claimed pages in color 1 */
};

FIXTURE_SETUP(commit)
{
	struct gccolor_options opt = small_region();

	opt.release_failed = release_failed;
	opt.release_failed_arg = &self->failures;
	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	self->failures.gc = self->gc;
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
	EXPECT_EQ(-EINVAL, gccolor_commit(self->gc, self->p + 4 * PAGE, PAGE, 0, 0x8));
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

TEST_F(commit, flags)
{
	struct gccolor_request r = request(4 * PAGE, 2);
	unsigned char vec[4];
	char *p;
	int error;

	r.flags = GCCOLOR_POPULATE | GCCOLOR_NORESERVE;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	ASSERT_EQ(0, mincore(p, 4 * PAGE, vec));
	EXPECT_EQ(4, (vec[0] & 1) + (vec[1] & 1) + (vec[2] & 1) + (vec[3] & 1));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, GCCOLOR_POPULATE));
	ASSERT_EQ(0, mincore(self->p, 4 * PAGE, vec));
	EXPECT_EQ(4, (vec[0] & 1) + (vec[1] & 1) + (vec[2] & 1) + (vec[3] & 1));
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

/* The system refuses to carve: discarded, kept, tried again, told once. */
TEST_F(commit, deferred_free)
{
	struct gccolor_request r = request(4 * PAGE, 1);
	char *q;

	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (!self->f.traps)
		SKIP(return, "nothing is carved");
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 16 * PAGE, 0, 0));
	memset(self->p, 0x33, 16 * PAGE);
	limit_address_space(MIB);
	EXPECT_EQ(GCCOLOR_DEFERRED, gccolor_free(self->gc, self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_EQ(4 * PAGE, status_of(self->gc).deferred);
	EXPECT_EQ(1, status_of(self->gc).releases_failed);
	EXPECT_EQ(1, self->failures.calls);
	EXPECT_EQ(-ENOMEM, self->failures.error);
	EXPECT_EQ(self->p + 4 * PAGE, self->failures.addr);
	EXPECT_EQ(4 * PAGE, self->failures.length);
	EXPECT_EQ(12 * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(12 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(-ENOENT, gccolor_free(self->gc, self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_TRUE(zeroes(self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_EQ(0x33, self->p[0]);
	EXPECT_EQ(0x33, self->p[8 * PAGE]);
	/* It is not handed out meanwhile. */
	r.at = self->p + 4 * PAGE;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&q));
	limit_address_space(RLIM_INFINITY);
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&q));
	EXPECT_EQ(0, status_of(self->gc).deferred);
	EXPECT_EQ(1, status_of(self->gc).releases_failed);
	EXPECT_TRUE(traps(q, true));
	EXPECT_EQ(0x33, self->p[8 * PAGE]);
}

TEST_F(commit, deferred_trap)
{
	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (!self->f.traps)
		SKIP(return, "nothing is carved");
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 16 * PAGE, 0, 0));
	memset(self->p, 0x33, 16 * PAGE);
	limit_address_space(MIB);
	EXPECT_EQ(GCCOLOR_DEFERRED, gccolor_decommit(self->gc, self->p, 8 * PAGE, GCCOLOR_TRAP));
	EXPECT_EQ(8 * PAGE, status_of(self->gc).deferred);
	EXPECT_EQ(8 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(16 * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(-ENOENT, gccolor_decommit(self->gc, self->p, 8 * PAGE, GCCOLOR_TRAP));
	/* Committing again needs no carving: at once, and as zeroes. */
	self->p[0] = 1;
	EXPECT_EQ(0, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, 0));
	EXPECT_TRUE(zeroes(self->p, 4 * PAGE));
	EXPECT_EQ(4 * PAGE, status_of(self->gc).deferred);
	/* Freed while it waits: it goes on waiting. */
	EXPECT_EQ(GCCOLOR_DEFERRED, gccolor_free(self->gc, self->p + 4 * PAGE, PAGE));
	EXPECT_EQ(4 * PAGE, status_of(self->gc).deferred);
	EXPECT_EQ(15 * PAGE, status_of(self->gc).claimed);
	limit_address_space(RLIM_INFINITY);
	(void)gccolor_level(self->gc);
	(void)gccolor_level(self->gc);
	EXPECT_EQ(0, status_of(self->gc).deferred);
	EXPECT_TRUE(traps(self->p + 4 * PAGE, true));
	EXPECT_TRUE(traps(self->p + 5 * PAGE, true));
	EXPECT_FALSE(traps(self->p, true));
	EXPECT_EQ(0x33, self->p[8 * PAGE]);
}

TEST_F(commit, refused_commit_changes_nothing)
{
	struct gccolor_request r = request(MIB, 2);
	size_t before;
	char *p;

	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (!self->f.traps)
		SKIP(return, "commit is bookkeeping");
	before = status_of(self->gc).claimed;
	limit_address_space(MIB);
	EXPECT_EQ(-ENOMEM, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, 0));
	EXPECT_EQ(-ENOMEM, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(-ENOMEM, gccolor_extend(self->gc, self->p, 16 * PAGE, 17 * PAGE,
					  READ_WRITE, 0));
	limit_address_space(RLIM_INFINITY);
	EXPECT_EQ(before, status_of(self->gc).claimed);
	EXPECT_EQ(0, status_of(self->gc).committed);
	EXPECT_EQ(0, status_of(self->gc).extents);
	EXPECT_TRUE(traps(self->p, true));
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_TRUE(zeroes(p, MIB));
}

/* Frees that need a node each, until there is none: -ENOMEM, and nothing changed. */
TEST_F(commit, no_memory_for_the_account)
{
	size_t i, freed = 0, n = 8192;
	char *p;
	int error = 0;

	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (SANITIZED(thread_sanitizer))
		SKIP(return, "clang's TSan ends a process that gets no memory");
	if (!WORD64)
		SKIP(return, "a color of 4 MiB is too small for it");
	ASSERT_EQ(0, claim(self->gc, 2 * n * PAGE, 3, &p));
	limit_address_space(MIB);
	for (i = 0; !error && i < n; i++) {
		error = gccolor_free(self->gc, p + 2 * i * PAGE, PAGE);
		freed += !error;
	}
	limit_address_space(RLIM_INFINITY);
	ASSERT_EQ(-ENOMEM, error);
	printf("# refused after %zu frees\n", freed);
	EXPECT_EQ((16 + 2 * n - freed) * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(0, gccolor_free(self->gc, p + 2 * freed * PAGE, PAGE));
}

TEST_HARNESS_MAIN
