// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Races between the commands of one file, and between them and the rest of the
 * kernel: each test is about a bug that was there once.
 * The path of the module file is in GCCOLOR_KO.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "kselftest_harness.h"
#include "child.h"
#include "maps.h"
#include "race.h"

#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"
#define CORE_FILE	"/tmp/gccolor-core"
#define CORES		12
#define SIBLINGS	4
#define TURNS		20	/* of each sibling before the dump */
/* A small region: one color of four slots. */
#define SMALL		(4 * SLOT)
#define SMALL_SHIFT	((unsigned int)__builtin_ctzl(SMALL))
#define FREEZE_MS	3	/* who stopped with a lock held must go on */
#define UNLOAD_MS	500	/* enough for RCU, below the limit for FIFO threads */

/* What lay outside the region of a process that dumped core. */
struct outside {
	unsigned int count;
	unsigned long start[64];
	unsigned long end[64];
};

static int core_fd;
static atomic_uint turns[SIBLINGS];

static int sibling(void *arg)
{
	atomic_uint *turn = arg;
	unsigned long addr = INSIDE(1 + (turn - turns));

	for (;; ++*turn) {
		commit(core_fd, addr, PAGE);
		decommit(core_fd, addr, PAGE);
	}
	return 0;
}

/* In a child. Shares its memory with others that are no threads and go on meanwhile. */
static void dump_core(struct outside *outside)
{
	static char stacks[SIBLINGS][16384] __attribute__((aligned(16)));
	static struct maps_reader reader;
	struct mapping map;

	CHECK_EQ(0, setpgid(0, 0));
	core_fd = open_region(0);
	CHECK(core_fd >= 0);
	outside->count = 0;
	CHECK(maps_open(&reader, "/proc/self/maps"));
	while (maps_next(&reader, &map)) {
		if (map.start >= BASE && map.end <= END)
			continue;
		CHECK(outside->count < 64);
		outside->start[outside->count] = map.start;
		outside->end[outside->count++] = map.end;
	}
	for (int i = 0; i < SIBLINGS; i++)
		CHECK(clone(sibling, stacks[i] + sizeof(stacks[i]),
			    CLONE_VM | CLONE_FILES | SIGCHLD, (void *)&turns[i]) > 0);
	for (int i = 0; i < SIBLINGS; i++) {
		while (turns[i] < TURNS)
			sched_yield();
	}
	abort();
}

/* "whole": the region without a gap, and all that lay outside, and no more. */
static const char *core_state(const char *path, const struct outside *outside)
{
	static Elf64_Phdr headers[1024];
	unsigned long next = BASE;
	unsigned int seen = 0;
	Elf64_Ehdr elf = { .e_phnum = 0 };
	const char *fault = NULL;
	size_t size;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return "no core file";
	if (pread(fd, &elf, sizeof(elf), 0) != sizeof(elf) || elf.e_phnum > 1024)
		fault = "a bad ELF header";
	size = elf.e_phnum * sizeof(headers[0]);
	if (!fault && pread(fd, headers, size, elf.e_phoff) != (ssize_t)size)
		fault = "the program headers are cut off";
	close(fd);
	for (unsigned int i = 0; !fault && i < elf.e_phnum; i++) {
		unsigned long start = headers[i].p_vaddr, end = start + headers[i].p_memsz;

		if (headers[i].p_type != PT_LOAD)
			continue;
		if (start >= end) {
			fault = "a phantom mapping";
		} else if (start >= BASE && end <= END) {
			if (start != next)
				fault = "a mapping of the region is missing or out of order";
			next = end;
		} else if (seen < outside->count && start == outside->start[seen] &&
			   end == outside->end[seen]) {
			seen++;
		} else if (headers[i].p_flags || headers[i].p_filesz) {
			/* A COMMIT may hold a charge in a mapping without access. */
			fault = "a mapping that was not there";
		}
	}
	if (!fault && (next != END || seen != outside->count))
		fault = "mappings are missing at the end";
	return fault ? fault : "whole";
}

/*
 * The core dump sizes its table of mappings by the count that the mm has, so
 * the count must be right whenever mmap_lock is free. Any preemption model.
 */
