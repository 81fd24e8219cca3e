// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Guard pages, exact places, lengths beyond all bounds.
 */
#include "lib_test.h"

FIXTURE(guard)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	uint64_t caps;
};

FIXTURE_SETUP(guard)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	self->caps = status_of(self->gc).caps;
}

FIXTURE_TEARDOWN(guard)
{
	gccolor_close(self->gc, 0);
}

TEST_F(guard, both_sides_trap)
{
	struct gccolor_request r = request(4 * PAGE, 2);
	char *p, *q;

	r.guard = 2 * PAGE;
	if (!(self->caps & GCCOLOR_CAP_GUARD)) {
		EXPECT_EQ(-EOPNOTSUPP, gccolor_alloc(self->gc, &r, (void **)&p));
		return;
	}
	/* In the midst of an extent that is there, and where one would be made. */
	ASSERT_EQ(0, alloc(self->gc, PAGE, 2, &q));
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(q + 3 * PAGE, p);
	memset(p, 1, 4 * PAGE);
	EXPECT_TRUE(traps(p - 1, true));
	EXPECT_TRUE(traps(p - 2 * PAGE, false));
	EXPECT_TRUE(traps(p + 4 * PAGE, true));
	EXPECT_TRUE(traps(p + 6 * PAGE - 1, false));
	EXPECT_FALSE(traps(q, true));
	EXPECT_EQ(9 * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(5 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(-ENOENT, gccolor_decommit(self->gc, p - PAGE, PAGE, GCCOLOR_EAGER));
	ASSERT_EQ(0, alloc(self->gc, PAGE, 2, &q));
	EXPECT_EQ(p + 6 * PAGE, q);
	EXPECT_FALSE(traps(q, true));
	EXPECT_TRUE(traps(q - 1, true));
	/* All of it goes in one call, and nothing of the guards stays. */
	ASSERT_EQ(0, gccolor_free(self->gc, p - 2 * PAGE, 8 * PAGE));
	EXPECT_EQ(2 * PAGE, status_of(self->gc).claimed);
	r = request(8 * PAGE, 2);
	r.at = p - 2 * PAGE;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&q));
	EXPECT_TRUE(zeroes(q, 8 * PAGE));
	memset(q, 2, 8 * PAGE);
}

TEST_F(guard, freed_in_parts)
{
	struct gccolor_request r = request(PAGE, 2);
	char *p, *q;

	if (!(self->caps & GCCOLOR_CAP_GUARD))
		SKIP(return, "no guards here");
	r.guard = PAGE;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	ASSERT_EQ(0, gccolor_free(self->gc, p, PAGE));
	EXPECT_EQ(2 * PAGE, status_of(self->gc).claimed);
	EXPECT_TRUE(traps(p - 1, true));
	EXPECT_TRUE(traps(p + PAGE, true));
	ASSERT_EQ(0, gccolor_free(self->gc, p - PAGE, PAGE));
	/* A guard is claimed memory: whoever wants to may commit it. */
	ASSERT_EQ(0, gccolor_commit(self->gc, p + PAGE, PAGE, 0, 0));
	p[PAGE] = 1;
	ASSERT_EQ(0, gccolor_free(self->gc, p + PAGE, PAGE));
	EXPECT_EQ(0, status_of(self->gc).claimed);
	/* Guards around a claim, which is committed later. */
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	ASSERT_EQ(0, gccolor_commit(self->gc, p, PAGE, 0, 0));
	EXPECT_TRUE(traps(p - 1, true));
	EXPECT_TRUE(traps(p + PAGE, true));
	EXPECT_FALSE(traps(p, true));
	ASSERT_EQ(0, gccolor_free(self->gc, p - PAGE, 3 * PAGE));
	ASSERT_EQ(0, alloc(self->gc, 3 * PAGE, 2, &q));
	EXPECT_TRUE(zeroes(q, 3 * PAGE));
}

