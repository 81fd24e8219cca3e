// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * mseal(2): the whole region is one writable mapping that is sealed, so that
 * nobody can unmap, replace or re-protect it, and neither can we. Committing
 * is bookkeeping; reserve does not trap; the region can never be given back.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend.h"
#include "error.h"
#include "madvise_linux.h"
#include "os.h"
#include "posix_map.h"
#include "posix_policy.h"

#ifndef SYS_mseal
#define SYS_mseal	462	/* the same number on every architecture */
#endif

/* Flags that leave something behind in a mapping that stays. */
#define POLICIES	(POSIX_POLICIES | BACKEND_GUARD)

static int mseal_range(uintptr_t addr, size_t length)
{
	return syscall(SYS_mseal, addr, length, 0UL) ? -errno : 0;
}

static int mseal_probe(struct backing *at)
{
	(void)at;
	/* A length of 0 is valid and seals nothing; 32-bit kernels say EPERM. */
	if (mseal_range(0, 0))
		return error_set(-EOPNOTSUPP, "this kernel has no mseal(2)");
	if (os_read_number("/proc/sys/vm/overcommit_memory") == 2)
		return error_set(-EOPNOTSUPP,
				 "vm.overcommit_memory=2 would charge the whole region at once");
	return 0;
}

/*
 * First without access and unlocked: under mlockall(MCL_FUTURE) a writable
 * mapping would be filled with memory at once.
 */
static int mseal_reserve(struct backing *at)
{
	size_t color = (size_t)1 << at->color_shift;
	void *p = (void *)at->base;
	uintptr_t named;
	int error;

	error = posix_map_free(at->base, at->length, PROT_NONE, MAP_NORESERVE);
	if (error)
		return error;
	for (named = at->base; named < at->base + at->length; named += color)
		posix_name_color(at, named, color);
	if (munlock(p, at->length) == 0 &&
	    mprotect(p, at->length, PROT_READ | PROT_WRITE) == 0)
		error = mseal_range(at->base, at->length);
	else
		error = -errno;
	if (error)
		munmap(p, at->length);
	return error;
}

/* The addresses stay taken, the memory can go. */
static int mseal_release(struct backing *at)
{
	madvise((void *)at->base, at->length, MADV_DONTNEED);
	return -EPERM;
}

static void mseal_forget(struct backing *at)
{
	(void)at;
}

/* The mapping stays: take back what any commit of this region may have left. */
static int mseal_decommit(struct backing *at, uintptr_t addr, size_t length)
{
	int error = 0;

	if ((at->policies & BACKEND_GUARD) &&
	    madvise((void *)addr, length, MADV_GUARD_REMOVE))
		error = -errno;
	if (!error)
		error = posix_policy_undo(addr, length, at->policies);
	if (!error)
		error = posix_discard(at, addr, length, GCCOLOR_READ | GCCOLOR_WRITE, false);
	return error;
}

/* Reserve does not trap, so somebody may have written to it: clear it. */
static int mseal_commit(struct backing *at, uintptr_t addr, size_t length,
			uint32_t prot, uint32_t flags)
{
	int error = posix_discard(at, addr, length, prot, false);

	if (error || !(flags & POLICIES))
		return error;
	at->policies |= flags & POLICIES;
	if ((flags & BACKEND_GUARD) && madvise((void *)addr, length, MADV_GUARD_INSTALL))
		error = errno == EINVAL ? -EOPNOTSUPP : -errno;	/* locked memory */
	if (!error)
		error = posix_policy(addr, length, flags);
	if (error && mseal_decommit(at, addr, length))
		at->stuck = true;
	return error;
}

static enum gccolor_level mseal_level(struct backing *at, const char **why)
{
	(void)at;
	*why = "a region sealed by mseal(2) has no traps and can never be given back";
	return GCCOLOR_SEALED;
}

const struct backend backend_mseal = {
	.id		= GCCOLOR_MSEAL,
	.best		= GCCOLOR_SEALED,
	.holds		= true,
	.caps		= POSIX_CAPS | GCCOLOR_CAP_GUARD | GCCOLOR_CAP_NAMES,
	.probe		= mseal_probe,
	.reserve	= mseal_reserve,
	.release	= mseal_release,
	.forget		= mseal_forget,
	.commit		= mseal_commit,
	.decommit	= mseal_decommit,
	.discard	= posix_discard,
	.populate	= posix_populate,
	.advise		= posix_advise,
	.present	= posix_present,
	.level		= mseal_level,
};
