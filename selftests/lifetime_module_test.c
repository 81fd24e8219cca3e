// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The module: who holds it, when it can go, and what a killed process leaves.
 * The path of the module file is in GCCOLOR_KO.
 */
#define _GNU_SOURCE
#include <sys/mount.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "child.h"
#include "limits.h"
#include "maps.h"
#include "module.h"

#define QUOTA	"/sys/module/gccolor/parameters/max_regions_per_user"
#define CGROUP	"/tmp/gccolor-cgroup"

TEST(refcount_follows_files_and_mappings)
{
	long users = module_users();
	int fd;

	if (lacks(users >= 0))
		SKIP(return, "gccolor is built in");
	fd = open_region(0);
	ASSERT_LE(0, fd);
	EXPECT_LT(users, module_users());
	ASSERT_EQ(0, commit(fd, INSIDE(1), PAGE));
	ASSERT_EQ(0, close(fd));
	/* The mappings hold it. */
	EXPECT_LT(users, module_users());
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST(unload_is_refused_while_in_use)
{
	int fd = open_region(0);
	int err;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, commit(fd, INSIDE(1), PAGE));
	fill(INSIDE(1), PAGE);
	err = unload();
	EXPECT_TRUE(err == -EWOULDBLOCK || err == -EBUSY);
	ASSERT_EQ(0, close(fd));
	err = unload();
	EXPECT_TRUE(err == -EWOULDBLOCK || err == -EBUSY);
	EXPECT_TRUE(intact(INSIDE(1), PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	/* Open, but without a region. */
	fd = open_device();
	ASSERT_LE(0, fd);
	err = unload();
	EXPECT_TRUE(err == -EWOULDBLOCK || err == -EBUSY);
}

TEST(unload_and_load_again)
{
	const char *path = getenv("GCCOLOR_KO");
	int fd;

	if (lacks(path && geteuid() == 0))
		SKIP(return, "GCCOLOR_KO is not set");
	if (lacks(users_settle_at(0)))
		SKIP(return, "somebody else uses gccolor");
	ASSERT_EQ(0, unload());
	EXPECT_EQ(-1, module_users());
	EXPECT_EQ(-ENOENT, open_device());
	ASSERT_EQ(0, load(path));
	for (int i = 0; i < 1000; i++) {
		fd = open_region(0);
		if (fd != -ENOENT)
			break;
		sched_yield();
	}
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, commit(fd, INSIDE(1), PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/* SIGKILL in the middle of commits and decommits leaves nothing. */
TEST(killed_process_leaves_nothing)
{
	long users = module_users();

	if (lacks(users >= 0))
		SKIP(return, "gccolor is built in");
	for (int i = 0; i < 10; i++) {
		int pipes[2];
		pid_t pid;

		ASSERT_EQ(0, pipe(pipes));
		pid = fork();
		if (pid == 0) {
			int fd = open_region(0);

			CHECK(fd >= 0);
			signal_peer(pipes[1]);
			for (unsigned long n = 0;; n++) {
				commit_flags(fd, INSIDE(1) + n % 64 * PAGE, 64 * PAGE, PROT_RW,
					     GCCOLOR_IOC_COMMIT_POPULATE);
				decommit(fd, INSIDE(1) + n % 64 * PAGE, 64 * PAGE);
			}
		}
		wait_for_peer(pipes[0]);
		for (int yields = 0; yields < i * 50; yields++)
			sched_yield();
		ASSERT_EQ(0, kill(pid, SIGKILL));
		EXPECT_EQ(1000 + SIGKILL, wait_for(pid));
		close(pipes[0]);
		close(pipes[1]);
	}
	EXPECT_TRUE(users_settle_at(users));
}

/* The OOM killer, called by the memory limit of a control group. */
TEST(oom_kill_leaves_nothing)
{
	long users = module_users();
	pid_t pid;

	if (lacks(users >= 0))
		SKIP(return, "gccolor is built in");
	if (lacks(unshare(CLONE_NEWNS) == 0))
		SKIP(return, "no mount namespaces");
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	mkdir(CGROUP, 0700);
	if (lacks(mount("gccolor", CGROUP, "cgroup2", 0, NULL) == 0))
		SKIP(return, "no cgroup2");
	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	mkdir(CGROUP "/gccolor", 0700);
	if (lacks(write_number(CGROUP "/gccolor/memory.max", 16 * MIB) == 0))
		SKIP(return, "no memory controller");
	write_number(CGROUP "/gccolor/memory.swap.max", 0);
	pid = fork();
	if (pid == 0) {
		int fd = open_region(0);

		CHECK(fd >= 0);
		CHECK_EQ(0, write_number(CGROUP "/gccolor/cgroup.procs", getpid()));
		CHECK_EQ(0, commit(fd, INSIDE(1), 128 * MIB));
		fill(INSIDE(1), 128 * MIB);
		_exit(0);
	}
	EXPECT_EQ(1000 + SIGKILL, wait_for(pid));
	EXPECT_TRUE(users_settle_at(users));
	for (int i = 0; i < 10000 && rmdir(CGROUP "/gccolor"); i++)
		sched_yield();
	umount2(CGROUP, MNT_DETACH);
}

/* As many regions per user as the administrator allows. */
TEST(regions_per_user)
{
	long before = read_number(QUOTA);
	int fds[3], child_fd;
	pid_t pid;

	ASSERT_LE(0, before);
	pid = fork();
	if (pid == 0) {
		/* A user of our own, so that nobody else's regions count. */
		CHECK_EQ(0, write_number(QUOTA, 2));
		CHECK_EQ(0, setresuid(54321, 54321, 54321));
		for (unsigned long i = 0; i < 3; i++) {
			fds[i] = open_device();
			CHECK(fds[i] >= 0);
			CHECK_EQ(i < 2 ? 0 : -EDQUOT,
				 reserve(fds[i], BASE - i * LENGTH, LENGTH, SHIFT, 0));
		}
		CHECK_EQ(MAP_FAILED, mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE, fds[2], 0));
		CHECK(errno == EDQUOT || errno == EEXIST);
		/* A fork child has the same regions, not more. */
		pid = fork();
		if (pid == 0) {
			CHECK_EQ(0, commit(fds[1], INSIDE(1) - LENGTH, PAGE));
			child_fd = open_device();
			CHECK_EQ(-EDQUOT, reserve(child_fd, BASE - 2 * LENGTH, LENGTH, SHIFT, 0));
			_exit(0);
		}
		CHECK_EQ(0, wait_for(pid));
		/* What is given back counts no longer. */
		CHECK_EQ(0, release(fds[0]));
		CHECK_EQ(0, close(fds[0]));
		CHECK_EQ(0, reserve(fds[2], BASE, LENGTH, SHIFT, 0));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, write_number(QUOTA, before));
}

TEST_HARNESS_MAIN