TEST(core_dump_beside_commit)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	char pattern[256] = "", path[64];
	const char *state = "whole";
	struct outside *outside;
	int fd;

	fd = open(CORE_PATTERN, O_RDWR | O_CLOEXEC);
	if (lacks(fd >= 0 && setrlimit(RLIMIT_CORE, &unlimited) == 0))
		SKIP(return, "needs root");
	ASSERT_LT(0, read(fd, pattern, sizeof(pattern) - 1));
	close(fd);
	outside = mmap(NULL, sizeof(*outside), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, outside);
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	ASSERT_EQ(0, write_file(CORE_PATTERN, CORE_FILE ".%p"));
	race_clock_start();
	for (int i = 0; i < CORES && race_goes_on() && !strcmp(state, "whole"); i++) {
		pid_t pid = fork();

		if (pid == 0)
			dump_core(outside);
		EXPECT_EQ(1000 + SIGABRT, wait_for(pid));
		kill(-pid, SIGKILL);
		while (waitpid(-pid, NULL, __WALL) > 0)
			;
		snprintf(path, sizeof(path), CORE_FILE ".%d", pid);
		state = core_state(path, outside);
		unlink(path);
	}
	EXPECT_STREQ("whole", state);
	EXPECT_EQ(0, write_file(CORE_PATTERN, pattern));
}

static int call_info(int fd)
{
	struct gccolor_ioc_info region;

	return info(fd, &region);
}

/*
 * INFO attacks the region to prove that it is protected. When another thread
 * has released it meanwhile, what lies there now is no longer INFO's business.
 */
TEST(info_beside_release)
{
	unsigned int lost = 0, tried = 0;

	if (lacks(race_start(FREEZE_MS, call_info)))
		SKIP(return, "needs root and two processors");
	for (int round = 0; round < 1000 && race_goes_on() && !lost; round++) {
		int fd = open_device();
		int err;

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, reserve(fd, BASE, SMALL, SMALL_SHIFT, 0));
		victim_start(fd);
		while (victim.calls == 0)
			;
		linger(20000);
		freeze();
		while (!frozen())
			;
		err = release(fd);
		if (!err) {
			void *p = mmap((void *)BASE, SMALL, PROT_READ | PROT_WRITE, MAP_PRIVATE |
				       MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

			ASSERT_EQ((void *)BASE, p);
			fill(BASE, 2 * PAGE);
			tried++;
		}
		thaw();
		victim_rest();
		if (err)
			ASSERT_EQ(0, release(fd));
		for (unsigned long at = 0; !err && at < SMALL; at += PAGE)
			lost += !readable(BASE + at);
		if (!err && !lost)
			EXPECT_TRUE(intact(BASE, 2 * PAGE));
		munmap((void *)BASE, SMALL);
		close(fd);
	}
	TH_LOG("%u rounds", tried);
	EXPECT_LT(0, tried);
	EXPECT_EQ(0, lost);
}

/* Each is allowed by the geometry that fails, and not by the one that stays. */
#define STAYS		(BASE + 1024 * MIB)
#define STAYS_LENGTH	(1024 * MIB)
#define STAYS_SHIFT	26

static struct forbidden {
	const char *what;
	unsigned long addr;
	unsigned long length;
	unsigned int prot;
} forbidden[3];

static atomic_int wish;

static void set_forbidden(void)
{
	const struct forbidden here[] = {
		{ "executable memory", STAYS + 32 * MIB, PAGE, PROT_RX },
		{ "memory in the lowest slot", STAYS, PAGE, PROT_RW },
		{ "memory across colors", STAYS + 64 * MIB - PAGE, 2 * PAGE, PROT_RW },
	};

	memcpy(forbidden, here, sizeof(forbidden));
}

static int call_commit(int fd)
{
	return commit_flags(fd, forbidden[wish].addr, forbidden[wish].length,
			    forbidden[wish].prot, 0);
}

/*
 * A RESERVE that fails leaves no geometry behind: not for the next RESERVE, and
 * not for a COMMIT that has seen it.
 */
