// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * OpenBSD's mimmutable(2), as backend mseal: the whole region is one writable
 * mapping that nobody, us included, can unmap, replace or re-protect: munmap(2),
 * mmap(2) with MAP_FIXED and mprotect(2) answer EPERM. Not denied: what changes
 * contents only. Reserve does not trap; the region can never be given back. Not tested.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "backend.h"
#include "os.h"
#include "posix_map.h"

static int immutable_probe(struct backing *at)
{
	(void)at;
	return 0;
}

static int immutable_reserve(struct backing *at)
{
	int error;

	error = posix_map_free(at->base, at->length, PROT_READ | PROT_WRITE, 0);
	if (!error && mimmutable((void *)at->base, at->length)) {
		error = -errno;
		munmap((void *)at->base, at->length);
	}
	return error;
}

static int immutable_release(struct backing *at)
{
	madvise((void *)at->base, at->length, MADV_FREE);
	return -EPERM;
}

static void immutable_forget(struct backing *at)
{
	(void)at;
}

/* A new mapping is denied, and MADV_FREE may keep contents: clear by hand. */
static int immutable_clear(struct backing *at, uintptr_t addr, size_t length)
{
	(void)at;
	madvise((void *)addr, length, MADV_FREE);
	memset((void *)addr, 0, length);
	return 0;
}

static int immutable_commit(struct backing *at, uintptr_t addr, size_t length,
			    uint32_t prot, uint32_t flags)
{
	(void)prot;
	(void)flags;
	return immutable_clear(at, addr, length);
}

static int immutable_discard(struct backing *at, uintptr_t addr, size_t length,
			     uint32_t prot, bool lazy)
{
	(void)prot;
	if (lazy)
		return madvise((void *)addr, length, MADV_FREE) ? -errno : 0;
	return immutable_clear(at, addr, length);
}

static enum gccolor_level immutable_level(struct backing *at, const char **why)
{
	(void)at;
	*why = "a region sealed by mimmutable(2) has no traps and can never be given back";
	return GCCOLOR_SEALED;
}

const struct backend backend_mseal = {
	.id		= GCCOLOR_MSEAL,
	.best		= GCCOLOR_SEALED,
	.holds		= true,
	.caps		= GCCOLOR_CAP_LAZY | GCCOLOR_CAP_POPULATE | GCCOLOR_CAP_OCCUPANT,
	.probe		= immutable_probe,
	.reserve	= immutable_reserve,
	.release	= immutable_release,
	.forget		= immutable_forget,
	.commit		= immutable_commit,
	.decommit	= immutable_clear,
	.discard	= immutable_discard,
	.populate	= posix_populate,
	.present	= posix_present,
	.level		= immutable_level,
};
