// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What the owner goes on doing with committed memory. */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>
#include <pthread.h>

#include "kselftest_harness.h"
#include "child.h"
#include "limits.h"
#include "maps.h"

FIXTURE(owner)
{
	int fd;
};

FIXTURE_SETUP(owner)
{
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(owner)
{
	close(self->fd);
}

static unsigned long resident_bytes(void)
{
	unsigned long pages = 0;
	char text[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (read(fd, text, sizeof(text) - 1) > 0)
		pages = strtoul(strchr(text, ' '), NULL, 10);
	close(fd);
	return pages * PAGE;
}

static uint64_t mappings(int fd)
{
	struct gccolor_ioc_info region;

	return info(fd, &region) ? 0 : region.mappings;
}

TEST_F(owner, dontneed_gives_pages_back)
{
	unsigned long before;

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * MIB));
	fill(INSIDE(1), 16 * MIB);
	before = resident_bytes();
	ASSERT_EQ(0, madvise((void *)(INSIDE(1) + PAGE), 16 * MIB - PAGE, MADV_DONTNEED));
	EXPECT_GT(before - 15 * MIB, resident_bytes());
	EXPECT_TRUE(intact(INSIDE(1), PAGE));
	EXPECT_TRUE(zeroed(INSIDE(1) + PAGE, MIB));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(owner, free_and_reuse)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 4 * MIB));
	fill(INSIDE(1), 4 * MIB);
	ASSERT_EQ(0, madvise((void *)INSIDE(1), 4 * MIB, MADV_FREE));
	fill(INSIDE(1), 4 * MIB);
	EXPECT_TRUE(intact(INSIDE(1), 4 * MIB));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(owner, huge_pages_by_advice)
{
	/* With pages of 64 KiB a huge one has 512 MiB. */
	unsigned long huge = huge_size(), length = huge > 64 * MIB ? huge : 4 * huge;

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), length));
	ASSERT_EQ(0, madvise((void *)INSIDE(1), length, MADV_HUGEPAGE));
	fill(INSIDE(1), length);
	EXPECT_LT(0, smaps_field(INSIDE(1), "AnonHugePages"));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	ASSERT_EQ(0, madvise((void *)INSIDE(1), length, MADV_NOHUGEPAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), length));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(owner, mlock)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	ASSERT_EQ(0, mlock((void *)(INSIDE(1) + 4 * PAGE), 4 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1) + 2 * PAGE, 4 * PAGE));
	ASSERT_EQ(0, munlock((void *)(INSIDE(1) + 6 * PAGE), 2 * PAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), 2 * PAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1) + 6 * PAGE, 10 * PAGE));
	EXPECT_EQ(0, proc_number("/proc/self/status", "VmLck"));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(owner, mlockall)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	ASSERT_EQ(0, commit(self->fd, INSIDE(2), 16 * PAGE));
	fill(INSIDE(2), 16 * PAGE);
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), 8 * PAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), 16 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_GT(64L * 1024, proc_number("/proc/self/status", "VmLck"));
	ASSERT_EQ(0, munlockall());
}

