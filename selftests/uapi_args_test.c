// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Every command with structs of every size, at every kind of address, with
 * unknown flags: a precise errno, and nothing changed.
 */
#define _GNU_SOURCE
#include <stddef.h>

#include "kselftest_harness.h"
#include "maps.h"

#define AT	INSIDE(1)

/* Room for a struct larger than the kernel accepts. */
static union {
	unsigned char bytes[2 * PAGE_MAX];
	__u32 size;
	struct {
		__u32 size;
		__u32 flags;
	} head;
	struct gccolor_ioc_query query;
	struct gccolor_ioc_reserve reserve;
	struct gccolor_ioc_commit commit;
	struct gccolor_ioc_decommit decommit;
	struct gccolor_ioc_release release;
	struct gccolor_ioc_info info;
	struct gccolor_ioc_lock lock;
} arg;

FIXTURE(command)
{
	int fd;
	struct layout before;
};

FIXTURE_VARIANT(command)
{
	unsigned long nr;
	size_t size;
	bool answers;		/* the struct has out fields */
	__u32 known_flags;
};

FIXTURE_VARIANT_ADD(command, query) {
	.nr = GCCOLOR_IOC_QUERY,
	.size = sizeof(struct gccolor_ioc_query),
	.answers = true,
};

FIXTURE_VARIANT_ADD(command, reserve) {
	.nr = GCCOLOR_IOC_RESERVE,
	.size = sizeof(struct gccolor_ioc_reserve),
	.answers = true,
};

FIXTURE_VARIANT_ADD(command, commit) {
	.nr = GCCOLOR_IOC_COMMIT,
	.size = sizeof(struct gccolor_ioc_commit),
	.known_flags = GCCOLOR_IOC_COMMIT_NORESERVE | GCCOLOR_IOC_COMMIT_POPULATE |
		       GCCOLOR_IOC_COMMIT_HUGEPAGE,
};

FIXTURE_VARIANT_ADD(command, decommit) {
	.nr = GCCOLOR_IOC_DECOMMIT,
	.size = sizeof(struct gccolor_ioc_decommit),
};

FIXTURE_VARIANT_ADD(command, release) {
	.nr = GCCOLOR_IOC_RELEASE,
	.size = sizeof(struct gccolor_ioc_release),
};

FIXTURE_VARIANT_ADD(command, info) {
	.nr = GCCOLOR_IOC_INFO,
	.size = sizeof(struct gccolor_ioc_info),
	.answers = true,
};

FIXTURE_VARIANT_ADD(command, lock) {
	.nr = GCCOLOR_IOC_LOCK,
	.size = sizeof(struct gccolor_ioc_lock),
};

/* Arguments with which the command succeeds. */
static void fill_args(unsigned long nr, size_t size)
{
	memset(&arg, 0, sizeof(arg));
	arg.size = size;
	if (nr == GCCOLOR_IOC_RESERVE) {
		arg.reserve.base = BASE;
		arg.reserve.length = LENGTH;
		arg.reserve.color_shift = SHIFT;
	} else if (nr == GCCOLOR_IOC_COMMIT) {
		arg.commit.addr = AT + 16 * PAGE;
		arg.commit.length = PAGE;
		arg.commit.prot = PROT_RW;
	} else if (nr == GCCOLOR_IOC_DECOMMIT) {
		arg.decommit.addr = AT;
		arg.decommit.length = PAGE;
	}
}

FIXTURE_SETUP(command)
{
	if (variant->nr == GCCOLOR_IOC_RESERVE) {
		self->fd = open_device();
		ASSERT_LE(0, self->fd);
	} else {
		self->fd = open_region(0);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, commit(self->fd, AT, 4 * PAGE));
		fill(AT, 4 * PAGE);
	}
	read_layout(self->fd, BASE, LENGTH, &self->before);
	fill_args(variant->nr, variant->size);
}

FIXTURE_TEARDOWN(command)
{
	close(self->fd);
}

#define EXPECT_UNCHANGED() do {						\
	struct layout after;						\
									\
	read_layout(self->fd, BASE, LENGTH, &after);			\
	EXPECT_TRUE(same_layout(&self->before, &after));		\
	if (variant->nr != GCCOLOR_IOC_RESERVE) {			\
		EXPECT_TRUE(intact(AT, 4 * PAGE));			\
		EXPECT_STREQ("whole", region_state(BASE, LENGTH));	\
	}								\
} while (0)

