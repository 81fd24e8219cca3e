// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * rmmod and insmod, a thousand times, around live and dying processes:
 *
 *	reload_test [CYCLES [SEED]]
 *
 * Workers start victims that open the device, reserve, commit, decommit, fork
 * and end, and kill them at any moment. Meanwhile the module is taken out
 * and put in again. That must be refused while somebody surely has the device
 * or a region, and must work when surely nobody has; see look(). The module file
 * is in GCCOLOR_KO.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <time.h>

#include "kselftest.h"
#include "child.h"
#include "maps.h"
#include "module.h"

#define WORKERS		3
#define TRIES		20	/* rmmods of a cycle before the module is drained */
#define REFUSED_MAX	100000	/* and before this cycle has failed */

/* What a worker's victim has of the module. */
enum having {
	NOTHING,	/* no victim, surely */
	MAYBE,
	SOMETHING,	/* surely, until the worker says MAYBE */
};

struct slot {
	_Atomic unsigned long victims;	/* changes with each */
	_Atomic int having;
	_Atomic bool ending;		/* SOMETHING no longer counts */
};

/* Is the module drained? The lowest two bits of shared->draining. */
enum { NO, YES, UNKNOWN, CHANGES = 4 };

static struct {
	struct slot slots[WORKERS];
	_Atomic unsigned long draining;
	_Atomic bool stop;
	_Atomic bool rest;		/* no new victims */
	_Atomic unsigned long reserved;	/* regions made */
	_Atomic unsigned long killed;	/* victims that died of SIGKILL */
	_Atomic unsigned long drained;	/* RESERVE refused with ESHUTDOWN */
	_Atomic unsigned long wrong;	/* what must not be */
} *shared;

#define WRONG(...) do {							\
	atomic_fetch_add(&shared->wrong, 1);				\
	dprintf(1, "# WRONG: " __VA_ARGS__);				\
} while (0)

static unsigned long random_state;

static unsigned int below(unsigned int limit)
{
	random_state = random_state * 6364136223846793005UL + 1442695040888963407UL;
	return (random_state >> 33) % limit;
}

static void set_draining(int what)
{
	unsigned long now = atomic_load(&shared->draining);

	atomic_store(&shared->draining, (now & ~3UL) + CHANGES + what);
}

/* The device, or -1 while the module is out, going or coming. */
static int open_if_there(void)
{
	int fd = open_device();

	if (fd < 0 && fd != -ENOENT && fd != -ENXIO && fd != -ENODEV)
		WRONG("open: %d\n", fd);
	return fd;
}

static bool reserve_or_drained(int fd)
{
	unsigned long before = atomic_load(&shared->draining);
	int err = reserve(fd, BASE, LENGTH, SHIFT, 0);
	bool same = before == atomic_load(&shared->draining);

	if (err && err != -ESHUTDOWN)
		WRONG("RESERVE: %d\n", err);
	if (same && !err && (before & 3) == YES)
		WRONG("RESERVE succeeded while the module was drained\n");
	if (same && err && (before & 3) == NO)
		WRONG("RESERVE was refused with nobody draining\n");
	atomic_fetch_add(err ? &shared->drained : &shared->reserved, 1);
	return !err;
}

static void use_region(int fd, unsigned int steps)
{
	for (unsigned int i = 0; i < steps; i++) {
		unsigned long at = INSIDE(1) + below(64) * PAGE;
		unsigned long length = (1 + below(8)) * PAGE;

		if (below(2)) {
			if (!commit(fd, at, length))
				fill(at, length);
		} else {
			decommit(fd, at, length);
		}
	}
}

/* Runs until it is killed, or not as long. Never has the module at return. */
static void victim(struct slot *slot)
{
	int fd = open_if_there();

	if (fd < 0)
		return;
	if (!reserve_or_drained(fd)) {
		close(fd);
		return;
	}
	atomic_store(&slot->having, SOMETHING);
	use_region(fd, below(8));
	if (below(2))
		close(fd);	/* mappings only */
	if (below(2)) {
		/* The child has it as well, and may live longer. */
		if (fork() == 0) {
			use_region(fd, below(16));
			if (below(2))
				pause();
			_exit(0);
		}
	}
	use_region(fd, below(32));
	if (below(2))
		pause();
	atomic_store(&slot->having, MAYBE);
	switch (below(3)) {
	case 0:
		execl("/bin/true", "true", NULL);
		_exit(0);
	case 1:
		release(fd);
	}
	/* And the rest at exit. */
}

