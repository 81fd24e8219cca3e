// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Which addresses are handed out: first fit, alignment, exact places, colors,
 * addresses to avoid, freeing of parts and unions.
 */
#include "lib_test.h"

FIXTURE(claims)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	size_t color;
	char *first;	/* lowest claimable byte of color 0 */
};

FIXTURE_SETUP(claims)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	if (!facts_of(self->gc).holds)
		SKIP(return, "the backend holds no addresses");
	self->g = gccolor_geometry(self->gc);
	self->color = (size_t)1 << self->g.color_shift;
	self->first = (char *)self->g.base + self->g.slot;
}

FIXTURE_TEARDOWN(claims)
{
	gccolor_close(self->gc, 0);
}

TEST_F(claims, first_fit_lowest_first)
{
	char *a, *b, *c, *d;

	ASSERT_EQ(0, claim(self->gc, 4 * PAGE, 0, &a));
	ASSERT_EQ(0, claim(self->gc, 8 * PAGE, 0, &b));
	ASSERT_EQ(0, claim(self->gc, PAGE, 0, &c));
	EXPECT_EQ(self->first, a);
	EXPECT_EQ(a + 4 * PAGE, b);
	EXPECT_EQ(b + 8 * PAGE, c);
	ASSERT_EQ(0, gccolor_free(self->gc, a, 4 * PAGE));
	ASSERT_EQ(0, claim(self->gc, 5 * PAGE, 0, &d));
	EXPECT_EQ(c + PAGE, d);
	ASSERT_EQ(0, claim(self->gc, 3 * PAGE, 0, &d));
	EXPECT_EQ(a, d);
	EXPECT_EQ(17 * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(0, status_of(self->gc).committed);
}

TEST_F(claims, alignment_up_to_a_color)
{
	struct gccolor_request r = request(PAGE, 1);
	char *p;

	for (r.align = 1; r.align <= self->color; r.align *= 2) {
		ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p)) {
			TH_LOG("align %zu: %s", r.align, gccolor_strerror(-ENOSPC));
		}
		EXPECT_EQ(0, (uintptr_t)p % r.align);
		EXPECT_EQ(1, gccolor_color_of(self->g, p));
		ASSERT_EQ(0, gccolor_free(self->gc, p, PAGE));
	}
	r.align = 2 * self->color;
	EXPECT_EQ(-EINVAL, gccolor_claim(self->gc, &r, (void **)&p));
	r.align = 3 * PAGE;
	EXPECT_EQ(-EINVAL, gccolor_claim(self->gc, &r, (void **)&p));
}

TEST_F(claims, exact_place)
{
	struct gccolor_request r = request(2 * PAGE, 0);
	char *p;

	r.at = (char *)gccolor_color_start(self->g, 3) + 5 * PAGE;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(r.at, (void *)p);
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&p));
	r.at = (char *)r.at + PAGE;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&p));
	r.at = (void *)self->g.base;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&p));
	r.at = (char *)self->g.base + self->g.length - 2 * PAGE;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&p));
	r.at = (char *)gccolor_color_start(self->g, 3) - PAGE;
	EXPECT_EQ(-EXDEV, gccolor_claim(self->gc, &r, (void **)&p));
	r.at = (char *)self->g.base + self->g.length;
	EXPECT_EQ(-ERANGE, gccolor_claim(self->gc, &r, (void **)&p));
	r.at = (char *)self->g.base + self->g.length - PAGE;
	EXPECT_EQ(-ERANGE, gccolor_claim(self->gc, &r, (void **)&p));
}

TEST_F(claims, first_free_after)
{
	struct gccolor_request r = request(PAGE, 2);
	char *start = gccolor_color_start(self->g, 2);
	char *p;

	r.after = start + 10 * PAGE + 1;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(start + 11 * PAGE, p);
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(start + 12 * PAGE, p);
	r.after = (void *)self->g.base;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(start, p);
	r.after = start + self->color;
	EXPECT_EQ(-ENOSPC, gccolor_claim(self->gc, &r, (void **)&p));
	r.color = GCCOLOR_ANY_COLOR;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(start + self->color, p);
}

