// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* gdb(1): attach, look, write, gcore, and read the cores. */
#define _GNU_SOURCE
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "pressure.h"

#define SIZE		(16 * PAGE)
#define RESERVE		INSIDE(5)
#define WORD		0x636f6c6f72656421UL
#define CORE_MAX	(64 * MIB)	/* the region is 1 TiB */
#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"
#define CORE_FILE	"/tmp/gccolor-gdb-core"

FIXTURE(gdb)
{
	int peer;
	pid_t pid;
};

/* Both kinds of memory are there. The other side looks, and writes WORD. */
static void live(int peer)
{
	struct pair pair;

	CHECK_EQ(0, pair_make(&pair, SIZE));
	fill_both(&pair);
	signal_peer(peer);
	wait_for_peer(peer);
	for (int side = OURS; side <= PLAIN; side++) {
		unsigned long addr = pair.addr[side];

		CHECK(intact(addr, PAGE));
		CHECK(intact(addr + 2 * PAGE, SIZE - 2 * PAGE));
		CHECK_EQ(WORD, *(volatile unsigned long *)(addr + PAGE));
	}
	CHECK_WHOLE(BASE, LENGTH);
	CHECK_EQ(0, decommit(pair.fd, pair.addr[OURS], SIZE));
	CHECK_WHOLE(BASE, LENGTH);
	_exit(0);
}

FIXTURE_SETUP(gdb)
{
	int peers[2];

	if (lacks(system("gdb --version > /dev/null 2>&1") == 0))
		SKIP(return, "no gdb");
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, peers));
	self->pid = fork();
	if (self->pid == 0)
		live(peers[1]);
	close(peers[1]);
	self->peer = peers[0];
	wait_for_peer(self->peer);
}

FIXTURE_TEARDOWN(gdb)
{
	kill(self->pid, SIGKILL);
	close(self->peer);
	unlink(CORE_FILE);
}

#define GDB "gdb -nx -batch -iex 'set auto-load off' "

static char answer[65536];

/* What gdb prints when it is given @arguments. */
__attribute__((format(printf, 1, 2)))
static const char *ask(const char *arguments, ...)
{
	char command[1024];
	size_t length, got;
	FILE *pipe;
	va_list ap;

	length = snprintf(command, sizeof(command), GDB);
	va_start(ap, arguments);
	vsnprintf(command + length, sizeof(command) - length, arguments, ap);
	va_end(ap);
	strncat(command, " 2>&1", sizeof(command) - strlen(command) - 1);
	pipe = popen(command, "r");
	got = pipe ? fread(answer, 1, sizeof(answer) - 1, pipe) : 0;
	answer[got] = '\0';
	if (pipe)
		pclose(pipe);
	return answer;
}

static const char *said(const char *text)
{
	const char *found = strstr(answer, text);

	if (!found)
		dprintf(2, "# \"%s\" is not in this answer of gdb:\n%s\n", text, answer);
	return found;
}

#define EXPECT_SAYS(text)	EXPECT_NE(NULL, said(text))

/* The options that print the second word of both kinds of memory. */
static const char *look(void)
{
	static char text[256];

	snprintf(text, sizeof(text), "-ex 'printf \"ours %%lx plain %%lx\\n\", "
		 "*(unsigned long *)%#lx, *(unsigned long *)%#lx'", INSIDE(1) + 8, PLAIN_AT + 8);
	return text;
}

static void expect_look(struct __test_metadata *_metadata)
{
	char text[64];

	snprintf(text, sizeof(text), "ours %lx plain %lx\n",
		 (INSIDE(1) + 8) ^ 0x9e3779b97f4a7c15UL, (PLAIN_AT + 8) ^ 0x9e3779b97f4a7c15UL);
	EXPECT_SAYS(text);
}

TEST_F(gdb, attach)
{
	char text[64];

	ask("-p %d %s -ex 'set var *(unsigned long *)%#lx = %#lx' "
	    "-ex 'set var *(unsigned long *)%#lx = %#lx' -ex 'x/gx %#lx'", self->pid,
	    look(), INSIDE(1) + PAGE, WORD, PLAIN_AT + PAGE, WORD, RESERVE);
	expect_look(_metadata);
	snprintf(text, sizeof(text), "Cannot access memory at address %#lx", RESERVE);
	EXPECT_SAYS(text);
	ask("-p %d -ex 'set var *(unsigned long *)%#lx = 1'", self->pid, RESERVE);
	EXPECT_SAYS(text);
	signal_peer(self->peer);
	EXPECT_EQ(0, wait_for(self->pid));
}

static void expect_core(struct __test_metadata *_metadata)
{
	struct stat stat;

	ASSERT_EQ(0, lstat(CORE_FILE, &stat));
	EXPECT_GT(CORE_MAX, stat.st_size);
	ask("-c " CORE_FILE " %s", look());
	expect_look(_metadata);
}

TEST_F(gdb, gcore)
{
	ask("-p %d -ex 'gcore " CORE_FILE "'", self->pid);
	EXPECT_SAYS("Saved corefile");
	expect_core(_metadata);
}

/* The kernel's own core dump. */
TEST_F(gdb, core)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	char pattern[256] = "";
	int fd = open(CORE_PATTERN, O_RDONLY | O_CLOEXEC);

	ASSERT_LT(0, read(fd, pattern, sizeof(pattern) - 1));
	close(fd);
	ASSERT_EQ(0, write_file(CORE_PATTERN, CORE_FILE));
	ASSERT_EQ(0, prlimit(self->pid, RLIMIT_CORE, &unlimited, NULL));
	ASSERT_EQ(0, kill(self->pid, SIGABRT));
	EXPECT_EQ(1000 + SIGABRT, wait_for(self->pid));
	EXPECT_EQ(0, write_file(CORE_PATTERN, pattern));
	expect_core(_metadata);
	/* A difference: gdb looks for a file of that name. */
	EXPECT_SAYS("anon_inode:[gccolor]");
}

TEST_HARNESS_MAIN
