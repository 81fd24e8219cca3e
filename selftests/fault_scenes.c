// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The calls of the fault test, and the state that they meet. */
#define _GNU_SOURCE
#include <signal.h>

#include "child.h"
#include "fault.h"

int fault_fd = -1;
static int second_fd = -1;	/* what a call opened */
static pid_t forked;

const struct piece pieces[PIECES] = {
	{ RUN, 16 * PAGE, PROT_RW },
	{ RUNS, 4 * PAGE, PROT_RW },
	{ RUNS + 4 * PAGE, 4 * PAGE, PROT_R },
	{ RUNS + 8 * PAGE, 4 * PAGE, PROT_RW },
	{ GAP, 4 * PAGE, PROT_RW },
	{ GAP + 8 * PAGE, 4 * PAGE, PROT_RW },
};

/* With MCL_FUTURE, DECOMMIT leaves its neighbours alone. */
static void make_crumbs(void)
{
	CHECK_EQ(0, mlockall(MCL_FUTURE | MCL_ONFAULT));
	for (unsigned long a = CRUMBS; a < CRUMBS + 8 * PAGE; a += PAGE) {
		CHECK_EQ(0, commit_flags(fault_fd, a, PAGE, PROT_R, 0));
		CHECK_EQ(0, decommit(fault_fd, a, PAGE));
	}
	CHECK_EQ(0, munlockall());
}

void scene_prepare(const struct scene *scene)
{
	if (scene->before == NO_FILE)
		return;
	fault_fd = open_device();
	CHECK(fault_fd >= 0);
	if (scene->before == NO_REGION)
		return;
	CHECK_EQ(0, reserve(fault_fd, BASE, LENGTH, SHIFT, 1 << 3));
	for (unsigned int i = 0; i < PIECES; i++) {
		CHECK_EQ(0, commit_flags(fault_fd, pieces[i].addr, pieces[i].length,
					 pieces[i].prot, 0));
		if (pieces[i].prot == PROT_RW)
			fill(pieces[i].addr, pieces[i].length);
	}
	if (scene->crumbled)
		make_crumbs();
	if (scene->all_locked)
		CHECK_EQ(0, mlockall(MCL_FUTURE | MCL_ONFAULT));
}

const char *contents_fault(unsigned long but, unsigned long length)
{
	for (unsigned int i = 0; i < PIECES; i++) {
		const struct piece *p = &pieces[i];

		for (unsigned long a = p->addr; a < p->addr + p->length; a += PAGE) {
			if (a >= but && a < but + length)
				continue;
			if (!readable(a))
				return "a committed page is gone";
			if (p->prot == PROT_RW ? !intact(a, PAGE) : !zeroed(a, PAGE))
				return "the contents of a page changed";
		}
	}
	return NULL;
}

