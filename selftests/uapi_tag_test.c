// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Addresses with something in their top byte, which arm64 ignores when it
 * loads and stores: in a struct they are refused, as mmap(2) refuses them; the
 * pointer to the struct may have a tag where the kernel's ABI allows it; and
 * munmap(2) and others, which take the tag off, do not get past the guard.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>

#include "kselftest_harness.h"
#include "maps.h"

#ifndef PR_SET_TAGGED_ADDR_CTRL
#define PR_SET_TAGGED_ADDR_CTRL		55
#endif
#ifndef PR_TAGGED_ADDR_ENABLE
#define PR_TAGGED_ADDR_ENABLE		1UL
#endif

static const unsigned long tags[] = {
	0x01UL << 56, 0x2aUL << 56, 0x7eUL << 56, 0x7fUL << 56, 0x80UL << 56, 0xffUL << 56,
	1UL << 62, 1UL << 63,
};

FIXTURE(tag)
{
	int fd;
	struct layout before;
};

FIXTURE_VARIANT(tag)
{
	bool allowed;	/* the process asked for arm64's tagged address ABI */
};

FIXTURE_VARIANT_ADD(tag, plain) { .allowed = false };

#ifdef __aarch64__
FIXTURE_VARIANT_ADD(tag, tagged_address_abi) { .allowed = true };
#endif

FIXTURE_SETUP(tag)
{
	if (variant->allowed)
		ASSERT_EQ(0, prctl(PR_SET_TAGGED_ADDR_CTRL, PR_TAGGED_ADDR_ENABLE, 0, 0, 0));
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	fill(INSIDE(1), 16 * PAGE);
	read_layout(self->fd, BASE, LENGTH, &self->before);
}

FIXTURE_TEARDOWN(tag)
{
	close(self->fd);
}

TEST_F(tag, commit_and_decommit)
{
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		EXPECT_EQ(-ERANGE, commit(self->fd, INSIDE(2) | tags[i], PAGE));
		EXPECT_EQ(-ERANGE, decommit(self->fd, INSIDE(1) | tags[i], PAGE));
	}
	EXPECT_REGION_UNCHANGED();
}

TEST_F(tag, reserve)
{
	int other = open_device();

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		EXPECT_EQ(-ERANGE, reserve(other, (BASE - LENGTH) | tags[i], LENGTH, SHIFT, 0));
		EXPECT_EQ(MAP_FAILED, mmap((void *)(BASE | tags[i]), LENGTH, PROT_NONE,
					   MAP_PRIVATE | MAP_FIXED, other, 0));
	}
	EXPECT_FALSE(readable(BASE - LENGTH));
	/* The file is as fresh as before. */
	EXPECT_EQ(0, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(tag, pointer_to_the_struct)
{
	struct gccolor_ioc_query kernel;

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		void *arg = (void *)((unsigned long)&kernel | tags[i]);

		memset(&kernel, 0, sizeof(kernel));
		kernel.size = sizeof(kernel);
		EXPECT_EQ(variant->allowed ? 0 : -EFAULT,
			  command(self->fd, GCCOLOR_IOC_QUERY, arg)) {
			TH_LOG("tag %#lx", tags[i]);
		}
		EXPECT_EQ(variant->allowed ? PAGE : 0, kernel.page_size);
	}
	EXPECT_REGION_UNCHANGED();
}

/* With a tag that the kernel takes off, or not: nothing gets through. */
TEST_F(tag, attacks)
{
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		unsigned long addr = INSIDE(1) | tags[i];
		unsigned long reserve = INSIDE(2) | tags[i];

#ifdef __aarch64__
		/* The attack is one only if the kernel takes the tag off. */
		EXPECT_EQ(-EPERM, try_munmap(addr, PAGE));
		EXPECT_EQ(-EPERM, try_munmap(reserve, PAGE));
		EXPECT_EQ(0, madvise((void *)addr, PAGE, MADV_NORMAL));
#else
		EXPECT_EQ(-EINVAL, try_munmap(addr, PAGE));
#endif
		EXPECT_GT(0, try_mprotect(addr, PAGE, PROT_READ));
		EXPECT_GT(0, try_mprotect(reserve, PAGE, PROT_READ | PROT_WRITE));
		EXPECT_GT(0, try_map_over(addr, PAGE));
		EXPECT_GT(0, try_map_over(reserve, PAGE));
		EXPECT_EQ(MAP_FAILED, mremap((void *)addr, PAGE, PAGE,
					     MREMAP_MAYMOVE | MREMAP_FIXED,
					     (void *)(BASE - LENGTH)));
		EXPECT_EQ(MAP_FAILED, mremap((void *)reserve, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	}
	EXPECT_REGION_UNCHANGED();
}

TEST_HARNESS_MAIN
