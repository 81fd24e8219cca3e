// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What runtimes do today, for comparison only: VirtualAlloc() at an address, the
 * same one each time, and anywhere if that is taken. Nothing is held.
 */
#include "backend.h"
#include "memory_windows.h"

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
	void *p;

	(void)at;
	(void)flags;
	p = VirtualAlloc((void *)hint, length, MEM_RESERVE | MEM_COMMIT, windows_prot(prot));
	if (!p)
		p = VirtualAlloc(NULL, length, MEM_RESERVE | MEM_COMMIT, windows_prot(prot));
	if (!p)
		return windows_error();
	*out = (uintptr_t)p;
	return 0;
}

/*
 * An allocation is released whole; a part of one is decommitted, and the
 * addresses go when the last part has gone.
 */
static int hint_unplace(struct backing *at, uintptr_t addr, size_t length)
{
	MEMORY_BASIC_INFORMATION info;
	uintptr_t base;
	int error = windows_decommit(addr, length);

	(void)at;
	if (error)
		return error;
	if (!VirtualQuery((void *)addr, &info, sizeof(info)))
		return windows_error();
	base = (uintptr_t)info.AllocationBase;
	if (!VirtualQuery((void *)base, &info, sizeof(info)) || info.State != MEM_RESERVE)
		return 0;
	for (addr = base + info.RegionSize; VirtualQuery((void *)addr, &info, sizeof(info)) &&
	     (uintptr_t)info.AllocationBase == base;) {
		if (info.State == MEM_COMMIT)
			return 0;
		addr += info.RegionSize;
	}
	return VirtualFree((void *)base, 0, MEM_RELEASE) ? 0 : windows_error();
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
	.caps		= GCCOLOR_CAP_LAZY | GCCOLOR_CAP_POPULATE,
	.probe		= hint_nothing,
	.reserve	= hint_nothing,
	.release	= hint_nothing,
	.forget		= hint_forget,
	.discard	= windows_discard,
	.populate	= windows_populate,
	.present	= hint_nothing,
	.level		= hint_level,
	.place		= hint_place,
	.unplace	= hint_unplace,
};
