// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The guard of kernels before 6.12: when it is armed, who can take it away, and that
 * the level says so. Paths in the environment: GCCOLOR_KO the module, GCCOLOR_KO_PLANTED
 * one that was built with GCCOLOR_PLANT_PROBE, GCCOLOR_RIVAL guard_rival.ko. None of
 * them is loaded yet.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "child.h"
#include "maps.h"

#define FTRACE_ENABLED	"/proc/sys/kernel/ftrace_enabled"
#define TRACING		"/tmp/gccolor-tracing"
#define PLANT		"/sys/module/gccolor/parameters/plant_probe"
#define PROCESSES	1000

static const char *const unmap_functions[] = {
	"do_vmi_align_munmap", "do_mas_align_munmap",
};

static int load(const char *variable, const char *arguments)
{
	const char *path = getenv(variable);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int err;

	if (fd < 0)
		return -ENOENT;
	err = syscall(SYS_finit_module, fd, arguments, 0) ? -errno : 0;
	close(fd);
	return err;
}

/* Whoever was killed a moment ago may hold it still. */
static int unload(const char *name)
{
	int err = -EAGAIN;

	for (int i = 0; i < 100000 && (err == -EAGAIN || err == -EBUSY); i++) {
		err = syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
		sched_yield();
	}
	return err;
}

/* How many of the guarded functions have a handler that may redirect them? */
static int armed_functions(void)
{
	static char text[65536];
	int fd = open(TRACING "/enabled_functions", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;
	int armed = 0;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	close(fd);
	text[length] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		armed += strchr(line, 'I') && (strstr(line, "_align_munmap") ||
					       strstr(line, "mprotect_fixup"));
	return armed;
}

/* Load guard_rival for the unmap core, whatever its name here. */
static int load_rival_of_unmap(void)
{
	char arguments[80];
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(unmap_functions) && err && err != -EBUSY; i++) {
		snprintf(arguments, sizeof(arguments), "function=%s", unmap_functions[i]);
		err = load("GCCOLOR_RIVAL", arguments);
	}
	return err;
}

static int reserve_at_least(int fd, unsigned long base, unsigned int level)
{
	struct gccolor_ioc_reserve arg = reserve_args(base, LENGTH, SHIFT);

	arg.level_min = level;
	return command(fd, GCCOLOR_IOC_RESERVE, &arg);
}

/* A region at @base, which must have that level and reason. The file stays open. */
static int region_at(struct __test_metadata *_metadata, unsigned long base,
		     unsigned int level, unsigned int reason)
{
	struct gccolor_ioc_reserve arg = reserve_args(base, LENGTH, SHIFT);
	int fd = open_device();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, command(fd, GCCOLOR_IOC_RESERVE, &arg));
	EXPECT_EQ(level, arg.level);
	EXPECT_EQ(reason, arg.reason);
	ASSERT_EQ(0, commit(fd, base + LENGTH / 2, 4 * PAGE));
	fill(base + LENGTH / 2, 4 * PAGE);
	return fd;
}

static void expect_level(struct __test_metadata *_metadata, int fd, unsigned int level,
			 unsigned int reason)
{
	struct gccolor_ioc_info now;

	ASSERT_EQ(0, info(fd, &now));
	EXPECT_EQ(level, now.level);
	EXPECT_EQ(reason, now.reason);
}

static void listen_to(struct __test_metadata *_metadata, int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	ASSERT_EQ(0, fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK));
	ASSERT_EQ(0, poll(&p, 1, 0));
}

/* The region's reader is told once, by the process or by a worker (@pid 0). */
static void expect_lost(struct __test_metadata *_metadata, int fd, pid_t pid)
{
	struct pollfd p = { fd, POLLIN, 0 };
	struct gccolor_ioc_event e[2];

	ASSERT_EQ(1, poll(&p, 1, 20000));
	ASSERT_EQ(sizeof(e[0]), read(fd, e, sizeof(e)));
	EXPECT_EQ(GCCOLOR_IOC_EVENT_GUARD_LOST, e[0].kind);
	EXPECT_EQ(pid, e[0].pid);
}

FIXTURE(guard) {
	int fd;
};

FIXTURE_SETUP(guard)
{
	mkdir(TRACING, 0700);
	mount("tracefs", TRACING, "tracefs", 0, NULL);
	ASSERT_EQ(0, armed_functions());
	self->fd = -1;
}

/* The region is the child's that the harness makes for a test, so it is gone by now. */
FIXTURE_TEARDOWN_PARENT(guard)
{
	unload("guard_rival");
	EXPECT_EQ(0, unload("gccolor"));
	EXPECT_EQ(0, armed_functions());
}

