// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Advice on committed memory: had or refused, and contents stay.
 */
#include "lib_test.h"

static const struct {
	enum gccolor_advice advice;
	uint64_t cap;
} advices[] = {
	{ GCCOLOR_ADVISE_POPULATE, GCCOLOR_CAP_POPULATE },
	{ GCCOLOR_ADVISE_COLLAPSE, GCCOLOR_CAP_COLLAPSE },
	{ GCCOLOR_ADVISE_COLD, GCCOLOR_CAP_COLD },
	{ GCCOLOR_ADVISE_PAGEOUT, GCCOLOR_CAP_PAGEOUT },
};

FIXTURE(advise)
{
	struct gccolor *gc;
	struct facts f;
	uint64_t caps;
};

FIXTURE_SETUP(advise)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->caps = status_of(self->gc).caps;
}

FIXTURE_TEARDOWN(advise)
{
	gccolor_close(self->gc, 0);
}

TEST_F(advise, had_or_refused_and_contents_stay)
{
	struct gccolor_request r = request(4 * MIB, 2);
	char *p;
	size_t i, k;
	bool busy;
	int error;

	if (self->f.holds)
		r.align = 2 * MIB;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	for (i = 0; i < ARRAY_SIZE(advices); i++) {
		memset(p, (int)i + 1, 4 * MIB);
		error = gccolor_advise(self->gc, p, 4 * MIB, advices[i].advice);
		/* There may be no huge page just now. */
		busy = advices[i].advice == GCCOLOR_ADVISE_COLLAPSE &&
		       (error == -ENOMEM || error == -EAGAIN || error == -EBUSY);
		EXPECT_TRUE(self->caps & advices[i].cap ? !error || busy
							: error == -EOPNOTSUPP);
		if (error)
			printf("# advice %d: %s\n", advices[i].advice, gccolor_strerror(error));
		for (k = 0; k < 4 * MIB; k += PAGE)
			ASSERT_EQ(i + 1, p[k]);
	}
	EXPECT_EQ(4 * MIB, status_of(self->gc).committed);
}

TEST_F(advise, populates)
{
	long present;
	char *p;

	ASSERT_EQ(0, alloc(self->gc, 8 * PAGE, 2, &p));
	ASSERT_EQ(0, gccolor_advise(self->gc, p, 8 * PAGE, GCCOLOR_ADVISE_POPULATE));
	present = resident_in(p, 8 * PAGE);
	if (present < 0)
		SKIP(return, "nobody says here what is resident");
	EXPECT_EQ(8, present);
}

/* A stack is never in huge pages, whoever asks. */
TEST_F(advise, stacks_do_not_collapse)
{
	struct gccolor_request r = request(4 * MIB, 2);
	char *p;

	if (!(self->caps & GCCOLOR_CAP_COLLAPSE) || !(self->caps & GCCOLOR_CAP_STACK))
		SKIP(return, "no such advice or flag here");
	r.flags = GCCOLOR_STACK;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	memset(p, 1, 4 * MIB);
	EXPECT_EQ(-EOPNOTSUPP, gccolor_advise(self->gc, p, 4 * MIB, GCCOLOR_ADVISE_COLLAPSE));
	printf("# %s\n", gccolor_strerror(-EOPNOTSUPP));
}

TEST_F(advise, refusals)
{
	struct gccolor_request r = request(4 * PAGE, 1);
	char *p;
	size_t i;

	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(-EINVAL, gccolor_advise(NULL, p, PAGE, GCCOLOR_ADVISE_POPULATE));
	EXPECT_EQ(-EINVAL, gccolor_advise(self->gc, NULL, PAGE, GCCOLOR_ADVISE_POPULATE));
	EXPECT_EQ(-EINVAL, gccolor_advise(self->gc, p, 0, GCCOLOR_ADVISE_POPULATE));
	EXPECT_EQ(-EINVAL, gccolor_advise(self->gc, p + 1, PAGE, GCCOLOR_ADVISE_POPULATE));
	EXPECT_EQ(-EINVAL, gccolor_advise(self->gc, p, PAGE, 0));
	EXPECT_EQ(-EINVAL, gccolor_advise(self->gc, p, PAGE, GCCOLOR_ADVISE_PAGEOUT + 1));
	EXPECT_EQ(-EINVAL, gccolor_advise(self->gc, p, PAGE, -1));
	EXPECT_EQ(-EOVERFLOW, gccolor_advise(self->gc, p, (size_t)-PAGE,
					     GCCOLOR_ADVISE_POPULATE));
	for (i = 0; i < ARRAY_SIZE(advices); i++) {
		if (!(self->caps & advices[i].cap))
			continue;
		EXPECT_EQ(-ENOENT, gccolor_advise(self->gc, p, (WORD64 ? 4096 : 512) * PAGE,
						  advices[i].advice));
		EXPECT_EQ(-ENOENT, gccolor_advise(self->gc, p + 64 * PAGE, PAGE,
						  advices[i].advice));
	}
}

/* Several protections in one call. */
TEST_F(advise, over_runs)
{
	char *p;

	if (!self->f.holds || !self->f.protects)
		SKIP(return, "one protection only");
	ASSERT_EQ(0, claim(self->gc, 4 * PAGE, 1, &p));
	ASSERT_EQ(0, gccolor_commit(self->gc, p, PAGE, 0, 0));
	ASSERT_EQ(0, gccolor_commit(self->gc, p + PAGE, PAGE, GCCOLOR_READ, 0));
	ASSERT_EQ(0, gccolor_commit(self->gc, p + 2 * PAGE, PAGE, 0, 0));
	EXPECT_EQ(0, gccolor_advise(self->gc, p, 3 * PAGE, GCCOLOR_ADVISE_POPULATE));
	EXPECT_EQ(-ENOENT, gccolor_advise(self->gc, p, 4 * PAGE, GCCOLOR_ADVISE_POPULATE));
	EXPECT_TRUE(zeroes(p, 3 * PAGE));
}

TEST_HARNESS_MAIN
