// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What /proc says of committed memory: pagemap, soft-dirty bits, smaps, counters. */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>

#include "kselftest_harness.h"
#include "pressure.h"

#define PAGES		64UL
#define SIZE		(PAGES * PAGE)

#define PM_SOFT_DIRTY	0x80000000000000ULL
#define PM_EXCLUSIVE	0x100000000000000ULL
#define PM_FILE		0x2000000000000000ULL
#define PM_SWAP		0x4000000000000000ULL
#define PM_PRESENT	0x8000000000000000ULL

/* Linux 6.7 */
struct scan_args {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

struct scan_range {
	uint64_t start, end, categories;
};

#define SCAN		_IOWR('f', 16, struct scan_args)
#define SCAN_WP		1ULL	/* PM_SCAN_WP_MATCHING */
#define SCAN_CHECK_WP	2ULL	/* PM_SCAN_CHECK_WPASYNC */
#define IS_WRITTEN	0x2ULL
#define IS_FILE		0x4ULL
#define IS_PRESENT	0x8ULL
#define IS_ZERO		0x20ULL
#define FEATURE_WP_ASYNC	0x8000ULL
#define FEATURE_WP_UNPOPULATED	0x2000ULL

FIXTURE(pagemap)
{
	struct pair pair;
	int fd;
};

FIXTURE_SETUP(pagemap)
{
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
	self->fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(pagemap)
{
	EXPECT_WHOLE();
	close(self->fd);
}

/* In how many pages from @addr are the bits of @mask just those of @bits? */
static unsigned long pages_with(int fd, unsigned long addr, uint64_t mask, uint64_t bits)
{
	uint64_t entries[PAGES];
	unsigned long count = 0;

	if (pread(fd, entries, sizeof(entries), addr / PAGE * sizeof(entries[0])) !=
	    sizeof(entries))
		return ~0UL;
	for (unsigned long i = 0; i < PAGES; i++)
		count += (entries[i] & mask) == bits;
	return count;
}

TEST_F(pagemap, bits)
{
	const uint64_t all = PM_PRESENT | PM_SWAP | PM_FILE | PM_EXCLUSIVE;

	EXPECT_BOTH(PAGES, pages_with(self->fd, addr, all, 0));
	fill_both(&self->pair);
	EXPECT_BOTH(PAGES, pages_with(self->fd, addr, all, PM_PRESENT | PM_EXCLUSIVE));
}

static int clear_soft_dirty(void)
{
	return write_file("/proc/self/clear_refs", "4");
}

TEST_F(pagemap, soft_dirty)
{
	fill_both(&self->pair);
	if (lacks(pages_with(self->fd, PLAIN_AT, PM_SOFT_DIRTY, PM_SOFT_DIRTY) == PAGES))
		SKIP(return, "no soft-dirty bits");
	EXPECT_BOTH(PAGES, pages_with(self->fd, addr, PM_SOFT_DIRTY, PM_SOFT_DIRTY));
	for (int turn = 0; turn < 3; turn++) {
		ASSERT_EQ(0, clear_soft_dirty());
		EXPECT_BOTH(0, pages_with(self->fd, addr, PM_SOFT_DIRTY, PM_SOFT_DIRTY));
		EXPECT_INTACT();
		EXPECT_BOTH(0, pages_with(self->fd, addr, PM_SOFT_DIRTY, PM_SOFT_DIRTY));
		FOR_BOTH() {
			for (unsigned long i = 0; i < PAGES; i += 4)
				((volatile char *)addr)[i * PAGE] += turn;
		}
		EXPECT_BOTH(PAGES / 4,
			    pages_with(self->fd, addr, PM_SOFT_DIRTY, PM_SOFT_DIRTY));
		FOR_BOTH() {
			for (unsigned long i = 0; i < PAGES; i += 4)
				((volatile char *)addr)[i * PAGE] -= turn;
		}
	}
	/* What is committed or mapped anew is dirty as a whole. */
	ASSERT_EQ(0, clear_soft_dirty());
	ASSERT_EQ(0, decommit(self->pair.fd, self->pair.addr[OURS], SIZE));
	ASSERT_EQ(0, commit(self->pair.fd, self->pair.addr[OURS], SIZE));
	ASSERT_EQ(0, try_map_over(PLAIN_AT, SIZE));
	EXPECT_BOTH(PAGES, pages_with(self->fd, addr, PM_SOFT_DIRTY, PM_SOFT_DIRTY));
}

/* Committed after clearing, beside memory that was there before. */
TEST_F(pagemap, soft_dirty_neighbours)
{
	unsigned long ours = self->pair.addr[OURS], plain = self->pair.addr[PLAIN];

	fill_both(&self->pair);
	if (lacks(pages_with(self->fd, plain, PM_SOFT_DIRTY, PM_SOFT_DIRTY) == PAGES))
		SKIP(return, "no soft-dirty bits");
	ASSERT_EQ(0, clear_soft_dirty());
	ASSERT_EQ(0, commit(self->pair.fd, ours + SIZE, SIZE));
	ASSERT_EQ(0, try_map_over(plain + SIZE, SIZE));
	EXPECT_BOTH(PAGES, pages_with(self->fd, addr + SIZE, PM_SOFT_DIRTY, PM_SOFT_DIRTY));
	EXPECT_INTACT();
}

static int scan(int fd, unsigned long addr, uint64_t flags, uint64_t wanted,
		struct scan_range *ranges, unsigned long count)
{
	struct scan_args args = {
		.size = sizeof(args),
		.flags = flags,
		.start = addr,
		.end = addr + SIZE,
		.vec = (uintptr_t)ranges,
		.vec_len = count,
		.category_mask = wanted,
		.return_mask = IS_WRITTEN | IS_FILE | IS_PRESENT | IS_ZERO,
	};
	int ret = ioctl(fd, SCAN, &args);

	return ret < 0 ? -errno : ret;
}

TEST_F(pagemap, pagemap_scan)
{
	struct scan_range ranges[4];
	int plain = scan(self->fd, PLAIN_AT, 0, IS_PRESENT, ranges, 4);
	uint64_t categories[2];

	if (plain == -ENOTTY)
		return;	/* before 6.7 there is nothing to test */
	EXPECT_BOTH(0, scan(self->fd, addr, 0, IS_PRESENT, ranges, 4));
	fill_both(&self->pair);
	FOR_BOTH() {
		ASSERT_EQ(1, scan(self->fd, addr, 0, IS_PRESENT, ranges, 4));
		EXPECT_EQ(addr, ranges[0].start);
		EXPECT_EQ(addr + SIZE, ranges[0].end);
		categories[side] = ranges[0].categories;
	}
	/* 7.x says IS_WRITTEN only of what userfaultfd write-protects. */
	EXPECT_EQ(IS_PRESENT, categories[OURS] & ~IS_WRITTEN);
	EXPECT_EQ(categories[PLAIN], categories[OURS]);
}

/* The successor of soft-dirty bits: write protection that resolves itself. */
TEST_F(pagemap, written)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = FEATURE_WP_ASYNC | FEATURE_WP_UNPOPULATED,
	};
	struct scan_range ranges[4];
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (lacks(uffd >= 0))
		SKIP(return, "no userfaultfd");
	if (ioctl(uffd, UFFDIO_API, &api))
		return;	/* before 6.7 there is nothing to test */
	FOR_BOTH() {
		struct uffdio_register range = {
			.range = { addr, SIZE },
			.mode = UFFDIO_REGISTER_MODE_WP,
		};

		ASSERT_EQ(0, ioctl(uffd, UFFDIO_REGISTER, &range));
	}
	fill_both(&self->pair);
	FOR_BOTH() {
		ASSERT_EQ(1, scan(self->fd, addr, SCAN_WP | SCAN_CHECK_WP, IS_WRITTEN, ranges, 4));
		EXPECT_EQ(addr, ranges[0].start);
		EXPECT_EQ(addr + SIZE, ranges[0].end);
		EXPECT_EQ(0, scan(self->fd, addr, SCAN_CHECK_WP, IS_WRITTEN, ranges, 4));
		((volatile char *)addr)[2 * PAGE] += 0;
		((volatile char *)addr)[5 * PAGE] += 0;
		ASSERT_EQ(2, scan(self->fd, addr, SCAN_CHECK_WP, IS_WRITTEN, ranges, 4));
		EXPECT_EQ(addr + 2 * PAGE, ranges[0].start);
		EXPECT_EQ(addr + 6 * PAGE, ranges[1].end);
	}
	EXPECT_INTACT();
	close(uffd);
}

