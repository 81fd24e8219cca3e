// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Advice, locking and placement: calls that split mappings or drop contents. */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <linux/mempolicy.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "attack.h"
#include "child.h"
#include "limits.h"

#define NR_PIDFD_OPEN			434
#define NR_PROCESS_MADVISE		440
#define NR_PROCESS_MRELEASE		448
#define NR_SET_MEMPOLICY_HOME_NODE	450
#define ADVICE_MAX			103

static int advise(const struct target *t)
{
	/* Root may poison pages; that is not what this is about. */
	drop_capability(CAP_SYS_ADMIN);
	return result(madvise((void *)t->addr, t->length, (int)t->arg));
}

/* Freed pages go when memory is short; here it is always short. */
static int advise_free(const struct target *t)
{
	int err = result(madvise((void *)t->addr, t->length, MADV_FREE));

	if (err == 0)
		madvise((void *)t->addr, t->length, MADV_PAGEOUT);
	return err;
}

static bool is_known(int advice)
{
	switch (advice) {
	case MADV_NORMAL ... MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_FREE ... MADV_DOFORK:
	case MADV_MERGEABLE ... MADV_KEEPONFORK:
	case MADV_COLD ... MADV_COLLAPSE:
	case MADV_HWPOISON:
	case 101: /* MADV_SOFT_OFFLINE */
	case MADV_GUARD_INSTALL ... MADV_GUARD_REMOVE:	/* Linux 6.13 */
		return true;
	}
	return false;
}

static int advise_unknown(const struct target *t)
{
	int err = -EINVAL;

	for (int advice = -2; advice <= 2 * ADVICE_MAX; advice++) {
		if (!is_known(advice))
			err = worse(err, result(madvise((void *)t->addr, t->length, advice)));
	}
	return err;
}

/* In a fork child: the region, its contents and its protection are there. */
static int check_child(const struct target *t)
{
	if (strcmp(region_state(BASE, LENGTH), "whole"))
		return 1;
	if (!intact(AT_COMMITTED, PIECE) || !intact(AT_READ_ONLY, PIECE))
		return 2;
	if (commit(t->fd, INSIDE(5), PAGE) || decommit(t->fd, AT_COMMITTED, PAGE))
		return 3;
	return basic_attacks(t) ? 0 : 4;
}

/* A child without its parent's memory would be a hole that it could fill. */
static int advise_dont_fork(const struct target *t)
{
	int err = result(madvise((void *)t->addr, t->length, MADV_DONTFORK));
	pid_t pid = fork();

	if (pid == 0)
		_exit(check_child(t));
	return killed_with(wait_for(pid)) ? DID_UNPROMISED : err;
}

/*
 * The mapping with the lowest slot is where a child finds its region: without
 * it there is none, and the child can notice.
 */
static int dont_fork_lowest(const struct target *t)
{
	struct gccolor_ioc_info region;
	unsigned long length = t->arg ? STAGE - BASE : SLOT;
	int err = result(madvise((void *)BASE, length, MADV_DONTFORK));
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(info(t->fd, &region) == -ENXIO ? 77 : check_child(t));
	status = wait_for(pid);
	return status == 77 ? DID_UNPROMISED : status ? 0 : err;
}

static bool is_discard(int advice)
{
	return advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_DONTNEED_LOCKED ||
	       advice == MADV_GUARD_INSTALL;
}

/* Every number that is a discard, or every other one. */
static int advise_through_pidfd(const struct target *t, bool discards)
{
	int self = syscall(NR_PIDFD_OPEN, getpid(), 0);
	struct iovec range = { (void *)t->addr, t->length };
	int err = -EINVAL;

	if (self < 0)
		return CANNOT_TEST;
	drop_capability(CAP_SYS_ADMIN);
	for (int advice = 0; advice <= ADVICE_MAX; advice++) {
		if (is_discard(advice) != discards)
			continue;
		if (syscall(NR_PROCESS_MADVISE, self, &range, 1UL, advice, 0) >= 0)
			err = 0;
	}
	return err;
}

