// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Huge pages, compaction, dropped caches: pages move, contents stay. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "kernel.h"
#include "pressure.h"

#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define HUGE_PAGE	(2 * MIB)
#define SIZE		(4 * HUGE_PAGE)

FIXTURE(huge)
{
	struct pair pair;
};

FIXTURE_SETUP(huge)
{
	if (lacks(access(THP "enabled", F_OK) == 0))
		SKIP(return, "no transparent huge pages");
	ASSERT_EQ(0, write_file(THP "enabled", "madvise"));
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
}

FIXTURE_TEARDOWN(huge)
{
	EXPECT_WHOLE();
	EXPECT_EQ(0, write_file(THP "enabled", "always"));
}

static unsigned long huge_bytes(unsigned long addr)
{
	return smaps_field(addr, "AnonHugePages") << 10;
}

TEST_F(huge, at_fault)
{
	ASSERT_BOTH(0, advise(addr, SIZE, MADV_HUGEPAGE));
	fill_both(&self->pair);
	EXPECT_BOTH(SIZE, huge_bytes(addr));
	EXPECT_INTACT();
	/* A part of a huge page goes, the rest stays. */
	EXPECT_BOTH(0, advise(addr + PAGE, PAGE, MADV_DONTNEED));
	EXPECT_BOTH(true, zeroed(addr + PAGE, PAGE));
	EXPECT_BOTH(true, intact(addr + 2 * PAGE, SIZE - 2 * PAGE));
	EXPECT_EQ(0, decommit(self->pair.fd, self->pair.addr[OURS] + HUGE_PAGE / 2, HUGE_PAGE));
	EXPECT_TRUE(intact(self->pair.addr[OURS] + HUGE_PAGE * 3 / 2, HUGE_PAGE / 2));
}

TEST_F(huge, collapse)
{
	int expected;

	fill_both(&self->pair);
	ASSERT_BOTH(0, huge_bytes(addr));
	/* Linux 6.1 */
	expected = advise(PLAIN_AT, SIZE, MADV_COLLAPSE);
	if (expected == -EINVAL)
		return;
	ASSERT_EQ(0, expected);
	EXPECT_BOTH(0, advise(addr, SIZE, MADV_COLLAPSE));
	EXPECT_BOTH(SIZE, huge_bytes(addr));
	EXPECT_INTACT();
}

/* The kernel thread that makes huge pages of small ones. */
TEST_F(huge, khugepaged)
{
	time_t since = time(NULL);

	fill_both(&self->pair);
	ASSERT_BOTH(0, huge_bytes(addr));
	ASSERT_EQ(0, write_number(THP "khugepaged/scan_sleep_millisecs", 0));
	ASSERT_EQ(0, write_number(THP "khugepaged/alloc_sleep_millisecs", 0));
	ASSERT_EQ(0, write_number(THP "khugepaged/pages_to_scan", 100000));
	ASSERT_BOTH(0, advise(addr, SIZE, MADV_HUGEPAGE));
	while ((huge_bytes(self->pair.addr[OURS]) < SIZE ||
		huge_bytes(self->pair.addr[PLAIN]) < SIZE) && patient(since))
		;
	EXPECT_BOTH(SIZE, huge_bytes(addr));
	EXPECT_INTACT();
	EXPECT_EQ(0, write_number(THP "khugepaged/scan_sleep_millisecs", 10000));
}

static uint64_t frame_of(int fd, unsigned long addr)
{
	uint64_t entry = 0;

	if (pread(fd, &entry, sizeof(entry), addr / PAGE * sizeof(entry)) != sizeof(entry))
		return 0;
	return entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
}

/*
 * Compaction moves pages towards the end of a zone; those that lie there
 * already stay. So both kinds are spread over half of the free memory: each
 * takes in turn a page that other memory gives back.
 */
static int spread(const struct pair *pair)
{
	unsigned long length = sysconf(_SC_AVPHYS_PAGES) / 2 * PAGE;
	unsigned long step = length / (2 * SIZE) * PAGE, at = 0;
	char *beside = mmap(NULL, length, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE, -1, 0);

	if (beside == MAP_FAILED)
		return -errno;
	for (unsigned long i = 0; i < SIZE; i += PAGE) {
		for (int side = OURS; side <= PLAIN; side++, at += step) {
			advise((unsigned long)beside + at, PAGE, MADV_DONTNEED);
			fill(pair->addr[side] + i, PAGE);
		}
	}
	return munmap(beside, length) ? -errno : 0;
}

TEST_F(huge, compaction)
{
	static uint64_t frames[2][SIZE / PAGE];
	unsigned long count[2] = { 0, 0 };
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (lacks(access("/proc/sys/vm/compact_memory", W_OK) == 0))
		SKIP(return, "no compaction");
	ASSERT_EQ(0, spread(&self->pair));
	FOR_BOTH() {
		for (unsigned long i = 0; i < SIZE / PAGE; i++)
			frames[side][i] = frame_of(fd, addr + i * PAGE);
	}
	ASSERT_EQ(0, write_number("/proc/sys/vm/compact_memory", 1));
	FOR_BOTH() {
		for (unsigned long i = 0; i < SIZE / PAGE; i++)
			count[side] += frames[side][i] != frame_of(fd, addr + i * PAGE);
	}
	TH_LOG("%lu and %lu of %lu pages were moved", count[OURS], count[PLAIN], SIZE / PAGE);
	EXPECT_LT(0, count[OURS]);
	EXPECT_LT(0, count[PLAIN]);
	EXPECT_INTACT();
	close(fd);
}

TEST_F(huge, drop_caches)
{
	fill_both(&self->pair);
	ASSERT_EQ(0, write_number("/proc/sys/vm/drop_caches", 3));
	EXPECT_BOTH(SIZE >> 10, smaps_field(addr, "Rss"));
	EXPECT_INTACT();
}

TEST_HARNESS_MAIN