TEST_F(guard, is_armed_at_the_first_reserve)
{
	struct gccolor_ioc_query kernel;

	ASSERT_EQ(0, load("GCCOLOR_KO", ""));
	self->fd = open_device();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, query(self->fd, &kernel));
	EXPECT_EQ(GCCOLOR_IOC_LEVEL_ENFORCED, kernel.level);
	EXPECT_EQ(0, armed_functions());
	ASSERT_EQ(0, reserve(self->fd, BASE, LENGTH, SHIFT, 0));
	EXPECT_EQ(2, armed_functions());
	expect_level(_metadata, self->fd, GCCOLOR_IOC_LEVEL_ENFORCED, GCCOLOR_IOC_REASON_NONE);
}

/* Each has a region of its own, and all of them live at once. */
TEST_F_TIMEOUT(guard, serves_a_thousand_processes, 300)
{
	int ready[2], leave[2], ended = 0;
	char c;

	ASSERT_EQ(0, load("GCCOLOR_KO", ""));
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(leave));
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (pid)
			continue;
		close(leave[1]);
		self->fd = open_region(0);
		CHECK(self->fd >= 0);
		CHECK_EQ(0, commit(self->fd, INSIDE(1), 4 * PAGE));
		signal_peer(ready[1]);
		CHECK_EQ(0, read(leave[0], &c, 1));
		CHECK_EQ(-EPERM, try_munmap(INSIDE(1), 4 * PAGE));
		CHECK_EQ(-EPERM, try_mprotect(INSIDE(1), PAGE, PROT_NONE));
		CHECK(try_map_over(INSIDE(1) + PAGE, PAGE) < 0);
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++)
		wait_for_peer(ready[0]);
	EXPECT_EQ(2, armed_functions());
	close(leave[1]);
	for (int i = 0, status; i < PROCESSES; i++)
		ended += wait(&status) > 0 && status == 0;
	EXPECT_EQ(PROCESSES, ended);
}

TEST_F(guard, gives_way_to_who_has_the_unmap_core)
{
	struct gccolor_ioc_query kernel;
	int second;

	ASSERT_EQ(0, load_rival_of_unmap());
	ASSERT_EQ(0, load("GCCOLOR_KO", ""));
	self->fd = open_device();
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(-EOPNOTSUPP, reserve_at_least(self->fd, BASE, GCCOLOR_IOC_LEVEL_ENFORCED));
	ASSERT_EQ(0, query(self->fd, &kernel));
	EXPECT_EQ(GCCOLOR_IOC_LEVEL_GUARDED, kernel.level);
	EXPECT_EQ(GCCOLOR_IOC_REASON_BUSY, kernel.reason);
	close(self->fd);

	self->fd = region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_GUARDED,
			     GCCOLOR_IOC_REASON_BUSY);
	ASSERT_EQ(0, unload("guard_rival"));
	/* Regions keep what they began with; the next one finds the functions free. */
	second = region_at(_metadata, BASE + LENGTH, GCCOLOR_IOC_LEVEL_ENFORCED,
			   GCCOLOR_IOC_REASON_NONE);
	expect_level(_metadata, self->fd, GCCOLOR_IOC_LEVEL_GUARDED, GCCOLOR_IOC_REASON_BUSY);
	expect_level(_metadata, second, GCCOLOR_IOC_LEVEL_ENFORCED, GCCOLOR_IOC_REASON_NONE);
	EXPECT_EQ(-EPERM, try_munmap(BASE + LENGTH / 2 + PAGE, PAGE));
	EXPECT_EQ(-EPERM, try_munmap(BASE + LENGTH + LENGTH / 2, 4 * PAGE));
	EXPECT_TRUE(intact(BASE + LENGTH / 2, 4 * PAGE));
	EXPECT_EQ(0, decommit(self->fd, BASE + LENGTH / 2, 4 * PAGE));
	EXPECT_EQ(0, release(self->fd));
}

TEST_F(guard, gives_way_to_who_has_mprotect)
{
	ASSERT_EQ(0, load("GCCOLOR_RIVAL", "function=mprotect_fixup"));
	ASSERT_EQ(0, load("GCCOLOR_KO", ""));
	self->fd = region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_GUARDED,
			     GCCOLOR_IOC_REASON_BUSY);
	/* Half of it was taken back: this is the rival's. */
	EXPECT_EQ(1, armed_functions());
	EXPECT_EQ(-EPERM, try_mprotect(BASE + LENGTH / 2, 4 * PAGE, PROT_READ));
}