TEST(commit_beside_failing_reserve)
{
	struct gccolor_ioc_info region;
	const char *got = "nothing";
	struct mapping map;
	int round;

	set_forbidden();
	if (lacks(race_start(FREEZE_MS, call_commit)))
		SKIP(return, "needs root and two processors");
	ASSERT_EQ(0, try_map_over(BASE + LENGTH / 2, PAGE));
	for (round = 0; round < 3000 && race_goes_on() && !strcmp(got, "nothing"); round++) {
		int fd = open_device();

		ASSERT_LE(0, fd);
		wish = round % 3;
		victim_start(fd);
		linger(2000);
		freeze();
		do {
			ASSERT_EQ(-EEXIST, reserve(fd, BASE, LENGTH, SHIFT + 4, 1));
		} while (!frozen());
		ASSERT_EQ(0, reserve(fd, STAYS, STAYS_LENGTH, STAYS_SHIFT, 0));
		thaw();
		victim_rest();
		if (victim.successes)
			got = forbidden[wish].what;
		ASSERT_TRUE(mapping_at(forbidden[wish].addr, &map));
		EXPECT_EQ('-', map.perms[0]);
		EXPECT_EQ('-', map.perms[2]);
		EXPECT_EQ(0, info(fd, &region));
		EXPECT_EQ(0, region.exec_colors);
		EXPECT_EQ(0, region.committed);
		release(fd);
		close(fd);
	}
	TH_LOG("%d rounds", round);
	EXPECT_STREQ("nothing", got);
}

/* Who was told that RELEASE is given up for good keeps the region. */
TEST(lock_beside_release)
{
	unsigned int both = 0, locks = 0, releases = 0;
	long delay = 0;

	if (lacks(race_start(FREEZE_MS, release)))
		SKIP(return, "needs root and two processors");
	/* What is locked stays, so every round takes another place. */
	for (unsigned long round = 0; round < 1500 && race_goes_on() && !both; round++) {
		unsigned long base = BASE + round * SMALL;
		int fd = open_device();
		int err;

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, reserve(fd, base, SMALL, SMALL_SHIFT, 0));
		if (delay >= 0)
			victim_start(fd);
		else
			freeze();
		linger(labs(delay));
		if (delay >= 0)
			freeze();
		else
			victim_start(fd);
		while (!frozen())
			;
		err = lock_region(fd);
		thaw();
		victim_rest();
		EXPECT_TRUE(err == 0 || err == -ENXIO);
		both += err == 0 && victim.successes;
		locks += err == 0;
		releases += victim.successes;
		/* Stay where the one comes first as often as the other. */
		delay += err == 0 ? 100 : -100;
		if (labs(delay) > 4000)
			delay = 0;
		close(fd);
	}
	TH_LOG("%u locks, %u releases", locks, releases);
	EXPECT_EQ(0, both);
}

/*
 * The last use of a file's parts comes after the file has let its module go.
 * Where a part is the module's own, who stopped in between dies of an oops
 * (SIGKILL); what the kernel says of it is for the runner. Last of all tests:
 * a kernel that failed it is no longer good for others.
 */
TEST(unload_beside_close)
{
	const char *path = getenv("GCCOLOR_KO");
	unsigned int unloads = 0;
	bool dead = false;
	int file, status;
	pid_t pid;

	file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (lacks(file >= 0 && race_start(UNLOAD_MS, NULL)))
		SKIP(return, "needs GCCOLOR_KO, root and two processors");
	pid = fork();
	if (pid == 0) {
		CHECK_EQ(0, run_on(1));
		for (;;)
			close(open_device());
	}
	for (int round = 0; !dead && race_goes_on() && round < 400 && unloads < 20; round++) {
		linger(20000);
		freeze();
		while (!frozen())
			;
		status = syscall(SYS_delete_module, "gccolor", O_NONBLOCK);
		thaw();
		if (status)
			continue;
		unloads++;
		ASSERT_EQ(0, syscall(SYS_finit_module, file, "", 0));
		dead = waitpid(pid, &status, WNOHANG) != 0;
	}
	TH_LOG("%u unloads", unloads);
	EXPECT_LT(0, unloads);
	EXPECT_FALSE(dead);
	if (!dead) {
		kill(pid, SIGTERM);
		EXPECT_EQ(1000 + SIGTERM, wait_for(pid));
	}
	close(file);
}

TEST_HARNESS_MAIN
