// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Committed memory in a memory control group: charged, limited, reclaimed. */
#define _GNU_SOURCE
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "pressure.h"

#define SIZE	(8 * MIB)
#define NEAR	((long)MIB)	/* counters are kept in batches per processor */
#define LIMIT	(32 * MIB)
#define FILES	2000

FIXTURE(memcg)
{
	bool swap;
};

FIXTURE_SETUP(memcg)
{
	if (lacks(cgroup_begin()))
		SKIP(return, "no cgroup2 with memory controller");
	self->swap = swap_begin();
}

FIXTURE_TEARDOWN(memcg)
{
	cgroup_end();
	if (self->swap)
		EXPECT_EQ(0, swap_end());
}

/* The test stays outside of the group, a child does what is to be counted. */
static pid_t fork_into_group(void)
{
	pid_t pid = fork();

	if (pid == 0)
		CHECK_EQ(0, cgroup_join());
	return pid;
}

static bool near(long expected, long seen)
{
	if (labs(seen - expected) <= NEAR)
		return true;
	dprintf(2, "# %ld expected, %ld seen\n", expected, seen);
	return false;
}

static long charged(void)
{
	return read_number(GROUP "/memory.current");
}

static long group_stat(const char *name)
{
	return stat_number(GROUP "/memory.stat", name);
}

/* Both kinds are charged when touched, as anonymous memory, and given back. */
TEST_F(memcg, charged_as_anonymous)
{
	pid_t pid;

	pid = fork_into_group();
	if (pid == 0) {
		struct pair pair;

		CHECK_EQ(0, pair_make(&pair, SIZE));
		for (int side = OURS; side <= PLAIN; side++) {
			long before = charged(), anon = group_stat("anon");
			long file = group_stat("file");

			fill(pair.addr[side], SIZE);
			CHECK(near(before + SIZE, charged()));
			CHECK(near(anon + SIZE, group_stat("anon")));
			CHECK(near(file, group_stat("file")));
			CHECK_EQ(0, advise(pair.addr[side], SIZE, MADV_DONTNEED));
			CHECK(near(before, charged()));
			CHECK(near(anon, group_stat("anon")));
			fill(pair.addr[side], SIZE);
			if (side == OURS)
				CHECK_EQ(0, decommit(pair.fd, pair.addr[side], SIZE));
			else
				CHECK_EQ(0, try_munmap(pair.addr[side], SIZE));
			CHECK(near(before, charged()));
			CHECK(near(anon, group_stat("anon")));
		}
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

/* Bytes of kernel memory for each of FILES open files of @path. */
static long kernel_bytes(const char *path)
{
	long before = charged(), after;
	static int fds[FILES];

	for (int i = 0; i < FILES; i++) {
		fds[i] = open(path, O_RDWR | O_CLOEXEC);
		CHECK(fds[i] >= 0);
	}
	after = charged();
	for (int i = 0; i < FILES; i++)
		close(fds[i]);
	return (after - before) / FILES;
}

/* What the module allocates for a file is charged to who opened it. */
TEST_F(memcg, kernel_objects)
{
	pid_t pid;

	pid = fork_into_group();
	if (pid == 0) {
		struct rlimit files = { FILES + 64, FILES + 64 };
		long plain, ours;

		CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
		plain = kernel_bytes("/dev/null");
		ours = kernel_bytes(DEVICE);

		/* A second file, an inode, a dentry and the region itself. */
		dprintf(2, "# charged for an open file: %ld bytes, /dev/null: %ld\n", ours, plain);
		CHECK(ours >= plain + 700);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

/* Reclaim takes committed memory as it takes other memory. */
TEST_F(memcg, reclaim)
{
	pid_t pid;

	if (lacks(self->swap))
		SKIP(return, "no RAM disk to swap to");
	if (lacks(access(GROUP "/memory.reclaim", W_OK) == 0))
		SKIP(return, "no memory.reclaim");
	pid = fork_into_group();
	if (pid == 0) {
		struct pair pair;
		time_t since = time(NULL);

		CHECK_EQ(0, pair_make(&pair, SIZE));
		fill_both(&pair);
		/* It may say EAGAIN where it did not find enough. */
		while ((swapped(pair.addr[OURS]) < SIZE / 2 ||
			swapped(pair.addr[PLAIN]) < SIZE / 2) && patient(since))
			write_file(GROUP "/memory.reclaim", "8M");
		for (int side = OURS; side <= PLAIN; side++)
			CHECK(swapped(pair.addr[side]) >= SIZE / 2);
		CHECK(stat_number("/proc/vmstat", "pswpout") > 0);
		for (int side = OURS; side <= PLAIN; side++)
			CHECK(intact(pair.addr[side], SIZE));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
}

/* More memory than the limit allows, with swap: slow, but it all comes back. */
TEST_F(memcg, limit_with_swap)
{
	pid_t pid;

	if (lacks(self->swap))
		SKIP(return, "no RAM disk to swap to");
	ASSERT_EQ(0, write_number(GROUP "/memory.max", LIMIT));
	pid = fork_into_group();
	if (pid == 0) {
		struct pair pair;

		CHECK_EQ(0, pair_make(&pair, LIMIT));
		fill_both(&pair);
		CHECK(charged() <= (long)LIMIT);
		for (int side = OURS; side <= PLAIN; side++)
			CHECK(intact(pair.addr[side], LIMIT));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_EQ(0, stat_number(GROUP "/memory.events", "oom_kill"));
}

/* Beside the victim, in the same group: it must go on as if nothing had been. */
static void bystander(int peer)
{
	struct pair pair;

	CHECK_EQ(0, cgroup_join());
	CHECK_EQ(0, pair_make(&pair, MIB));
	fill_both(&pair);
	signal_peer(peer);
	wait_for_peer(peer);
	CHECK(intact(pair.addr[OURS], MIB));
	CHECK(intact(pair.addr[PLAIN], MIB));
	CHECK_EQ(0, commit(pair.fd, INSIDE(2), MIB));
	fill(INSIDE(2), MIB);
	CHECK_EQ(0, decommit(pair.fd, pair.addr[OURS], MIB));
	CHECK_WHOLE(BASE, LENGTH);
	_exit(0);
}

/* Without swap, who goes beyond the limit is killed: that process, and once. */
TEST_F(memcg, out_of_memory)
{
	int peers[2];

	ASSERT_EQ(0, write_number(GROUP "/memory.max", LIMIT));
	if (self->swap)
		ASSERT_EQ(0, write_number(GROUP "/memory.swap.max", 0));
	for (int side = OURS; side <= PLAIN; side++) {
		long kills = stat_number(GROUP "/memory.events", "oom_kill");
		pid_t other, victim;

		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, peers));
		other = fork();
		if (other == 0)
			bystander(peers[1]);
		wait_for_peer(peers[0]);
		victim = fork_into_group();
		if (victim == 0) {
			struct pair pair;

			CHECK_EQ(0, pair_make(&pair, 2 * LIMIT));
			fill(pair.addr[side], 2 * LIMIT);
			_exit(0);
		}
		EXPECT_EQ(1000 + SIGKILL, wait_for(victim)) {
			TH_LOG("%s memory", side_name[side]);
		}
		EXPECT_EQ(kills + 1, stat_number(GROUP "/memory.events", "oom_kill"));
		signal_peer(peers[0]);
		EXPECT_EQ(0, wait_for(other));
		close(peers[0]);
		close(peers[1]);
	}
	/* Nothing of the dead is charged any more. */
	EXPECT_TRUE(near(0, group_stat("anon")));
}

TEST_HARNESS_MAIN
