// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Events, as those who listen on netlink get them. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>

#include "watch_fixture.h"

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
	EXPECT_STREQ("watch_listen_te", told_text(&self->told, GCCOLOR_NL_EVENT_COMM));
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
TEST_F_TIMEOUT(netlink, a_listener_that_sleeps, 300)
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

static void stay_on_one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static bool stop;	/* atomic */

/* fork(2) holds mmap_lock for writing while it copies, and lets others run meanwhile. */
static void *hold_mmap_lock(void *arg)
{
	stay_on_one_cpu();
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return NULL;
}

/*
 * mmap_lock may be another thread's, who cannot go on while we look: every attempt is
 * counted as denied, or as not seen.
 */
TEST_F_TIMEOUT(netlink, none_goes_uncounted, 300)
{
	const struct sched_param first = { .sched_priority = 1 };
	const unsigned int attempts = 2000;
	uint64_t unseen, denied;
	pthread_t thread;
	uint32_t id;

	JOIN();
	self->fd = open_region(0);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	id = own_region(&self->asker, getpid());
	ASSERT_EQ(0, totals(self));
	unseen = told_number(&self->told, GCCOLOR_NL_TOTALS_UNSEEN);
	ASSERT_NE(MAP_FAILED, mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
	stay_on_one_cpu();
	ASSERT_EQ(0, pthread_create(&thread, NULL, hold_mmap_lock, NULL));
	/* Whenever the timer wakes us, the other thread is where it happens to be. */
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &first));
	for (unsigned int i = 0; i < attempts; i++) {
		usleep(100);
		ASSERT_EQ(-EPERM, try_mprotect(INSIDE(1), PAGE, PROT_READ));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	ASSERT_EQ(0, watcher_region(&self->asker, id, &self->told));
	denied = NUMBER(DENIED);
	ASSERT_EQ(0, totals(self));
	unseen = told_number(&self->told, GCCOLOR_NL_TOTALS_UNSEEN) - unseen;
	TH_LOG("%llu denied, %llu unseen", (unsigned long long)denied, (unsigned long long)unseen);
	EXPECT_LT(0, denied);
	if (always_observed()) {
		EXPECT_EQ(attempts, denied);
	} else {
		EXPECT_EQ(attempts, denied + unseen);
		EXPECT_LT(0, unseen);
	}
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
