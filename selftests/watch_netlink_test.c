// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What an operator is told of everybody's regions, and who is told nothing: netlink. */
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>

#include "watch_fixture.h"

TEST_F(netlink, a_region)
{
	uint32_t id;

	EXPECT_EQ(0, own_region(&self->asker, getpid()));
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	id = own_region(&self->asker, getpid());
	ASSERT_NE(0, id);
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_EQ(GCCOLOR_NL_CMD_GET_REGION, self->told.command);
	EXPECT_EQ(id, NUMBER(ID));
	EXPECT_EQ(getpid(), NUMBER(PID));
	EXPECT_EQ(0, NUMBER(UID));
	EXPECT_EQ(BASE, NUMBER(BASE));
	EXPECT_EQ(LENGTH, NUMBER(LENGTH));
	EXPECT_EQ(SHIFT, NUMBER(COLOR_SHIFT));
	EXPECT_EQ(expected_level(), NUMBER(LEVEL));
	EXPECT_EQ(expected_reason(), NUMBER(REASON));
	EXPECT_EQ(1, NUMBER(PROCESSES));
	EXPECT_EQ(0, NUMBER(COMMITTED));
	EXPECT_EQ(0, NUMBER(RUNS));
	EXPECT_STREQ("watch_netlink_t", told_text(&self->told, GCCOLOR_NL_REGION_COMM));
}

/* Bytes and runs, as the address space has them. */
TEST_F(netlink, committed_bytes_and_runs)
{
	static const struct {
		bool commit;
		unsigned long at, length;
		long bytes, runs;
	} steps[] = {
		{ true, INSIDE(1), 4, 4, 1 },
		{ true, INSIDE(1) + 8 * PAGE, 4, 8, 2 },
		{ true, INSIDE(1) + 4 * PAGE, 4, 12, 1 },	/* between them */
		{ false, INSIDE(1) + 2 * PAGE, 1, 11, 2 },
		{ false, INSIDE(1), 2, 9, 1 },			/* a whole run */
		{ false, INSIDE(1) + 11 * PAGE, 1, 8, 1 },	/* the end of one */
		{ true, INSIDE(5), 100, 108, 2 },
	};
	uint32_t id;

	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	id = own_region(&self->asker, getpid());
	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
		unsigned long length = steps[i].length * PAGE;

		ASSERT_EQ(0, steps[i].commit ? commit(self->fd, steps[i].at, length) :
					       decommit(self->fd, steps[i].at, length));
		ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
		EXPECT_EQ(steps[i].bytes * PAGE, NUMBER(COMMITTED)) {
			TH_LOG("step %u", i);
		}
		EXPECT_EQ(steps[i].runs, NUMBER(RUNS)) {
			TH_LOG("step %u", i);
		}
	}
	EXPECT_EQ(4, NUMBER(COMMITS));
	EXPECT_EQ(3, NUMBER(DECOMMITS));
	EXPECT_EQ(0, NUMBER(FAILURES));
	EXPECT_EQ(-EEXIST, commit(self->fd, INSIDE(5), PAGE));
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_EQ(1, NUMBER(FAILURES));
	EXPECT_EQ(108 * PAGE, NUMBER(COMMITTED));
}

TEST_F(netlink, children_are_counted)
{
	int peers[2];
	uint32_t id;
	pid_t pid;

	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	id = own_region(&self->asker, getpid());
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, peers));
	pid = fork();
	if (pid == 0) {
		commit(self->fd, INSIDE(2), PAGE);
		signal_peer(peers[1]);
		wait_for_peer(peers[1]);
		_exit(0);
	}
	wait_for_peer(peers[0]);
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_EQ(2, NUMBER(PROCESSES));
	EXPECT_EQ(1, NUMBER(COMMITS));
	/* Of the process that reserved it. */
	EXPECT_EQ(0, NUMBER(COMMITTED));
	signal_peer(peers[0]);
	ASSERT_EQ(0, wait_for(pid));
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_EQ(1, NUMBER(PROCESSES));
}

TEST_F(netlink, who_reserved_it_has_ended)
{
	struct found found = { .pid = 0 };
	int peers[2], status;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, peers));
	pid = fork();
	if (pid == 0) {
		if (open_region(0) < 0)
			_exit(1);
		if (fork() == 0) {
			signal_peer(peers[1]);
			wait_for_peer(peers[1]);
			_exit(0);
		}
		_exit(0);
	}
	wait_for_peer(peers[0]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	/* The child of the child has it; nobody says whose it was. */
	EXPECT_EQ(1, watcher_dump(&self->asker, find_pid, &found));
	EXPECT_EQ(1, found.matches);
	signal_peer(peers[0]);
}

