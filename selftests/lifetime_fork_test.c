// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Processes and threads that share a region, or have a copy of it. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "child.h"
#include "maps.h"

FIXTURE(region)
{
	int fd;
	int peer[2];
};

FIXTURE_SETUP(region)
{
	self->fd = open_region(1 << 3);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	fill(INSIDE(1), 16 * PAGE);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, self->peer));
}

FIXTURE_TEARDOWN(region)
{
	close(self->fd);
}

TEST_F(region, child_is_protected)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct gccolor_ioc_info region;

		CHECK_WHOLE(BASE, LENGTH);
		CHECK(intact(INSIDE(1), 16 * PAGE));
		CHECK_EQ(0, info(self->fd, &region));
		CHECK_EQ(16 * PAGE, region.committed);
		CHECK_EQ(expected_level(), region.level);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* MADV_DONTFORK of what lies below: a child has a region if it has its lowest slot. */
TEST_F(region, child_without_the_lowest_slot)
{
	pid_t pid;

	ASSERT_EQ(0, madvise((void *)BASE, INSIDE(1) - BASE, MADV_DONTFORK));
	pid = fork();
	if (pid == 0) {
		struct gccolor_ioc_info region;

		CHECK(!readable(BASE));
		CHECK_EQ(-ENXIO, commit(self->fd, INSIDE(1) + 16 * PAGE, PAGE));
		CHECK_EQ(-ENXIO, commit(self->fd, INSIDE(2), PAGE));
		CHECK_EQ(-ENXIO, decommit(self->fd, INSIDE(1), PAGE));
		CHECK_EQ(-ENXIO, info(self->fd, &region));
		CHECK_EQ(-ENXIO, release(self->fd));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), PAGE));
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(region, copies_are_apart)
{
	pid_t pid = fork();

	if (pid == 0) {
		wait_for_peer(self->peer[1]);
		/* The parent has written, decommitted and committed elsewhere. */
		CHECK(intact(INSIDE(1), 16 * PAGE));
		CHECK(!readable(INSIDE(2)));
		CHECK_EQ(0, commit(self->fd, INSIDE(2), PAGE));
		CHECK(zeroed(INSIDE(2), PAGE));
		CHECK_EQ(0, decommit(self->fd, INSIDE(1), 8 * PAGE));
		CHECK(!readable(INSIDE(1)));
		memset((void *)(INSIDE(1) + 8 * PAGE), 0x55, PAGE);
		CHECK_WHOLE(BASE, LENGTH);
		signal_peer(self->peer[1]);
		wait_for_peer(self->peer[1]);
		CHECK(zeroed(INSIDE(2), PAGE));
		_exit(0);
	}
	memset((void *)INSIDE(1), 0xaa, PAGE);
	ASSERT_EQ(0, decommit(self->fd, INSIDE(1) + 4 * PAGE, 4 * PAGE));
	ASSERT_EQ(0, commit(self->fd, INSIDE(2), PAGE));
	fill(INSIDE(2), PAGE);
	signal_peer(self->peer[0]);
	wait_for_peer(self->peer[0]);
	EXPECT_EQ(0xaa, *(unsigned char *)INSIDE(1));
	EXPECT_TRUE(intact(INSIDE(2), PAGE));
	EXPECT_TRUE(intact(INSIDE(1) + 8 * PAGE, 8 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	signal_peer(self->peer[0]);
	EXPECT_EQ(0, wait_for(pid));
}

/* Both at full speed at the same addresses through the same file. */
TEST_F(region, both_at_once)
{
	pid_t pid = fork();
	bool child = pid == 0;

	for (int i = 0; i < 300; i++) {
		unsigned long addr = INSIDE(2) + (i % 7) * PAGE;

		if (child) {
			CHECK_EQ(0, commit(self->fd, addr, 4 * PAGE));
			CHECK(zeroed(addr, 4 * PAGE));
			memset((void *)addr, 1, 4 * PAGE);
			CHECK_EQ(0, decommit(self->fd, addr, 4 * PAGE));
		} else {
			ASSERT_EQ(0, commit(self->fd, addr, 4 * PAGE));
			ASSERT_TRUE(zeroed(addr, 4 * PAGE));
			memset((void *)addr, 2, 4 * PAGE);
			ASSERT_EQ(0, decommit(self->fd, addr, 4 * PAGE));
		}
	}
	if (child) {
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(region, fork_of_fork)
{
	pid_t pid = fork();

	if (pid == 0) {
		CHECK_EQ(0, commit(self->fd, INSIDE(2), PAGE));
		pid = fork();
		if (pid == 0) {
			CHECK_EQ(0, decommit(self->fd, INSIDE(2), PAGE));
			CHECK_EQ(0, commit(self->fd, INSIDE(4), PAGE));
			CHECK_EQ(0, decommit(self->fd, INSIDE(1) + PAGE, PAGE));
			CHECK_WHOLE(BASE, LENGTH);
			_exit(0);
		}
		CHECK_EQ(0, wait_for(pid));
		CHECK(readable(INSIDE(2)));
		CHECK(!readable(INSIDE(4)));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
	EXPECT_FALSE(readable(INSIDE(2)));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* The grandparent is gone; the region lives on. */
TEST_F(region, orphan)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (fork() == 0) {
			close(self->peer[0]);
			/* Until the process between us is gone. */
			wait_for_peer(self->peer[1]);
			CHECK_EQ(0, commit(self->fd, INSIDE(2), PAGE));
			CHECK_EQ(0, decommit(self->fd, INSIDE(1), 16 * PAGE));
			CHECK_WHOLE(BASE, LENGTH);
			signal_peer(self->peer[1]);
			_exit(0);
		}
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	signal_peer(self->peer[0]);
	close(self->peer[1]);
	wait_for_peer(self->peer[0]);
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
}

TEST_F(region, release_in_the_child)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct layout layout;

		CHECK_EQ(0, release(self->fd));
		read_layout(self->fd, BASE, LENGTH, &layout);
		CHECK_EQ(0, layout.count);
		CHECK_EQ(-ENXIO, commit(self->fd, INSIDE(2), PAGE));
		CHECK_EQ(0, try_map_over(INSIDE(2), PAGE));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), PAGE));
}

TEST_F(region, lock_is_inherited)
{
	pid_t pid;

	ASSERT_EQ(0, lock_region(self->fd));
	pid = fork();
	if (pid == 0) {
		struct gccolor_ioc_info region;

		CHECK_EQ(0, info(self->fd, &region));
		CHECK_EQ(GCCOLOR_IOC_STATE_LOCKED, region.state);
		CHECK_EQ(-EPERM, decommit(self->fd, INSIDE(1), PAGE));
		CHECK_EQ(-EPERM, release(self->fd));
		CHECK_EQ(0, commit(self->fd, INSIDE(2), PAGE));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

/* LOCK holds for the caller and for later children, not for others. */
TEST_F(region, lock_in_the_child_is_the_childs)
{
	pid_t pid = fork();

	if (pid == 0) {
		CHECK_EQ(0, lock_region(self->fd));
		CHECK_EQ(-EPERM, decommit(self->fd, INSIDE(1), PAGE));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), PAGE));
	EXPECT_EQ(0, release(self->fd));
}

TEST_F(region, vfork)
{
	volatile int err = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		/* The same address space: what it commits stays. */
		err = commit(self->fd, INSIDE(2), PAGE);
		err = err ? err : decommit(self->fd, INSIDE(1) + 8 * PAGE, 8 * PAGE);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, err);
	EXPECT_TRUE(zeroed(INSIDE(2), PAGE));
	EXPECT_FALSE(readable(INSIDE(1) + 8 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

static int shares_memory(void *fd)
{
	if (commit(*(int *)fd, INSIDE(2), PAGE))
		return 1;
	fill(INSIDE(2), PAGE);
	return decommit(*(int *)fd, INSIDE(1), PAGE) ? 2 : 0;
}

TEST_F(region, clone_vm)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	/* Same memory, own file table: the file is what counts. */
	pid_t pid = clone(shares_memory, stack + sizeof(stack), CLONE_VM | SIGCHLD, &self->fd);

	ASSERT_LT(0, pid);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_TRUE(intact(INSIDE(2), PAGE));
	EXPECT_FALSE(readable(INSIDE(1)));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

struct worker {
	int fd;
	unsigned long addr;
	int failed;
};

static void *work(void *arg)
{
	struct worker *worker = arg;

	for (int i = 0; i < 200 && !worker->failed; i++) {
		unsigned long addr = worker->addr + (i % 5) * PAGE;

		worker->failed |= commit(worker->fd, addr, 3 * PAGE) != 0;
		fill(addr, 3 * PAGE);
		worker->failed |= !intact(addr, 3 * PAGE);
		worker->failed |= decommit(worker->fd, addr, 3 * PAGE) != 0;
	}
	return NULL;
}

/* Threads that commit next to each other never see each other's. */
TEST_F(region, threads)
{
	struct worker workers[4];
	pthread_t threads[4];

	for (int i = 0; i < 4; i++) {
		workers[i] = (struct worker){ self->fd, INSIDE(2) + i * 8 * PAGE, 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, work, &workers[i]));
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, workers[i].failed);
	}
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

static void *fight(void *arg)
{
	struct worker *worker = arg;

	for (int i = 0; i < 300; i++) {
		int err = commit(worker->fd, worker->addr, 4 * PAGE);

		if (err && err != -EEXIST)
			worker->failed = err;
		err = decommit(worker->fd, worker->addr, 4 * PAGE);
		if (err && err != -ENOENT)
			worker->failed = err;
	}
	return NULL;
}

/* Threads that want the same pages: one gets them, the other is told. */
TEST_F(region, threads_at_the_same_place)
{
	struct worker workers[3];
	pthread_t threads[3];

	for (int i = 0; i < 3; i++) {
		workers[i] = (struct worker){ self->fd, INSIDE(2) + i * PAGE, 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, fight, &workers[i]));
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, workers[i].failed);
	}
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_HARNESS_MAIN