/* Fields of smaps that must be equal after the same things were done. */
static const char *const fields[] = {
	"Size", "Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean",
	"Private_Dirty", "Referenced", "Anonymous", "LazyFree", "AnonHugePages",
	"ShmemPmdMapped", "FilePmdMapped", "Swap", "SwapPss", "Locked",
	"KernelPageSize", "MMUPageSize", "THPeligible",
};

#define EXPECT_SAME_SMAPS() do {					\
	for (unsigned long i = 0; i < ARRAY_SIZE(fields); i++) {	\
		EXPECT_EQ(smaps_field(PLAIN_AT, fields[i]),		\
			  smaps_field(self->pair.addr[OURS], fields[i])) {	\
			TH_LOG("%s", fields[i]);			\
		}							\
	}								\
} while (0)

TEST_F(pagemap, smaps)
{
	pid_t pid;

	EXPECT_SAME_SMAPS();
	/* The zero page, mapped by reading. */
	EXPECT_BOTH(true, zeroed(addr, SIZE));
	EXPECT_SAME_SMAPS();
	fill_both(&self->pair);
	EXPECT_EQ(SIZE >> 10, smaps_field(self->pair.addr[OURS], "Anonymous"));
	EXPECT_SAME_SMAPS();
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	EXPECT_EQ(SIZE >> 10, smaps_field(self->pair.addr[OURS], "Shared_Dirty"));
	EXPECT_SAME_SMAPS();
	kill(pid, SIGKILL);
	wait_for(pid);
	ASSERT_BOTH(0, advise(addr, SIZE / 4, MADV_FREE));
	/* Each processor passes them on in batches: now, please. */
	ASSERT_EQ(0, write_number("/proc/sys/vm/drop_caches", 1));
	EXPECT_BOTH(SIZE >> 12, smaps_field(addr, "LazyFree"));
	EXPECT_SAME_SMAPS();
	EXPECT_EQ(0, mlock((void *)(self->pair.addr[OURS]), SIZE));
	EXPECT_EQ(0, mlock((void *)(self->pair.addr[PLAIN]), SIZE));
	EXPECT_SAME_SMAPS();
	EXPECT_EQ(0, munlockall());
	ASSERT_EQ(0, write_file("/proc/self/clear_refs", "1"));
	EXPECT_SAME_SMAPS();
	EXPECT_EQ(0, write_file("/proc/self/clear_refs", "5"));
}

