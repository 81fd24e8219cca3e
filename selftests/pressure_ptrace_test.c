// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* A debugger's ways into another process: ptrace(2), process_vm_*(2), /proc/PID/mem. */
#define _GNU_SOURCE
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "kselftest_harness.h"
#include "pressure.h"

#define SIZE		(4 * PAGE)
#define READ_ONLY	INSIDE(4)
#define READ_ONLY_PLAIN	(PLAIN_AT + 1024 * MIB)
#define RESERVE		INSIDE(5)
#define WORD		0x636f6c6f72656421UL

/* A child with both kinds of memory, stopped while it is looked at. */
FIXTURE(traced)
{
	struct pair pair;
	int peer;
	pid_t pid;
};

static void live(struct pair *pair, int peer)
{
	unsigned long read_only[2] = { READ_ONLY, READ_ONLY_PLAIN };

	CHECK_EQ(0, pair_make(pair, SIZE));
	fill_both(pair);
	CHECK_EQ(0, commit_flags(pair->fd, READ_ONLY, PAGE, PROT_R, 0));
	CHECK_EQ(READ_ONLY_PLAIN, mmap((void *)READ_ONLY_PLAIN, PAGE, PROT_READ,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	signal_peer(peer);
	/* The other side has looked and written. */
	wait_for_peer(peer);
	for (int side = OURS; side <= PLAIN; side++) {
		unsigned long addr = pair->addr[side];

		CHECK_EQ(WORD, *(volatile unsigned long *)(addr + PAGE));
		CHECK_EQ(WORD, *(volatile unsigned long *)read_only[side]);
		CHECK(intact(addr, PAGE));
		CHECK(intact(addr + 2 * PAGE, SIZE - 2 * PAGE));
	}
	CHECK_WHOLE(BASE, LENGTH);
	CHECK_EQ(0, commit(pair->fd, INSIDE(6), SIZE));
	CHECK_EQ(0, decommit(pair->fd, pair->addr[OURS], SIZE));
	CHECK_WHOLE(BASE, LENGTH);
	_exit(0);
}

FIXTURE_SETUP(traced)
{
	int peers[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, peers));
	self->pid = fork();
	if (self->pid == 0)
		live(&self->pair, peers[1]);
	close(peers[1]);
	self->peer = peers[0];
	wait_for_peer(self->peer);
	self->pair = (struct pair){ -1, { INSIDE(1), PLAIN_AT }, SIZE };
}

FIXTURE_TEARDOWN(traced)
{
	signal_peer(self->peer);
	EXPECT_EQ(0, wait_for(self->pid));
	close(self->peer);
}

static unsigned long expected_word(unsigned long addr)
{
	return addr ^ 0x9e3779b97f4a7c15UL;
}

static long peek(pid_t pid, unsigned long addr, unsigned long *word)
{
	errno = 0;
	*word = ptrace(PTRACE_PEEKDATA, pid, (void *)addr, NULL);
	return -errno;
}

static long poke(pid_t pid, unsigned long addr, unsigned long word)
{
	return ptrace(PTRACE_POKEDATA, pid, (void *)addr, (void *)word) ? -errno : 0;
}

static unsigned long read_only_at(unsigned long side)
{
	return side == OURS ? READ_ONLY : READ_ONLY_PLAIN;
}

TEST_F(traced, peek_and_poke)
{
	unsigned long word;
	int status;

	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, self->pid, NULL, NULL));
	ASSERT_EQ(self->pid, waitpid(self->pid, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_BOTH(0, peek(self->pid, addr + 8, &word));
	EXPECT_BOTH(expected_word(addr + 8), (peek(self->pid, addr + 8, &word), word));
	EXPECT_BOTH(0, poke(self->pid, addr + PAGE, WORD));
	EXPECT_BOTH(WORD, (peek(self->pid, addr + PAGE, &word), word));
	/* A debugger may write where the process may not, as breakpoints do. */
	EXPECT_BOTH(0, poke(self->pid, read_only_at(side), WORD));
	/* Reserve. */
	EXPECT_EQ(-EIO, peek(self->pid, RESERVE, &word));
	EXPECT_EQ(-EIO, poke(self->pid, RESERVE, WORD));
	EXPECT_EQ(-EIO, peek(self->pid, BASE, &word));
	EXPECT_EQ(-EIO, poke(self->pid, END - PAGE, WORD));
	EXPECT_BOTH(-EIO, peek(self->pid, addr + SIZE, &word));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, self->pid, NULL, NULL));
}

