// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The open file: closed, dup'ed, passed on, inherited over exec, several. */
#define _GNU_SOURCE
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "child.h"
#include "maps.h"

FIXTURE(region)
{
	int fd;
};

FIXTURE_SETUP(region)
{
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), 16 * PAGE));
	fill(INSIDE(1), 16 * PAGE);
}

FIXTURE_TEARDOWN(region)
{
	close(self->fd);
}

TEST_F(region, close_keeps_the_protection)
{
	int other;

	ASSERT_EQ(0, close(self->fd));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
	/* Nobody else gets at it. */
	other = open_device();
	EXPECT_EQ(-EEXIST, reserve(other, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(-ENXIO, decommit(other, INSIDE(1), PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	self->fd = other;
}

TEST_F(region, fork_after_close)
{
	pid_t pid;

	ASSERT_EQ(0, close(self->fd));
	pid = fork();
	if (pid == 0) {
		CHECK(intact(INSIDE(1), 16 * PAGE));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	self->fd = open_device();
}

TEST_F(region, dup)
{
	int copy = dup(self->fd);

	ASSERT_LE(0, copy);
	ASSERT_EQ(0, commit(copy, INSIDE(2), PAGE));
	ASSERT_EQ(0, decommit(self->fd, INSIDE(2), PAGE));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(0, commit(copy, INSIDE(2), PAGE));
	EXPECT_EQ(-EBUSY, reserve(copy, BASE, LENGTH, SHIFT, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	self->fd = copy;
}

/* The file by way of /proc: opening the device again is a new file. */
TEST_F(region, reopened_through_proc)
{
	char path[64];
	int other;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->fd);
	other = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, other);
	EXPECT_EQ(-ENXIO, commit(other, INSIDE(2), PAGE));
	EXPECT_EQ(-ENXIO, release(other));
	EXPECT_EQ(-EEXIST, reserve(other, BASE, LENGTH, SHIFT, 0));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

static void send_file(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	CHECK_EQ(1, sendmsg(socket, &message, 0));
}

static int receive_file(int socket)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(socket, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* A process that never had the region, and gets the file. */
TEST(passed_to_a_stranger)
{
	struct gccolor_ioc_info region;
	int sockets[2], fd;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	pid = fork();
	if (pid == 0) {
		fd = open_region(0);
		CHECK(fd >= 0);
		CHECK_EQ(0, commit(fd, INSIDE(1), PAGE));
		fill(INSIDE(1), PAGE);
		send_file(sockets[1], fd);
		wait_for_peer(sockets[1]);
		CHECK(intact(INSIDE(1), PAGE));
		CHECK_WHOLE(BASE, LENGTH);
		CHECK_EQ(0, commit(fd, INSIDE(2), PAGE));
		_exit(0);
	}
	fd = receive_file(sockets[0]);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENXIO, commit(fd, INSIDE(2), PAGE));
	EXPECT_EQ(-ENXIO, decommit(fd, INSIDE(1), PAGE));
	EXPECT_EQ(-ENXIO, info(fd, &region));
	EXPECT_EQ(-ENXIO, lock_region(fd));
	EXPECT_EQ(-ENXIO, release(fd));
	EXPECT_EQ(-EBUSY, reserve(fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(EBUSY, errno);
	signal_peer(sockets[0]);
	EXPECT_EQ(0, wait_for(pid));
	/* The owner is gone; the file is still not ours. */
	EXPECT_EQ(-ENXIO, commit(fd, INSIDE(2), PAGE));
	EXPECT_EQ(-EBUSY, reserve(fd, BASE, LENGTH, SHIFT, 0));
}

/* A stranger with a region of its own at the same place. */
TEST_F(region, strangers_at_the_same_place)
{
	int sockets[2], fd;
	pid_t pid;

	ASSERT_EQ(0, release(self->fd));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	pid = fork();
	if (pid == 0) {
		fd = open_region(0);
		CHECK(fd >= 0);
		send_file(sockets[1], fd);
		wait_for_peer(sockets[1]);
		_exit(0);
	}
	fd = receive_file(sockets[0]);
	ASSERT_LE(0, fd);
	close(self->fd);
	self->fd = open_region(0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	/* Same geometry, another file: it has no region in this process. */
	EXPECT_EQ(-ENXIO, decommit(fd, INSIDE(1), PAGE));
	EXPECT_EQ(-ENXIO, commit(fd, INSIDE(2), PAGE));
	EXPECT_EQ(-ENXIO, release(fd));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	signal_peer(sockets[0]);
	EXPECT_EQ(0, wait_for(pid));
}

TEST_F(region, several_regions)
{
	/* Small enough for four of them below the default one. */
	unsigned long length = LENGTH / 4, base[4];
	int fds[4];

	for (unsigned long i = 0; i < 4; i++) {
		base[i] = BASE - (i + 1) * length;
		fds[i] = open_device();
		ASSERT_EQ(0, reserve(fds[i], base[i], length, SHIFT - 2, 0));
		ASSERT_EQ(0, commit(fds[i], base[i] + length / 2, PAGE));
	}
	for (unsigned long i = 0; i < 4; i++) {
		EXPECT_EQ(-ERANGE, commit(fds[i], INSIDE(2), PAGE));
		EXPECT_EQ(-ERANGE, decommit(fds[i], INSIDE(1), PAGE));
		EXPECT_STREQ("whole", region_state(base[i], length));
	}
	ASSERT_EQ(0, release(fds[1]));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_STREQ("whole", region_state(base[0], length));
	EXPECT_STREQ("whole", region_state(base[2], length));
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
}

TEST_F(region, release_frees_the_range)
{
	struct layout layout;

	ASSERT_EQ(0, release(self->fd));
	read_layout(self->fd, BASE, LENGTH, &layout);
	EXPECT_EQ(0, layout.count);
	EXPECT_EQ(-ENXIO, release(self->fd));
	EXPECT_EQ(-ENXIO, commit(self->fd, INSIDE(1), PAGE));
	ASSERT_EQ((void *)INSIDE(1), mmap((void *)INSIDE(1), PAGE, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
					  -1, 0));
	EXPECT_TRUE(zeroed(INSIDE(1), PAGE));
	ASSERT_EQ(0, munmap((void *)INSIDE(1), PAGE));
	close(self->fd);
	self->fd = open_region(0);
	EXPECT_LE(0, self->fd);
}

TEST_F(region, lock)
{
	struct gccolor_ioc_info region;

	ASSERT_EQ(0, lock_region(self->fd));
	EXPECT_EQ(0, lock_region(self->fd));
	ASSERT_EQ(0, info(self->fd, &region));
	EXPECT_EQ(GCCOLOR_IOC_STATE_LOCKED, region.state);
	EXPECT_EQ(-EPERM, decommit(self->fd, INSIDE(1), PAGE));
	EXPECT_EQ(-EPERM, decommit(self->fd, INSIDE(1), 16 * PAGE));
	EXPECT_EQ(-EPERM, release(self->fd));
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
	EXPECT_EQ(0, commit(self->fd, INSIDE(2), PAGE));
	EXPECT_EQ(-EPERM, decommit(self->fd, INSIDE(2), PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

/*
 * exec: the new image has the file, but no region. The image is this very
 * program, told by its environment to look.
 */
static void look_after_exec(int fd)
{
	struct gccolor_ioc_info region;
	struct layout layout;

	read_layout(-1, BASE, LENGTH, &layout);
	CHECK_EQ(0, layout.count);
	CHECK_EQ(-ENXIO, info(fd, &region));
	CHECK_EQ(-ENXIO, commit(fd, INSIDE(2), PAGE));
	CHECK_EQ(-ENXIO, decommit(fd, INSIDE(1), PAGE));
	CHECK_EQ(-ENXIO, release(fd));
	CHECK_EQ(-EBUSY, reserve(fd, BASE, LENGTH, SHIFT, 0));
	CHECK_EQ(0, try_map_over(INSIDE(1), PAGE));
	CHECK_EQ(0, try_munmap(INSIDE(1), PAGE));
	CHECK(open_region(0) >= 0);
	_exit(0);
}

TEST_F(region, exec)
{
	char text[16];
	pid_t pid;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFD, 0));
	snprintf(text, sizeof(text), "%d", self->fd);
	pid = fork();
	if (pid == 0) {
		setenv("GCCOLOR_TEST_EXECED", text, 1);
		execl("/proc/self/exe", "lifetime_file_test", NULL);
		_exit(9);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));
}

int main(int argc, char **argv)
{
	const char *execed = getenv("GCCOLOR_TEST_EXECED");

	if (execed)
		look_after_exec(atoi(execed));
	return test_harness_run(argc, argv);
}
