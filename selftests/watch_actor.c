// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * watch_actor ROLE: a process for the commands that watch to look at. Prints the
 * number of the process that has the role, which then waits to be killed.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>

#include "child.h"
#include "region.h"

/* What a terminal or an XML file must not be given as it is. */
#define NASTY	"a<&>\"'\033[31m\xff"

static void play(pid_t pid)
{
	printf("%d\n", pid);
	fflush(stdout);
	close(STDOUT_FILENO);
}

static int region(void)
{
	int fd = open_region(1 << 3);

	CHECK(fd >= 0);
	CHECK_EQ(0, commit(fd, INSIDE(1), MIB));
	CHECK_EQ(0, commit_flags(fd, INSIDE(2), MIB / 2, PROT_R, 0));
	CHECK_EQ(0, commit_flags(fd, INSIDE(3), MIB / 4, PROT_RX, 0));
	return fd;
}

/* A child with the region of its parent, which goes on or ends. */
static void fork_child(bool orphan)
{
	int fd = region();
	pid_t pid = fork();

	if (!pid) {
		/* The account of the region is that of the parent. */
		CHECK_EQ(0, commit(fd, INSIDE(5), MIB));
		play(getpid());
		pause();
	}
	if (!orphan)
		pause();
}

/* Another region with 64 colors, all of color 0 committed that can be. */
static void many_colors(void)
{
	int fd = open_device();

	CHECK_EQ(0, reserve(fd, BASE + LENGTH, 64 * MIB, 20, 0));
	CHECK_EQ(0, commit(fd, BASE + LENGTH + SLOT, MIB - SLOT));
	CHECK_EQ(0, commit(fd, BASE + LENGTH + 7 * MIB, MIB));
}

static void churn(void)
{
	int fd = region();

	play(getpid());
	for (;;) {
		CHECK_EQ(0, commit(fd, INSIDE(4), MIB));
		CHECK_EQ(0, decommit(fd, INSIDE(4), MIB));
	}
}

/*
 * Where the module was built to leave open what a carve leaves over: a hole, and a
 * stranger.
 */
static void broken(void)
{
	int fd = region();

	CHECK_EQ(0, decommit(fd, INSIDE(1) + 4 * PAGE, PAGE));
	CHECK_EQ(0, try_munmap(INSIDE(1) + PAGE, PAGE));
	CHECK_EQ(0, try_map_over(INSIDE(1) + 8 * PAGE, PAGE));
}

/* Not in a loop: a region reports 64 denials a second. */
static void attack(void)
{
	region();
	play(getpid());
	for (int i = 0; i < 5; i++)
		CHECK_EQ(-EPERM, try_munmap(INSIDE(1) + i * PAGE, PAGE));
	CHECK_EQ(-EPERM, try_map_over(INSIDE(1), PAGE));
	CHECK_EQ(-EPERM, try_mprotect(INSIDE(1), PAGE, PROT_READ));
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *role = argc == 2 ? argv[1] : "";

	if (!strcmp(role, "region")) {
		region();
	} else if (!strcmp(role, "many")) {
		region();
		many_colors();
	} else if (!strcmp(role, "nasty")) {
		prctl(PR_SET_NAME, NASTY);
		region();
	} else if (!strcmp(role, "released")) {
		CHECK_EQ(0, release(region()));
	} else if (!strcmp(role, "child") || !strcmp(role, "orphan")) {
		fork_child(role[0] == 'o');
		return 0;
	} else if (!strcmp(role, "churn")) {
		churn();
	} else if (!strcmp(role, "attack")) {
		attack();
	} else if (!strcmp(role, "broken")) {
		broken();
	} else if (strcmp(role, "none")) {
		fprintf(stderr, "watch_actor: no such role: %s\n", role);
		return 2;
	}
	play(getpid());
	pause();
	return 0;
}