TEST_F(guard, aligned_and_exactly_there)
{
	struct gccolor_request r = request(PAGE, 2);
	char *start = gccolor_color_start(self->g, 2);
	char *p;

	if (!(self->caps & GCCOLOR_CAP_GUARD))
		SKIP(return, "no guards here");
	r.guard = PAGE;
	r.align = MIB;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(start + MIB, p);
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(start + 2 * MIB, p);
	r.at = start + 3 * MIB;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(r.at, p);
	EXPECT_TRUE(traps(p - PAGE, true));
	r.align = 0;
	r.at = start + 3 * MIB + 2 * PAGE;	/* its guard is the other's */
	EXPECT_EQ(-EEXIST, gccolor_alloc(self->gc, &r, (void **)&p));
	r.at = start;				/* a guard in the color below */
	EXPECT_EQ(-EXDEV, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(9 * PAGE, status_of(self->gc).claimed);
}

TEST_F(guard, refusals)
{
	struct gccolor_request r = request(PAGE, 2);
	size_t color = (size_t)1 << self->g.color_shift;
	char *p = NULL;

	r.guard = 1;
	EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &r, (void **)&p));
	r.guard = color / 2;
	EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &r, (void **)&p));
	r.guard = TOP_BIT;
	EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &r, (void **)&p));
	r.guard = -PAGE;
	EXPECT_EQ(-EINVAL, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(NULL, p);
	EXPECT_EQ(0, status_of(self->gc).claimed);
}

/* Who lies at an exact place is named, and nothing changes. */
TEST_F(guard, exact_place_names_who_is_there)
{
	struct gccolor_request r = request(8 * PAGE, 2);
	struct gccolor_status before;
	char place[80];
	char *p, *q = NULL;

	if (!self->f.holds)
		SKIP(return, "no exact places");
	r.at = (char *)gccolor_color_start(self->g, 2) + 16 * PAGE;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	ASSERT_EQ(0, gccolor_commit(self->gc, p + 4 * PAGE, 2 * PAGE, 0, 0));
	before = status_of(self->gc);
	r.at = p - 4 * PAGE;
	EXPECT_EQ(-EEXIST, gccolor_alloc(self->gc, &r, (void **)&q));
	snprintf(place, sizeof(place), "0x%zx-0x%zx is claimed", (size_t)p, (size_t)p + 4 * PAGE);
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EEXIST), place)) {
		TH_LOG("%s, not %s", gccolor_strerror(-EEXIST), place);
	}
	r.at = p + 5 * PAGE;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&q));
	snprintf(place, sizeof(place), "0x%zx-0x%zx is committed", (size_t)p + 4 * PAGE,
		 (size_t)p + 6 * PAGE);
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EEXIST), place)) {
		TH_LOG("%s, not %s", gccolor_strerror(-EEXIST), place);
	}
	r.at = (char *)self->g.base;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&q));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EEXIST), "end slot"));
	EXPECT_EQ(NULL, q);
	EXPECT_EQ(before.claimed, status_of(self->gc).claimed);
	EXPECT_EQ(before.extents, status_of(self->gc).extents);
	EXPECT_EQ(before.committed, status_of(self->gc).committed);
}

/* Lengths that overflow in rounding or as a difference of pointers. */
TEST_F(guard, lengths_beyond_all_bounds)
{
	static const size_t bad[] = {
		0, SIZE_MAX, SIZE_MAX - 4095, SIZE_MAX - 4094, TOP_BIT,
		TOP_BIT + 4096, TOP_BIT - 1, TOP_BIT - 4096,
	};
	struct gccolor_options opt = small_region();
	struct gccolor_request r;
	struct gccolor *gc = NULL;
	char *p, *q = NULL;
	size_t i;
	int error;

	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &p));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		r = request(bad[i], 1);
		EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &r, (void **)&q));
		EXPECT_EQ(-EINVAL, gccolor_claim(self->gc, &r, (void **)&q));
		error = gccolor_free(self->gc, p, bad[i]);
		EXPECT_TRUE(error == -EINVAL || error == -EOVERFLOW || error == -ERANGE ||
			    (!self->f.holds && error == -ENOENT)) {
			TH_LOG("free of %zx: %d", bad[i], error);
		}
		error = gccolor_decommit(self->gc, p, bad[i], GCCOLOR_EAGER);
		EXPECT_TRUE(error == -EINVAL || error == -EOVERFLOW || error == -ERANGE ||
			    (!self->f.holds && error == -ENOENT));
		if (bad[i] == 0)
			continue;
		opt.length = bad[i];
		error = gccolor_open(&gc, &opt);
		EXPECT_EQ(-EINVAL, error);
	}
	EXPECT_EQ(NULL, q);
	EXPECT_EQ(NULL, gc);
	EXPECT_EQ(PAGE, status_of(self->gc).committed);
	*p = 1;
}

TEST_HARNESS_MAIN