TEST_F(netlink, refusals)
{
	EXPECT_EQ(-ENOENT, watcher_region(&self->asker, 0x7fffffff, &self->told));
	EXPECT_EQ(-EINVAL, watcher_region(&self->asker, 0, &self->told));
	ASSERT_EQ(0, watcher_ask(&self->asker, 77, 0, 0));
	EXPECT_EQ(-EOPNOTSUPP, watcher_next(&self->asker, &self->told, PATIENCE));
}

TEST_F(netlink, totals)
{
	uint64_t reserves;

	ASSERT_EQ(0, totals(self));
	reserves = told_number(&self->told, GCCOLOR_NL_TOTALS_RESERVES);
	EXPECT_EQ(expected_level(), told_number(&self->told, GCCOLOR_NL_TOTALS_LEVEL));
	self->fd = open_region(0);
	ASSERT_EQ(0, totals(self));
	EXPECT_EQ(reserves + 1, told_number(&self->told, GCCOLOR_NL_TOTALS_RESERVES));
	EXPECT_LE(1, told_number(&self->told, GCCOLOR_NL_TOTALS_REGIONS));
}

struct counted {
	unsigned int regions, wrong;
};

static void look(struct told *t, void *arg)
{
	struct counted *c = arg;

	c->regions++;
	c->wrong += told_number(t, GCCOLOR_NL_REGION_LENGTH) != LENGTH ||
		    told_number(t, GCCOLOR_NL_REGION_BASE) != BASE;
}

/* Regions come and go while they are listed. */
TEST_F(netlink, dump_under_change)
{
	struct counted c = { 0, 0 };
	pid_t pids[2];

	self->fd = open_region(0);
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			CHECK_EQ(0, release(self->fd));
			for (;;) {
				int fd = open_region(0);

				CHECK(fd >= 0);
				CHECK_EQ(0, commit(fd, INSIDE(1), PAGE));
				CHECK_EQ(0, release(fd));
				close(fd);
			}
		}
	}
	for (int i = 0; i < 300; i++)
		ASSERT_LT(0, watcher_dump(&self->asker, look, &c));
	EXPECT_EQ(0, c.wrong);
	EXPECT_LT(300, c.regions);
	for (int i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

/* 0, or what the first of dump, totals, join and resolving was refused with. */
static int first_refusal(void)
{
	struct watcher w;
	struct told t;
	int err = watcher_open(&w);

	if (err)
		return err == -NLE_OBJ_NOTFOUND ? -ENOENT : err;
	err = watcher_ask(&w, GCCOLOR_NL_CMD_GET_TOTALS, 0, 0);
	if (!err)
		err = watcher_next(&w, &t, PATIENCE);
	if (err != -EPERM)
		return err;
	err = watcher_ask(&w, GCCOLOR_NL_CMD_GET_REGION, NLM_F_DUMP, 0);
	if (!err)
		err = watcher_next(&w, &t, PATIENCE);
	if (err != -EPERM)
		return err;
	err = nl_socket_add_membership(w.sock, w.group);
	return err == -NLE_PERM ? -EPERM : err;
}

TEST_F(netlink, without_privilege)
{
	pid_t pid = fork();

	if (pid == 0) {
		CHECK_EQ(0, setgroups(0, NULL));
		CHECK_EQ(0, setresgid(65534, 65534, 65534));
		CHECK_EQ(0, setresuid(65534, 65534, 65534));
		CHECK_EQ(-EPERM, first_refusal());
		/* Its own region it may have, and hear of. */
		CHECK(open_region(0) >= 0);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

TEST_F(netlink, in_a_user_namespace)
{
	pid_t pid = fork();

	if (pid == 0) {
		CHECK_EQ(0, unshare(CLONE_NEWUSER));
		CHECK_EQ(-EPERM, first_refusal());
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	pid = fork();
	if (pid == 0) {
		/* A network of its own has no such family. */
		CHECK_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
		CHECK_EQ(-ENOENT, first_refusal());
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

TEST_HARNESS_MAIN