static int advise_process(const struct target *t)
{
	return advise_through_pidfd(t, false);
}

static int discard_process(const struct target *t)
{
	return advise_through_pidfd(t, true);
}

static int release_process(const struct target *t)
{
	int self = syscall(NR_PIDFD_OPEN, getpid(), 0);

	return self < 0 ? CANNOT_TEST : result(syscall(NR_PROCESS_MRELEASE, self, 0));
}

static int lock_pages(const struct target *t)
{
	int err = result(mlock((void *)t->addr, t->length));

	return worse(err, result(mlock2((void *)t->addr, t->length, MLOCK_ONFAULT)));
}

static int lock_and_unlock(const struct target *t)
{
	int err = result(mlock((void *)t->addr, t->length));

	return worse(err, result(munlock((void *)(t->addr + PAGE), PAGE)));
}

static int lock_all(const struct target *t)
{
	return worse(result(mlockall(MCL_CURRENT | MCL_ONFAULT)), result(munlockall()));
}

static int bind_memory(const struct target *t)
{
	unsigned long nodes = 1;
	int err = result(syscall(SYS_mbind, t->addr, t->length, MPOL_BIND, &nodes, 64, 0));

	err = worse(err, result(syscall(SYS_mbind, t->addr + PAGE, PAGE, MPOL_PREFERRED, &nodes,
					64, MPOL_MF_MOVE | MPOL_MF_STRICT)));
	return worse(err, result(syscall(NR_SET_MEMPOLICY_HOME_NODE, t->addr, t->length, 0, 0)));
}

static int migrate(const struct target *t)
{
	unsigned long nodes = 1;
	void *pages[1] = { (void *)t->addr };
	int node = 0, status;
	int err = result(syscall(SYS_migrate_pages, 0, 64, &nodes, &nodes));

	return worse(err, result(syscall(SYS_move_pages, 0, 1UL, pages, &node, &status, 2)));
}

static int seal(const struct target *t)
{
	return result(syscall(NR_MSEAL, t->addr, t->length, 0UL));
}

static int seal_all(const struct target *t)
{
	return result(syscall(NR_MSEAL, BASE, LENGTH, 0UL));
}

static int sync_memory(const struct target *t)
{
	int err = result(msync((void *)t->addr, t->length, MS_SYNC));

	return worse(err, result(msync((void *)t->addr, t->length, MS_INVALIDATE | MS_ASYNC)));
}

static int name_memory(const struct target *t)
{
	return result(prctl(PR_SET_VMA, 0, t->addr, t->length, "attack"));
}

static int merge_memory(const struct target *t)
{
	int err = result(prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0));

	return worse(err, result(prctl(PR_SET_MEMORY_MERGE, 0, 0, 0, 0)));
}

static int clear_references(const struct target *t)
{
	return worse(write_file("/proc/self/clear_refs", "1"),
		     write_file("/proc/self/clear_refs", "4"));
}

/* Sealed memory that its user cannot write to, 7.x protects against discards too. */
#define DROPS	{ DENIED, DISCARD, DISCARD_UNTIL_7 }
#define HINT	ALL(DENIED | HARMLESS)

