// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Page-at-a-time use: one-page requests out of extents.
 */
#include "lib_test.h"

/* With 32 bits as many as fit. */
#define TEN_THOUSAND	(WORD64 ? 10000 : 900)
#define MANY		(WORD64 ? 140000 : 14000)

FIXTURE(pages)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	char **page;
};

FIXTURE_SETUP(pages)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	self->page = calloc(MANY, sizeof(*self->page));
	ASSERT_NE(NULL, self->page);
}

FIXTURE_TEARDOWN(pages)
{
	free(self->page);
	gccolor_close(self->gc, 0);
}

TEST_F(pages, ten_thousand_in_their_color)
{
	size_t before = mappings();
	size_t i, inside = 0;

	for (i = 0; i < TEN_THOUSAND; i++) {
		ASSERT_EQ(0, alloc(self->gc, PAGE, 3, &self->page[i]));
		*(size_t *)self->page[i] = i;
		inside += gccolor_color_of(self->g, self->page[i]) == 3;
	}
	printf("# %zu of %d in color 3, %zu mappings more\n", inside, TEN_THOUSAND,
	       mappings() - before);
	if (self->f.holds) {
		EXPECT_EQ(TEN_THOUSAND, inside);
		EXPECT_GT(100, mappings() - before);
		EXPECT_GT(TEN_THOUSAND * PAGE + MIB, status_of(self->gc).extents);
	}
	EXPECT_EQ(TEN_THOUSAND * PAGE, status_of(self->gc).committed);
	for (i = 0; i < TEN_THOUSAND; i++)
		ASSERT_EQ(i, *(size_t *)self->page[i]);
}

TEST_F_TIMEOUT(pages, every_second_of_140000_freed, 300)
{
	const size_t count = MANY;
	size_t before = mappings();
	long full, half;
	size_t i;

	if (!self->f.holds)
		SKIP(return, "one mapping per page: vm.max_map_count ends this");
	for (i = 0; i < count; i++) {
		ASSERT_EQ(0, alloc(self->gc, PAGE, GCCOLOR_ANY_COLOR, &self->page[i])) {
			TH_LOG("%zu: %s", i, gccolor_strerror(-ENOMEM));
		}
		*(size_t *)self->page[i] = i + 1;
	}
	full = resident();
	for (i = 0; i < count; i += 2)
		ASSERT_EQ(0, gccolor_free(self->gc, self->page[i], PAGE));
	half = resident();
	printf("# resident pages: %ld, then %ld; mappings: %zu more\n", full, half,
	       mappings() - before);
	if (self->f.level != GCCOLOR_NONE && full >= 0)
		EXPECT_GT(full - MANY / 7 * 3, half);
	EXPECT_GT(1000, mappings() - before);
	EXPECT_EQ(count / 2 * PAGE, status_of(self->gc).claimed);
	for (i = 1; i < count; i += 2)
		ASSERT_EQ(i + 1, *(size_t *)self->page[i]);
	/* What was freed is handed out again, lowest first, as zeroes. */
	for (i = 0; i < count; i += 2) {
		char *p;

		ASSERT_EQ(0, alloc(self->gc, PAGE, GCCOLOR_ANY_COLOR, &p));
		ASSERT_EQ(self->page[i], p);
		ASSERT_EQ(0, *(size_t *)p);
	}
	for (i = 0; i < count; i++)
		ASSERT_EQ(0, gccolor_free(self->gc, self->page[i], PAGE));
	EXPECT_EQ(0, status_of(self->gc).committed);
	EXPECT_GE(256 * 1024, status_of(self->gc).extents);
	EXPECT_EQ(0, status_of(self->gc).releases_failed);
}

TEST_F(pages, freed_parts_read_as_zeroes)
{
	char *p, *q;

	ASSERT_EQ(0, alloc(self->gc, 4 * PAGE, 1, &p));
	EXPECT_TRUE(zeroes(p, 4 * PAGE));
	memset(p, 0x5a, 4 * PAGE);
	ASSERT_EQ(0, gccolor_free(self->gc, p + PAGE, 2 * PAGE));
	EXPECT_EQ(0x5a, p[0]);
	EXPECT_EQ(0x5a, p[3 * PAGE]);
	ASSERT_EQ(0, alloc(self->gc, 2 * PAGE, 1, &q));
	if (self->f.holds)
		EXPECT_EQ(p + PAGE, q);
	EXPECT_TRUE(zeroes(q, 2 * PAGE));
}