TEST_F(command, exact)
{
	EXPECT_EQ(0, command(self->fd, variant->nr, &arg));
}

TEST_F(command, too_small)
{
	const size_t sizes[] = { 0, 1, 7, variant->size - 1, variant->size - 4 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		fill_args(variant->nr, sizes[i]);
		EXPECT_EQ(-EINVAL, command(self->fd, variant->nr, &arg)) {
			TH_LOG("size %zu", sizes[i]);
		}
	}
	EXPECT_UNCHANGED();
}

TEST_F(command, larger_with_zero_tail)
{
	arg.size = variant->size + 8;
	EXPECT_EQ(0, command(self->fd, variant->nr, &arg));
	for (size_t i = variant->size; i < sizeof(arg); i++)
		ASSERT_EQ(0, arg.bytes[i]);
}

TEST_F(command, page_size_with_zero_tail)
{
	arg.size = PAGE;
	EXPECT_EQ(0, command(self->fd, variant->nr, &arg));
}

TEST_F(command, larger_with_data_in_tail)
{
	const size_t at[] = { variant->size, variant->size + 7, PAGE - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		fill_args(variant->nr, PAGE);
		arg.bytes[at[i]] = 1;
		EXPECT_EQ(-E2BIG, command(self->fd, variant->nr, &arg));
	}
	EXPECT_UNCHANGED();
}

TEST_F(command, above_page_size)
{
	const size_t sizes[] = { PAGE + 1, PAGE + 8, 2 * PAGE, 0x7fffffff, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		fill_args(variant->nr, sizes[i]);
		EXPECT_EQ(-E2BIG, command(self->fd, variant->nr, &arg));
	}
	EXPECT_UNCHANGED();
}

TEST_F(command, data_behind_the_struct_is_not_touched)
{
	memset(arg.bytes + variant->size, 0xa5, sizeof(arg) - variant->size);
	EXPECT_EQ(0, command(self->fd, variant->nr, &arg));
	for (size_t i = variant->size; i < sizeof(arg); i++)
		ASSERT_EQ(0xa5, arg.bytes[i]);
}

TEST_F(command, unknown_flags)
{
	for (int bit = 0; bit < 32; bit++) {
		if (variant->known_flags & (1U << bit))
			continue;
		fill_args(variant->nr, variant->size);
		arg.head.flags = 1U << bit;
		EXPECT_EQ(-EINVAL, command(self->fd, variant->nr, &arg)) {
			TH_LOG("flag bit %d", bit);
		}
	}
	EXPECT_UNCHANGED();
}

TEST_F(command, bad_pointers)
{
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, mprotect(page + PAGE, PAGE, PROT_NONE));
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, NULL));
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, page + PAGE));
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, (void *)(INSIDE(2) + 8)));
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, (void *)0xffff888000000000));
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, (void *)-8L));
	/* The size can be read, what follows cannot. */
	memcpy(page + PAGE - 4, &arg, 4);
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, page + PAGE - 4));
	/* The struct can be read, its tail cannot. */
	arg.size = variant->size + 8;
	memcpy(page + PAGE - variant->size, &arg, variant->size);
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, page + PAGE - variant->size));
	EXPECT_UNCHANGED();
}

/* An answer that cannot be written: what the command did is undone. */
TEST_F(command, read_only_struct)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	memcpy(page, &arg, variant->size);
	ASSERT_EQ(0, mprotect(page, PAGE, PROT_READ));
	if (!variant->answers) {
		EXPECT_EQ(0, command(self->fd, variant->nr, page));
		return;
	}
	EXPECT_EQ(-EFAULT, command(self->fd, variant->nr, page));
	EXPECT_UNCHANGED();
	if (variant->nr == GCCOLOR_IOC_RESERVE) {
		EXPECT_EQ(0, self->before.count);
		EXPECT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
		EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	}
}

/* The struct ends where writable memory ends. */
TEST_F(command, struct_at_the_end_of_memory)
{
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, mprotect(page + PAGE, PAGE, PROT_NONE));
	memcpy(page + PAGE - variant->size, &arg, variant->size);
	EXPECT_EQ(0, command(self->fd, variant->nr, page + PAGE - variant->size));
}

