// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Which ranges COMMIT and DECOMMIT take, and what they say to all others. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "maps.h"

FIXTURE(region)
{
	int fd;
	struct layout before;
};

FIXTURE_SETUP(region)
{
	self->fd = open_region(1 << 3);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	fill(INSIDE(1), 16 * PAGE);
	read_layout(self->fd, BASE, LENGTH, &self->before);
}

FIXTURE_TEARDOWN(region)
{
	close(self->fd);
}

struct range {
	unsigned long addr, length;
};

/* How many of the ranges are not answered with @want; says which. */
static unsigned int other_than(int want, int (*action)(int, unsigned long, unsigned long),
			       int fd, const struct range *ranges, size_t number)
{
	unsigned int wrong = 0;

	for (size_t i = 0; i < number; i++) {
		int err = action(fd, ranges[i].addr, ranges[i].length);

		if (err == want)
			continue;
		printf("# %lx + %lx: %d instead of %d\n", ranges[i].addr, ranges[i].length,
		       err, want);
		wrong++;
	}
	return wrong;
}

TEST_F(region, misaligned)
{
	const struct range misaligned[] = {
		{ INSIDE(2) + 1, PAGE }, { INSIDE(2) + PAGE - 1, PAGE },
		{ INSIDE(2) + 8, 2 * PAGE }, { INSIDE(2), 1 }, { INSIDE(2), PAGE - 1 },
		{ INSIDE(2), PAGE + 1 }, { INSIDE(2), 0 },
		{ INSIDE(1) + 1, PAGE }, { INSIDE(1), PAGE + 8 }, { 1, PAGE },
	};

	EXPECT_EQ(0, other_than(-EINVAL, commit, self->fd, misaligned, ARRAY_SIZE(misaligned)));
	EXPECT_EQ(0, other_than(-EINVAL, decommit, self->fd, misaligned, ARRAY_SIZE(misaligned)));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, overflowing)
{
	const struct range overflowing[] = {
		{ -PAGE, 2 * PAGE }, { INSIDE(2), -PAGE }, { INSIDE(2), -INSIDE(2) + PAGE },
		{ 1UL << 63, 1UL << 63 },
	};

	EXPECT_EQ(0, other_than(-EOVERFLOW, commit, self->fd, overflowing,
				ARRAY_SIZE(overflowing)));
	EXPECT_EQ(0, other_than(-EOVERFLOW, decommit, self->fd, overflowing,
				ARRAY_SIZE(overflowing)));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, outside)
{
	const struct range outside[] = {
		{ 0, PAGE }, { BASE - PAGE, PAGE }, { END, PAGE }, { BASE - LENGTH, PAGE },
		{ END - PAGE, 2 * PAGE }, { BASE - PAGE, 2 * PAGE }, { INSIDE(15), LENGTH },
		{ BASE - MIB, LENGTH + 2 * MIB }, { ADDRESS_END - PAGE, PAGE },
		{ 0xffff800000000000, PAGE }, { BASE - LENGTH, 3 * LENGTH },
	};

	EXPECT_EQ(0, other_than(-ERANGE, commit, self->fd, outside, ARRAY_SIZE(outside)));
	EXPECT_EQ(0, other_than(-ERANGE, decommit, self->fd, outside, ARRAY_SIZE(outside)));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, slots)
{
	const struct range in_slots[] = {
		{ BASE, PAGE }, { BASE, SLOT }, { BASE + SLOT - PAGE, PAGE },
		{ BASE + SLOT - PAGE, 2 * PAGE }, { END - SLOT, PAGE }, { END - PAGE, PAGE },
		{ END - SLOT - PAGE, 2 * PAGE }, { END - SLOT, SLOT }, { BASE, LENGTH },
	};

	EXPECT_EQ(0, other_than(-ERANGE, commit, self->fd, in_slots, ARRAY_SIZE(in_slots)));
	EXPECT_EQ(0, other_than(-ERANGE, decommit, self->fd, in_slots, ARRAY_SIZE(in_slots)));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, next_to_the_slots)
{
	EXPECT_EQ(0, commit(self->fd, BASE + SLOT, PAGE));
	EXPECT_EQ(0, commit(self->fd, END - SLOT - PAGE, PAGE));
	fill(BASE + SLOT, PAGE);
	fill(END - SLOT - PAGE, PAGE);
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_TRUE(intact(BASE + SLOT, PAGE) && intact(END - SLOT - PAGE, PAGE));
	EXPECT_EQ(0, decommit(self->fd, BASE + SLOT, PAGE));
	EXPECT_EQ(0, decommit(self->fd, END - SLOT - PAGE, PAGE));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, commit_across_colors)
{
	const struct range crossing[] = {
		{ BASE + 2 * COLOR - PAGE, 2 * PAGE }, { INSIDE(2), COLOR },
		{ INSIDE(2), 3 * COLOR },
		{ BASE + 2 * COLOR, COLOR + PAGE }, { BASE + SLOT, LENGTH - 2 * SLOT },
	};

	EXPECT_EQ(0, other_than(-EXDEV, commit, self->fd, crossing, ARRAY_SIZE(crossing)));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, whole_color)
{
	EXPECT_EQ(0, commit_flags(self->fd, BASE + 2 * COLOR, COLOR, PROT_RW,
				  GCCOLOR_IOC_COMMIT_NORESERVE));
	fill(BASE + 3 * COLOR - PAGE, PAGE);
	EXPECT_TRUE(intact(BASE + 3 * COLOR - PAGE, PAGE));
	EXPECT_EQ(0, decommit(self->fd, BASE + 2 * COLOR, COLOR));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, commit_over_committed)
{
	const struct range taken[] = {
		{ INSIDE(1), 16 * PAGE }, { INSIDE(1), PAGE }, { INSIDE(1) + 15 * PAGE, PAGE },
		{ INSIDE(1) + 4 * PAGE, 4 * PAGE }, { INSIDE(1) - PAGE, 2 * PAGE },
		{ INSIDE(1) + 15 * PAGE, 2 * PAGE }, { INSIDE(1) - PAGE, 18 * PAGE },
		{ BASE + 1 * COLOR, COLOR },
	};

	EXPECT_EQ(0, other_than(-EEXIST, commit, self->fd, taken, ARRAY_SIZE(taken)));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, decommit_of_reserve)
{
	const struct range reserved[] = {
		{ INSIDE(2), PAGE }, { INSIDE(1) - PAGE, PAGE }, { INSIDE(1) + 16 * PAGE, PAGE },
		{ BASE + 2 * COLOR, COLOR }, { BASE + SLOT, PAGE },
	};

	EXPECT_EQ(0, other_than(-ENOENT, decommit, self->fd, reserved, ARRAY_SIZE(reserved)));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, decommit_of_a_mix)
{
	const struct range mixed[] = {
		{ INSIDE(1) - PAGE, 2 * PAGE }, { INSIDE(1) + 15 * PAGE, 2 * PAGE },
		{ INSIDE(1) - PAGE, 18 * PAGE }, { BASE + 1 * COLOR, COLOR },
		{ BASE + SLOT, LENGTH - 2 * SLOT },
	};

	EXPECT_EQ(0, other_than(-ENOENT, decommit, self->fd, mixed, ARRAY_SIZE(mixed)));
	/* A hole in the middle is a mix as well. */
	ASSERT_EQ(0, commit(self->fd, INSIDE(1) + 17 * PAGE, PAGE));
	EXPECT_EQ(-ENOENT, decommit(self->fd, INSIDE(1), 18 * PAGE));
	ASSERT_EQ(0, decommit(self->fd, INSIDE(1) + 17 * PAGE, PAGE));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, decommit_of_foreign_memory)
{
	void *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fill((unsigned long)page, PAGE);
	EXPECT_EQ(-ERANGE, decommit(self->fd, (unsigned long)page, PAGE));
	EXPECT_EQ(-ERANGE, commit(self->fd, (unsigned long)page, PAGE));
	EXPECT_TRUE(intact((unsigned long)page, PAGE));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, decommit_across_colors_and_commits)
{
	unsigned long edge = BASE + 5 * COLOR;

	ASSERT_EQ(0, commit(self->fd, edge - 8 * PAGE, 4 * PAGE));
	ASSERT_EQ(0, commit_flags(self->fd, edge - 4 * PAGE, 4 * PAGE, PROT_R, 0));
	ASSERT_EQ(0, commit(self->fd, edge, 8 * PAGE));
	EXPECT_EQ(0, decommit(self->fd, edge - 6 * PAGE, 12 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, decommit(self->fd, edge - 8 * PAGE, 2 * PAGE));
	EXPECT_EQ(0, decommit(self->fd, edge + 6 * PAGE, 2 * PAGE));
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, any_committed_piece_may_go)
{
	ASSERT_EQ(0, decommit(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_FALSE(readable(INSIDE(1) + 4 * PAGE));
	EXPECT_FALSE(readable(INSIDE(1) + 8 * PAGE - 1));
	EXPECT_TRUE(intact(INSIDE(1), 4 * PAGE));
	EXPECT_TRUE(intact(INSIDE(1) + 8 * PAGE, 8 * PAGE));
	/* What comes back is zero. */
	ASSERT_EQ(0, commit(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE));
	EXPECT_TRUE(zeroed(INSIDE(1) + 4 * PAGE, 4 * PAGE));
	fill(INSIDE(1) + 4 * PAGE, 4 * PAGE);
	EXPECT_REGION_UNCHANGED();
}

TEST_F(region, protections)
{
	const unsigned int bad[] = {
		0, PROT_WRITE, PROT_EXEC, 0x8, 0x10, PROT_RW | 0x8, PROT_R | 0x80000000,
		PROT_R | PROT_GROWSDOWN,
	};
	struct mapping map;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, commit_flags(self->fd, INSIDE(3), PAGE, bad[i], 0)) {
			TH_LOG("prot %#x", bad[i]);
		}
	}
	EXPECT_EQ(-EACCES, commit_flags(self->fd, INSIDE(3), PAGE, PROT_RW | PROT_EXEC, 0));
	EXPECT_EQ(-EACCES, commit_flags(self->fd, INSIDE(2), PAGE, PROT_RX, 0));
	EXPECT_REGION_UNCHANGED();

	EXPECT_EQ(0, commit_flags(self->fd, INSIDE(2), PAGE, PROT_R, 0));
	ASSERT_TRUE(mapping_at(INSIDE(2), &map));
	EXPECT_STREQ("r--p", map.perms);
	ASSERT_TRUE(mapping_at(INSIDE(1), &map));
	EXPECT_STREQ("rw-p", map.perms);
	ASSERT_TRUE(mapping_at(BASE, &map));
	EXPECT_STREQ("---p", map.perms);
	EXPECT_TRUE(zeroed(INSIDE(2), PAGE));
}

TEST_F(region, first_touch_of_reserve_traps)
{
	const unsigned long reserved[] = { BASE, INSIDE(0), INSIDE(1) - 1, END - 1,
					   INSIDE(1) + 16 * PAGE };

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			*(volatile char *)reserved[i];
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_EQ(SIGSEGV, WTERMSIG(status));
	}
	EXPECT_REGION_UNCHANGED();
}

TEST_HARNESS_MAIN
