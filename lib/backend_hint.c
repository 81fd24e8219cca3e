// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What runtimes do today, for comparison only: mmap with a hint, the same one
 * each time, and take the address as it comes. Nothing is held.
 */
#include <errno.h>
#include <sys/mman.h>

#include "backend.h"
#include "os.h"
#include "os_unix.h"
#include "posix_map.h"
#include "posix_policy.h"

static int hint_nothing(struct backing *at)
{
	(void)at;
	return 0;
}

static void hint_forget(struct backing *at)
{
	(void)at;
}

static int hint_place(struct backing *at, uintptr_t hint, size_t length,
		      uint32_t prot, uint32_t flags, uintptr_t *out)
{
	int map_flags = MAP_PRIVATE | MAP_ANONYMOUS;
	int error;
	void *p;

	(void)at;
	map_flags |= flags & GCCOLOR_NORESERVE ? MAP_NORESERVE : 0;
	map_flags |= flags & GCCOLOR_STACK ? MAP_STACK : 0;
	p = mmap((void *)hint, length, posix_prot(prot), map_flags, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	error = posix_policy((uintptr_t)p, length, flags);
	if (error) {
		munmap(p, length);
		return error;
	}
	*out = (uintptr_t)p;
	return 0;
}

static int hint_unplace(struct backing *at, uintptr_t addr, size_t length)
{
	(void)at;
	return munmap((void *)addr, length) ? -errno : 0;
}

static enum gccolor_level hint_level(struct backing *at, const char **why)
{
	(void)at;
	*why = "a hint asks for an address and holds none";
	return GCCOLOR_HINT;
}

const struct backend backend_hint = {
	.id		= GCCOLOR_HINTED,
	.best		= GCCOLOR_HINT,
	.asked_only	= true,
	.can_release	= true,
	.can_protect	= true,
	.caps		= POSIX_CAPS & ~GCCOLOR_CAP_OCCUPANT,
	.probe		= hint_nothing,
	.reserve	= hint_nothing,
	.release	= hint_nothing,
	.forget		= hint_forget,
	.discard	= posix_discard,
	.populate	= posix_populate,
	.advise		= posix_advise,
	.present	= hint_nothing,
	.level		= hint_level,
	.place		= hint_place,
	.unplace	= hint_unplace,
};
