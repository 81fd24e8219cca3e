// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Plain mmap: one PROT_NONE reservation, memory mapped over parts of it.
 * Nobody is kept from unmapping or replacing it.
 */
#include <errno.h>
#include <sys/mman.h>

#include "backend.h"
#include "os.h"
#include "os_unix.h"
#include "posix_map.h"

#define RESERVE_FLAGS	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static int posix_probe(struct backing *at)
{
	(void)at;
	return 0;
}

static int posix_reserve(struct backing *at)
{
	return posix_map_free(at->base, at->length, PROT_NONE, MAP_NORESERVE);
}

static int posix_release(struct backing *at)
{
	return munmap((void *)at->base, at->length) ? -errno : 0;
}

static void posix_forget(struct backing *at)
{
	(void)at;
}

/*
 * Map over what we hold. Before Linux 6.12 a refused MAP_FIXED may already
 * have unmapped its target: take the hole back before somebody else does. An
 * intact reservation answers that with EEXIST.
 */
static int map_over(uintptr_t addr, size_t length, int prot, int flags)
{
	void *p = os_map_over(addr, length, prot, flags);
	int error;

	if (p != MAP_FAILED)
		return 0;
	error = -errno;
	posix_map_free(addr, length, PROT_NONE, MAP_NORESERVE);
	return error;
}

static int posix_commit(struct backing *at, uintptr_t addr, size_t length,
			uint32_t prot, uint32_t flags)
{
	int map_flags = MAP_PRIVATE | MAP_ANONYMOUS;
	int error;

	(void)at;
	if ((flags & GCCOLOR_HUGEPAGE) && !os_has_huge_pages())
		return -EOPNOTSUPP;
	if (flags & GCCOLOR_NORESERVE)
		map_flags |= MAP_NORESERVE;
	error = map_over(addr, length, posix_prot(prot), map_flags);
	if (error || !(flags & GCCOLOR_HUGEPAGE))
		return error;
	error = os_advise_huge(addr, length);
	if (!error)
		return 0;
	map_over(addr, length, PROT_NONE, RESERVE_FLAGS);
	return error;
}

static int posix_decommit(struct backing *at, uintptr_t addr, size_t length)
{
	(void)at;
	return map_over(addr, length, PROT_NONE, RESERVE_FLAGS);
}

static enum gccolor_level posix_level(struct backing *at, const char **why)
{
	(void)at;
	*why = "plain mmap cannot keep other code from unmapping or replacing the region";
	return GCCOLOR_RESERVED;
}

const struct backend backend_posix = {
	.id		= GCCOLOR_POSIX,
	.best		= GCCOLOR_RESERVED,
	.holds		= true,
	.can_trap	= true,
	.can_release	= true,
	.can_exec	= true,
	.can_protect	= true,
	.probe		= posix_probe,
	.reserve	= posix_reserve,
	.release	= posix_release,
	.forget		= posix_forget,
	.commit		= posix_commit,
	.decommit	= posix_decommit,
	.discard	= posix_discard,
	.populate	= posix_populate,
	.present	= posix_present,
	.level		= posix_level,
};
