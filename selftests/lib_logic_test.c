// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The library's pure parts by themselves: sets of runs, places of a region.
 */
#include "lib_test.h"

#include "claims.h"
#include "os.h"
#include "places.h"
#include "runs.h"

#define UNITS	512
#define UNIT	((uintptr_t)16)

struct naive {
	unsigned char attr[UNITS];	/* 0: not in the set */
};

static bool same(const struct runs *set, const struct naive *naive)
{
	struct run *run = runs_from(set, 0);
	size_t i = 0, total = 0;

	while (i < UNITS) {
		size_t begin = i;

		if (!naive->attr[i]) {
			i++;
			continue;
		}
		do {
			i++;
		} while (i < UNITS && naive->attr[i] == naive->attr[begin] &&
			 !(set->barrier && i % (set->barrier / UNIT) == 0));
		if (!run || run->start != begin * UNIT || run_end(run) != i * UNIT ||
		    run->attr != naive->attr[begin])
			return false;
		total += run->length;
		run = runs_from(set, run_end(run));
	}
	return !run && set->total == total;
}

/* Heap order and the longest run of every subtree; returns the longest. */
static size_t check_tree(const struct run *t, bool *good)
{
	size_t longest, other;

	if (!t)
		return 0;
	longest = check_tree(t->left, good);
	other = check_tree(t->right, good);
	longest = longest > other ? longest : other;
	longest = longest > t->length ? longest : t->length;
	if (longest != t->longest ||
	    (t->left && (t->left->start >= t->start || t->left->priority > t->priority)) ||
	    (t->right && (t->right->start <= t->start || t->right->priority > t->priority)))
		*good = false;
	return longest;
}

static uintptr_t naive_fit(const struct naive *naive, size_t barrier, size_t lo, size_t hi,
			   size_t length)
{
	size_t at, i;

	for (at = lo; at + length <= hi; at++) {
		for (i = at; i < at + length && naive->attr[i]; i++) {
			if (i > at && (naive->attr[i] != naive->attr[at] ||
				       (barrier && i % barrier == 0)))
				break;
		}
		if (i == at + length)
			return at * UNIT;
	}
	return (uintptr_t)-1;
}

static void check_set(struct __test_metadata *_metadata, size_t barrier)
{
	struct pool pool = { 0 };
	struct runs set = { .pool = &pool, .barrier = barrier * UNIT };
	struct random random = random_seeded();
	struct naive naive = { 0 };
	bool good = true;
	uint32_t round;

	for (round = 0; round < 20000; round++) {
		size_t lo = random_below(&random, UNITS);
		size_t hi = lo + 1 + random_below(&random, 16);
		uint32_t attr = 1 + random_below(&random, 2);
		size_t spares, length, i;
		struct run *run;

		hi = hi > UNITS ? UNITS : hi;
		if (barrier && hi > lo - lo % barrier + barrier)
			hi = lo - lo % barrier + barrier;
		ASSERT_EQ(0, pool_reserve(&pool, 2));
		spares = pool.spares;
		if (random_below(&random, 2)) {
			runs_remove(&set, lo * UNIT, hi * UNIT);
			memset(naive.attr + lo, 0, hi - lo);
		} else if (!runs_overlap(&set, lo * UNIT, hi * UNIT)) {
			runs_add(&set, lo * UNIT, hi * UNIT, attr);
			memset(naive.attr + lo, (int)attr, hi - lo);
		}
		ASSERT_LE(spares, pool.spares + 1);
		ASSERT_TRUE(same(&set, &naive)) {
			TH_LOG("round %u", round);
		}
		check_tree(set.root, &good);
		ASSERT_TRUE(good);

		lo = random_below(&random, UNITS);
		hi = lo + random_below(&random, (uint32_t)(UNITS - lo)) + 1;
		length = 1 + random_below(&random, 12);
		run = runs_fit(&set, lo * UNIT, hi * UNIT, length * UNIT);
		i = naive_fit(&naive, barrier, lo, hi, length);
		ASSERT_EQ(i != (uintptr_t)-1, !!run);
		if (run)
			ASSERT_EQ(i, run->start > lo * UNIT ? run->start : lo * UNIT);
		for (i = lo; i < hi && naive.attr[i]; i++)
			;
		ASSERT_EQ(i == hi, runs_cover(&set, lo * UNIT, hi * UNIT));
	}
	pool_destroy(&pool);
}

TEST(set_of_runs)
{
	check_set(_metadata, 0);
}

TEST(set_of_runs_with_borders)
{
	check_set(_metadata, 64);
}

static int depth(const struct run *t)
{
	int left, right;

	if (!t)
		return 0;
	left = depth(t->left);
	right = depth(t->right);
	return 1 + (left > right ? left : right);
}

/* O(log n): the tree stays shallow under the orders that break naive trees. */
TEST(depth_of_a_million)
{
	const size_t count = SANITIZER ? 30000 : 1000000;
	struct pool pool = { 0 };
	struct runs set = { .pool = &pool };
	size_t i;

	ASSERT_EQ(0, pool_reserve(&pool, count + 1));
	for (i = 0; i < count; i++)
		runs_add(&set, 2 * i * UNIT + UNIT, 2 * i * UNIT + 2 * UNIT, 0);
	printf("# depth of %zu runs: %d\n", count, depth(set.root));
	EXPECT_GT(80, depth(set.root));
	for (i = count; i-- > count / 2;)
		runs_remove(&set, 2 * i * UNIT, 2 * i * UNIT + 2 * UNIT);
	EXPECT_GT(80, depth(set.root));
	EXPECT_EQ(count / 2 * UNIT, set.total);
	pool_destroy(&pool);
}