TEST_F(claims, addresses_to_avoid)
{
	char *start = gccolor_color_start(self->g, 1);
	void *unsorted[] = { start + 9 * PAGE, start + 3 * PAGE + 7, NULL,
			     start + 6 * PAGE, (void *)~(uintptr_t)0 };
	void *sorted[] = { start, start + 1, start + 2 * PAGE };
	struct gccolor_request r = request(4 * PAGE, 1);
	char *p;

	r.avoid = unsorted;
	r.avoid_count = 5;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(start + 10 * PAGE, p);
	r.length = 3 * PAGE;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(start, p);
	ASSERT_EQ(0, gccolor_free(self->gc, p, 3 * PAGE));
	r.length = PAGE;
	r.avoid = sorted;
	r.avoid_count = 3;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	EXPECT_EQ(start + PAGE, p);
	r.at = start;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&p));
}

TEST_F(claims, a_color_is_a_border)
{
	size_t first = self->color - self->g.slot;
	char *p;

	EXPECT_EQ(-ENOSPC, claim(self->gc, self->color, 0, &p));
	ASSERT_EQ(0, claim(self->gc, first, 0, &p));
	EXPECT_EQ(self->first, p);
	EXPECT_EQ(-ENOSPC, claim(self->gc, PAGE, 0, &p));
	ASSERT_EQ(0, claim(self->gc, self->color, GCCOLOR_ANY_COLOR, &p));
	EXPECT_EQ(gccolor_color_start(self->g, 1), (void *)p);
	EXPECT_EQ(-ENOSPC, claim(self->gc, self->color, 15, &p));
	ASSERT_EQ(0, claim(self->gc, first, 15, &p));
	EXPECT_EQ(15, gccolor_color_of(self->g, p));
	EXPECT_EQ(-ENOSPC, claim(self->gc, PAGE, 15, &p));
	EXPECT_EQ(-EINVAL, claim(self->gc, self->color + PAGE, 2, &p));
	EXPECT_EQ(-EINVAL, claim(self->gc, PAGE, 16, &p));
}

TEST_F(claims, all_of_the_region_and_back)
{
	size_t total = 0;
	char *p;

	while (claim(self->gc, self->color / 64, GCCOLOR_ANY_COLOR, &p) == 0)
		total += self->color / 64;
	while (claim(self->gc, PAGE, GCCOLOR_ANY_COLOR, &p) == 0)
		total += PAGE;
	EXPECT_EQ(self->g.length - 2 * self->g.slot, total);
	EXPECT_EQ(total, status_of(self->gc).claimed);
	ASSERT_EQ(0, gccolor_free(self->gc, self->first, total));
	EXPECT_EQ(0, status_of(self->gc).claimed);
	ASSERT_EQ(0, claim(self->gc, self->color, GCCOLOR_ANY_COLOR, &p));
	EXPECT_EQ(gccolor_color_start(self->g, 1), (void *)p);
}

TEST_F(claims, free_parts_and_unions)
{
	char *low = (char *)gccolor_color_start(self->g, 1) - 4 * PAGE;
	struct gccolor_request r = request(4 * PAGE, 0);
	char *p;
	int i;

	for (i = 0; i < 2; i++) {	/* on both sides of a color's border */
		r.at = low + 4 * PAGE * i;
		ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
	}
	EXPECT_EQ(-ENOENT, gccolor_free(self->gc, low - PAGE, 2 * PAGE));
	EXPECT_EQ(8 * PAGE, status_of(self->gc).claimed);
	ASSERT_EQ(0, gccolor_free(self->gc, low + 3 * PAGE, 2 * PAGE));
	EXPECT_EQ(-ENOENT, gccolor_free(self->gc, low, 8 * PAGE));
	EXPECT_EQ(-ENOENT, gccolor_free(self->gc, low + 3 * PAGE, PAGE));
	ASSERT_EQ(0, gccolor_free(self->gc, low, 3 * PAGE));
	ASSERT_EQ(0, gccolor_free(self->gc, low + 5 * PAGE, 3 * PAGE));
	EXPECT_EQ(0, status_of(self->gc).claimed);
	EXPECT_EQ(-ENOENT, gccolor_free(self->gc, (void *)self->g.base, self->g.slot));
}