/* One victim's life. */
static void run_victim(struct slot *slot)
{
	/* Now and then one that outlives an rmmod, for look() to be sure */
	const struct timespec nap = { .tv_nsec = below(below(6) ? 8000000 : 200000000) };
	bool early = below(2);
	siginfo_t info = {};
	int status;
	pid_t pid;

	atomic_store(&slot->having, MAYBE);
	atomic_fetch_add(&slot->victims, 1);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		random_state ^= getpid();
		below(1);
		victim(slot);
		_exit(0);
	}
	setpgid(pid, pid);
	/* Half of them die somewhere between fork and RESERVE, half of them later. */
	while (!early && atomic_load(&slot->having) != SOMETHING && !info.si_pid &&
	       !waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT))
		poll(NULL, 0, 1);
	nanosleep(&nap, NULL);
	atomic_store(&slot->ending, true);
	kill(-pid, SIGKILL);
	/* Its children are ours now (subreaper). */
	while (waitpid(-1, &status, __WALL) > 0) {
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			atomic_fetch_add(&shared->killed, 1);
		else if (!WIFEXITED(status) || WEXITSTATUS(status))
			WRONG("a victim ended with status %#x\n", status);
	}
	atomic_store(&slot->having, NOTHING);
	atomic_store(&slot->ending, false);
}

static void worker(struct slot *slot)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	while (!atomic_load(&shared->stop)) {
		const struct timespec nap = { .tv_nsec = below(20000000) };

		if (!atomic_load(&shared->rest))
			run_victim(slot);
		nanosleep(&nap, NULL);
	}
	_exit(0);
}

struct seen {
	unsigned long victims;
	int having;
};

/*
 * Who surely has something, who surely nothing? If a worker's answer is the same
 * before and after a call, for the same victim, it held throughout: victims
 * say SOMETHING only after they have it, workers say MAYBE before they end one,
 * and NOTHING only when it has been waited for.
 */
static void look(struct seen *seen)
{
	for (int i = 0; i < WORKERS; i++) {
		struct slot *slot = &shared->slots[i];

		seen[i].victims = atomic_load(&slot->victims);
		seen[i].having = atomic_load(&slot->having);
		if ((seen[i].having == SOMETHING && atomic_load(&slot->ending)) ||
		    atomic_load(&slot->victims) != seen[i].victims)
			seen[i].having = MAYBE;
	}
}

static int unload_and_judge(void)
{
	struct seen before[WORKERS], after[WORKERS];
	bool somebody = false, nobody = true;
	int err;

	look(before);
	err = unload();
	look(after);
	for (int i = 0; i < WORKERS; i++) {
		bool same = before[i].victims == after[i].victims &&
			    before[i].having == after[i].having;

		somebody |= same && before[i].having == SOMETHING;
		nobody &= same && before[i].having == NOTHING;
	}
	if (err && err != -EWOULDBLOCK)
		WRONG("rmmod: %d\n", err);
	if (!err && somebody)
		WRONG("rmmod succeeded while somebody had a region\n");
	if (err && nobody)
		WRONG("rmmod was refused with nobody there\n");
	return err;
}

/* Takes the module out. Return: how often that was refused, -1: always. */
static long take_out(void)
{
	long refused = 0;

	while (unload_and_judge()) {
		if (++refused == REFUSED_MAX)
			return -1;
		if (refused == TRIES) {
			set_draining(UNKNOWN);
			write_file(DRAIN, "1");
			set_draining(YES);
		}
		poll(NULL, 0, 1);
	}
	set_draining(UNKNOWN);
	if (module_users() != -1)
		WRONG("unloaded, and still in /proc/modules\n");
	return refused;
}

/* Puts the module in, and lets it be used. */
static int put_in(const char *path)
{
	unsigned long enough = atomic_load(&shared->reserved) + below(6);
	int err = load(path);

	if (err)
		return err;
	set_draining(NO);
	while (atomic_load(&shared->reserved) < enough)
		poll(NULL, 0, 1);
	return 0;
}

