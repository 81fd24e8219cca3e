// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Committed memory that is swapped out, and comes back. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "pressure.h"

#define SIZE	(4 * MIB)

FIXTURE(swap)
{
	struct pair pair;
};

FIXTURE_SETUP(swap)
{
	if (lacks(swap_begin()))
		SKIP(return, "no RAM disk to swap to");
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
	fill_both(&self->pair);
}

FIXTURE_TEARDOWN(swap)
{
	EXPECT_WHOLE();
	EXPECT_EQ(0, swap_end());
}

static long swap_used(void)
{
	return (proc_number("/proc/meminfo", "SwapTotal") -
		proc_number("/proc/meminfo", "SwapFree")) << 10;
}

TEST_F(swap, out_and_back)
{
	EXPECT_BOTH(0, swapped(addr));
	ASSERT_BOTH(SIZE, page_out(addr, SIZE));
	EXPECT_LE(2 * SIZE, swap_used());
	EXPECT_BOTH(0, smaps_field(addr, "Rss"));
	EXPECT_WHOLE();
	EXPECT_INTACT();
	EXPECT_BOTH(0, swapped(addr));
	EXPECT_BOTH(SIZE >> 10, smaps_field(addr, "Anonymous"));
}

TEST_F(swap, swapoff)
{
	ASSERT_BOTH(SIZE, page_out(addr, SIZE));
	ASSERT_EQ(0, swap_end());
	EXPECT_BOTH(0, swapped(addr));
	EXPECT_BOTH(SIZE >> 10, smaps_field(addr, "Rss"));
	EXPECT_INTACT();
	ASSERT_EQ(true, swap_begin());
}

/* The child reads what was swapped out before it was born, and writes over it. */
TEST_F(swap, fork)
{
	pid_t pid;

	ASSERT_BOTH(SIZE, page_out(addr, SIZE));
	pid = fork();
	if (pid == 0) {
		CHECK_WHOLE(BASE, LENGTH);
		for (int side = OURS; side <= PLAIN; side++) {
			unsigned long addr = self->pair.addr[side];

			CHECK_EQ(SIZE, swapped(addr));
			CHECK(intact(addr, SIZE));
			memset((void *)addr, 0x55, SIZE / 2);
			CHECK_EQ(SIZE - SIZE / 2, page_out(addr + SIZE / 2, SIZE / 2));
			CHECK(intact(addr + SIZE / 2, SIZE / 2));
		}
		CHECK_EQ(0, decommit(self->pair.fd, self->pair.addr[OURS], SIZE));
		CHECK_EQ(0, commit(self->pair.fd, self->pair.addr[OURS], SIZE));
		CHECK(zeroed(self->pair.addr[OURS], SIZE));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_INTACT();
}

TEST_F(swap, dontneed)
{
	ASSERT_BOTH(SIZE, page_out(addr, SIZE));
	EXPECT_BOTH(0, advise(addr, SIZE / 2, MADV_DONTNEED));
	EXPECT_BOTH(SIZE / 2, swapped(addr));
	EXPECT_BOTH(true, zeroed(addr, SIZE / 2));
	EXPECT_BOTH(true, intact(addr + SIZE / 2, SIZE / 2));
}

/* DECOMMIT gives the swap space back, as munmap(2) does. */
TEST_F(swap, decommit)
{
	unsigned long addr = self->pair.addr[OURS];
	unsigned long plain = self->pair.addr[PLAIN];

	ASSERT_BOTH(SIZE, page_out(addr, SIZE));
	EXPECT_LE(2 * SIZE, swap_used());
	ASSERT_EQ(0, decommit(self->pair.fd, addr, SIZE / 2));
	ASSERT_EQ(0, try_munmap(plain, SIZE / 2));
	EXPECT_EQ(SIZE / 2, swapped(addr + SIZE / 2));
	EXPECT_EQ(SIZE / 2, swapped(plain + SIZE / 2));
	EXPECT_GT(SIZE + SIZE / 2, swap_used());
	EXPECT_FALSE(readable(addr));
	ASSERT_EQ(0, commit(self->pair.fd, addr, SIZE / 2));
	EXPECT_TRUE(zeroed(addr, SIZE / 2));
	EXPECT_TRUE(intact(addr + SIZE / 2, SIZE / 2));
	EXPECT_TRUE(intact(plain + SIZE / 2, SIZE / 2));
}

/* Exit while swapped out leaves nothing behind. */
TEST_F(swap, exit)
{
	long before = swap_used();
	time_t since = time(NULL);
	pid_t pid = fork();

	if (pid == 0) {
		fill_both(&self->pair);
		for (int side = OURS; side <= PLAIN; side++)
			CHECK_EQ(SIZE, page_out(self->pair.addr[side], SIZE));
		CHECK(swap_used() >= before + (long)(2 * SIZE));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	/* Slots that a processor keeps for its next use count as used for a while. */
	while (swap_used() > before + (long)SIZE / 2 && patient(since))
		;
	EXPECT_GE(before + (long)SIZE / 2, swap_used());
	EXPECT_INTACT();
}

/*
 * A difference: MADV_WILLNEED brings plain memory back into memory. For
 * committed memory it asks the file, which has nothing.
 */
TEST_F(swap, willneed_reads_nothing)
{
	long before;

	ASSERT_BOTH(SIZE, page_out(addr, SIZE));
	before = stat_number("/proc/vmstat", "pswpin");
	EXPECT_EQ(0, advise(self->pair.addr[OURS], SIZE, MADV_WILLNEED));
	EXPECT_EQ(before, stat_number("/proc/vmstat", "pswpin"));
	EXPECT_EQ(0, advise(self->pair.addr[PLAIN], SIZE, MADV_WILLNEED));
	EXPECT_LT(before, stat_number("/proc/vmstat", "pswpin"));
	EXPECT_INTACT();
}

/* What should bring the pages back all at once, then. */
TEST_F(swap, populate)
{
	ASSERT_BOTH(SIZE, page_out(addr, SIZE));
	EXPECT_BOTH(0, advise(addr, SIZE, MADV_POPULATE_WRITE));
	EXPECT_BOTH(0, swapped(addr));
	EXPECT_BOTH(SIZE >> 10, smaps_field(addr, "Rss"));
	EXPECT_INTACT();
}

TEST_HARNESS_MAIN
