// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Where a region may lie: RESERVE, and plain mmap(2) of a fresh file. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "maps.h"

FIXTURE(fresh)
{
	int fd;
	struct gccolor_ioc_query kernel;
};

FIXTURE_SETUP(fresh)
{
	self->fd = open_device();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, query(self->fd, &self->kernel));
}

FIXTURE_TEARDOWN(fresh)
{
	close(self->fd);
}

static bool nothing_mapped(unsigned long base, unsigned long length)
{
	struct layout layout;

	read_layout(-1, base, length, &layout);
	return layout.count == 0;
}

/* After each refusal: no trace, and the file can still have its region. */
#define EXPECT_STILL_FRESH() do {					\
	EXPECT_TRUE(nothing_mapped(BASE, LENGTH));			\
	EXPECT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));	\
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));		\
} while (0)

TEST_F(fresh, reserve_answers_and_is_whole)
{
	struct gccolor_ioc_reserve arg = reserve_args(BASE, LENGTH, SHIFT);

	/* Out fields may hold anything. */
	arg.level = ~0U;
	arg.reason = ~0U;
	arg.busy_start = ~0ULL;
	arg.busy_end = ~0ULL;
	ASSERT_EQ(0, command(self->fd, GCCOLOR_IOC_RESERVE, &arg));
	EXPECT_EQ(self->kernel.level, arg.level);
	EXPECT_EQ(self->kernel.reason, arg.reason);
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(fresh, base_that_does_not_fit_its_length)
{
	const unsigned long bad[] = {
		BASE + 1, BASE + PAGE, BASE + LENGTH / 2, BASE - PAGE, BASE + 1 * COLOR,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, reserve(self->fd, bad[i], LENGTH, SHIFT, 0));
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, length_that_is_no_power_of_two)
{
	const unsigned long bad[] = {
		0, 1, PAGE - 1, LENGTH - PAGE, LENGTH + PAGE, LENGTH - COLOR, 3 * COLOR, ~0UL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, reserve(self->fd, BASE, bad[i], SHIFT, 0)) {
			TH_LOG("length %#lx", bad[i]);
		}
	}
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, color_that_does_not_fit)
{
	unsigned int smallest = __builtin_ctzll(self->kernel.color_length_min);
	unsigned int most = __builtin_ctzll(self->kernel.colors_max);
	const unsigned int bad[] = {
		0, 1, 11, smallest - 1, SHIFT + 5, SHIFT + 11, 63, 64, 65, 1000, ~0U,
		SHIFT + 4 - most - 1,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, reserve(self->fd, BASE, LENGTH, bad[i], 0)) {
			TH_LOG("color_shift %u", bad[i]);
		}
	}
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, exec_bit_of_a_color_that_is_not_there)
{
	EXPECT_EQ(-EINVAL, reserve(self->fd, BASE, LENGTH, SHIFT, 1ULL << 16));
	EXPECT_EQ(-EINVAL, reserve(self->fd, BASE, LENGTH, SHIFT, 1ULL << 63));
	EXPECT_EQ(-EINVAL, reserve(self->fd, BASE, LENGTH, SHIFT + 4, 2));
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, one_color)
{
	ASSERT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT + 4, 0));
	EXPECT_EQ(0, commit_flags(self->fd, BASE + SLOT, LENGTH - 2 * SLOT, PROT_RW,
				  GCCOLOR_IOC_COMMIT_NORESERVE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(fresh, smallest_and_most_colors)
{
	unsigned long color = self->kernel.color_length_min;
	unsigned long length = color * self->kernel.colors_max;
	unsigned int shift = __builtin_ctzll(color);

	ASSERT_EQ(0, reserve(self->fd, BASE, length, shift, 0));
	for (unsigned int n = 0; n < self->kernel.colors_max; n++)
		ASSERT_EQ(0, commit(self->fd, BASE + n * color + color / 2, PAGE));
	EXPECT_STREQ("whole", region_state(BASE, length));
}

TEST_F(fresh, above_the_address_space)
{
	const unsigned long end = (ADDRESS_END + LENGTH - 1) & -LENGTH;
	const unsigned long bad[] = { end, end + LENGTH, 0xffff800000000000, 1UL << 63 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-ERANGE, reserve(self->fd, bad[i], LENGTH, SHIFT, 0)) {
			TH_LOG("base %#lx", bad[i]);
		}
	}
	/* A power of two, and longer than anything. */
	EXPECT_EQ(-ERANGE, reserve(self->fd, 0, 1UL << 62, 58, 0));
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, below_mmap_min_addr)
{
	EXPECT_EQ(-ERANGE, reserve(self->fd, 0, LENGTH, SHIFT, 0));
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, low_addresses_work)
{
	unsigned long length = 1UL << 30;

	/* A static program lives between 4 MiB and its heap: 32 GiB is free. */
	ASSERT_EQ(0, reserve(self->fd, 32 * length, length, 26, 0));
	EXPECT_STREQ("whole", region_state(32 * length, length));
}

TEST_F(fresh, twice)
{
	ASSERT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(-EBUSY, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(-EBUSY, reserve(self->fd, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_TRUE(nothing_mapped(BASE - LENGTH, LENGTH));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(fresh, level_min)
{
	struct gccolor_ioc_reserve arg = reserve_args(BASE, LENGTH, SHIFT);

	arg.level_min = self->kernel.level + 1;
	EXPECT_EQ(-EOPNOTSUPP, command(self->fd, GCCOLOR_IOC_RESERVE, &arg));
	EXPECT_TRUE(nothing_mapped(BASE, LENGTH));
	arg.level_min = self->kernel.level;
	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_RESERVE, &arg));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* Occupants in the first, a middle and the last page, and reaching in and out. */
TEST_F(fresh, occupied)
{
	const struct {
		unsigned long start, length;
	} occupants[] = {
		{ BASE, PAGE }, { INSIDE(3), 3 * PAGE }, { END - PAGE, PAGE },
		{ BASE - PAGE, 2 * PAGE }, { END - PAGE, 4 * PAGE },
		{ BASE, LENGTH }, { BASE - MIB, LENGTH + 2 * MIB },
	};

	for (size_t i = 0; i < ARRAY_SIZE(occupants); i++) {
		struct gccolor_ioc_reserve arg = reserve_args(BASE, LENGTH, SHIFT);
		unsigned long start = occupants[i].start, length = occupants[i].length;

		ASSERT_EQ((void *)start, mmap((void *)start, length, PROT_NONE,
					      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
					      MAP_FIXED_NOREPLACE, -1, 0));
		EXPECT_EQ(-EEXIST, command(self->fd, GCCOLOR_IOC_RESERVE, &arg));
		EXPECT_EQ(start, arg.busy_start);
		EXPECT_EQ(start + length, arg.busy_end);
		ASSERT_EQ(0, munmap((void *)start, length));
		EXPECT_TRUE(nothing_mapped(BASE, LENGTH));
	}
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, lowest_of_several_occupants)
{
	struct gccolor_ioc_reserve arg = reserve_args(BASE, LENGTH, SHIFT);

	for (int n = 9; n > 4; n--) {
		ASSERT_EQ((void *)INSIDE(n), mmap((void *)INSIDE(n), n * PAGE, PROT_READ,
						  MAP_PRIVATE | MAP_ANONYMOUS |
						  MAP_FIXED_NOREPLACE, -1, 0));
	}
	EXPECT_EQ(-EEXIST, command(self->fd, GCCOLOR_IOC_RESERVE, &arg));
	EXPECT_EQ(INSIDE(5), arg.busy_start);
	EXPECT_EQ(INSIDE(5) + 5 * PAGE, arg.busy_end);
}

TEST_F(fresh, neighbours_may_touch)
{
	unsigned long length = 1UL << 30;
	int left = open_device(), right = open_device();

	ASSERT_EQ(0, reserve(left, BASE, length, 26, 0));
	ASSERT_EQ(0, reserve(right, BASE + 2 * length, length, 26, 0));
	ASSERT_EQ(0, reserve(self->fd, BASE + length, length, 26, 0));
	EXPECT_STREQ("whole", region_state(BASE, length));
	EXPECT_STREQ("whole", region_state(BASE + length, length));
	EXPECT_STREQ("whole", region_state(BASE + 2 * length, length));
}

static long map_file(int fd, void *addr, size_t length, int prot, int flags, off_t offset)
{
	void *p = mmap(addr, length, prot, flags, fd, offset);

	return p == MAP_FAILED ? -errno : (long)p;
}

TEST_F(fresh, mmap_places_whatever_the_hint)
{
	void *const hints[] = { NULL, (void *)0x10000, (void *)INSIDE(4), (void *)0x700000000000 };

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		int fd = open_device();
		struct gccolor_ioc_info region;

		ASSERT_EQ(BASE, map_file(fd, hints[i], LENGTH, PROT_NONE, MAP_PRIVATE, 0));
		EXPECT_STREQ("whole", region_state(BASE, LENGTH));
		ASSERT_EQ(0, info(fd, &region));
		EXPECT_EQ(BASE, region.base);
		EXPECT_EQ(LENGTH, region.length);
		EXPECT_EQ(SHIFT, region.color_shift);
		EXPECT_EQ(0, region.exec_colors);
		EXPECT_EQ(0, commit(fd, INSIDE(15), PAGE));
		EXPECT_EQ(-EACCES, commit_flags(fd, INSIDE(14), PAGE, PROT_RX, 0));
		ASSERT_EQ(0, release(fd));
		close(fd);
	}
}

TEST_F(fresh, mmap_smaller_regions)
{
	unsigned long smallest = 16 * self->kernel.color_length_min;
	struct gccolor_ioc_info region;

	EXPECT_EQ(-EINVAL, map_file(self->fd, NULL, smallest / 2, PROT_NONE, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, map_file(self->fd, NULL, smallest * 3, PROT_NONE, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, map_file(self->fd, NULL, 2 * LENGTH, PROT_NONE, MAP_PRIVATE, 0));
	EXPECT_TRUE(nothing_mapped(BASE, LENGTH));
	ASSERT_EQ(BASE, map_file(self->fd, NULL, smallest, PROT_NONE, MAP_PRIVATE, 0));
	ASSERT_EQ(0, info(self->fd, &region));
	EXPECT_EQ(smallest, region.length);
	EXPECT_EQ(smallest >> 4, 1ULL << region.color_shift);
	EXPECT_STREQ("whole", region_state(BASE, smallest));
}

TEST_F(fresh, mmap_refuses_everything_else)
{
	const struct {
		int prot, flags;
		off_t offset;
		unsigned long addr;
	} bad[] = {
		{ PROT_NONE, MAP_SHARED, 0, 0 },
		{ PROT_NONE, MAP_SHARED_VALIDATE, 0, 0 },
		{ PROT_READ, MAP_PRIVATE, 0, 0 },
		{ PROT_WRITE, MAP_PRIVATE, 0, 0 },
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, 0 },
		{ PROT_EXEC, MAP_PRIVATE, 0, 0 },
		{ PROT_NONE, MAP_PRIVATE, PAGE, 0 },
		{ PROT_NONE, MAP_PRIVATE, LENGTH, 0 },
		{ PROT_NONE, MAP_PRIVATE | MAP_FIXED, 0, BASE - LENGTH },
		{ PROT_NONE, MAP_PRIVATE | MAP_FIXED_NOREPLACE, 0, BASE + LENGTH },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		/* So much writable memory is ENOMEM before anyone asks the device. */
		bool charged = bad[i].prot & PROT_WRITE;
		unsigned long smallest = 16 * self->kernel.color_length_min;

		EXPECT_EQ(-EINVAL, map_file(self->fd, (void *)bad[i].addr,
					    charged ? smallest : LENGTH, bad[i].prot,
					    bad[i].flags, bad[i].offset)) {
			TH_LOG("case %zu", i);
		}
		EXPECT_TRUE(nothing_mapped(BASE - LENGTH, 3 * LENGTH));
	}
	EXPECT_GT(0, map_file(self->fd, NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0));
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, mmap_where_something_lives)
{
	ASSERT_EQ((void *)INSIDE(1), mmap((void *)INSIDE(1), PAGE, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
					  -1, 0));
	fill(INSIDE(1), PAGE);
	EXPECT_EQ(-EEXIST, map_file(self->fd, NULL, LENGTH, PROT_NONE, MAP_PRIVATE, 0));
	EXPECT_EQ(-EEXIST, map_file(self->fd, (void *)BASE, LENGTH, PROT_NONE,
				    MAP_PRIVATE | MAP_FIXED_NOREPLACE, 0));
	/* MAP_FIXED is no licence to replace either. */
	EXPECT_EQ(-EEXIST, map_file(self->fd, (void *)BASE, LENGTH, PROT_NONE,
				    MAP_PRIVATE | MAP_FIXED, 0));
	EXPECT_TRUE(intact(INSIDE(1), PAGE));
	ASSERT_EQ(0, munmap((void *)INSIDE(1), PAGE));
	EXPECT_STILL_FRESH();
}

TEST_F(fresh, mmap_of_a_file_with_a_region)
{
	const int prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };
	const int how[] = { 0, MAP_FIXED, MAP_FIXED_NOREPLACE };
	void *const where[] = { NULL, (void *)BASE, (void *)INSIDE(2), (void *)END };
	const unsigned long lengths[] = { PAGE, COLOR, LENGTH };

	ASSERT_EQ(BASE, map_file(self->fd, NULL, LENGTH, PROT_NONE, MAP_PRIVATE, 0));
	for (size_t p = 0; p < ARRAY_SIZE(prots); p++)
		for (size_t f = 0; f < ARRAY_SIZE(how); f++)
			for (size_t w = 0; w < ARRAY_SIZE(where); w++)
				for (size_t l = 0; l < ARRAY_SIZE(lengths); l++)
					EXPECT_EQ(-EBUSY, map_file(self->fd, where[w],
								   lengths[l], prots[p],
								   MAP_PRIVATE | how[f], 0));
	/* With the offset that the module itself would use. */
	EXPECT_EQ(-EBUSY, map_file(self->fd, (void *)INSIDE(2), PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_FIXED, INSIDE(2) - BASE));
	EXPECT_TRUE(nothing_mapped(END, LENGTH));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), PAGE));
}

TEST_F(fresh, mmap_of_a_released_file)
{
	ASSERT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	ASSERT_EQ(0, release(self->fd));
	EXPECT_EQ(-EBUSY, map_file(self->fd, NULL, LENGTH, PROT_NONE, MAP_PRIVATE, 0));
	EXPECT_EQ(-EBUSY, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_TRUE(nothing_mapped(BASE, LENGTH));
}

TEST_HARNESS_MAIN