const struct attack advice_attacks[] = {
	{ "madvise MADV_NORMAL", advise, HINT, .arg = MADV_NORMAL },
	{ "madvise MADV_RANDOM", advise, HINT, .arg = MADV_RANDOM },
	{ "madvise MADV_SEQUENTIAL", advise, HINT, .arg = MADV_SEQUENTIAL },
	{ "madvise MADV_WILLNEED", advise, HINT, .arg = MADV_WILLNEED },
	{ "madvise MADV_DONTNEED", advise, DROPS, true, .arg = MADV_DONTNEED, .untold = true },
	{ "madvise MADV_FREE, then memory pressure", advise_free,
	  { DENIED, DISCARD | HARMLESS, DISCARD_UNTIL_7 | HARMLESS }, true,
	  .untold = true },
	{ "madvise MADV_REMOVE", advise, ALL(DENIED), .arg = MADV_REMOVE, .untold = true },
	{ "madvise MADV_DONTFORK, then fork", advise_dont_fork,
	  ALL(DENIED | HARMLESS) },
	{ "madvise MADV_DONTFORK of the lowest slot, then fork", dont_fork_lowest,
	  { DENIED }, true, .arg = false },
	{ "madvise MADV_DONTFORK of the lowest mapping, then fork", dont_fork_lowest,
	  { UNPROMISED }, true, .arg = true },
	{ "madvise MADV_DOFORK", advise, HINT, .arg = MADV_DOFORK },
	{ "madvise MADV_MERGEABLE", advise, HINT, .arg = MADV_MERGEABLE },
	{ "madvise MADV_UNMERGEABLE", advise, HINT, .arg = MADV_UNMERGEABLE },
	{ "madvise MADV_HUGEPAGE", advise, HINT, .arg = MADV_HUGEPAGE },
	{ "madvise MADV_NOHUGEPAGE", advise, HINT, .arg = MADV_NOHUGEPAGE },
	{ "madvise MADV_DONTDUMP", advise, HINT, .arg = MADV_DONTDUMP },
	{ "madvise MADV_DODUMP", advise, HINT, .arg = MADV_DODUMP },
	{ "madvise MADV_WIPEONFORK", advise, ALL(DENIED), .arg = MADV_WIPEONFORK, .untold = true },
	{ "madvise MADV_KEEPONFORK", advise, HINT, .arg = MADV_KEEPONFORK },
	{ "madvise MADV_COLD", advise, HINT, .arg = MADV_COLD },
	{ "madvise MADV_PAGEOUT", advise, HINT, .arg = MADV_PAGEOUT },
	{ "madvise MADV_POPULATE_READ", advise, HINT, .arg = MADV_POPULATE_READ },
	{ "madvise MADV_POPULATE_WRITE", advise, HINT, .arg = MADV_POPULATE_WRITE },
	{ "madvise MADV_DONTNEED_LOCKED", advise, DROPS, true, .arg = MADV_DONTNEED_LOCKED,
	  .untold = true },
	{ "madvise MADV_COLLAPSE", advise, HINT, .arg = MADV_COLLAPSE },
	{ "madvise MADV_HWPOISON, not root", advise, ALL(DENIED), .arg = MADV_HWPOISON,
	  .untold = true },
	{ "madvise MADV_SOFT_OFFLINE, not root", advise, ALL(DENIED), .arg = 101, .untold = true },
	{ "madvise MADV_GUARD_INSTALL", advise, { DENIED, DENIED | DISCARD, DENIED | DISCARD },
	  true, .arg = MADV_GUARD_INSTALL, .untold = true },
	{ "madvise MADV_GUARD_REMOVE", advise, HINT, .arg = MADV_GUARD_REMOVE },
	{ "madvise, every other number", advise_unknown, ALL(DENIED) },
	{ "process_madvise, every hint", advise_process, HINT },
	{ "process_madvise, every discard", discard_process,
	  { DENIED, DISCARD_SINCE_7, DENIED }, true, .untold = true },
	{ "process_mrelease of itself", release_process, ALL(DENIED), true },
	{ "mlock, mlock2", lock_pages, HINT },
	{ "mlock, then munlock of a part", lock_and_unlock, HINT },
	{ "mlockall, munlockall", lock_all, ALL(HARMLESS), true },
	{ "mbind, set_mempolicy_home_node", bind_memory, HINT },
	{ "migrate_pages, move_pages", migrate, HINT, true },
	{ "mseal by the user", seal, HINT },
	{ "mseal of the whole region", seal_all, HINT, true },
	{ "msync", sync_memory, HINT },
	{ "prctl PR_SET_VMA_ANON_NAME", name_memory, ALL(DENIED) },
	{ "prctl PR_SET_MEMORY_MERGE", merge_memory, ALL(DENIED | HARMLESS), true },
	{ "/proc/self/clear_refs", clear_references, ALL(HARMLESS), true },
	{ }
};
