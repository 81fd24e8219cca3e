// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Committed memory that is locked: mlockall(2), mlock(2), RLIMIT_MEMLOCK. */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "pressure.h"

#define SIZE	(4 * MIB)
#define NEXT	(INSIDE(2))

FIXTURE(lock)
{
	struct pair pair;
};

static unsigned long locked_bytes(void)
{
	return proc_number("/proc/self/status", "VmLck") << 10;
}

FIXTURE_SETUP(lock)
{
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
}

FIXTURE_TEARDOWN(lock)
{
	EXPECT_WHOLE();
	EXPECT_EQ(0, munlockall());
	EXPECT_EQ(0, locked_bytes());
	EXPECT_WHOLE();
}

/* The same again beside it: COMMIT and mmap(2). */
static int more(struct pair *pair, unsigned long side, unsigned long length)
{
	if (side == OURS)
		return commit(pair->fd, NEXT, length);
	return mmap((void *)(PLAIN_AT + COLOR), length, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ? -errno : 0;
}

static int less(struct pair *pair, unsigned long side, unsigned long length)
{
	return side == OURS ? decommit(pair->fd, NEXT, length) :
			      try_munmap(PLAIN_AT + COLOR, length);
}

static unsigned long next_at(unsigned long side)
{
	return side == OURS ? NEXT : PLAIN_AT + COLOR;
}

static uint64_t mappings(int fd)
{
	struct gccolor_ioc_info region;

	return info(fd, &region) ? 0 : region.mappings;
}

/* What is there is populated and locked, reserve is neither. */
TEST_F(lock, current)
{
	uint64_t before = mappings(self->pair.fd);
	unsigned long outside;

	EXPECT_BOTH(0, smaps_field(addr, "Rss"));
	ASSERT_EQ(0, mlockall(MCL_CURRENT));
	EXPECT_BOTH(SIZE >> 10, smaps_field(addr, "Rss"));
	EXPECT_BOTH(SIZE >> 10, smaps_field(addr, "Locked"));
	EXPECT_EQ(0, smaps_field(INSIDE(3), "Rss"));
	EXPECT_EQ(0, smaps_field(INSIDE(3), "Locked"));
	/* The program itself, and no terabyte of reserve. */
	outside = locked_bytes() - 2 * SIZE;
	EXPECT_GT(64 * MIB, outside);
	EXPECT_BOTH(true, zeroed(addr, SIZE));
	fill_both(&self->pair);
	EXPECT_BOTH(-EINVAL, advise(addr, SIZE, MADV_DONTNEED));
	EXPECT_INTACT();
	EXPECT_BOTH(0, more(&self->pair, side, SIZE));
	EXPECT_BOTH(0, smaps_field(next_at(side), "Locked"));
	EXPECT_BOTH(0, less(&self->pair, side, SIZE));
	EXPECT_WHOLE();
	EXPECT_EQ(0, munlockall());
	EXPECT_EQ(before, mappings(self->pair.fd));
	EXPECT_INTACT();
}

/* What comes later is populated and locked at once. */
TEST_F(lock, future)
{
	unsigned long before;

	ASSERT_EQ(0, mlockall(MCL_FUTURE));
	EXPECT_BOTH(0, smaps_field(addr, "Locked"));
	before = locked_bytes();
	EXPECT_BOTH(0, more(&self->pair, side, SIZE));
	EXPECT_EQ(before + 2 * SIZE, locked_bytes());
	EXPECT_BOTH(SIZE >> 10, smaps_field(next_at(side), "Rss"));
	EXPECT_BOTH(SIZE >> 10, smaps_field(next_at(side), "Locked"));
	EXPECT_WHOLE();
	EXPECT_BOTH(0, less(&self->pair, side, SIZE / 2));
	EXPECT_EQ(before + SIZE, locked_bytes());
	EXPECT_WHOLE();
	for (int side = OURS; side <= PLAIN; side++) {
		fill(next_at(side) + SIZE / 2, SIZE / 2);
		EXPECT_TRUE(intact(next_at(side) + SIZE / 2, SIZE / 2));
	}
}

/* Locked where touched. */
TEST_F(lock, on_fault)
{
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
	EXPECT_BOTH(0, smaps_field(addr, "Rss"));
	fill(self->pair.addr[OURS], PAGE);
	fill(self->pair.addr[PLAIN], PAGE);
	EXPECT_BOTH(PAGE >> 10, smaps_field(addr, "Rss"));
	EXPECT_BOTH(PAGE >> 10, smaps_field(addr, "Locked"));
	EXPECT_BOTH(0, more(&self->pair, side, SIZE));
	EXPECT_BOTH(0, smaps_field(next_at(side), "Rss"));
	EXPECT_BOTH(0, less(&self->pair, side, SIZE));
}

/* RLIMIT_MEMLOCK: what does not fit is refused, and nothing has changed. */
TEST_F(lock, limit)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
		struct pair *pair = &self->pair;
		unsigned long used;

		CHECK_EQ(0, setrlimit(RLIMIT_MEMLOCK, &unlimited));
		CHECK_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
		used = locked_bytes();
		CHECK_EQ(0, set_limit(RLIMIT_MEMLOCK, used + SIZE));
		CHECK_EQ(0, drop_capability(CAP_IPC_LOCK));
		for (unsigned long side = OURS; side <= PLAIN; side++) {
			CHECK_EQ(-EAGAIN, more(pair, side, SIZE + PAGE));
			CHECK_EQ(used, locked_bytes());
			CHECK_EQ(0, more(pair, side, SIZE));
			CHECK_EQ(used + SIZE, locked_bytes());
			fill(next_at(side), SIZE);
			CHECK(intact(next_at(side), SIZE));
			CHECK_WHOLE(BASE, LENGTH);
			/* DECOMMIT may need its length in the limit for a moment. */
			CHECK_EQ(0, set_limit(RLIMIT_MEMLOCK, used + 2 * SIZE));
			CHECK_EQ(0, less(pair, side, SIZE));
			CHECK_EQ(used, locked_bytes());
			CHECK_EQ(0, set_limit(RLIMIT_MEMLOCK, used + SIZE));
		}
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

/*
 * A difference: DECOMMIT at the limit is refused with EAGAIN, because reserve is
 * a mapping that replaces memory. munmap(2) never is. The memory stays.
 */
TEST_F(lock, decommit_at_the_limit)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct pair *pair = &self->pair;

		CHECK_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
		CHECK_EQ(0, drop_capability(CAP_IPC_LOCK));
		CHECK_EQ(0, set_limit(RLIMIT_MEMLOCK, PAGE));
		fill_both(pair);
		CHECK_EQ(-EAGAIN, decommit(pair->fd, pair->addr[OURS], SIZE / 2));
		CHECK_EQ(0, try_munmap(pair->addr[PLAIN], SIZE / 2));
		CHECK(intact(pair->addr[OURS], SIZE));
		CHECK_WHOLE(BASE, LENGTH);
		CHECK_EQ(0, munlockall());
		CHECK_EQ(0, decommit(pair->fd, pair->addr[OURS], SIZE / 2));
		CHECK(intact(pair->addr[OURS] + SIZE / 2, SIZE / 2));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

/* Pieces of committed memory locked one by one, and unlocked in another order. */
TEST_F(lock, pieces)
{
	uint64_t before = mappings(self->pair.fd);

	fill_both(&self->pair);
	for (unsigned long i = 0; i < 16; i += 2)
		ASSERT_BOTH(0, mlock((void *)(addr + i * PAGE), PAGE));
	EXPECT_EQ(16 * PAGE, locked_bytes());
	EXPECT_EQ(before + 15, mappings(self->pair.fd));
	EXPECT_WHOLE();
	for (unsigned long i = 2; i < 16; i += 4)
		ASSERT_BOTH(0, munlock((void *)(addr + i * PAGE), PAGE));
	EXPECT_EQ(8 * PAGE, locked_bytes());
	EXPECT_WHOLE();
	EXPECT_BOTH(0, munlock((void *)addr, SIZE));
	EXPECT_EQ(before, mappings(self->pair.fd));
	EXPECT_INTACT();
	/* Locked memory goes with DECOMMIT. */
	ASSERT_EQ(0, mlock((void *)self->pair.addr[OURS], SIZE));
	EXPECT_EQ(0, decommit(self->pair.fd, self->pair.addr[OURS], SIZE / 2));
	EXPECT_EQ(SIZE / 2, locked_bytes());
}

/* Reserve cannot be populated, so locking it locks nothing. */
TEST_F(lock, reserve)
{
	mlock((void *)INSIDE(3), MIB);
	EXPECT_EQ(0, locked_bytes());
	EXPECT_EQ(0, smaps_field(INSIDE(3), "Rss"));
	EXPECT_FALSE(readable(INSIDE(3)));
}

TEST_HARNESS_MAIN
