// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The module's parameter drain: new regions are refused, the others go on, and
 * a host can be emptied before an update. The module file is in GCCOLOR_KO.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>

#include "kselftest_harness.h"
#include "child.h"
#include "maps.h"
#include "module.h"

#define HOLDERS		16

static int drain(bool on)
{
	return write_file(DRAIN, on ? "1" : "0");
}

static int map_default(int fd)
{
	void *p = mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE, fd, 0);

	return p == MAP_FAILED ? -errno : 0;
}

FIXTURE(drain)
{
	int live;	/* a region from before, with a page */
};

FIXTURE_SETUP(drain)
{
	if (lacks(drain(false) == 0))
		SKIP(return, "no parameter drain, or not root");
	self->live = open_region(0);
	ASSERT_LE(0, self->live);
	ASSERT_EQ(0, commit(self->live, INSIDE(1), PAGE));
	fill(INSIDE(1), PAGE);
	ASSERT_EQ(0, drain(true));
}

FIXTURE_TEARDOWN(drain)
{
	drain(false);
}

TEST_F(drain, new_regions_are_refused)
{
	int fd = open_device();

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ESHUTDOWN, reserve(fd, BASE - LENGTH, LENGTH, SHIFT, 0));
	/* Before anything is looked at in the address space */
	EXPECT_EQ(-ESHUTDOWN, reserve(fd, BASE, LENGTH, SHIFT, 0));
	/* What is wrong in itself is said as ever. */
	EXPECT_EQ(-EINVAL, reserve(fd, BASE, LENGTH + PAGE, SHIFT, 0));
	EXPECT_EQ(-EBUSY, reserve(self->live, BASE - LENGTH, LENGTH, SHIFT, 0));
	EXPECT_EQ(-ENXIO, commit(fd, INSIDE(1), PAGE));
	EXPECT_EQ(-EBUSY, map_default(self->live));
	ASSERT_EQ(0, release(self->live));
	EXPECT_EQ(-ESHUTDOWN, map_default(fd));
	EXPECT_EQ(-ESHUTDOWN, reserve(fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_FALSE(mapping_at(BASE, &(struct mapping){}));
}

/* A file that was refused is as it was, and nothing counts against the user. */
TEST_F(drain, a_refused_file_is_not_spent)
{
	int fd = open_device();
	long quota = read_number(MODULE "/parameters/max_regions_per_user");
	pid_t pid;

	ASSERT_LE(0, fd);
	for (int i = 0; i < 100; i++)
		ASSERT_EQ(-ESHUTDOWN, reserve(fd, BASE - LENGTH, LENGTH, SHIFT, 0));
	ASSERT_EQ(0, drain(false));
	ASSERT_EQ(0, write_number(MODULE "/parameters/max_regions_per_user", 1));
	pid = fork();
	if (pid == 0) {
		CHECK_EQ(0, setresuid(54322, 54322, 54322));
		CHECK_EQ(0, reserve(fd, BASE - LENGTH, LENGTH, SHIFT, 0));
		CHECK_EQ(0, commit(fd, INSIDE(1) - LENGTH, PAGE));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, write_number(MODULE "/parameters/max_regions_per_user", quota));
}

TEST_F(drain, looking_is_allowed_and_told)
{
	struct gccolor_ioc_query answer;
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, query(fd, &answer));
	EXPECT_EQ(GCCOLOR_IOC_LEVEL_NONE, answer.level);
	EXPECT_EQ(GCCOLOR_IOC_REASON_DRAINING, answer.reason);
	EXPECT_EQ(PAGE, answer.page_size);
	ASSERT_EQ(0, drain(false));
	ASSERT_EQ(0, query(fd, &answer));
	EXPECT_EQ(GCCOLOR_IOC_LEVEL_ENFORCED, answer.level);
	EXPECT_EQ(GCCOLOR_IOC_REASON_NONE, answer.reason);
}

