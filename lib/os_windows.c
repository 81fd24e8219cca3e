// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#define _CRT_RAND_S	/* rand_s() */
#include "os.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <psapi.h>

#include "gccolor.h"

size_t os_page_size(void)
{
	static atomic_size_t cached;
	size_t size = atomic_load_explicit(&cached, memory_order_relaxed);
	SYSTEM_INFO info;

	if (!size) {
		GetSystemInfo(&info);
		size = info.dwPageSize;
		atomic_store_explicit(&cached, size, memory_order_relaxed);
	}
	return size;
}

size_t os_default_length(void)
{
	return (size_t)1 << 40;
}

/* Windows itself ends 64 KiB below. */
uintptr_t os_address_end(void)
{
	static atomic_uintptr_t cached;
	uintptr_t end = atomic_load_explicit(&cached, memory_order_relaxed);
	SYSTEM_INFO info;

	if (!end) {
		GetSystemInfo(&info);
		for (end = 1; end < (uintptr_t)info.lpMaximumApplicationAddress; end *= 2)
			;
		atomic_store_explicit(&cached, end, memory_order_relaxed);
	}
	return end;
}

/* There is none: nothing lies right above it. */
uintptr_t os_break(void)
{
	return UINTPTR_MAX;
}

bool os_secure_execution(void)
{
	return false;
}

void *os_map(size_t length)
{
	return VirtualAlloc(NULL, length, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void os_unmap(void *addr, size_t length)
{
	(void)length;
	if (addr)
		VirtualFree(addr, 0, MEM_RELEASE);
}

int os_random(uint64_t *out)
{
	unsigned int low;
	unsigned int high;

	if (rand_s(&low) || rand_s(&high))
		return -EIO;
	*out = (uint64_t)high << 32 | low;
	return 0;
}

bool os_may_hold(uintptr_t addr, size_t length)
{
	(void)addr;
	(void)length;
	return true;
}

/* The only sanitizer there is ASan, and what its user poisoned is his to clear. */
void os_fresh(uintptr_t addr, size_t length)
{
	(void)addr;
	(void)length;
}

/* A module by its path, a mapped file by its device path; no longer than most are. */
static void name_occupant(const MEMORY_BASIC_INFORMATION *info, struct os_occupant *out)
{
	char name[1024];
	DWORD length = 0;

	if (info->Type == MEM_IMAGE)
		length = GetModuleFileNameA((HMODULE)info->AllocationBase, name, sizeof(name));
	if (!length && info->Type != MEM_PRIVATE)
		length = K32GetMappedFileNameA(GetCurrentProcess(), info->AllocationBase,
					       name, sizeof(name));
	name[length < sizeof(name) ? length : sizeof(name) - 1] = '\0';
	if (length)
		os_occupant_name(out, name);
	else
		os_occupant_name(out, info->Type == MEM_PRIVATE ? "private memory" :
								  "a mapped file");
}

int os_occupant(uintptr_t start, uintptr_t end, struct os_occupant *out)
{
	MEMORY_BASIC_INFORMATION info;
	MEMORY_BASIC_INFORMATION next;

	do {
		if (start >= end || !VirtualQuery((void *)start, &info, sizeof(info)))
			return -ENOENT;
		start = (uintptr_t)info.BaseAddress + info.RegionSize;
	} while (info.State == MEM_FREE);
	while (VirtualQuery((void *)start, &next, sizeof(next)) &&
	       next.State != MEM_FREE && next.AllocationBase == info.AllocationBase)
		start = (uintptr_t)next.BaseAddress + next.RegionSize;
	out->start = (uintptr_t)info.AllocationBase;
	out->end = start;
	name_occupant(&info, out);
	return 0;
}

size_t os_hugetlb_size(void)
{
	return 0;
}

/*
 * May this program have large pages? Asked by taking one: being out of them is no
 * refusal. The privilege may come and go, so nothing is remembered.
 */
static bool has_large_pages(void)
{
	size_t large = GetLargePageMinimum();
	void *p;

	if (!large)
		return false;
	p = VirtualAlloc(NULL, large, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES,
			 PAGE_READWRITE);
	if (p)
		return VirtualFree(p, 0, MEM_RELEASE);
	switch (GetLastError()) {
	case ERROR_NO_SYSTEM_RESOURCES:
	case ERROR_NOT_ENOUGH_MEMORY:
	case ERROR_COMMITMENT_LIMIT:
		return true;
	default:
		return false;	/* ERROR_PRIVILEGE_NOT_HELD; wine: ERROR_INVALID_PARAMETER */
	}
}

uint64_t os_caps(void)
{
	return GCCOLOR_CAP_LAZY | GCCOLOR_CAP_POPULATE | GCCOLOR_CAP_OCCUPANT |
	       (has_large_pages() ? GCCOLOR_CAP_HUGEPAGE : 0);
}
