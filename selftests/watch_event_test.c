// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What a process learns of its own region, without any privilege: read(2) and poll(2)
 * on the file.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "kselftest_harness.h"
#include "child.h"
#include "kernel.h"
#include "region.h"

FIXTURE(event)
{
	int fd;
};

FIXTURE_SETUP(event)
{
	struct pollfd p = { .events = POLLIN };

	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_RDWR | O_NONBLOCK));
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 8 * PAGE));
	/* From now on something is kept. */
	p.fd = self->fd;
	ASSERT_EQ(0, poll(&p, 1, 0));
}

FIXTURE_TEARDOWN(event)
{
	close(self->fd);
}

static int next(int fd, struct gccolor_ioc_event *event)
{
	ssize_t got = read(fd, event, sizeof(*event));

	return got == sizeof(*event) ? 0 : got < 0 ? -errno : -EIO;
}

/* The next event is the denial of just this. */
#define EXPECT_DENIED(kind_of_call, at, bytes) do {				\
	const unsigned int wanted = kind_of_call;				\
	struct gccolor_ioc_event e;						\
										\
	ASSERT_EQ(0, next(self->fd, &e)) {					\
		TH_LOG("no event of call %u", wanted);				\
	}									\
	EXPECT_EQ(GCCOLOR_IOC_EVENT_DENIED, e.kind);				\
	EXPECT_EQ(wanted, e.call);					\
	EXPECT_EQ(at, e.addr);							\
	EXPECT_EQ(bytes, e.length);						\
	EXPECT_EQ(getpid(), e.pid);						\
	EXPECT_EQ(gettid(), e.tid);						\
	EXPECT_EQ(0, e.suppressed);						\
	EXPECT_EQ(0, e.lost);							\
	EXPECT_EQ(-EAGAIN, next(self->fd, &e));					\
} while (0)

TEST_F(event, munmap)
{
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_UNMAP, INSIDE(1), PAGE);
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(2), 3 * PAGE));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_UNMAP, INSIDE(2), 3 * PAGE);
}

TEST_F(event, mmap_over)
{
	EXPECT_GT(0, try_map_over(INSIDE(1) + PAGE, 2 * PAGE));
	EXPECT_DENIED(kernel_before(KERNEL(6, 12)) ? GCCOLOR_IOC_CALL_UNMAP : GCCOLOR_IOC_CALL_MAP,
		      INSIDE(1) + PAGE, 2 * PAGE);
}

TEST_F(event, mprotect)
{
	EXPECT_EQ(-EPERM, try_mprotect(INSIDE(1), 8 * PAGE, PROT_READ));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_PROTECT, INSIDE(1), 8 * PAGE);
}

/* Reserve has hooks beside the seal, and yet it is one attempt. */
TEST_F(event, of_reserve)
{
	EXPECT_EQ(-EPERM, try_mprotect(INSIDE(3), PAGE, PROT_NONE));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_PROTECT, INSIDE(3), PAGE);
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(3), PAGE));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_UNMAP, INSIDE(3), PAGE);
	if (!kernel_before(KERNEL(6, 12))) {
		EXPECT_GT(0, try_mprotect(INSIDE(3), PAGE, PROT_READ));
		EXPECT_DENIED(GCCOLOR_IOC_CALL_PROTECT, INSIDE(3), PAGE);
	}
}

TEST_F(event, mremap)
{
	EXPECT_EQ(MAP_FAILED, mremap((void *)INSIDE(1), 8 * PAGE, 8 * PAGE,
				     MREMAP_MAYMOVE | MREMAP_FIXED, BASE - LENGTH));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_REMAP, INSIDE(1), 8 * PAGE);
}

TEST_F(event, split)
{
	EXPECT_EQ(-1, madvise((void *)INSIDE(3), PAGE, MADV_DONTFORK));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_SPLIT, INSIDE(3), END - INSIDE(3));
}

/* What it does itself is no attempt. */
TEST_F(event, commands_are_no_attempts)
{
	struct gccolor_ioc_event e;
	struct gccolor_ioc_info i;

	EXPECT_EQ(0, commit(self->fd, INSIDE(2), PAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(2), PAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1) + PAGE, PAGE));
	EXPECT_EQ(0, info(self->fd, &i));
	EXPECT_EQ(0, release(self->fd));
	EXPECT_EQ(-EAGAIN, next(self->fd, &e));
}

/* Elsewhere in the process. */
TEST_F(event, other_memory_is_no_attempt)
{
	struct gccolor_ioc_event e;
	void *p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(0, mprotect(p, PAGE, PROT_NONE));
	EXPECT_EQ(0, mprotect(p, PAGE, PROT_READ));
	p = mremap(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	EXPECT_EQ(0, munmap(p, 8 * PAGE));
	EXPECT_EQ(-EAGAIN, next(self->fd, &e));
}

TEST_F(event, a_child_is_named)
{
	struct gccolor_ioc_event e;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_munmap(INSIDE(1), PAGE) == -EPERM ? 0 : 1);
	ASSERT_EQ(0, wait_for(pid));
	ASSERT_EQ(0, next(self->fd, &e));
	EXPECT_EQ(GCCOLOR_IOC_CALL_UNMAP, e.call);
	EXPECT_EQ(pid, e.pid);
}

