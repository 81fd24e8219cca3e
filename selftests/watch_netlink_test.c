// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What an operator sees of everybody's regions: the generic netlink family. */
#define _GNU_SOURCE
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "child.h"
#include "kernel.h"
#include "region.h"
#include "watch.h"

#define PATIENCE	20000	/* ms; only a test that fails waits that long */

FIXTURE(netlink)
{
	struct watcher asker;
	struct watcher listener;
	struct told told;
	uint64_t joined;	/* events that came to pass before */
	int fd;
};

FIXTURE_SETUP(netlink)
{
	ASSERT_EQ(0, watcher_open(&self->asker)) {
		TH_LOG("no family gccolor");
	}
	ASSERT_EQ(0, watcher_open(&self->listener));
	self->fd = -1;
}

FIXTURE_TEARDOWN(netlink)
{
	watcher_close(&self->asker);
	watcher_close(&self->listener);
	if (self->fd >= 0)
		close(self->fd);
}

#define NUMBER(type)	told_number(&self->told, GCCOLOR_NL_REGION_##type)
#define EVENT(type)	told_number(&self->told, GCCOLOR_NL_EVENT_##type)
#define JOIN()		ASSERT_EQ(0, join(self))
#define NEXT()		next(self, PATIENCE)

static int totals(FIXTURE_DATA(netlink) * self)
{
	int err = watcher_ask(&self->asker, GCCOLOR_NL_CMD_GET_TOTALS, 0, 0);

	return err ? err : watcher_next(&self->asker, &self->told, PATIENCE);
}

/* What happened earlier may still be on its way, and does not count. */
static int join(FIXTURE_DATA(netlink) * self)
{
	int err = nl_socket_add_membership(self->listener.sock, self->listener.group);

	if (!err)
		err = totals(self);
	self->joined = told_number(&self->told, GCCOLOR_NL_TOTALS_EVENTS);
	return err;
}

static int next(FIXTURE_DATA(netlink) * self, int patience)
{
	int err;

	do {
		err = watcher_next(&self->listener, &self->told, patience);
	} while (!err && EVENT(SEQUENCE) <= self->joined);
	return err;
}

struct found {
	pid_t pid;
	unsigned int matches;
	uint32_t id;
	struct told told;
};

static void find_pid(struct told *t, void *arg)
{
	struct found *found = arg;

	if (told_number(t, GCCOLOR_NL_REGION_PID) != (uint64_t)found->pid)
		return;
	found->matches++;
	found->id = told_number(t, GCCOLOR_NL_REGION_ID);
}

/* The number of this process's only region, 0 if there is not exactly one. */
static uint32_t own_region(struct watcher *w, pid_t pid)
{
	struct found found = { .pid = pid };

	return watcher_dump(w, find_pid, &found) > 0 && found.matches == 1 ? found.id : 0;
}

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

TEST_F(netlink, up_denied_down)
{
	bool guarded = expected_level() == GCCOLOR_IOC_LEVEL_GUARDED;
	uint64_t sequence;
	uint32_t id;

	JOIN();
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, NEXT());
	EXPECT_EQ(GCCOLOR_NL_CMD_EVENT, self->told.command);
	EXPECT_EQ(GCCOLOR_IOC_EVENT_UP, EVENT(KIND));
	EXPECT_EQ(getpid(), EVENT(PID));
	EXPECT_EQ(BASE, EVENT(BASE));
	EXPECT_EQ(LENGTH, EVENT(LENGTH));
	EXPECT_EQ(expected_level(), EVENT(LEVEL));
	id = EVENT(REGION);
	sequence = EVENT(SEQUENCE);
	EXPECT_EQ(id, own_region(&self->asker, getpid()));

	EXPECT_EQ(-EPERM, try_munmap(INSIDE(4), 2 * PAGE));
	ASSERT_EQ(0, NEXT());
	EXPECT_EQ(GCCOLOR_IOC_EVENT_DENIED, EVENT(KIND));
	/* Hooks see only that a mapping would be split, and where. */
	EXPECT_EQ(guarded ? GCCOLOR_IOC_CALL_SPLIT : GCCOLOR_IOC_CALL_UNMAP, EVENT(CALL));
	EXPECT_EQ(INSIDE(4), EVENT(ADDR));
	if (!guarded)
		EXPECT_EQ(2 * PAGE, EVENT(EXTENT));
	EXPECT_EQ(id, EVENT(REGION));
	EXPECT_EQ(sequence + 1, EVENT(SEQUENCE));
	EXPECT_STREQ("watch_netlink_t", told_text(&self->told, GCCOLOR_NL_EVENT_COMM));
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_EQ(1, NUMBER(DENIED));
	EXPECT_NE(NULL, self->told.attrs[GCCOLOR_NL_REGION_OBSERVED]);

	ASSERT_EQ(0, release(self->fd));
	ASSERT_EQ(0, NEXT());
	EXPECT_EQ(GCCOLOR_IOC_EVENT_DOWN, EVENT(KIND));
	EXPECT_EQ(id, EVENT(REGION));
	EXPECT_EQ(sequence + 2, EVENT(SEQUENCE));
}

