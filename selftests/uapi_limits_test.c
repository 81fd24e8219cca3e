// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Commands that run into a limit: a precise errno, nothing changed, the region
 * whole and protected, and once the limit is lifted the same command works.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "limits.h"
#include "maps.h"

#define NR	16UL

FIXTURE(limits)
{
	int fd;
	long map_count;
	long overcommit;
	long overcommit_kbytes;
	long overcommit_ratio;
	struct layout before;
};

FIXTURE_SETUP(limits)
{
	/* System-wide settings: put back whatever happens to the test. */
	self->map_count = read_number(MAX_MAP_COUNT);
	self->overcommit = read_number(OVERCOMMIT_MEMORY);
	self->overcommit_kbytes = read_number(OVERCOMMIT_KBYTES);
	self->overcommit_ratio = read_number(OVERCOMMIT_RATIO);
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), NR * PAGE));
	fill(INSIDE(1), NR * PAGE);
	read_layout(self->fd, BASE, LENGTH, &self->before);
}

FIXTURE_TEARDOWN(limits)
{
	write_number(MAX_MAP_COUNT, self->map_count);
	write_number(OVERCOMMIT_MEMORY, self->overcommit);
	if (self->overcommit_kbytes)
		write_number(OVERCOMMIT_KBYTES, self->overcommit_kbytes);
	else
		write_number(OVERCOMMIT_RATIO, self->overcommit_ratio);
	close(self->fd);
}

#define EXPECT_UNCHANGED() do {						\
	struct layout after;						\
									\
	read_layout(self->fd, BASE, LENGTH, &after);			\
	EXPECT_TRUE(same_layout(&self->before, &after));		\
	EXPECT_TRUE(intact(INSIDE(1), NR * PAGE));			\
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));		\
} while (0)

/* With the limit lifted the owner goes on. */
#define EXPECT_WORKS_AGAIN() do {					\
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), 2 * MIB));		\
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE)); \
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), 2 * MIB));		\
	EXPECT_EQ(0, commit(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE));	\
	EXPECT_TRUE(intact(INSIDE(1), 4 * PAGE));			\
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));		\
} while (0)

TEST_F(limits, address_space)
{
	unsigned long mapped = (unsigned long)proc_number("/proc/self/status", "VmSize") << 10;
	int other = open_device();

	ASSERT_LE(LENGTH, mapped);
	/* Room for what is mapped, none for another region. */
	ASSERT_EQ(0, set_limit(RLIMIT_AS, mapped + MIB));
	EXPECT_EQ(-ENOMEM, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), PAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), PAGE));
	EXPECT_UNCHANGED();
	/* Below what is mapped. */
	ASSERT_EQ(0, set_limit(RLIMIT_AS, LENGTH / 2));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), 2 * MIB));
	EXPECT_UNCHANGED();
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(1) + NR * PAGE, PAGE));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(1) - PAGE, PAGE));
	EXPECT_EQ(-ENOMEM, decommit(self->fd, INSIDE(1), PAGE));
	EXPECT_EQ(-ENOMEM, decommit(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE));
	EXPECT_EQ(-ENOMEM, decommit(self->fd, INSIDE(1), NR * PAGE));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, unlimit(RLIMIT_AS));
	EXPECT_EQ(0, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_WORKS_AGAIN();
}

TEST_F(limits, data_segment)
{
	unsigned long data = (unsigned long)proc_number("/proc/self/status", "VmData") << 10;

	ASSERT_EQ(0, set_limit(RLIMIT_DATA, data + MIB));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), 2 * MIB));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(1) + NR * PAGE, 2 * MIB));
	EXPECT_EQ(-ENOMEM, commit_flags(self->fd, INSIDE(2), 2 * MIB, PROT_RW,
					GCCOLOR_IOC_COMMIT_NORESERVE));
	EXPECT_UNCHANGED();
	/* Within the limit; read-only memory is not data. */
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), MIB / 2));
	EXPECT_EQ(0, commit_flags(self->fd, INSIDE(4), 64 * MIB, PROT_R, 0));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(3), MIB));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(4), 64 * MIB));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), MIB / 2));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, unlimit(RLIMIT_DATA));
	EXPECT_WORKS_AGAIN();
}