/* How many bytes of @counter the memory at @addr is counted as. */
static long counted(const char *counter, unsigned long addr)
{
	long before = proc_number("/proc/self/status", counter);

	fill(addr, SIZE);
	return (proc_number("/proc/self/status", counter) - before) << 10;
}

TEST_F(pagemap, counters)
{
	/* Batches of 64 pages per processor are not yet in the counter. */
	const unsigned long slack = 64 * 4 * PAGE;

	EXPECT_BOTH(true, counted("RssAnon", addr) + slack >= SIZE);
	EXPECT_BOTH(0, advise(addr, SIZE, MADV_DONTNEED));
	EXPECT_BOTH(0, counted("RssFile", addr));
	EXPECT_BOTH(0, advise(addr, SIZE, MADV_DONTNEED));
	EXPECT_BOTH(0, counted("RssShmem", addr));
}

static unsigned long in_core(unsigned long addr)
{
	unsigned char pages[PAGES];
	unsigned long count = 0;

	if (mincore((void *)addr, SIZE, pages))
		return ~0UL;
	for (unsigned long i = 0; i < PAGES; i++)
		count += pages[i] & 1;
	return count;
}

TEST_F(pagemap, mincore)
{
	EXPECT_BOTH(0, in_core(addr));
	fill(self->pair.addr[OURS], SIZE / 2);
	fill(self->pair.addr[PLAIN], SIZE / 2);
	EXPECT_BOTH(PAGES / 2, in_core(addr));
	fill_both(&self->pair);
	EXPECT_BOTH(PAGES, in_core(addr));
}

TEST_HARNESS_MAIN
