// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * QUERY against what this machine really has, whatever its page size and its
 * address space: regions at the default place, at the bottom and at the top.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "child.h"
#include "maps.h"

/* Addresses above are given only to those who name them. */
#ifdef __x86_64__
#define WINDOW_MAX	0x800000000000UL
#else
#define WINDOW_MAX	0x1000000000000UL
#endif

/* Is there such an address? Somebody else's page says so too. */
static bool mappable(unsigned long addr)
{
	void *p = mmap((void *)addr, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
		       MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		return errno == EEXIST;
	munmap(p, PAGE);
	return p == (void *)addr;
}

/* The end of the last page that mmap(2) maps. */
static unsigned long probe_address_end(void)
{
	unsigned long yes = 1UL << 30, no = 1UL << 63;

	while (no - yes > PAGE) {
		unsigned long middle = (yes + (no - yes) / 2) & -PAGE;

		if (mappable(middle))
			yes = middle;
		else
			no = middle;
	}
	return no;
}

FIXTURE(query)
{
	int fd;
	struct gccolor_ioc_query kernel;
};

FIXTURE_SETUP(query)
{
	self->fd = open_device();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, query(self->fd, &self->kernel));
}

FIXTURE_TEARDOWN(query)
{
	close(self->fd);
}

/* What a region is for, at its lowest and its highest address. */
static void use_region(struct __test_metadata *_metadata, int fd, unsigned long base,
		       unsigned long length, unsigned long slot)
{
	const unsigned long at[] = { base + slot, base + length - slot - PAGE };
	struct gccolor_ioc_info region;

	ASSERT_EQ(0, info(fd, &region));
	EXPECT_EQ(base, region.base);
	EXPECT_EQ(length, region.length);
	EXPECT_EQ(GCCOLOR_IOC_LEVEL_ENFORCED, region.level);
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		EXPECT_EQ(-ERANGE, commit(fd, i ? at[i] + PAGE : at[i] - PAGE, PAGE));
		ASSERT_EQ(0, commit(fd, at[i], PAGE));
		EXPECT_TRUE(zeroed(at[i], PAGE));
		fill(at[i], PAGE);
	}
	EXPECT_STREQ("whole", region_state(base, length));
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		EXPECT_TRUE(intact(at[i], PAGE));
		EXPECT_EQ(0, decommit(fd, at[i], PAGE));
	}
	EXPECT_STREQ("whole", region_state(base, length));
}

TEST_F(query, pages)
{
	EXPECT_EQ(sysconf(_SC_PAGESIZE), self->kernel.page_size);
	/* The guard's own attack takes a page between two of its slot. */
	EXPECT_LE(4 * PAGE, self->kernel.slot_size);
	EXPECT_LE(GCCOLOR_IOC_SLOT_SIZE, self->kernel.slot_size);
	EXPECT_LE(4 * self->kernel.slot_size, self->kernel.color_length_min);
}

TEST_F(query, address_end)
{
	unsigned long end = probe_address_end();

	TH_LOG("page_size %u address_end %#llx default %#llx + %#llx length_max %#llx slot %#llx",
	       self->kernel.page_size, self->kernel.address_end, self->kernel.default_base,
	       self->kernel.default_length, self->kernel.region_length_max,
	       self->kernel.slot_size);
	EXPECT_EQ(end, self->kernel.address_end);
}

TEST_F(query, default_layout)
{
	unsigned long base = self->kernel.default_base, length = self->kernel.default_length;

	ASSERT_NE(0, base);
	if (self->kernel.address_end >= GCCOLOR_IOC_DEFAULT_BASE + GCCOLOR_IOC_DEFAULT_LENGTH) {
		EXPECT_EQ(GCCOLOR_IOC_DEFAULT_BASE, base);
		EXPECT_EQ(GCCOLOR_IOC_DEFAULT_LENGTH, length);
	}
	EXPECT_EQ(0, length & (length - 1));
	EXPECT_EQ(0, base & (length - 1));
	EXPECT_LE(length, self->kernel.region_length_max);
	EXPECT_GE(self->kernel.address_end, base + length);
	EXPECT_LE(16 * self->kernel.color_length_min, length);
	ASSERT_EQ(0, reserve(self->fd, base, length, __builtin_ctzl(length) - 4, 0));
	use_region(_metadata, self->fd, base, length, self->kernel.slot_size);
}

/* Above the window of plain mmap(2) only what names its place. */
TEST_F(query, default_is_below_the_window)
{
	unsigned long base = self->kernel.default_base, length = self->kernel.default_length;
	const unsigned long hints[] = { 0, WINDOW_MAX, self->kernel.address_end - length };

	EXPECT_GE(WINDOW_MAX, base + length);
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		int fd = open_device();

		EXPECT_EQ((void *)base, mmap((void *)(hints[i] & -PAGE), length, PROT_NONE,
					     MAP_PRIVATE, fd, 0));
		use_region(_metadata, fd, base, length, self->kernel.slot_size);
		EXPECT_EQ(0, release(fd));
		close(fd);
	}
}