TEST_F(event, wrong_buffers)
{
	struct gccolor_ioc_event e[2];

	EXPECT_EQ(-1, syscall(SYS_read, self->fd, e, sizeof(e[0]) - 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, syscall(SYS_read, self->fd, e, sizeof(e)));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	EXPECT_EQ(-1, syscall(SYS_read, self->fd, 8, sizeof(e)));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	/* Whole events only. */
	EXPECT_EQ(sizeof(e), syscall(SYS_read, self->fd, e, sizeof(e) + 5));
}

TEST_F(event, poll_and_a_read_that_waits)
{
	struct pollfd p = { self->fd, POLLIN, 0 };
	struct gccolor_ioc_event e;
	pid_t pid;

	EXPECT_EQ(0, poll(&p, 1, 0));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_RDWR));
	pid = fork();
	if (pid == 0)
		_exit(try_munmap(INSIDE(1), PAGE) == -EPERM ? 0 : 1);
	EXPECT_EQ(0, next(self->fd, &e));
	EXPECT_EQ(pid, e.pid);
	ASSERT_EQ(0, wait_for(pid));
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(POLLIN, p.revents & (POLLIN | POLLERR));
}

static time_t uptime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The same for longer than a second: what does not fit carries a count itself. */
TEST_F(event, flood_of_two_seconds)
{
	unsigned long attempts = 0, accounted = 0;
	struct gccolor_ioc_event e;
	time_t begin = uptime();

	while (uptime() < begin + 3) {
		ASSERT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
		attempts++;
	}
	while (next(self->fd, &e) == 0)
		accounted += 1 + e.suppressed + e.lost;
	for (int i = 0; i < 100 && next(self->fd, &e); i++) {
		usleep(50000);
		EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
		attempts++;
	}
	accounted += 1 + e.suppressed + e.lost;
	EXPECT_EQ(attempts, accounted);
}

/* More than are reported and kept: every one is counted somewhere. */
TEST_F(event, flood)
{
	unsigned long accounted = 0, events = 0;
	struct gccolor_ioc_event e;

	for (int i = 0; i < 20000; i++)
		ASSERT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	while (next(self->fd, &e) == 0) {
		accounted += 1 + e.suppressed;
		events++;
	}
	EXPECT_EQ(64, events);
	/* A second later the next one carries the rest. */
	for (int i = 0; i < 100 && next(self->fd, &e); i++) {
		usleep(50000);
		EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
		accounted--;
	}
	accounted += 1 + e.suppressed + e.lost;
	EXPECT_LE(20000, accounted);
}

/* The limit is the attacker's: two regions of his make no more noise than one. */
TEST_F(event, flood_on_two_regions)
{
	struct gccolor_ioc_event e;
	unsigned long events[2] = { 0, 0 };
	int fds[2] = { self->fd, open_device() };
	struct pollfd p = { fds[1], POLLIN, 0 };
	time_t begin;

	ASSERT_EQ(0, reserve(fds[1], BASE + 2 * LENGTH, LENGTH, SHIFT, 0));
	ASSERT_EQ(0, fcntl(fds[1], F_SETFL, O_RDWR | O_NONBLOCK));
	ASSERT_EQ(0, poll(&p, 1, 0));
	begin = uptime();
	for (int i = 0; i < 500; i++) {
		ASSERT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
		ASSERT_EQ(-EPERM, try_munmap(INSIDE(1) + 2 * LENGTH, PAGE));
	}
	for (int i = 0; i < 2; i++) {
		while (next(fds[i], &e) == 0)
			events[i]++;
	}
	EXPECT_LE(64, events[0] + events[1]);
	/* Seconds begun: 1, but on the slowest kernel. */
	EXPECT_GE(64 * (1 + uptime() - begin), events[0] + events[1]);
	close(fds[1]);
}

TEST_F(event, two_regions)
{
	struct gccolor_ioc_event e;
	int other = open_device();

	ASSERT_LE(0, other);
	ASSERT_EQ(0, reserve(other, BASE + 2 * LENGTH, LENGTH, SHIFT, 0));
	ASSERT_EQ(0, fcntl(other, F_SETFL, O_RDWR | O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, next(other, &e));
	EXPECT_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
	EXPECT_EQ(-EAGAIN, next(other, &e));
	EXPECT_DENIED(GCCOLOR_IOC_CALL_UNMAP, INSIDE(1), PAGE);
	close(other);
}

/* A file without a region has nothing to tell. */
TEST(no_region)
{
	struct gccolor_ioc_event e;
	int fd = open_device();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, next(fd, &e));
	close(fd);
	fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, next(fd, &e));
	close(fd);
}

TEST_HARNESS_MAIN