const char *page_attack(unsigned long addr)
{
	void *there = (void *)addr, *own;

	if (try_munmap(addr, PAGE) != -EPERM)
		return "munmap";
	if (try_map_over(addr, PAGE) == 0)
		return "mmap of anonymous memory";
	if (try_mprotect(addr, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
		return "mprotect";
	if (mremap(there, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, OUTSIDE) != MAP_FAILED)
		return "mremap out of it";
	if (mremap(there, PAGE, 2 * PAGE, 0) != MAP_FAILED)
		return "mremap that grows it";
	/* What a token that was left over would allow. */
	if (mmap(there, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fault_fd, addr - BASE) !=
	    MAP_FAILED)
		return "mmap of the device";
	own = mmap((void *)OUTSIDE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (own == MAP_FAILED)
		return "nothing, but there is no memory";
	if (mremap(own, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there) != MAP_FAILED)
		return "mremap into it";
	munmap(own, PAGE);
	return NULL;
}

static int call_open(const struct scene *scene)
{
	second_fd = open_device();
	return second_fd < 0 ? second_fd : 0;
}

static void after_open(void)
{
	CHECK_EQ(0, reserve(second_fd, BASE, LENGTH, SHIFT, 0));
}

static int call_query(const struct scene *scene)
{
	struct gccolor_ioc_query arg;

	return query(fault_fd, &arg);
}

static int call_reserve(const struct scene *scene)
{
	return reserve(fault_fd, BASE, LENGTH, SHIFT, 0);
}

static void after_reserve(void)
{
	CHECK_WHOLE(BASE, LENGTH);
	CHECK_EQ(0, commit(fault_fd, RUN, PAGE));
}

static int call_mmap(const struct scene *scene)
{
	void *p = mmap(NULL, LENGTH, PROT_NONE, MAP_PRIVATE, fault_fd, 0);

	return p == MAP_FAILED ? -errno : 0;
}

static int call_commit(const struct scene *scene)
{
	return commit_flags(fault_fd, scene->addr, scene->length, scene->prot, scene->flags);
}

static int call_decommit(const struct scene *scene)
{
	return decommit(fault_fd, scene->addr, scene->length);
}

static int call_info(const struct scene *scene)
{
	struct gccolor_ioc_info arg;

	return info(fault_fd, &arg);
}

static int call_lock(const struct scene *scene)
{
	return lock_region(fault_fd);
}

static void after_lock(void)
{
	CHECK_EQ(-EPERM, decommit(fault_fd, RUN, PAGE));
}

static int call_release(const struct scene *scene)
{
	return release(fault_fd);
}

static void after_release(void)
{
	struct gccolor_ioc_info arg;

	CHECK_EQ(-ENXIO, info(fault_fd, &arg));
	CHECK_EQ(0, try_map_over(BASE, LENGTH));
}

static int call_fork(const struct scene *scene)
{
	const char *fault;

	forked = fork();
	if (forked)
		return forked < 0 ? -errno : 0;
	/* Inherited, where every allocation may fail. */
	while (write_file("/proc/self/make-it-fail", "0"))
		;
	CHECK_WHOLE(BASE, LENGTH);
	fault = contents_fault(0, 0);
	if (fault)
		dprintf(2, "# in a forked child: %s\n", fault);
	CHECK(!fault);
	CHECK_EQ(0, commit(fault_fd, HUGE, PAGE));
	_exit(0);
}

static void after_fork(void)
{
	CHECK_EQ(0, wait_for(forked));
}

static int call_close(const struct scene *scene)
{
	return close(fault_fd) ? -errno : 0;
}

/* Attacks: success is to be denied. */
static int denied(long ret)
{
	return ret == -1 && (errno == EPERM || errno == EACCES || errno == ENOMEM) ? 0 : -EDOM;
}

static int call_munmap(const struct scene *scene)
{
	return denied(munmap((void *)scene->addr, scene->length));
}

static int call_map_over(const struct scene *scene)
{
	return denied(try_map_over(scene->addr, scene->length) ? -1 : 0);
}

static int call_mprotect(const struct scene *scene)
{
	return denied(mprotect((void *)scene->addr, scene->length, PROT_READ | PROT_EXEC));
}

static int call_mremap(const struct scene *scene)
{
	return denied((long)mremap((void *)scene->addr, scene->length, scene->length,
				   MREMAP_MAYMOVE | MREMAP_FIXED, OUTSIDE));
}

#define COMMIT(_name, _addr, _length, _prot, _flags, ...)		\
	{ .name = "COMMIT " _name, .call = call_commit, .addr = (_addr), .length = (_length), \
	  .prot = (_prot), .flags = (_flags), .change = 1, .window = HOLE, ##__VA_ARGS__ }
#define COMMIT_CRUMBS(_name, _addr, _length)				\
	{ .name = "COMMIT " _name, .call = call_commit, .addr = (_addr), .length = (_length), \
	  .prot = PROT_RW, .change = 1, .window = OPEN, .crumbled = true }
#define DECOMMIT(_name, _addr, _length, ...)				\
	{ .name = "DECOMMIT " _name, .call = call_decommit, .addr = (_addr), \
	  .length = (_length), .change = -1, .window = OPEN, ##__VA_ARGS__ }
#define ATTACK(_name, _call, _addr)					\
	{ .name = _name, .call = _call, .addr = (_addr), .length = 4 * PAGE, \
	  .quiet = true }

const struct scene scenes[] = {
	{ .name = "open", .call = call_open, .after = after_open, .before = NO_FILE, .ends = true },
	{ .name = "QUERY", .call = call_query, .before = NO_REGION },
	{ .name = "RESERVE", .call = call_reserve, .after = after_reserve, .before = NO_REGION },
	{ .name = "mmap of the device", .call = call_mmap, .after = after_reserve,
	  .before = NO_REGION },
	{ .name = "INFO", .call = call_info, .addr = RUN, .length = PAGE },
	COMMIT("inside reserve", INSIDE(0), 8 * PAGE, PROT_RW, 0),
	COMMIT("exact fit", GAP + 4 * PAGE, 4 * PAGE, PROT_RW, 0),
	COMMIT("exact fit, read-only", GAP + 4 * PAGE, 4 * PAGE, PROT_R, 0),
	COMMIT("at the start of reserve", RUN + 16 * PAGE, 8 * PAGE, PROT_RW, 0),
	COMMIT("at the end of reserve", RUN - 8 * PAGE, 8 * PAGE, PROT_RW, 0),
	COMMIT_CRUMBS("over crumbs", CRUMBS, 8 * PAGE),
	COMMIT_CRUMBS("over a part of the crumbs", CRUMBS + PAGE, 6 * PAGE),
	COMMIT("with all locked", GAP + 4 * PAGE, 4 * PAGE, PROT_RW, 0, .all_locked = true),
	COMMIT("POPULATE", INSIDE(0), 8 * PAGE, PROT_RW, GCCOLOR_IOC_COMMIT_POPULATE),
	COMMIT("HUGEPAGE", HUGE, 2 * MIB, PROT_RW,
	       GCCOLOR_IOC_COMMIT_HUGEPAGE | GCCOLOR_IOC_COMMIT_POPULATE),
	COMMIT("NORESERVE, exact fit", GAP + 4 * PAGE, 4 * PAGE, PROT_RW,
	       GCCOLOR_IOC_COMMIT_NORESERVE),
	COMMIT("executable", CODE, 4 * PAGE, PROT_RX, 0),
	DECOMMIT("a whole run", RUN, 16 * PAGE),
	DECOMMIT("the middle of a run", RUN + 4 * PAGE, 8 * PAGE),
	DECOMMIT("the start of a run", RUN, 4 * PAGE),
	DECOMMIT("the end of a run", RUN + 12 * PAGE, 4 * PAGE),
	DECOMMIT("several runs", RUNS, 12 * PAGE),
	DECOMMIT("parts of several runs", RUNS + 2 * PAGE, 8 * PAGE),
	DECOMMIT("with all locked", RUN + 4 * PAGE, 8 * PAGE, .all_locked = true),
	{ .name = "LOCK", .call = call_lock, .after = after_lock, .addr = RUN, .length = PAGE },
	{ .name = "RELEASE", .call = call_release, .after = after_release, .ends = true },
	{ .name = "fork", .call = call_fork, .after = after_fork, .addr = RUN, .length = 4 * PAGE },
	{ .name = "close", .call = call_close, .once = true, .quiet = true,
	  .addr = RUN, .length = 4 * PAGE },
	ATTACK("munmap of reserve", call_munmap, INSIDE(0)),
	ATTACK("munmap of a run", call_munmap, RUNS),
	ATTACK("mmap over reserve", call_map_over, INSIDE(0)),
	ATTACK("mmap over memory", call_map_over, RUN + 4 * PAGE),
	ATTACK("mprotect of memory", call_mprotect, RUN + 4 * PAGE),
	ATTACK("mremap of memory", call_mremap, RUN + 4 * PAGE),
	ATTACK("mremap of a run", call_mremap, RUNS),
	{ }
};