TEST_F(limits, memlock)
{
	int other = open_device();
	long locked;

	ASSERT_EQ(0, commit(self->fd, INSIDE(3), 4 * MIB));
	read_layout(self->fd, BASE, LENGTH, &self->before);
	ASSERT_EQ(0, drop_capability(CAP_IPC_LOCK));
	ASSERT_EQ(0, set_limit(RLIMIT_MEMLOCK, 16 * PAGE));
	ASSERT_EQ(0, mlockall(MCL_FUTURE));
	EXPECT_EQ(-EAGAIN, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_EQ(-EAGAIN, commit(self->fd, INSIDE(2), 2 * MIB));
	EXPECT_EQ(-EAGAIN, commit(self->fd, INSIDE(1) + NR * PAGE, 2 * MIB));
	EXPECT_EQ(-EAGAIN, decommit(self->fd, INSIDE(3), 4 * MIB));
	EXPECT_EQ(-EAGAIN, decommit(self->fd, INSIDE(3) + MIB, 2 * MIB));
	EXPECT_UNCHANGED();
	/* What fits is locked and resident at once. */
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), 8 * PAGE));
	locked = smaps_field(INSIDE(2), "Locked");
	EXPECT_EQ(8 * PAGE / 1024, locked);
	/* A small decommit does not drag its huge neighbours into the limit. */
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), 8 * PAGE));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, munlockall());
	EXPECT_EQ(0, decommit(self->fd, INSIDE(3), 4 * MIB));
	EXPECT_WORKS_AGAIN();
}

TEST_F(limits, memlock_zero)
{
	ASSERT_EQ(0, drop_capability(CAP_IPC_LOCK));
	ASSERT_EQ(0, mlockall(MCL_FUTURE));
	ASSERT_EQ(0, set_limit(RLIMIT_MEMLOCK, 0));
	EXPECT_EQ(-EAGAIN, commit(self->fd, INSIDE(2), PAGE));
	EXPECT_EQ(-EAGAIN, decommit(self->fd, INSIDE(1), NR * PAGE));
	EXPECT_EQ(-EAGAIN, decommit(self->fd, INSIDE(1) + PAGE, PAGE));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, munlockall());
	EXPECT_WORKS_AGAIN();
}

TEST_F(limits, map_count)
{
	int other = open_device();

	for (int room = 0; room >= -2; room--) {
		ASSERT_EQ(0, write_number(MAX_MAP_COUNT, count_mappings() + room));
		/* In the middle of reserve: two more mappings. */
		EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), PAGE));
		EXPECT_EQ(-ENOMEM, decommit(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE));
		EXPECT_UNCHANGED();
	}
	EXPECT_EQ(-ENOMEM, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, write_number(MAX_MAP_COUNT, self->map_count));
	EXPECT_EQ(0, reserve(other, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_WORKS_AGAIN();
}

/* At the very limit each answer may be yes or no, but never a half. */
TEST_F(limits, map_count_sweep)
{
	int mappings = count_mappings();

	for (int room = -3; room <= 6; room++) {
		ASSERT_EQ(0, write_number(MAX_MAP_COUNT, mappings + room));
		for (unsigned long at = 0; at < 3; at++) {
			const unsigned long places[] = {
				INSIDE(1) + NR * PAGE, INSIDE(1) + (NR + 4) * PAGE,
				INSIDE(1) - PAGE,
			};
			unsigned long addr = places[at];
			int err = commit(self->fd, addr, PAGE);

			EXPECT_TRUE(err == 0 || err == -ENOMEM);
			EXPECT_STREQ("whole", region_state(BASE, LENGTH));
			if (err)
				continue;
			err = decommit(self->fd, addr, PAGE);
			EXPECT_TRUE(err == 0 || err == -ENOMEM);
			EXPECT_STREQ("whole", region_state(BASE, LENGTH));
			if (err) {
				ASSERT_EQ(0, write_number(MAX_MAP_COUNT, self->map_count));
				ASSERT_EQ(0, decommit(self->fd, addr, PAGE));
				ASSERT_EQ(0, write_number(MAX_MAP_COUNT, mappings + room));
			}
		}
	}
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, write_number(MAX_MAP_COUNT, self->map_count));
	EXPECT_WORKS_AGAIN();
}