TEST_F(claims, extend_in_place)
{
	char *a, *b;

	ASSERT_EQ(0, claim(self->gc, 2 * PAGE, 0, &a));
	ASSERT_EQ(0, gccolor_extend(self->gc, a, 2 * PAGE, 6 * PAGE, 0, 0));
	EXPECT_EQ(6 * PAGE, status_of(self->gc).claimed);
	ASSERT_EQ(0, gccolor_extend(self->gc, a, 6 * PAGE, 8 * PAGE, READ_WRITE, 0));
	EXPECT_EQ(2 * PAGE, status_of(self->gc).committed);
	EXPECT_TRUE(zeroes(a + 6 * PAGE, 2 * PAGE));
	ASSERT_EQ(0, claim(self->gc, PAGE, 0, &b));
	EXPECT_EQ(a + 8 * PAGE, b);
	EXPECT_EQ(-ENOSPC, gccolor_extend(self->gc, a, 8 * PAGE, 9 * PAGE, 0, 0));
	EXPECT_EQ(-ENOENT, gccolor_extend(self->gc, b, 2 * PAGE, 3 * PAGE, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_extend(self->gc, a, 8 * PAGE, 8 * PAGE, 0, 0));
	EXPECT_EQ(-EINVAL, gccolor_extend(self->gc, a, 8 * PAGE, 9 * PAGE, 0,
					  GCCOLOR_POPULATE));
	EXPECT_EQ(-EXDEV, gccolor_extend(self->gc, a, 8 * PAGE, self->color, 0, 0));
}

/* Free every second page of @count, then claim and free in what is left. */
static double cost(struct gccolor *gc, uint32_t count)
{
	struct random random = { 1 };
	uint32_t i, rounds = SANITIZER ? 10000 : 100000;
	double begin;
	char *p, *q;

	if (claim(gc, 2 * PAGE * count, 0, &p))
		return -1;
	for (i = 0; i < count; i++) {
		if (gccolor_free(gc, p + 2 * PAGE * i, PAGE))
			return -1;
	}
	begin = seconds();
	for (i = 0; i < rounds; i++) {
		struct gccolor_request r = request(PAGE, 0);

		r.after = p + 2 * PAGE * random_below(&random, count);
		if (gccolor_claim(gc, &r, (void **)&q) || gccolor_free(gc, q, PAGE))
			return -1;
	}
	begin = seconds() - begin;
	for (i = 0; i < count; i++) {
		if (gccolor_free(gc, p + 2 * PAGE * i + PAGE, PAGE))
			return -1;
	}
	return begin / rounds * 1e9;
}

TEST_F_TIMEOUT(claims, cost_grows_slowly, 300)
{
	struct gccolor_options opt = small_region();
	uint32_t count = SANITIZER || !WORD64 ? 30000 : 1000000;
	struct gccolor *gc;
	double few, many;

	opt.length = 16 * SMALL;
	opt.colors = 1;
	opt.min_length = SMALL;
	if (no_backend(_metadata, &gc, &opt))
		SKIP(return, "no such backend here");
	if (gccolor_geometry(gc).length < opt.length)
		count = (uint32_t)(gccolor_geometry(gc).length / PAGE / 4);
	few = cost(gc, 1000);
	many = cost(gc, count);
	EXPECT_LT(0, few);
	EXPECT_LT(0, many);
	printf("# claim + free of one page: %.0f ns among 1000 runs, %.0f ns among %u\n",
	       few, many, count);
	EXPECT_EQ(0, status_of(gc).claimed);
	gccolor_close(gc, 0);
}

TEST_HARNESS_MAIN