/* By exit, and by exec. */
TEST_F(netlink, down_when_the_process_ends)
{
	JOIN();
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (open_region(0) < 0)
				_exit(1);
			if (i)
				execl("/bin/true", "true", NULL);
			_exit(0);
		}
		ASSERT_EQ(0, wait_for(pid));
		ASSERT_EQ(0, NEXT());
		EXPECT_EQ(GCCOLOR_IOC_EVENT_UP, EVENT(KIND));
		EXPECT_EQ(pid, EVENT(PID));
		ASSERT_EQ(0, NEXT());
		EXPECT_EQ(GCCOLOR_IOC_EVENT_DOWN, EVENT(KIND));
		EXPECT_EQ(pid, EVENT(PID));
	}
}

/* The guard sees itself what it denies. */
static bool always_observed(void)
{
	return kernel_before(KERNEL(6, 12)) || expected_level() != GCCOLOR_IOC_LEVEL_ENFORCED;
}

/* Where the core denies, that is seen only while somebody listens, and said so. */
TEST_F(netlink, observed_only_while_somebody_listens)
{
	bool always = always_observed();
	uint32_t id;

	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	id = own_region(&self->asker, getpid());
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
		ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
		EXPECT_EQ(always || i == 1, !!self->told.attrs[GCCOLOR_NL_REGION_OBSERVED]);
		EXPECT_EQ(always ? i + 1 : i != 0, NUMBER(DENIED));
		if (i == 0) {
			JOIN();
			continue;
		}
		if (i == 1)
			ASSERT_EQ(0, nl_socket_drop_membership(self->listener.sock,
							       self->listener.group));
	}
}

/* The process that listened was killed: nothing stays armed. */
TEST_F(netlink, a_listener_that_dies)
{
	int peers[2];
	uint32_t id;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, peers));
	pid = fork();
	if (pid == 0) {
		if (nl_socket_add_membership(self->listener.sock, self->listener.group))
			_exit(1);
		signal_peer(peers[1]);
		pause();
	}
	/* The socket is the child's alone from here on. */
	watcher_close(&self->listener);
	wait_for_peer(peers[0]);
	self->fd = open_region(0);
	id = own_region(&self->asker, getpid());
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_NE(NULL, self->told.attrs[GCCOLOR_NL_REGION_OBSERVED]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_EQ(always_observed(), !!self->told.attrs[GCCOLOR_NL_REGION_OBSERVED]);
	ASSERT_EQ(0, watcher_open(&self->listener));
}

TEST_F(netlink, a_flood_of_denied_attempts)
{
	unsigned long reported = 0, accounted = 0;
	uint32_t id;

	JOIN();
	self->fd = open_region(0);
	id = own_region(&self->asker, getpid());
	for (int i = 0; i < 20000; i++)
		ASSERT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	/* Counted all, reported few. */
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	EXPECT_EQ(20000, NUMBER(DENIED));
	sleep(1);
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(2), PAGE));
	do {
		ASSERT_EQ(0, NEXT());
		if (EVENT(KIND) != GCCOLOR_IOC_EVENT_DENIED)
			continue;
		reported++;
		accounted += 1 + EVENT(SUPPRESSED);
	} while (EVENT(ADDR) != INSIDE(2));
	EXPECT_EQ(20001, accounted);
	EXPECT_GT(2000, reported);
	TH_LOG("%lu events for 20001 attempts", reported);
}