/* Heuristic overcommit: more than all memory at once is refused. */
TEST_F(limits, overcommit_heuristic)
{
	const unsigned long huge = COLOR / 2;

	ASSERT_EQ(0, write_number(OVERCOMMIT_MEMORY, 0));
	ASSERT_GT(huge >> 10, (unsigned long)proc_number("/proc/meminfo", "MemTotal") +
		  proc_number("/proc/meminfo", "SwapTotal"));
	EXPECT_EQ(-ENOMEM, commit(self->fd, BASE + 2 * COLOR, huge));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), huge - PAGE));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(1) + NR * PAGE, huge - NR * PAGE));
	EXPECT_UNCHANGED();
	EXPECT_EQ(0, commit_flags(self->fd, INSIDE(2), huge, PROT_RW,
				  GCCOLOR_IOC_COMMIT_NORESERVE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), huge));
	EXPECT_UNCHANGED();
	EXPECT_WORKS_AGAIN();
}

static unsigned long committed_as(void)
{
	return (unsigned long)proc_number("/proc/meminfo", "Committed_AS") << 10;
}

/*
 * vm.overcommit_memory=2: the reserve is free, each committed run is charged,
 * and what does not fit is refused, even if it fits its place exactly.
 */
TEST_F(limits, overcommit_never)
{
	/* A process with a region mapped leaves user_reserve_kbytes, 128 MiB, free. */
	unsigned long room = 512 * MIB;

	ASSERT_LT(committed_as(), LENGTH / 2);
	ASSERT_EQ(0, write_number(OVERCOMMIT_KBYTES, (committed_as() + room) >> 10));
	ASSERT_EQ(0, write_number(OVERCOMMIT_MEMORY, 2));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), 2 * room));
		EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(1) + NR * PAGE, 2 * room));
		EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(1) - 2 * room, 2 * room));
		/* MAP_NORESERVE means nothing here. */
		EXPECT_EQ(-ENOMEM, commit_flags(self->fd, INSIDE(2), 2 * room, PROT_RW,
						GCCOLOR_IOC_COMMIT_NORESERVE));
	}
	EXPECT_UNCHANGED();
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), room / 8));
	EXPECT_LE(room / 8, committed_as());
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), room / 8));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, write_number(OVERCOMMIT_MEMORY, self->overcommit));
	EXPECT_WORKS_AGAIN();
}

/*
 * A reserve that a commit fits exactly: nothing is split, so nothing but the
 * check after the failure restores what get_unmapped_area had opened.
 */
TEST_F(limits, exact_fit_refused)
{
	unsigned long room = 512 * MIB, gap = 2 * room;

	ASSERT_EQ(0, commit(self->fd, INSIDE(2) - PAGE, PAGE));
	ASSERT_EQ(0, commit(self->fd, INSIDE(2) + gap, PAGE));
	read_layout(self->fd, BASE, LENGTH, &self->before);
	ASSERT_EQ(0, write_number(OVERCOMMIT_KBYTES, (committed_as() + room) >> 10));
	ASSERT_EQ(0, write_number(OVERCOMMIT_MEMORY, 2));
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), gap));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, write_number(OVERCOMMIT_MEMORY, 0));
	ASSERT_EQ(0, set_limit(RLIMIT_DATA, 64 * MIB));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), gap));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, unlimit(RLIMIT_DATA));
	ASSERT_EQ(0, set_limit(RLIMIT_AS, LENGTH / 2));
	EXPECT_EQ(-ENOMEM, commit(self->fd, INSIDE(2), gap));
	EXPECT_UNCHANGED();
	ASSERT_EQ(0, unlimit(RLIMIT_AS));
	EXPECT_EQ(0, commit_flags(self->fd, INSIDE(2), gap, PROT_RW,
				  GCCOLOR_IOC_COMMIT_NORESERVE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_HARNESS_MAIN