/* KiB of a line of /proc/meminfo. */
static long kib_of(const char *name)
{
	char text[8192];
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, text, sizeof(text) - 1);
	char *line;

	close(fd);
	text[got > 0 ? got : 0] = '\0';
	line = strstr(text, name);
	return line ? atol(line + strlen(name)) : -1;
}

/* What a load that is not undone costs, code and objects. Nobody else runs. */
static long kernel_memory(void)
{
	long sum;

	atomic_store(&shared->rest, true);
	for (int i = 0; i < WORKERS; i++) {
		while (atomic_load(&shared->slots[i].having) != NOTHING)
			poll(NULL, 0, 1);
	}
	/* The first frees what the second sees. */
	write_file("/proc/sys/vm/drop_caches", "3");
	poll(NULL, 0, 100);
	write_file("/proc/sys/vm/drop_caches", "3");
	sum = kib_of("VmallocUsed:") + kib_of("SUnreclaim:");
	atomic_store(&shared->rest, false);
	return sum;
}

/* Where the kernel has kmemleak: does it know of something? */
static bool leaks(void)
{
	char text[4096];
	ssize_t got = 0;
	int fd;

	/* What is found only by the second scan was in use during the first. */
	if (write_file("/sys/kernel/debug/kmemleak", "scan") ||
	    write_file("/sys/kernel/debug/kmemleak", "scan"))
		return false;
	fd = open("/sys/kernel/debug/kmemleak", O_RDONLY | O_CLOEXEC);
	got = read(fd, text, sizeof(text));
	close(fd);
	dprintf(1, "# kmemleak: %.*s\n", got > 0 ? (int)got : 7, got > 0 ? text : "nothing");
	return got > 0;
}

/* Does a fresh module do what it should? */
static bool works(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open_region(0);

		CHECK(fd >= 0);
		CHECK_EQ(0, commit(fd, INSIDE(1), PAGE));
		CHECK_EQ(-EPERM, try_munmap(INSIDE(1), PAGE));
		CHECK_WHOLE(BASE, LENGTH);
		_exit(0);
	}
	return wait_for(pid) == 0;
}

int main(int argc, char **argv)
{
	unsigned long cycles = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;
	const char *path = getenv("GCCOLOR_KO");
	long refused = 0, loads = 0, drains = 0, begin = 0, growth, got;

	ksft_print_header();
	if (!path || geteuid())
		ksft_exit_skip("needs root and GCCOLOR_KO\n");
	ksft_set_plan(4);
	random_state = argc > 2 ? strtoul(argv[2], NULL, 0) : (unsigned long)time(NULL);
	ksft_print_msg("seed %lu\n", random_state);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || module_users() < 0)
		ksft_exit_fail_msg("no memory, or gccolor is not loaded\n");
	set_draining(NO);
	for (int i = 0; i < WORKERS; i++) {
		random_state++;
		if (fork() == 0)
			worker(&shared->slots[i]);
	}

	for (unsigned long i = 0; i < cycles; i++) {
		/* The first tenth grows what the kernel keeps anyway. */
		if (i == cycles / 10)
			begin = kernel_memory();
		got = take_out();
		if (got < 0)
			break;
		refused += got;
		drains += got / TRIES > 0;
		if (put_in(path))
			break;
		loads++;
	}
	growth = kernel_memory() - begin;
	atomic_store(&shared->stop, true);
	while (wait(NULL) > 0)
		;

	ksft_print_msg("reload: %ld loads, %ld rmmods refused, %ld times drained; %lu regions, "
		       "%lu refused by drain, %lu processes killed; %+ld KiB\n", loads, refused,
		       drains, shared->reserved, shared->drained, shared->killed, growth);
	ksft_test_result(loads == (long)cycles && users_settle_at(0) && works(),
			 "%lu cycles of rmmod and insmod\n", cycles);
	ksft_test_result(!shared->wrong && refused && shared->killed,
			 "rmmod is refused exactly while the module is in use\n");
	ksft_test_result(!shared->wrong && shared->reserved && shared->drained,
			 "drain refuses every new region, and nothing else does\n");
	/* A page a cycle would be 3,600 KiB of a thousand; slabs come and go. */
	ksft_test_result(growth < (long)cycles + 512 && !leaks(), "nothing is left behind\n");
	ksft_finished();
}