static bool contains(void *const *list, size_t count, uintptr_t lo, uintptr_t hi)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if ((uintptr_t)list[i] >= lo && (uintptr_t)list[i] < hi)
			return true;
	}
	return false;
}

/* Long lists, in order and not: the same place as by looking at every page. */
TEST(many_addresses_to_avoid)
{
	enum { COUNT = 3000 };
	static void *list[COUNT];
	struct random random = random_seeded();
	struct pool pool = { 0 };
	struct runs set = { .pool = &pool };
	struct avoid avoid;
	uintptr_t place, naive;
	size_t i;

	ASSERT_EQ(0, pool_reserve(&pool, 1));
	runs_add(&set, PAGE, 4097 * PAGE, 0);
	for (i = 0; i < COUNT; i++)
		list[i] = (void *)(PAGE + random_below(&random, 4096) * PAGE + i % PAGE);
	ASSERT_EQ(0, avoid_init(&avoid, list, COUNT));
	for (i = 1; i < COUNT; i++)
		ASSERT_LE((uintptr_t)avoid.list[i - 1], (uintptr_t)avoid.list[i]);
	for (i = 1; i < 12; i++) {
		struct want want = {
			.lo = 0, .hi = 4097 * PAGE, .length = i * PAGE, .align = PAGE,
			.page = PAGE, .avoid = &avoid,
		};
		struct run *run = claims_find(&set, &want, &place);

		for (naive = PAGE; naive + i * PAGE <= 4097 * PAGE; naive += PAGE) {
			if (!contains(list, COUNT, naive, naive + i * PAGE))
				break;
		}
		ASSERT_EQ(naive + i * PAGE <= 4097 * PAGE, !!run);
		if (run) {
			ASSERT_EQ(naive, place);
			ASSERT_LE(run->start, place);
			ASSERT_LE(place + i * PAGE, run_end(run));
		}
	}
	avoid_done(&avoid);
	pool_destroy(&pool);
}

TEST(places_of_the_default_list)
{
	const uintptr_t end = os_address_end();
	struct gccolor_options opt = { .base_policy = GCCOLOR_BASE_LIST };
	const size_t length = DEFAULT_LENGTH;
	uintptr_t brk_now = os_break();
	uintptr_t base, last = 0;
	struct places places;
	size_t count = 0;

	if (narrow())
		SKIP(return, "the address space has fewer than 47 bits");
	places_init(&places, &opt, length);
	while (places_next(&places, &base) == 0) {
		if (count == 0)
			EXPECT_EQ(WORD64 ? 0x600000000000 : 0x40000000, base);
		if (count == 1 && WORD64)
			EXPECT_EQ(0x400000000000, base);
		if (count > 2)
			EXPECT_EQ(true, base > last);
		EXPECT_EQ(0, base % length);
		EXPECT_LE(end / 8, base);
		EXPECT_GE(end / 8 * 7, base + length);
		EXPECT_TRUE(base >= brk_now + (WORD64 ? 64 * GIB : 256 * MIB) ||
			    base + length <= brk_now);
		last = base;
		count++;
	}
	EXPECT_LE(WORD64 ? 90 : 7, count);
	EXPECT_GE(WORD64 ? 98 : 13, count);
}

/* Steps of a 128th of the address space, then of the length, bounded. */
TEST(places_of_the_list_for_a_small_region)
{
	struct gccolor_options opt = { .base_policy = GCCOLOR_BASE_LIST };
	const uintptr_t end = os_address_end();
	const size_t length = WORD64 ? 4 * MIB : MIB;
	uintptr_t base, last = 0;
	struct places places;
	size_t coarse = 0;
	size_t count = 0;

	places_init(&places, &opt, length);
	while (places_next(&places, &base) == 0) {
		EXPECT_EQ(0, base % length);
		EXPECT_LE(end / 8, base);
		EXPECT_GE(end / 8 * 7, base + length);
		if (places.step > length)
			coarse++;
		if (count > 3 && coarse == count + 1)
			EXPECT_LT(last, base);
		last = base;
		count++;
	}
	EXPECT_LE(WORD64 ? 90 : 50, coarse);
	EXPECT_GE(150, coarse);
	EXPECT_LT(WORD64 ? 3000 : 2000, count);
	EXPECT_GE(4096 + 150, count);
}

TEST(places_at_random_stay_inside)
{
	struct gccolor_options opt = { .base_policy = GCCOLOR_BASE_RANDOM };
	const uintptr_t end = os_address_end();
	const uintptr_t at = PLACE;
	struct places places;
	uintptr_t base;
	int i;

	places_init(&places, &opt, SMALL);
	for (i = 0; i < 60; i++) {
		ASSERT_EQ(0, places_next(&places, &base));
		EXPECT_EQ(0, base % SMALL);
		EXPECT_LE(end / 8, base);
		EXPECT_GE(end / 8 * 7, base + SMALL);
	}
	opt.range_start = at - PAGE;
	opt.range_end = at + SMALL;
	places_init(&places, &opt, SMALL);
	ASSERT_EQ(0, places_next(&places, &base));
	EXPECT_EQ(at, base);
	opt.range_end = at + SMALL - PAGE;
	places_init(&places, &opt, SMALL);
	EXPECT_EQ(-ENOENT, places_next(&places, &base));
}

TEST_HARNESS_MAIN