/* Exactly where asked for: 10,000 of 10,000. */
TEST_F_TIMEOUT(owner, ten_thousand_places, 300)
{
	unsigned long wrong = 0, failed = 0;
	unsigned long slot = 4 * PAGE;

	for (unsigned long i = 0; i < 10000; i++) {
		/* A stride that visits every slot once, in no order. */
		unsigned long addr = BASE + COLOR + (i * 7919 % 10007) * slot;

		failed += commit(self->fd, addr, PAGE) != 0;
		if (!failed)
			*(volatile unsigned long *)addr = addr;
	}
	ASSERT_EQ(0, failed);
	for (unsigned long i = 0; i < 10000; i++) {
		unsigned long addr = BASE + COLOR + (i * 7919 % 10007) * slot;

		wrong += *(volatile unsigned long *)addr != addr;
		wrong += readable(addr + PAGE);
	}
	EXPECT_EQ(0, wrong);
	for (unsigned long i = 0; i < 10000; i++)
		failed += decommit(self->fd, BASE + COLOR + (i * 7919 % 10007) * slot, PAGE) != 0;
	EXPECT_EQ(0, failed);
	EXPECT_GE(3, mappings(self->fd));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* One page after the other: neighbours become one mapping again. */
TEST_F(owner, neighbours_merge)
{
	for (unsigned long i = 0; i < 200; i++) {
		ASSERT_EQ(0, commit(self->fd, INSIDE(1) + i * PAGE, PAGE));
		fill(INSIDE(1) + i * PAGE, PAGE);
	}
	EXPECT_GE(8, mappings(self->fd));
	EXPECT_TRUE(intact(INSIDE(1), 200 * PAGE));
	for (unsigned long i = 0; i < 200; i++)
		ASSERT_EQ(0, decommit(self->fd, INSIDE(1) + i * PAGE, PAGE));
	EXPECT_GE(3, mappings(self->fd));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

#define MERGED	100UL

static unsigned long lowest_first(unsigned long i)
{
	return i;
}

static unsigned long highest_first(unsigned long i)
{
	return MERGED - 1 - i;
}

static unsigned long even_first(unsigned long i)
{
	return i < MERGED / 2 ? 2 * i : 2 * (i - MERGED / 2) + 1;
}

static unsigned long shuffled(unsigned long i)
{
	return i * 37 % MERGED;
}

/* How a page is committed after others: the @i-th. */
static const struct {
	const char *name;
	unsigned long (*nth)(unsigned long i);
} orders[] = {
	{ "lowest first", lowest_first },
	{ "highest first", highest_first },
	{ "even ones first", even_first },
	{ "in no order", shuffled },
};

/*
 * Adjacent commits that nobody has touched yet are one mapping, in any order. In a
 * hooked region they are not: the kernel merges no VMA whose vm_ops have close.
 */
TEST_F(owner, adjacent_commits_are_one_mapping)
{
	bool merges = expected_level() == GCCOLOR_IOC_LEVEL_ENFORCED;

	for (size_t order = 0; order < ARRAY_SIZE(orders); order++) {
		/* The reserve behind them is one more. */
		unsigned long before = mappings(self->fd) + 1;

		for (unsigned long i = 0; i < MERGED; i++)
			ASSERT_EQ(0, commit(self->fd, INSIDE(1) + orders[order].nth(i) * PAGE,
					    PAGE));
		EXPECT_GE(before + (merges ? 1 : MERGED), mappings(self->fd)) {
			TH_LOG("%s", orders[order].name);
		}
		fill(INSIDE(1), MERGED * PAGE);
		EXPECT_TRUE(intact(INSIDE(1), MERGED * PAGE));
		EXPECT_STREQ("whole", region_state(BASE, LENGTH));
		ASSERT_EQ(0, decommit(self->fd, INSIDE(1), MERGED * PAGE));
		EXPECT_GE(3, mappings(self->fd));
	}
}

TEST_F(owner, holes_close_again)
{
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 400 * PAGE));
	for (unsigned long i = 0; i < 400; i += 2)
		ASSERT_EQ(0, decommit(self->fd, INSIDE(1) + i * PAGE, PAGE));
	EXPECT_LE(400, mappings(self->fd));
	for (unsigned long i = 1; i < 400; i += 2)
		ASSERT_EQ(0, decommit(self->fd, INSIDE(1) + i * PAGE, PAGE));
	EXPECT_GE(3, mappings(self->fd));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

struct pager {
	int uffd;
	unsigned int served;
};

/* Serves eight missing pages. A page that cannot be served lets the reader go. */
static void *serve(void *arg)
{
	static char page[PAGE_MAX] __attribute__((aligned(PAGE_MAX)));
	struct pager *pager = arg;
	struct uffd_msg message;

	while (read(pager->uffd, &message, sizeof(message)) == sizeof(message)) {
		struct uffdio_copy copy = {
			.dst = message.arg.pagefault.address & -PAGE,
			.src = (unsigned long)page,
			.len = PAGE,
		};

		for (unsigned long i = 0; i < PAGE; i += 8)
			*(unsigned long *)(page + i) = (copy.dst + i) ^ 0x9e3779b97f4a7c15UL;
		if (ioctl(pager->uffd, UFFDIO_COPY, &copy)) {
			close(pager->uffd);
			break;
		}
		if (++pager->served == 8)
			break;
	}
	return NULL;
}

TEST_F(owner, userfaultfd_serves_pages)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { INSIDE(1), 8 * PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct pager pager = { syscall(SYS_userfaultfd, O_CLOEXEC), 0 };
	pthread_t thread;

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	if (lacks(pager.uffd >= 0))
		SKIP(return, "no userfaultfd");
	ASSERT_EQ(0, ioctl(pager.uffd, UFFDIO_API, &api));
	ASSERT_EQ(0, ioctl(pager.uffd, UFFDIO_REGISTER, &range));
	ASSERT_EQ(0, pthread_create(&thread, NULL, serve, &pager));
	EXPECT_TRUE(intact(INSIDE(1), 8 * PAGE));
	pthread_join(thread, NULL);
	EXPECT_EQ(8, pager.served);
	EXPECT_TRUE(zeroed(INSIDE(1) + 8 * PAGE, 8 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	/* Decommit under it; what is committed next is not watched. */
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), 16 * PAGE));
	EXPECT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	EXPECT_TRUE(zeroed(INSIDE(1), 16 * PAGE));
	close(pager.uffd);
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

static void *write_page(void *addr)
{
	memset(addr, 0x77, PAGE);
	return NULL;
}

TEST_F(owner, userfaultfd_write_protects)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register range = {
		.range = { INSIDE(1), 4 * PAGE }, .mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect protect = {
		.range = { INSIDE(1), 4 * PAGE }, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct uffd_msg message;
	pthread_t thread;

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 4 * PAGE));
	fill(INSIDE(1), 4 * PAGE);
	if (lacks(uffd >= 0))
		SKIP(return, "no userfaultfd");
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_API, &api));
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_REGISTER, &range));
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_WRITEPROTECT, &protect));
	EXPECT_TRUE(intact(INSIDE(1), 4 * PAGE));
	/* A write waits for us. */
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_page, (void *)(INSIDE(1) + PAGE)));
	while (read(uffd, &message, sizeof(message)) != sizeof(message))
		ASSERT_EQ(EAGAIN, errno);
	EXPECT_EQ(UFFD_EVENT_PAGEFAULT, message.event);
	EXPECT_EQ(INSIDE(1) + PAGE, message.arg.pagefault.address & -PAGE);
	protect.mode = 0;
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_WRITEPROTECT, &protect));
	pthread_join(thread, NULL);
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), 4 * PAGE));
}

/* Every second page freed, as many as vm.max_map_count allows: memory falls. */
TEST_F_TIMEOUT(owner, many_single_pages, 240)
{
	const unsigned long nr = 28000;
	unsigned long before, failed = 0;

	ASSERT_EQ(0, commit(self->fd, INSIDE(1), nr * PAGE));
	for (unsigned long i = 0; i < nr; i++)
		*(volatile unsigned long *)(INSIDE(1) + i * PAGE) = i;
	before = resident_bytes();
	for (unsigned long i = 0; i < nr; i += 2)
		failed += decommit(self->fd, INSIDE(1) + i * PAGE, PAGE) != 0;
	EXPECT_EQ(0, failed);
	EXPECT_GT(before - nr / 2 * PAGE + MIB, resident_bytes());
	for (unsigned long i = 1; i < nr; i += 2)
		failed += *(volatile unsigned long *)(INSIDE(1) + i * PAGE) != i;
	EXPECT_EQ(0, failed);
	EXPECT_EQ(0, release(self->fd));
}

TEST_HARNESS_MAIN