TEST_F(command, struct_inside_the_region)
{
	if (variant->nr == GCCOLOR_IOC_RESERVE || variant->nr == GCCOLOR_IOC_RELEASE)
		return;
	memcpy((void *)(AT + 2 * PAGE), &arg, variant->size);
	EXPECT_EQ(0, command(self->fd, variant->nr, (void *)(AT + 2 * PAGE)));
}

TEST(commit_reserved_field)
{
	int fd = open_region(0);

	ASSERT_LE(0, fd);
	fill_args(GCCOLOR_IOC_COMMIT, sizeof(arg.commit));
	arg.commit.__reserved = 1;
	EXPECT_EQ(-EINVAL, command(fd, GCCOLOR_IOC_COMMIT, &arg));
	arg.commit.__reserved = 1U << 31;
	EXPECT_EQ(-EINVAL, command(fd, GCCOLOR_IOC_COMMIT, &arg));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST(unknown_command)
{
	const unsigned long unknown[] = {
		_IO(GCCOLOR_IOC_TYPE, 7), _IO(GCCOLOR_IOC_TYPE, 255),
		_IO(0xc6, 0), _IOWR(GCCOLOR_IOC_TYPE, 0, struct gccolor_ioc_query),
		_IOR(GCCOLOR_IOC_TYPE, 2, int), 0, ~0U,
	};
	int fd = open_region(0);

	ASSERT_LE(0, fd);
	fill_args(GCCOLOR_IOC_QUERY, sizeof(arg.query));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(-ENOTTY, command(fd, unknown[i], &arg)) {
			TH_LOG("command %#lx", unknown[i]);
		}
	}
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST(no_region_is_enxio)
{
	struct gccolor_ioc_info region;
	int fd = open_device();

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENXIO, commit(fd, AT, PAGE));
	EXPECT_EQ(-ENXIO, decommit(fd, AT, PAGE));
	EXPECT_EQ(-ENXIO, release(fd));
	EXPECT_EQ(-ENXIO, lock_region(fd));
	EXPECT_EQ(-ENXIO, info(fd, &region));
}

TEST(query_answers)
{
	struct gccolor_ioc_query answer;
	int fd = open_device();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, query(fd, &answer));
	EXPECT_EQ(GCCOLOR_IOC_ABI, answer.abi);
	EXPECT_EQ(PAGE, answer.page_size);
	EXPECT_EQ(SLOT, answer.slot_size);
	EXPECT_EQ(0, answer.__reserved);
	EXPECT_EQ(expected_level(), answer.level);
	EXPECT_EQ(expected_reason(), answer.reason);
	EXPECT_EQ(BASE, answer.default_base);
	EXPECT_EQ(LENGTH, answer.default_length);
	EXPECT_LE(16, answer.colors_max);
	EXPECT_EQ(0, answer.color_length_min & (answer.color_length_min - 1));
	EXPECT_LE(LENGTH, answer.region_length_max);
	EXPECT_LE(END, answer.address_end);
	/* Hooked memory is not anonymous to the core, so there are no huge pages */
	EXPECT_EQ(GCCOLOR_IOC_FEATURE_EXEC | GCCOLOR_IOC_FEATURE_EVENTS |
		  (expected_level() == GCCOLOR_IOC_LEVEL_ENFORCED ?
		   GCCOLOR_IOC_FEATURE_HUGEPAGE : 0), answer.features);
}

TEST(info_answers)
{
	struct gccolor_ioc_info region;
	int fd = open_region(1 << 3);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, commit(fd, AT, 4 * PAGE));
	ASSERT_EQ(0, info(fd, &region));
	EXPECT_EQ(BASE, region.base);
	EXPECT_EQ(LENGTH, region.length);
	EXPECT_EQ(SHIFT, region.color_shift);
	EXPECT_EQ(expected_level(), region.level);
	EXPECT_EQ(expected_reason(), region.reason);
	EXPECT_EQ(0, region.state);
	EXPECT_EQ(1 << 3, region.exec_colors);
	EXPECT_EQ(4 * PAGE, region.committed);
	EXPECT_EQ(3, region.mappings);
}

TEST_HARNESS_MAIN
