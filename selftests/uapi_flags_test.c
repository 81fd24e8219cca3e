// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The flags of COMMIT: NORESERVE, POPULATE, HUGEPAGE. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "limits.h"
#include "maps.h"

#define HUGE	huge_size()

FIXTURE(flags)
{
	int fd;
};

FIXTURE_SETUP(flags)
{
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(flags)
{
	close(self->fd);
}

static unsigned long resident_pages(unsigned long addr, unsigned long pages)
{
	static unsigned char vec[2 * 8192];	/* two huge pages of 512 MiB */
	unsigned long count = 0;

	if (pages > sizeof(vec) || mincore((void *)addr, pages * PAGE, vec))
		return -1UL;
	for (unsigned long i = 0; i < pages; i++)
		count += vec[i] & 1;
	return count;
}

TEST_F(flags, charged_unless_noreserve)
{
	struct mapping map;

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	ASSERT_TRUE(mapping_at(INSIDE(1), &map));
	EXPECT_TRUE(has_flag(&map, "ac"));
	EXPECT_FALSE(has_flag(&map, "nr"));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(2), PAGE, PROT_RW,
				  GCCOLOR_IOC_COMMIT_NORESERVE));
	ASSERT_TRUE(mapping_at(INSIDE(2), &map));
	EXPECT_FALSE(has_flag(&map, "ac"));
	EXPECT_TRUE(has_flag(&map, "nr"));
	ASSERT_TRUE(mapping_at(BASE, &map));
	EXPECT_FALSE(has_flag(&map, "ac"));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(flags, reserve_is_not_charged)
{
	long before = proc_number("/proc/meminfo", "Committed_AS");
	int other = open_device();

	ASSERT_EQ(0, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_GT(before + 65536, proc_number("/proc/meminfo", "Committed_AS"));
}

TEST_F(flags, not_populated_unless_asked)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 256 * PAGE));
	EXPECT_EQ(0, resident_pages(INSIDE(1), 256));
}

TEST_F(flags, populate)
{
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1), 256 * PAGE, PROT_RW,
				  GCCOLOR_IOC_COMMIT_POPULATE));
	EXPECT_EQ(256, resident_pages(INSIDE(1), 256));
	EXPECT_TRUE(zeroed(INSIDE(1), 256 * PAGE));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(2), 256 * PAGE, PROT_R,
				  GCCOLOR_IOC_COMMIT_POPULATE));
	EXPECT_EQ(256, resident_pages(INSIDE(2), 256));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* Populate writable memory, not the shared zero page. */
TEST_F(flags, populate_is_writable)
{
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1), 64 * PAGE, PROT_RW,
				  GCCOLOR_IOC_COMMIT_POPULATE));
	EXPECT_EQ(64 * PAGE / 1024, smaps_field(INSIDE(1), "Anonymous"));
}

TEST_F(flags, hugepage)
{
	/* With pages of 64 KiB a huge one has 512 MiB. */
	unsigned long length = HUGE > 64 * MIB ? HUGE : 4 * HUGE;
	struct mapping map;

	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1), length, PROT_RW,
				  GCCOLOR_IOC_COMMIT_HUGEPAGE));
	ASSERT_TRUE(mapping_at(INSIDE(1), &map));
	EXPECT_TRUE(has_flag(&map, "hg"));
	fill(INSIDE(1), length);
	EXPECT_LT(0, smaps_field(INSIDE(1), "AnonHugePages"));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	/* A piece out of a huge page. */
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1) + 3 * PAGE, 5 * PAGE));
	EXPECT_TRUE(intact(INSIDE(1), 3 * PAGE));
	EXPECT_TRUE(intact(INSIDE(1) + 8 * PAGE, length - 8 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(flags, no_advice_unless_asked)
{
	struct mapping map;

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 4 * HUGE));
	ASSERT_TRUE(mapping_at(INSIDE(1), &map));
	EXPECT_FALSE(has_flag(&map, "hg"));
}

TEST_F(flags, hugepage_populated)
{
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1), 2 * HUGE, PROT_RW,
				  GCCOLOR_IOC_COMMIT_HUGEPAGE | GCCOLOR_IOC_COMMIT_POPULATE));
	EXPECT_EQ(2 * HUGE / PAGE, resident_pages(INSIDE(1), 2 * HUGE / PAGE));
	EXPECT_LT(0, smaps_field(INSIDE(1), "AnonHugePages"));
}

TEST_F(flags, all_together)
{
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1), HUGE, PROT_RW,
				  GCCOLOR_IOC_COMMIT_HUGEPAGE | GCCOLOR_IOC_COMMIT_POPULATE |
				  GCCOLOR_IOC_COMMIT_NORESERVE));
	fill(INSIDE(1), HUGE);
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_TRUE(intact(INSIDE(1), HUGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), HUGE));
}

/* Runs that differ in their flags lie side by side. */
TEST_F(flags, side_by_side)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 4 * PAGE));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE, PROT_RW,
				  GCCOLOR_IOC_COMMIT_NORESERVE));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1) + 8 * PAGE, 4 * PAGE, PROT_RW,
				  GCCOLOR_IOC_COMMIT_HUGEPAGE));
	ASSERT_EQ(0, commit_flags(self->fd, INSIDE(1) + 12 * PAGE, 4 * PAGE, PROT_R, 0));
	fill(INSIDE(1), 12 * PAGE);
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1) + 2 * PAGE, 12 * PAGE));
	EXPECT_TRUE(intact(INSIDE(1), 2 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_HARNESS_MAIN
