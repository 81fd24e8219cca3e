// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * 32-bit callers. A 64-bit program enters the kernel through int $0x80, with
 * its arguments below 4 GiB; the kernel cannot tell it from a 32-bit one.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "maps.h"

#ifdef __x86_64__

#define I386_IOCTL	54
#define I386_MMAP	90

struct i386_mmap {
	__u32 addr, length, prot, flags, fd, offset;
};

static long i386(unsigned int nr, unsigned int a, unsigned int b, unsigned int c)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "0" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory", "cc", "r8", "r9", "r10", "r11");
	return ret;
}

FIXTURE(compat)
{
	int fd;
	void *low;
};

FIXTURE_SETUP(compat)
{
	self->low = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, self->low);
	self->fd = open_device();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(compat)
{
	close(self->fd);
}

static unsigned int low(void *p)
{
	return (unsigned long)p;
}

TEST_F(compat, every_command)
{
	const unsigned long commands[] = {
		GCCOLOR_IOC_QUERY, GCCOLOR_IOC_RESERVE, GCCOLOR_IOC_COMMIT, GCCOLOR_IOC_DECOMMIT,
		GCCOLOR_IOC_RELEASE, GCCOLOR_IOC_INFO, GCCOLOR_IOC_LOCK,
	};
	__u32 *size = self->low;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		*size = PAGE;
		EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, commands[i], low(size))) {
			TH_LOG("command %zu", i);
		}
	}
}

TEST_F(compat, reserve_leaves_nothing)
{
	struct gccolor_ioc_reserve *arg = self->low;
	struct layout layout;

	*arg = reserve_args(BASE, LENGTH, SHIFT);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_RESERVE, low(arg)));
	read_layout(-1, BASE, LENGTH, &layout);
	EXPECT_EQ(0, layout.count);
	EXPECT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
}

TEST_F(compat, commands_on_a_region)
{
	struct gccolor_ioc_commit *arg = self->low;
	struct layout before, after;

	ASSERT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	read_layout(self->fd, BASE, LENGTH, &before);
	*arg = (struct gccolor_ioc_commit){
		.size = sizeof(*arg), .addr = INSIDE(2), .length = PAGE, .prot = PROT_RW,
	};
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_COMMIT, low(arg)));
	arg->size = sizeof(struct gccolor_ioc_decommit);
	arg->addr = INSIDE(1);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_DECOMMIT, low(arg)));
	arg->size = sizeof(struct gccolor_ioc_release);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_RELEASE, low(arg)));
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_IOCTL, self->fd, GCCOLOR_IOC_LOCK, low(arg)));
	read_layout(self->fd, BASE, LENGTH, &after);
	EXPECT_TRUE(same_layout(&before, &after));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), PAGE));
}

TEST_F(compat, mmap)
{
	struct i386_mmap *arg = self->low;
	struct gccolor_ioc_query kernel;
	struct layout layout;

	ASSERT_EQ(0, query(self->fd, &kernel));
	*arg = (struct i386_mmap){
		.length = 16 * kernel.color_length_min, .prot = PROT_NONE,
		.flags = MAP_PRIVATE, .fd = self->fd,
	};
	ASSERT_NE(0, arg->length);
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_MMAP, low(arg), 0, 0));
	read_layout(-1, 0, 1UL << 47, &layout);
	EXPECT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(-EOPNOTSUPP, i386(I386_MMAP, low(arg), 0, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

#else
TEST(compat)
{
	SKIP(return, "32-bit entry is tested on x86-64 only");
}
#endif

TEST_HARNESS_MAIN
