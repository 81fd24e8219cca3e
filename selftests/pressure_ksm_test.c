// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Kernel samepage merging of committed memory. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "kernel.h"
#include "pressure.h"

#define KSM		"/sys/kernel/mm/ksm/"
#define PAGES		128UL	/* a frame is shared at most 256 times */
#define SIZE		(PAGES * PAGE)
#define MARK		"gccolor pressure_ksm_test"

FIXTURE(ksm)
{
	struct pair pair;
};

static int start_merging(void)
{
	write_number(KSM "pages_to_scan", 10000);
	write_number(KSM "sleep_millisecs", 0);
	/* 0 would merge at the second look only at what did not change. */
	write_number(KSM "smart_scan", 0);
	return write_number(KSM "run", 1);
}

FIXTURE_SETUP(ksm)
{
	if (lacks(start_merging() == 0))
		SKIP(return, "no KSM");
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
}

FIXTURE_TEARDOWN(ksm)
{
	EXPECT_WHOLE();
	EXPECT_EQ(0, write_number(KSM "run", 2));
}

/* The same bytes in every page, other ones than a page elsewhere has. */
static void same_pages(unsigned long addr, char byte)
{
	for (unsigned long a = addr; a < addr + SIZE; a += PAGE) {
		memset((void *)a, byte, PAGE);
		memcpy((char *)a, MARK, sizeof(MARK));
	}
}

static bool all_same(unsigned long addr, char byte)
{
	for (unsigned long a = addr; a < addr + SIZE; a += PAGE) {
		if (strcmp((char *)a, MARK) ||
		    ((char *)a)[100] != byte || ((char *)a)[PAGE - 1] != byte)
			return false;
	}
	return true;
}

/* The physical page behind @addr, as root sees it; 0: none. */
static uint64_t frame_of(unsigned long addr)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (pread(fd, &entry, sizeof(entry), addr / PAGE * sizeof(entry)) != sizeof(entry))
		entry = 0;
	close(fd);
	return entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
}

/* How many pages share their frame with the first one of @with. */
static unsigned long merged(unsigned long addr, unsigned long with)
{
	uint64_t frame = frame_of(with);
	unsigned long count = 0;

	for (unsigned long i = 0; frame && i < PAGES; i++)
		count += frame_of(addr + i * PAGE) == frame;
	return count;
}

static unsigned long wait_merged(unsigned long addr, unsigned long with, unsigned long pages)
{
	time_t since = time(NULL);
	unsigned long count;

	do {
		count = merged(addr, with);
	} while (count < pages && patient(since));
	return count;
}

TEST_F(ksm, merges_and_copies_on_write)
{
	for (int side = OURS; side <= PLAIN; side++) {
		unsigned long addr = self->pair.addr[side];

		same_pages(addr, 'a' + side);
		ASSERT_EQ(0, advise(addr, SIZE, MADV_MERGEABLE));
		EXPECT_EQ(PAGES, wait_merged(addr, addr, PAGES)) {
			TH_LOG("%s memory", side_name[side]);
		}
	}
	EXPECT_LE(2 * (PAGES - 1), read_number(KSM "pages_sharing"));
	EXPECT_BOTH(true, all_same(addr, 'a' + (int)side));
	EXPECT_WHOLE();
	/* Every page its own again. */
	FOR_BOTH() {
		for (unsigned long i = 0; i < PAGES; i++)
			((volatile char *)addr)[i * PAGE + 100] = i;
	}
	FOR_BOTH() {
		for (unsigned long i = 0; i < PAGES; i++) {
			EXPECT_EQ((char)i, ((char *)addr)[i * PAGE + 100]);
			EXPECT_EQ('a' + (int)side, ((char *)addr)[i * PAGE + 101]);
		}
	}
	EXPECT_BOTH(1, merged(addr, addr));
}

/* A page of a region and a page of other memory become one. */
TEST_F(ksm, merges_with_other_memory)
{
	FOR_BOTH()
		same_pages(addr, 'x');
	ASSERT_BOTH(0, advise(addr, SIZE / 2, MADV_MERGEABLE));
	EXPECT_BOTH(PAGES / 2, wait_merged(addr, self->pair.addr[PLAIN], PAGES / 2));
	EXPECT_BOTH(true, all_same(addr, 'x'));
	memset((void *)self->pair.addr[PLAIN], 'y', SIZE);
	EXPECT_TRUE(all_same(self->pair.addr[OURS], 'x'));
	EXPECT_EQ(0, merged(self->pair.addr[OURS], self->pair.addr[PLAIN]));
}

TEST_F(ksm, unmerge)
{
	FOR_BOTH() {
		same_pages(addr, 'm');
		ASSERT_EQ(0, advise(addr, SIZE, MADV_MERGEABLE));
	}
	ASSERT_EQ(PAGES, wait_merged(self->pair.addr[OURS], self->pair.addr[OURS], PAGES));
	EXPECT_BOTH(0, advise(addr, SIZE, MADV_UNMERGEABLE));
	EXPECT_BOTH(1, merged(addr, addr));
	EXPECT_BOTH(true, all_same(addr, 'm'));
}

/* Merged pages go with DECOMMIT; what other mappings share stays. */
TEST_F(ksm, decommit)
{
	unsigned long addr = self->pair.addr[OURS];
	pid_t pid;

	same_pages(addr, 'd');
	ASSERT_EQ(0, advise(addr, SIZE, MADV_MERGEABLE));
	ASSERT_EQ(PAGES, wait_merged(addr, addr, PAGES));
	pid = fork();
	if (pid == 0) {
		CHECK(all_same(addr, 'd'));
		CHECK_EQ(0, decommit(self->pair.fd, addr, SIZE));
		CHECK_EQ(0, commit(self->pair.fd, addr, SIZE));
		CHECK(zeroed(addr, SIZE));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_TRUE(all_same(addr, 'd'));
	EXPECT_EQ(0, decommit(self->pair.fd, addr, SIZE / 2));
	EXPECT_TRUE(readable(addr + SIZE / 2));
	EXPECT_FALSE(readable(addr));
}

/* For all memory of the process: reserve has no pages to merge. */
TEST_F(ksm, whole_process)
{
	unsigned long addr = INSIDE(2);

	if (prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0) && errno == EINVAL)
		return;	/* older than 6.4: there is nothing to test */
	ASSERT_EQ(1, prctl(PR_GET_MEMORY_MERGE, 0, 0, 0, 0));
	ASSERT_EQ(0, commit(self->pair.fd, addr, SIZE));
	same_pages(addr, 'p');
	same_pages(self->pair.addr[OURS], 'q');
	EXPECT_EQ(PAGES, wait_merged(addr, addr, PAGES));
	EXPECT_EQ(PAGES, wait_merged(self->pair.addr[OURS], self->pair.addr[OURS], PAGES));
	EXPECT_TRUE(all_same(addr, 'p'));
	EXPECT_TRUE(all_same(self->pair.addr[OURS], 'q'));
	EXPECT_WHOLE();
	EXPECT_EQ(0, prctl(PR_SET_MEMORY_MERGE, 0, 0, 0, 0));
}

TEST_HARNESS_MAIN