TEST_F(query, region_length_max)
{
	unsigned long length = self->kernel.region_length_max;
	unsigned int shift = __builtin_ctzl(length) - 4;
	int err;

	EXPECT_EQ(0, length & (length - 1));
	EXPECT_EQ(-ERANGE, reserve(self->fd, 2 * length, 2 * length, shift + 1, 0));
	EXPECT_EQ(-ERANGE, reserve(self->fd, 0, length, shift, 0));
	/* Its only place may be the one where the stack is, but there is one. */
	err = reserve(self->fd, length, length, shift, 0);
	EXPECT_TRUE(err == 0 || err == -EEXIST);
	if (err == 0)
		use_region(_metadata, self->fd, length, length, self->kernel.slot_size);
}

TEST_F(query, region_at_the_bottom)
{
	unsigned long length = self->kernel.color_length_min;

	EXPECT_EQ(-ERANGE, reserve(self->fd, 0, length, __builtin_ctzl(length), 0));
	/* Below the program, which begins at 4 MiB. */
	ASSERT_EQ(0, reserve(self->fd, length, length, __builtin_ctzl(length), 0));
	use_region(_metadata, self->fd, length, length, self->kernel.slot_size);
}

TEST_F(query, region_at_the_top)
{
	unsigned long length = self->kernel.color_length_min, base;
	unsigned int shift = __builtin_ctzl(length);
	int err = -EEXIST;
	pid_t pid;

	/* The first that reaches out. */
	base = self->kernel.address_end & -length;
	EXPECT_EQ(-ERANGE, reserve(self->fd, base, length, shift, 0));
	/* The last that does not; or, where the stack is, the next below. */
	for (int i = 0; i < 1000 && err == -EEXIST; i++) {
		base -= length;
		err = reserve(self->fd, base, length, shift, 0);
	}
	ASSERT_EQ(0, err);
	TH_LOG("region at %#lx", base);
	EXPECT_GT(1000 * length, self->kernel.address_end - base);
	use_region(_metadata, self->fd, base, length, self->kernel.slot_size);
	pid = fork();
	if (pid == 0) {
		CHECK_WHOLE(base, length);
		CHECK_EQ(0, commit(self->fd, base + length / 2, PAGE));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

/* The largest region there is room for, if the space has more than the window. */
TEST_F(query, region_above_the_window)
{
	unsigned long length = 1UL << 40, room = 8UL << 30, base = WINDOW_MAX;

	if (self->kernel.address_end <= WINDOW_MAX) {
		EXPECT_EQ(-ERANGE, reserve(self->fd, base, length, 36, 0));
		return;
	}
	ASSERT_EQ(0, reserve(self->fd, base, length, 36, 1));
	use_region(_metadata, self->fd, base, length, self->kernel.slot_size);
	/* Fits its reserve exactly: the loan behind it lies below the window. */
	ASSERT_EQ(0, commit(self->fd, base + room - PAGE, PAGE));
	ASSERT_EQ(0, commit(self->fd, base + room + 16 * PAGE, PAGE));
	ASSERT_EQ(0, commit(self->fd, base + room, 16 * PAGE));
	fill(base + room, 16 * PAGE);
	EXPECT_STREQ("whole", region_state(base, length));
	EXPECT_TRUE(intact(base + room, 16 * PAGE));
	EXPECT_EQ(0, decommit(self->fd, base + room - PAGE, 18 * PAGE));
	EXPECT_EQ(0, release(self->fd));
	EXPECT_FALSE(readable(base));
}

/*
 * vm.max_map_count refuses what would split one mapping in three, however
 * large pages are: the guard's attack has to split as the carve will.
 */
TEST_F(query, proof_splits_in_the_lowest_slot)
{
	unsigned long base = self->kernel.default_base, length = self->kernel.default_length;
	unsigned long first = base + self->kernel.slot_size, color = length / 16;
	long before = read_number("/proc/sys/vm/max_map_count");
	int err;

	ASSERT_EQ(0, reserve(self->fd, base, length, __builtin_ctzl(color), 0));
	/* Where the second page of a region would be if a slot had one only. */
	ASSERT_EQ(0, commit(self->fd, first, PAGE));
	fill(first, PAGE);
	ASSERT_EQ(0, write_number("/proc/sys/vm/max_map_count", count_mappings()));
	err = commit(self->fd, base + 3 * color, PAGE);
	write_number("/proc/sys/vm/max_map_count", before);
	EXPECT_EQ(-ENOMEM, err);
	EXPECT_TRUE(intact(first, PAGE));
	EXPECT_STREQ("whole", region_state(base, length));
	EXPECT_EQ(0, commit(self->fd, base + 3 * color, PAGE));
}

TEST_HARNESS_MAIN