/* Nobody reads: the buffer is full, the mapper goes on, the gap is seen. */
TEST_F(netlink, a_listener_that_sleeps)
{
	uint64_t last = 0, lost = 0, seen = 0;
	int err;

	nl_socket_set_buffer_size(self->listener.sock, 4096, 0);
	JOIN();
	for (int i = 0; i < 2000; i++) {
		int fd = open_region(0);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, release(fd));
		close(fd);
	}
	self->fd = open_region(0);
	for (;;) {
		err = next(self, 1000);
		if (err == -ENOBUFS)
			continue;
		if (err)
			break;
		if (last)
			lost += EVENT(SEQUENCE) - last - 1;
		last = EVENT(SEQUENCE);
		seen++;
	}
	EXPECT_EQ(-EAGAIN, err);
	/* It is not too late for what comes now. */
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(2), PAGE));
	ASSERT_EQ(0, NEXT());
	lost += EVENT(SEQUENCE) - last - 1;
	EXPECT_EQ(4001 + 1, seen + 1 + lost);
	EXPECT_LT(0, lost);
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

/* At level guarded, what hooks cannot deny ends the process, and that is told. */
TEST_F(netlink, killed)
{
	bool guarded = expected_level() == GCCOLOR_IOC_LEVEL_GUARDED;
	uint64_t killed;
	pid_t pid;

	ASSERT_EQ(0, totals(self));
	killed = told_number(&self->told, GCCOLOR_NL_TOTALS_KILLED);
	JOIN();
	pid = fork();
	if (pid == 0) {
		CHECK(open_region(0) >= 0);
		_exit(try_munmap(BASE, LENGTH) == -EPERM ? 0 : 1);
	}
	EXPECT_EQ(guarded ? 1000 + SIGKILL : 0, wait_for(pid));
	do {
		ASSERT_EQ(0, NEXT());
	} while (EVENT(KIND) == GCCOLOR_IOC_EVENT_UP);
	EXPECT_EQ(guarded ? GCCOLOR_IOC_EVENT_KILLED : GCCOLOR_IOC_EVENT_DENIED, EVENT(KIND));
	EXPECT_EQ(pid, EVENT(PID));
	ASSERT_EQ(0, totals(self));
	EXPECT_EQ(killed + guarded, told_number(&self->told, GCCOLOR_NL_TOTALS_KILLED));
}

static bool stop;	/* atomic */

static void *change_address_space(void *arg)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		void *p = mmap(NULL, 512 * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		munmap(p, 512 * PAGE);
	}
	return NULL;
}

/* mmap_lock may be another thread's: every attempt is counted as denied, or as not seen. */
TEST_F(netlink, none_goes_uncounted)
{
	const unsigned int attempts = 5000;
	uint64_t unseen, denied;
	pthread_t thread;
	uint32_t id;

	JOIN();
	self->fd = open_region(0);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	id = own_region(&self->asker, getpid());
	ASSERT_EQ(0, totals(self));
	unseen = told_number(&self->told, GCCOLOR_NL_TOTALS_UNSEEN);
	ASSERT_EQ(0, pthread_create(&thread, NULL, change_address_space, NULL));
	for (unsigned int i = 0; i < attempts; i++)
		ASSERT_EQ(-EPERM, try_mprotect(INSIDE(1), PAGE, PROT_READ));
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	denied = NUMBER(DENIED);
	ASSERT_EQ(0, totals(self));
	unseen = told_number(&self->told, GCCOLOR_NL_TOTALS_UNSEEN) - unseen;
	TH_LOG("%llu denied, %llu unseen", (unsigned long long)denied, (unsigned long long)unseen);
	EXPECT_EQ(attempts, denied + unseen);
	EXPECT_LT(0, denied);
}

/* Numbers of processes are those that the operator sees. */
TEST_F(netlink, in_a_pid_namespace)
{
	pid_t outside;

	JOIN();
	outside = fork();
	if (outside == 0) {
		CHECK_EQ(0, unshare(CLONE_NEWPID));
		outside = fork();
		if (outside == 0) {
			CHECK_EQ(1, getpid());
			CHECK(open_region(0) >= 0);
			_exit(try_munmap(INSIDE(1), PAGE) == -EPERM ? 0 : 1);
		}
		CHECK_EQ(0, wait_for(outside));
		_exit(0);
	}
	ASSERT_EQ(0, NEXT());
	EXPECT_EQ(GCCOLOR_IOC_EVENT_UP, EVENT(KIND));
	EXPECT_LT(outside, EVENT(PID));
	ASSERT_EQ(0, NEXT());
	EXPECT_EQ(GCCOLOR_IOC_EVENT_DENIED, EVENT(KIND));
	EXPECT_LT(outside, EVENT(PID));
	EXPECT_EQ(0, wait_for(outside));
}

TEST_HARNESS_MAIN
