// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The attacks of gccolor compare on Windows: what another part of the same process
 * can ask of the system about an address that is not its own.
 */
#include <errno.h>
#include <string.h>

#include "../compare.h"
#include "../tool.h"
#include "process.h"

#define PRESERVE	0x2	/* MEM_PRESERVE_PLACEHOLDER */
#define REPLACE		0x4000	/* MEM_REPLACE_PLACEHOLDER */
#define BOTH		(ON_COMMITTED | ON_RESERVE)

/* What kind of refusal it was is nobody's business here. */
static int done(BOOL did)
{
	return did ? 0 : -EACCES;
}

static int free_all(const struct target *t)
{
	return t->vma ? done(VirtualFree(t->vma, 0, MEM_RELEASE)) : ATTACK_SKIP;
}

static int free_page(const struct target *t)
{
	return done(VirtualFree(t->page, 0, MEM_RELEASE));
}

static int free_to_placeholder(const struct target *t)
{
	return done(VirtualFree(t->page, t->page_size, MEM_RELEASE | PRESERVE));
}

static int decommit_page(const struct target *t)
{
	return done(VirtualFree(t->page, t->page_size, MEM_DECOMMIT));
}

static int decommit_all(const struct target *t)
{
	return t->vma ? done(VirtualFree(t->vma, 0, MEM_DECOMMIT)) : ATTACK_SKIP;
}

static int protect(const struct target *t, DWORD prot)
{
	DWORD before;

	return done(VirtualProtect(t->page, t->page_size, prot, &before));
}

static int protect_none(const struct target *t)
{
	return protect(t, PAGE_NOACCESS);
}

static int protect_read(const struct target *t)
{
	return protect(t, PAGE_READONLY);
}

static int protect_exec(const struct target *t)
{
	return protect(t, PAGE_EXECUTE_READWRITE);
}

static int protect_guard(const struct target *t)
{
	return protect(t, PAGE_READWRITE | PAGE_GUARD);
}

/* 0 if it landed in the region, 1 if elsewhere. */
static int landed(const struct target *t, const void *p)
{
	if (!p)
		return -EACCES;
	return (uintptr_t)p - t->base < t->length ? 0 : 1;
}

static int alloc_over(const struct target *t)
{
	return landed(t, VirtualAlloc(t->page, t->page_size, MEM_RESERVE | MEM_COMMIT,
				      PAGE_READWRITE));
}

static int alloc_commit(const struct target *t)
{
	return landed(t, VirtualAlloc(t->page, t->page_size, MEM_COMMIT, PAGE_READONLY));
}

static int alloc_commit_exec(const struct target *t)
{
	return landed(t, VirtualAlloc(t->page, t->page_size, MEM_COMMIT,
				      PAGE_EXECUTE_READWRITE));
}

static int alloc_large(const struct target *t)
{
	char *start = (char *)((uintptr_t)t->page & ~((uintptr_t)0x10000 - 1));

	return landed(t, VirtualAlloc(start, 1 << 24, MEM_RESERVE, PAGE_NOACCESS));
}

static HANDLE section(void)
{
	return CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x10000, NULL);
}

static int map_over(const struct target *t)
{
	char *start = (char *)((uintptr_t)t->page & ~((uintptr_t)0x10000 - 1));

	return landed(t, MapViewOfFileEx(section(), FILE_MAP_WRITE, 0, 0, 0x10000, start));
}

/* What a placeholder is good for, in other hands. */
static int map_in_placeholder(const struct target *t)
{
	HMODULE dll = GetModuleHandleA("kernelbase.dll");
	__typeof__(&MapViewOfFile3) map = (void *)GetProcAddress(dll, "MapViewOfFile3");

	if (!map)
		return ATTACK_SKIP;
	if (!VirtualFree(t->page, t->page_size, MEM_RELEASE | PRESERVE))
		return -EACCES;
	return landed(t, map(section(), NULL, t->page, 0, t->page_size, REPLACE,
			     PAGE_READWRITE, NULL, 0));
}

static int unmap_view(const struct target *t)
{
	return done(UnmapViewOfFile(t->page));
}

static int reset(const struct target *t)
{
	return landed(t, VirtualAlloc(t->page, t->page_size, MEM_RESET, PAGE_NOACCESS));
}

static int write_memory(const struct target *t)
{
	uint64_t zero = 0;

	return done(WriteProcessMemory(GetCurrentProcess(), t->page, &zero, sizeof(zero), NULL));
}

static int lock(const struct target *t)
{
	return done(VirtualLock(t->page, t->page_size));
}

const struct attack attacks[] = {
	{ "VirtualFree, all of it", BOTH, true, free_all, false },
	{ "VirtualFree, release page", BOTH, true, free_page, false },
	{ "VirtualFree, placeholder", BOTH, true, free_to_placeholder, false },
	{ "VirtualFree, decommit page", ON_COMMITTED, true, decommit_page, false },
	{ "VirtualFree, decommit all", ON_COMMITTED, true, decommit_all, false },
	{ "VirtualProtect, none", BOTH, true, protect_none, false },
	{ "VirtualProtect, read only", BOTH, true, protect_read, false },
	{ "VirtualProtect, executable", BOTH, true, protect_exec, false },
	{ "VirtualProtect, guard page", BOTH, true, protect_guard, false },
	{ "VirtualAlloc over it", BOTH, true, alloc_over, false },
	{ "VirtualAlloc, larger", BOTH, true, alloc_large, false },
	{ "VirtualAlloc, commit", BOTH, true, alloc_commit, false },
	{ "VirtualAlloc, commit RWX", BOTH, true, alloc_commit_exec, false },
	{ "MapViewOfFileEx over it", BOTH, true, map_over, false },
	{ "MapViewOfFile3, replace", BOTH, true, map_in_placeholder, false },
	{ "UnmapViewOfFile", BOTH, true, unmap_view, false },
	{ "VirtualAlloc, MEM_RESET", ON_COMMITTED, false, reset, false },
	{ "WriteProcessMemory", ON_COMMITTED, false, write_memory, false },
	{ "VirtualLock", ON_COMMITTED, false, lock, false },
};

const unsigned int attacks_count = ARRAY_SIZE(attacks);

_Static_assert(2 * ARRAY_SIZE(attacks) <= ATTACKS_MAX, "a verdict for each");
