// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Where gccolor_open() puts a region: exactly there, in a list, in a range, at random.
 */
#include "lib_test.h"

FIXTURE(base)
{
	struct gccolor_options opt;
	struct gccolor *gc;
	struct facts f;
};

/* Learn what the backend can do from one region, and end it if that goes. */
FIXTURE_SETUP(base)
{
	self->opt = small_region();
	if (no_backend(_metadata, &self->gc, &self->opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	if (self->f.gives_back)
		ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
}

FIXTURE_TEARDOWN(base)
{
	if (self->gc)
		gccolor_close(self->gc, 0);
}

static const char *hex(uintptr_t addr)
{
	static char text[32];

	snprintf(text, sizeof(text), "0x%zx", (size_t)addr);
	return text;
}

TEST_F(base, exact_base_and_who_is_there)
{
	uintptr_t base = PLACE;
	struct gccolor *second = NULL;
	const char *text;
	char first;
	char *p;

	self->opt.base_policy = GCCOLOR_BASE_EXACT;
	self->opt.base = base;
	if (!self->f.holds)
		SKIP(return, "the backend holds no addresses");
	if (!self->f.bases) {
		EXPECT_EQ(-EOPNOTSUPP, gccolor_open(&self->gc, &self->opt));
		return;
	}
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(base, gccolor_geometry(self->gc).base);
	ASSERT_EQ(-EEXIST, gccolor_open(&second, &self->opt));
	printf("# %s\n", gccolor_strerror(-EEXIST));
	EXPECT_EQ(NULL, second);

	/* A file in the middle of it. */
	base += 4 * SMALL;
	p = take_addresses_with_file(base + SMALL / 2);
	ASSERT_NE(NULL, p);
	first = *p;
	self->opt.base = base;
	ASSERT_EQ(-EEXIST, gccolor_open(&second, &self->opt));
	text = gccolor_strerror(-EEXIST);
	printf("# %s\n", text);
	EXPECT_NE(NULL, strstr(text, "lib_base_test"));
	EXPECT_NE(NULL, strstr(text, WORD64 ? "1 GiB" : "64 MiB"));
	EXPECT_NE(NULL, strstr(text, hex(base)));
	EXPECT_NE(NULL, strstr(text, hex(base + SMALL / 2)));
	/* Nothing was left behind, and nothing replaced. */
	EXPECT_EQ(first, *p);
	EXPECT_NE(0, first);
	give_file(p, PAGE);
	ASSERT_EQ(0, gccolor_open(&second, &self->opt));
	gccolor_close(second, 0);
}

TEST_F(base, half_of_it_fits)
{
	uintptr_t base = PLACE;
	void *p;

	if (!self->f.bases)
		SKIP(return, "no choice of a base");
	p = take_addresses(base + SMALL / 2, PAGE);
	ASSERT_NE(NULL, p);
	self->opt.base_policy = GCCOLOR_BASE_EXACT;
	self->opt.base = base;
	EXPECT_EQ(-EEXIST, gccolor_open(&self->gc, &self->opt));
	self->opt.min_length = SMALL / 4;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(SMALL / 2, gccolor_geometry(self->gc).length);
	EXPECT_EQ(base, gccolor_geometry(self->gc).base);
}

TEST_F(base, list_of_bases)
{
	uintptr_t bases[] = { PLACE, PLACE + 4 * SMALL, PLACE + 8 * SMALL };
	struct gccolor *gc[4];
	int i;

	if (!self->f.bases)
		SKIP(return, "no choice of a base");
	self->opt.bases = bases;
	self->opt.bases_count = 3;
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, gccolor_open(&gc[i], &self->opt));
		EXPECT_EQ(bases[i], gccolor_geometry(gc[i]).base);
	}
	EXPECT_EQ(-EEXIST, gccolor_open(&gc[3], &self->opt));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EEXIST), "3 places"));
	for (i = 0; i < 3; i++)
		gccolor_close(gc[i], 0);
}

TEST_F(base, built_in_list)
{
	static const uint64_t want[2][2] = {
		{ 0x40000000 }, { 0x600000000000, 0x400000000000 },
	};
	struct gccolor_geometry g;
	struct gccolor *gc[4];
	int i;

	if (!self->f.bases || !self->f.gives_back)
		SKIP(return, "no choice of a base, or the first is taken");
	self->opt.length = emulated() ? SMALL : 0;	/* it counts pages */
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, gccolor_open(&gc[i], &self->opt));
		g = gccolor_geometry(gc[i]);
		if (i < (WORD64 ? 2 : 1) && !SANITIZER && !narrow() && !emulated())
			EXPECT_EQ(want[WORD64][i], g.base);
		if (WORD64)
			EXPECT_LE(g.base + g.length, (uint64_t)1 << 47);
		EXPECT_EQ(0, g.base % g.length);
		EXPECT_FALSE(gccolor_contains(g, self));
	}
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, gccolor_close(gc[i], 0));
}

TEST_F(base, lowest_in_a_range)
{
	struct gccolor *second;
	int error;

	if (!self->f.bases)
		SKIP(return, "no choice of a base");
	self->opt.base_policy = GCCOLOR_BASE_RANGE;
	self->opt.range_start = PLACE + PAGE;
	self->opt.range_end = PLACE + 3 * SMALL;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(PLACE + SMALL, gccolor_geometry(self->gc).base);
	ASSERT_EQ(0, gccolor_open(&second, &self->opt));
	EXPECT_EQ(PLACE + 2 * SMALL, gccolor_geometry(second).base);
	EXPECT_EQ(-EEXIST, gccolor_open(&second, &self->opt));
	if (!WORD64)
		return;
	self->opt.range_start = (uintptr_t)1 << (WORD64 ? 62 : 0);
	self->opt.range_end = self->opt.range_start + 4 * SMALL;
	error = gccolor_open(&second, &self->opt);
	/* Beyond all machines, which some sanitizers say first. */
	if (error != -EEXIST || !(SANITIZER || emulated()))
		EXPECT_EQ(-ERANGE, error);
}

TEST_F(base, at_random)
{
	uintptr_t seen[8];
	int i, j, same = 0;

	if (!self->f.bases)
		SKIP(return, "no choice of a base");
	self->opt.base_policy = GCCOLOR_BASE_RANDOM;
	if (SANITIZER) {	/* most draws would be refused */
		self->opt.range_start = PLACE;
		self->opt.range_end = PLACE + 256 * SMALL;
	}
	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
		seen[i] = gccolor_geometry(self->gc).base;
		EXPECT_EQ(0, seen[i] % SMALL);
		for (j = 0; j < i; j++)
			same += seen[i] == seen[j];
		if (self->f.gives_back)
			ASSERT_EQ(0, gccolor_close(self->gc, 0));
		self->gc = NULL;
	}
	EXPECT_GT(SANITIZER || !WORD64 ? 5 : 2, same);	/* 98304 places; 256; 48 */
	self->opt.range_start = PLACE;
	self->opt.range_end = PLACE + 2 * SMALL;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(PLACE, gccolor_geometry(self->gc).base & ~SMALL);
}

TEST_HARNESS_MAIN