TEST_F(guard, gives_way_to_nobody_once_armed)
{
	ASSERT_EQ(0, load("GCCOLOR_KO", ""));
	self->fd = region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_ENFORCED,
			     GCCOLOR_IOC_REASON_NONE);
	EXPECT_EQ(-EBUSY, load_rival_of_unmap());
	EXPECT_EQ(-EBUSY, load("GCCOLOR_RIVAL", "function=mprotect_fixup"));
	EXPECT_EQ(-EBUSY, write_file(FTRACE_ENABLED, "0"));
	EXPECT_EQ(2, armed_functions());
	expect_level(_metadata, self->fd, GCCOLOR_IOC_LEVEL_ENFORCED, GCCOLOR_IOC_REASON_NONE);
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_F(guard, needs_ftrace_to_be_enabled)
{
	ASSERT_EQ(0, load("GCCOLOR_KO", ""));
	ASSERT_EQ(0, write_file(FTRACE_ENABLED, "0"));
	self->fd = region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_GUARDED,
			     GCCOLOR_IOC_REASON_BUSY);
	ASSERT_EQ(0, write_file(FTRACE_ENABLED, "1"));
	region_at(_metadata, BASE + LENGTH, GCCOLOR_IOC_LEVEL_ENFORCED,
		  GCCOLOR_IOC_REASON_NONE);
}

TEST_F(guard, that_is_deaf_cannot_prove_itself)
{
	int second;

	ASSERT_EQ(0, load("GCCOLOR_KO_PLANTED", ""));
	self->fd = region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_ENFORCED,
			     GCCOLOR_IOC_REASON_NONE);
	listen_to(_metadata, self->fd);
	ASSERT_EQ(0, write_file(PLANT, "1"));
	for (int i = 0; i < 2; i++)
		expect_level(_metadata, self->fd, GCCOLOR_IOC_LEVEL_RESERVED,
			     GCCOLOR_IOC_REASON_UNPROVEN);
	expect_lost(_metadata, self->fd, getpid());
	second = open_device();
	ASSERT_LE(0, second);
	EXPECT_EQ(-EOPNOTSUPP,
		  reserve_at_least(second, BASE + LENGTH, GCCOLOR_IOC_LEVEL_ENFORCED));
	close(second);
	second = region_at(_metadata, BASE + LENGTH, GCCOLOR_IOC_LEVEL_GUARDED,
			   GCCOLOR_IOC_REASON_UNPROVEN);
	expect_level(_metadata, second, GCCOLOR_IOC_LEVEL_GUARDED,
		     GCCOLOR_IOC_REASON_UNPROVEN);
	EXPECT_EQ(-EPERM, try_munmap(BASE + LENGTH + LENGTH / 2 + PAGE, PAGE));
	ASSERT_EQ(0, write_file(PLANT, "0"));
	expect_level(_metadata, self->fd, GCCOLOR_IOC_LEVEL_ENFORCED, GCCOLOR_IOC_REASON_NONE);
	/* And once more. */
	ASSERT_EQ(0, write_file(PLANT, "1"));
	expect_level(_metadata, self->fd, GCCOLOR_IOC_LEVEL_RESERVED,
		     GCCOLOR_IOC_REASON_UNPROVEN);
	expect_lost(_metadata, self->fd, getpid());
}

TEST_F(guard, that_was_missed_says_so)
{
	ASSERT_EQ(0, load("GCCOLOR_KO_PLANTED", ""));
	self->fd = region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_ENFORCED,
			     GCCOLOR_IOC_REASON_NONE);
	listen_to(_metadata, self->fd);
	ASSERT_EQ(0, write_file(PLANT, "2"));
	/* Whoever unmaps something is not looked at, and nobody asks for INFO. */
	ASSERT_EQ(0, munmap(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), PAGE));
	expect_lost(_metadata, self->fd, 0);
	ASSERT_EQ(0, write_file(PLANT, "0"));
	expect_level(_metadata, self->fd, GCCOLOR_IOC_LEVEL_RESERVED,
		     GCCOLOR_IOC_REASON_MISSED);
	region_at(_metadata, BASE + LENGTH, GCCOLOR_IOC_LEVEL_GUARDED,
		  GCCOLOR_IOC_REASON_MISSED);
}

TEST_F(guard, is_hooks_by_parameter)
{
	ASSERT_EQ(-EINVAL, load("GCCOLOR_KO", "guard=none"));
	ASSERT_EQ(0, load("GCCOLOR_KO", "guard=hooks"));
	self->fd = region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_GUARDED,
			     GCCOLOR_IOC_REASON_PARAMETER);
	EXPECT_EQ(0, armed_functions());
}

/* What hooks cannot deny is the end of the process. */
TEST_F(guard, of_hooks_kills_for_a_whole_mapping)
{
	const unsigned long attacked[] = { BASE + LENGTH / 2, BASE };
	const unsigned long length[] = { 4 * PAGE, LENGTH };

	ASSERT_EQ(0, load("GCCOLOR_KO", "guard=hooks"));
	for (size_t i = 0; i < ARRAY_SIZE(attacked); i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (pid == 0) {
			region_at(_metadata, BASE, GCCOLOR_IOC_LEVEL_GUARDED,
				  GCCOLOR_IOC_REASON_PARAMETER);
			try_munmap(attacked[i], length[i]);
			_exit(1);
		}
		EXPECT_EQ(1000 + SIGKILL, wait_for(pid));
	}
}

TEST_HARNESS_MAIN