static long vm_read(pid_t pid, unsigned long addr, void *buffer, size_t length)
{
	struct iovec local = { buffer, length }, remote = { (void *)addr, length };
	long ret = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	return ret < 0 ? -errno : ret;
}

static long vm_write(pid_t pid, unsigned long addr, void *buffer, size_t length)
{
	struct iovec local = { buffer, length }, remote = { (void *)addr, length };
	long ret = process_vm_writev(pid, &local, 1, &remote, 1, 0);

	return ret < 0 ? -errno : ret;
}

TEST_F(traced, process_vm)
{
	static unsigned long buffer[2 * SIZE / sizeof(long)];
	unsigned long word = WORD;

	FOR_BOTH() {
		EXPECT_EQ(SIZE, vm_read(self->pid, addr, buffer, SIZE));
		for (unsigned long i = 0; i < SIZE / sizeof(long); i++)
			ASSERT_EQ(expected_word(addr + i * sizeof(long)), buffer[i]);
	}
	/* Up to where it ends. */
	EXPECT_BOTH(SIZE, vm_read(self->pid, addr, buffer, 2 * SIZE));
	EXPECT_BOTH(8, vm_write(self->pid, addr + PAGE, &word, 8));
	EXPECT_BOTH(8, vm_read(self->pid, addr + PAGE, buffer, 8));
	EXPECT_EQ(WORD, buffer[0]);
	EXPECT_BOTH(-EFAULT, vm_write(self->pid, read_only_at(side), &word, 8));
	EXPECT_EQ(-EFAULT, vm_read(self->pid, RESERVE, buffer, 8));
	EXPECT_EQ(-EFAULT, vm_write(self->pid, RESERVE, &word, 8));
	EXPECT_EQ(-EFAULT, vm_write(self->pid, BASE, &word, 8));
	/* For the child, which looks there too. */
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, self->pid, NULL, NULL));
	ASSERT_EQ(self->pid, waitpid(self->pid, NULL, 0));
	EXPECT_BOTH(0, poke(self->pid, read_only_at(side), WORD));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, self->pid, NULL, NULL));
}

static long mem_read(int fd, unsigned long addr, void *buffer, size_t length)
{
	ssize_t ret = pread(fd, buffer, length, addr);

	return ret < 0 ? -errno : ret;
}

static long mem_write(int fd, unsigned long addr, const void *buffer, size_t length)
{
	ssize_t ret = pwrite(fd, buffer, length, addr);

	return ret < 0 ? -errno : ret;
}

TEST_F(traced, proc_mem)
{
	static unsigned long buffer[2 * SIZE / sizeof(long)];
	unsigned long word = WORD;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", self->pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	/* 7.x lets only a debugger write to what is read-only. */
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, self->pid, NULL, NULL));
	ASSERT_EQ(self->pid, waitpid(self->pid, NULL, 0));
	EXPECT_BOTH(SIZE, mem_read(fd, addr, buffer, SIZE));
	EXPECT_BOTH(expected_word(addr + SIZE - 8),
		    (mem_read(fd, addr, buffer, SIZE), buffer[SIZE / 8 - 1]));
	EXPECT_BOTH(SIZE, mem_read(fd, addr, buffer, 2 * SIZE));
	EXPECT_BOTH(8, mem_write(fd, addr + PAGE, &word, 8));
	EXPECT_BOTH(8, mem_write(fd, read_only_at(side), &word, 8));
	EXPECT_EQ(-EIO, mem_read(fd, RESERVE, buffer, 8));
	EXPECT_EQ(-EIO, mem_write(fd, RESERVE, &word, 8));
	EXPECT_EQ(-EIO, mem_write(fd, BASE, &word, 8));
	EXPECT_BOTH(-EIO, mem_read(fd, addr + SIZE, buffer, 8));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, self->pid, NULL, NULL));
	close(fd);
}

TEST_HARNESS_MAIN