TEST_F(pages, locked_memory_reads_as_zeroes_too)
{
	char *p, *q;

	if (!self->f.holds)
		SKIP(return, "the next address is anybody's");
	ASSERT_EQ(0, alloc(self->gc, 2 * PAGE, 1, &p));
	memset(p, 0x5a, 2 * PAGE);
	ASSERT_EQ(0, lock_memory(p, 2 * PAGE));
	ASSERT_EQ(0, gccolor_free(self->gc, p, PAGE));
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &q));
	ASSERT_EQ(p, q);
	EXPECT_TRUE(zeroes(q, PAGE));
	EXPECT_EQ(0x5a, p[PAGE]);
}

TEST_F(pages, an_empty_extent_is_decommitted_but_one)
{
	const size_t extent = 256 * 1024;
	size_t i, n = 8 * extent / PAGE;

	if (!self->f.holds)
		SKIP(return, "no extents");
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, alloc(self->gc, PAGE, 2, &self->page[i]));
	EXPECT_EQ(8 * extent, status_of(self->gc).extents);
	for (i = 0; i < n; i++)
		ASSERT_EQ(0, gccolor_free(self->gc, self->page[i], PAGE));
	EXPECT_EQ(extent, status_of(self->gc).extents);
	if (self->f.traps)
		EXPECT_TRUE(traps(self->page[n - 1], true));
}

/* A range that ends in the kept extent empties both: neither is touched twice. */
TEST_F(pages, a_range_into_the_kept_extent)
{
	const size_t length = 40 * PAGE;	/* of the 64 pages of an extent */
	char *a, *b, *c;

	if (!self->f.holds)
		SKIP(return, "no extents");
	ASSERT_EQ(0, alloc(self->gc, length, 2, &a));
	ASSERT_EQ(0, alloc(self->gc, length, 2, &b));
	EXPECT_EQ(a + length, b);
	ASSERT_EQ(0, gccolor_free(self->gc, b, length));
	ASSERT_EQ(0, alloc(self->gc, length, 2, &c));
	EXPECT_EQ(b, c);
	memset(c, 1, length);
	ASSERT_EQ(0, gccolor_free(self->gc, a, length));
	ASSERT_EQ(0, gccolor_free(self->gc, c, length));
	EXPECT_EQ(256 * 1024, status_of(self->gc).extents);
	EXPECT_EQ(0, status_of(self->gc).releases_failed);
	ASSERT_EQ(0, alloc(self->gc, length, 2, &a));
	ASSERT_EQ(0, alloc(self->gc, length, 2, &b));
	EXPECT_TRUE(zeroes(a, 2 * length));
	EXPECT_EQ(a + length, b);
}

/* What an extent has left over does not show through a claim. */
TEST_F(pages, a_claim_in_an_extent_traps)
{
	char *p, *q;

	if (!self->f.traps)
		SKIP(return, "no traps");
	ASSERT_EQ(0, alloc(self->gc, PAGE, 2, &p));
	ASSERT_EQ(0, claim(self->gc, PAGE, 2, &q));
	EXPECT_EQ(p + PAGE, q);
	EXPECT_TRUE(traps(q, true));
	EXPECT_FALSE(traps(p, true));
	ASSERT_EQ(0, gccolor_commit(self->gc, q, PAGE, 0, 0));
	EXPECT_FALSE(traps(q, true));
}

/* An extent does not reach into what others have claimed. */
TEST_F(pages, an_extent_spares_claims)
{
	struct gccolor_request r = request(PAGE, 2);
	char *p, *q;

	if (!self->f.traps)
		SKIP(return, "no traps");
	r.at = (char *)gccolor_color_start(self->g, 2) + 2 * PAGE;
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&q));
	ASSERT_EQ(0, alloc(self->gc, PAGE, 2, &p));
	EXPECT_EQ(q - 2 * PAGE, p);
	EXPECT_TRUE(traps(q, true));
	ASSERT_EQ(0, alloc(self->gc, 2 * PAGE, 2, &p));
	EXPECT_EQ(q + PAGE, p);
	EXPECT_TRUE(traps(q, true));
}

TEST_F(pages, other_protections_share_no_extent)
{
	struct gccolor_request r = request(PAGE, 2);
	char *writable, *readable;

	if (!self->f.holds || !self->f.protects)
		SKIP(return, "one protection only");
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&writable));
	r.prot = GCCOLOR_READ;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&readable));
	EXPECT_EQ(writable + PAGE, readable);
	EXPECT_FALSE(traps(readable, false));
	EXPECT_TRUE(traps(readable, true));
	EXPECT_FALSE(traps(writable, true));
	ASSERT_EQ(0, gccolor_free(self->gc, readable, PAGE));
	r.prot = 0;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&writable));
	EXPECT_EQ(readable, writable);
	EXPECT_FALSE(traps(writable, true));
}

TEST_HARNESS_MAIN