TEST_F(drain, living_regions_go_on)
{
	struct gccolor_ioc_info region;
	pid_t pid;

	EXPECT_EQ(0, commit(self->live, INSIDE(2), 4 * PAGE));
	fill(INSIDE(2), 4 * PAGE);
	EXPECT_EQ(0, decommit(self->live, INSIDE(2), PAGE));
	ASSERT_EQ(0, info(self->live, &region));
	EXPECT_EQ(GCCOLOR_IOC_LEVEL_ENFORCED, region.level);
	EXPECT_EQ(GCCOLOR_IOC_REASON_NONE, region.reason);
	EXPECT_EQ(4 * PAGE, region.committed);
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	EXPECT_GT(0, try_map_over(INSIDE(3), PAGE));
	pid = fork();
	if (pid == 0) {
		CHECK(intact(INSIDE(1), PAGE));
		CHECK_EQ(0, commit(self->live, INSIDE(4), PAGE));
		CHECK_EQ(0, decommit(self->live, INSIDE(1), PAGE));
		CHECK_EQ(-EPERM, try_munmap(INSIDE(4), PAGE));
		CHECK_WHOLE(BASE, LENGTH);
		CHECK_EQ(0, release(self->live));
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_TRUE(intact(INSIDE(1), PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_EQ(0, lock_region(self->live));
	EXPECT_EQ(-EPERM, release(self->live));
}

/* A process with a region; it ends when it reads an 'e'. */
static pid_t start_holder(struct __test_metadata *_metadata, int *end)
{
	int pipes[2], ready[2];
	pid_t pid;

	ASSERT_EQ(0, pipe2(pipes, O_CLOEXEC));
	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	pid = fork();
	if (pid == 0) {
		int fd = open_region(0);
		char c;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CHECK(fd >= 0);
		CHECK_EQ(0, commit(fd, INSIDE(1), PAGE));
		fill(INSIDE(1), PAGE);
		signal_peer(ready[1]);
		/* Half of them keep the mappings only. */
		if (getpid() & 1)
			close(fd);
		while (read(pipes[0], &c, 1) == 1 && c != 'e') {
			CHECK(intact(INSIDE(1), PAGE));
			if (getpid() & 1)
				continue;
			CHECK_EQ(0, commit(fd, INSIDE(2), PAGE));
			CHECK_EQ(0, decommit(fd, INSIDE(2), PAGE));
		}
		_exit(0);
	}
	close(pipes[0]);
	close(ready[1]);
	wait_for_peer(ready[0]);
	close(ready[0]);
	*end = pipes[1];
	return pid;
}

/* The procedure of docs/userspace-api.rst, "Replacing the module". */
TEST(empty_the_host_and_replace_the_module)
{
	const char *path = getenv("GCCOLOR_KO");
	long before, users;
	pid_t pids[HOLDERS];
	int ends[HOLDERS];
	int fd;

	if (lacks(path && drain(false) == 0))
		SKIP(return, "GCCOLOR_KO is not set, or not root");
	if (lacks(users_settle_at(0)))
		SKIP(return, "somebody else uses gccolor");
	for (int i = 0; i < HOLDERS; i++)
		pids[i] = start_holder(_metadata, &ends[i]);
	ASSERT_EQ(0, drain(true));
	before = module_users();
	ASSERT_LE(HOLDERS, before);
	for (int i = 0; i < HOLDERS; i++) {
		/* Somebody tries and goes elsewhere, somebody lives, somebody ends. */
		EXPECT_EQ(-ESHUTDOWN, open_region(0));
		ASSERT_EQ(1, write(ends[HOLDERS - 1], "", 1));
		EXPECT_EQ(-EWOULDBLOCK, unload());
		if (i % 2) {
			ASSERT_EQ(1, write(ends[i], "e", 1));
			EXPECT_EQ(0, wait_for(pids[i]));
		} else {
			ASSERT_EQ(0, kill(pids[i], SIGKILL));
			EXPECT_EQ(1000 + SIGKILL, wait_for(pids[i]));
		}
		users = module_users();
		EXPECT_LT(users, before);
		before = users;
	}
	EXPECT_TRUE(users_settle_at(0));
	EXPECT_EQ(0, read_number(MODULE "/refcnt"));
	ASSERT_EQ(0, unload());
	EXPECT_EQ(-ENOENT, open_device());
	ASSERT_EQ(0, load(path));
	fd = open_region(0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, commit(fd, INSIDE(1), PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_HARNESS_MAIN
