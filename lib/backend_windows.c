// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Windows: one reservation, memory committed in parts of it. Reservations begin
 * at multiples of the allocation granularity (64 KiB), commits at pages: so one
 * reservation serves all claims. Nobody is kept from releasing or changing it.
 */
#include <errno.h>

#include "backend.h"
#include "error.h"
#include "memory_windows.h"
#include "os.h"

static int windows_probe(struct backing *at)
{
	(void)at;
	return 0;
}

/* Whose is the lowest of what lies in the way? */
static int reserve_region(struct backing *at)
{
	struct os_occupant who;
	int error = windows_reserve(at->base, at->length);

	if (error == -EEXIST &&
	    os_occupant(at->base, at->base + at->length, &who) == 0) {
		at->busy_start = who.start;
		at->busy_end = who.end;
	}
	at->lacks = windows_has_placeholders() ? 0 : GCCOLOR_CAP_HUGEPAGE;
	return error;
}

static int release_region(struct backing *at)
{
	return windows_release(at->base, at->length);
}

static void forget(struct backing *at)
{
	(void)at;
}

static int commit(struct backing *at, uintptr_t addr, size_t length, uint32_t prot,
		  uint32_t flags)
{
	(void)at;
	if (flags & GCCOLOR_HUGEPAGE)
		return windows_commit_large(addr, length, prot);
	return windows_commit(addr, length, prot);
}

static int protect(struct backing *at, uintptr_t addr, size_t length, uint32_t prot)
{
	(void)at;
	return windows_protect(addr, length, prot);
}

static int decommit(struct backing *at, uintptr_t addr, size_t length)
{
	(void)at;
	return windows_decommit(addr, length);
}

/* The lowest slot is never anything but reserve. */
static int present(struct backing *at)
{
	MEMORY_BASIC_INFORMATION info;

	if (VirtualQuery((void *)at->base, &info, sizeof(info)) &&
	    info.State == MEM_RESERVE && (uintptr_t)info.AllocationBase == at->base)
		return 0;
	return -ENXIO;
}

static enum gccolor_level level(struct backing *at, const char **why)
{
	if (present(at)) {
		*why = "somebody has released the region";
		return GCCOLOR_NONE;
	}
	*why = "Windows cannot keep other code in the process from VirtualFree or VirtualProtect";
	return GCCOLOR_RESERVED;
}

const struct backend backend_windows = {
	.id		= GCCOLOR_WINDOWS,
	.best		= GCCOLOR_RESERVED,
	.holds		= true,
	.can_trap	= true,
	.can_release	= true,
	.can_exec	= true,
	.can_protect	= true,
	.caps		= GCCOLOR_CAP_LAZY | GCCOLOR_CAP_POPULATE | GCCOLOR_CAP_HUGEPAGE |
			  GCCOLOR_CAP_OCCUPANT,
	.probe		= windows_probe,
	.reserve	= reserve_region,
	.release	= release_region,
	.forget		= forget,
	.commit		= commit,
	.decommit	= decommit,
	.discard	= windows_discard,
	.populate	= windows_populate,
	.protect	= protect,
	.present	= present,
	.level		= level,
};
