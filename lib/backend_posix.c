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
#include "posix_policy.h"

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
static int map_file_over(uintptr_t addr, size_t length, int prot, int flags,
			 int fd, off_t offset)
{
	void *p = fd < 0 ? os_map_over(addr, length, prot, flags)
			 : mmap((void *)addr, length, prot, flags | MAP_FIXED, fd, offset);
	int error;

	if (p != MAP_FAILED)
		return 0;
	error = -errno;
	posix_map_free(addr, length, PROT_NONE, MAP_NORESERVE);
	return error;
}

static int map_over(uintptr_t addr, size_t length, int prot, int flags)
{
	return map_file_over(addr, length, prot, flags, -1, 0);
}

/* Would the same mapping be made anywhere else? */
static int try_elsewhere(size_t length, int prot, int flags, int fd, off_t offset)
{
	void *p = mmap(NULL, length, prot, flags, fd, offset);

	if (p == MAP_FAILED)
		return -errno;
	munmap(p, length);
	return 0;
}

/*
 * Before Linux 6.12 what the kernel charges while it replaces a mapping can be
 * refused when the old one is gone, and then the range is anybody's for a
 * moment. So memory is mapped without access, which costs nothing, and charged
 * by mprotect(), which changes all or nothing. Memory that is not writable is
 * not charged. Huge pages are taken from the pool by mmap() only: ask first.
 */
static int map_memory(uintptr_t addr, size_t length, uint32_t prot, uint32_t flags,
		      bool *stuck)
{
	int map_flags = MAP_PRIVATE | MAP_ANONYMOUS;
	bool huge = flags & GCCOLOR_HUGETLB;
	bool late = !huge && (prot & GCCOLOR_WRITE);
	int error;

	map_flags |= flags & GCCOLOR_NORESERVE ? MAP_NORESERVE : 0;
	map_flags |= flags & GCCOLOR_STACK ? MAP_STACK : 0;
	map_flags |= huge ? MAP_HUGETLB : 0;
	error = huge ? try_elsewhere(length, posix_prot(prot), map_flags, -1, 0) : 0;
	if (!error)
		error = map_over(addr, length, late ? PROT_NONE : posix_prot(prot), map_flags);
	if (error)
		return error;
	if (late && mprotect((void *)addr, length, posix_prot(prot)))
		error = -errno;
	if (!error)
		error = posix_policy(addr, length, flags);
	if (error)
		*stuck = map_over(addr, length, PROT_NONE, RESERVE_FLAGS);
	return error;
}

static int posix_commit(struct backing *at, uintptr_t addr, size_t length,
			uint32_t prot, uint32_t flags)
{
	int error = map_memory(addr, length, prot, flags, &at->stuck);

	if (!error && !(flags & GCCOLOR_HUGETLB))
		posix_name_color(at, addr, length);
	return error;
}

/* As memory is: charged by mprotect(), and what else may fail is asked first. */
static int posix_map_file(struct backing *at, uintptr_t addr, size_t length,
			  uint32_t prot, intptr_t file, uint64_t offset)
{
	int first = posix_prot(prot & ~GCCOLOR_WRITE);
	int error;

	(void)at;
	error = try_elsewhere(length, first, MAP_PRIVATE, (int)file, (off_t)offset);
	if (!error)
		error = map_file_over(addr, length, first, MAP_PRIVATE, (int)file,
				      (off_t)offset);
	if (error || !(prot & GCCOLOR_WRITE) ||
	    mprotect((void *)addr, length, posix_prot(prot)) == 0)
		return error;
	error = -errno;
	map_over(addr, length, PROT_NONE, RESERVE_FLAGS);
	return error;
}

static int posix_protect(struct backing *at, uintptr_t addr, size_t length, uint32_t prot)
{
	(void)at;
	return mprotect((void *)addr, length, posix_prot(prot)) ? -errno : 0;
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
	.caps		= POSIX_CAPS | GCCOLOR_CAP_HUGETLB | GCCOLOR_CAP_NAMES |
			  GCCOLOR_CAP_IMAGES,
	.probe		= posix_probe,
	.reserve	= posix_reserve,
	.release	= posix_release,
	.forget		= posix_forget,
	.commit		= posix_commit,
	.decommit	= posix_decommit,
	.discard	= posix_discard,
	.populate	= posix_populate,
	.advise		= posix_advise,
	.map_file	= posix_map_file,
	.protect	= posix_protect,
	.present	= posix_present,
	.level		= posix_level,
};
