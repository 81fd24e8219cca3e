// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "memory_windows.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "backend.h"
#include "os.h"

/* Not in every header. */
#ifndef MEM_REPLACE_PLACEHOLDER
#define MEM_REPLACE_PLACEHOLDER		0x00004000
#define MEM_RESERVE_PLACEHOLDER		0x00040000
#endif
#ifndef MEM_PRESERVE_PLACEHOLDER
#define MEM_PRESERVE_PLACEHOLDER	0x00000002
#endif
#ifndef ERROR_DYNAMIC_CODE_BLOCKED
#define ERROR_DYNAMIC_CODE_BLOCKED	1655
#endif

/* The system may be about to enlarge its page file: worth a moment. */
#define STALLS		10
#define STALL_MS	50

/* What VirtualAlloc2() is good for; only ever learnt from what it did. */
enum { NOT_TRIED, PLACEHOLDERS, USELESS };
static atomic_int learnt;
static atomic_bool only_plain;

int windows_error(void)
{
	switch (GetLastError()) {
	case ERROR_NOT_ENOUGH_MEMORY:
	case ERROR_OUTOFMEMORY:
	case ERROR_COMMITMENT_LIMIT:
	case ERROR_COMMITMENT_MINIMUM:
	case ERROR_NO_SYSTEM_RESOURCES:
	case ERROR_WORKING_SET_QUOTA:
	case ERROR_PAGEFILE_QUOTA:
	case ERROR_NOT_ENOUGH_QUOTA:
		return -ENOMEM;
	case ERROR_ACCESS_DENIED:
	case ERROR_DYNAMIC_CODE_BLOCKED:
		return -EACCES;
	case ERROR_PRIVILEGE_NOT_HELD:
	case ERROR_NOT_SUPPORTED:
	case ERROR_CALL_NOT_IMPLEMENTED:
		return -EOPNOTSUPP;
	case ERROR_INVALID_ADDRESS:	/* nothing of ours is there */
		return -ENXIO;
	case ERROR_INVALID_PARAMETER:
		return -EINVAL;
	default:
		return -EIO;
	}
}

DWORD windows_prot(uint32_t prot)
{
	if (prot & GCCOLOR_EXEC)
		return PAGE_EXECUTE_READ;
	return prot & GCCOLOR_WRITE ? PAGE_READWRITE : PAGE_READONLY;
}

size_t windows_granularity(void)
{
	static atomic_size_t cached;
	size_t size = atomic_load_explicit(&cached, memory_order_relaxed);
	SYSTEM_INFO info;

	if (!size) {
		GetSystemInfo(&info);
		size = info.dwAllocationGranularity;
		atomic_store_explicit(&cached, size, memory_order_relaxed);
	}
	return size;
}

/* The declared function, looked up at run time. */
static __typeof__(&VirtualAlloc2) find_virtual_alloc2(void)
{
	HMODULE dll = GetModuleHandleA("kernelbase.dll");

	return dll ? (void *)GetProcAddress(dll, "VirtualAlloc2") : NULL;
}

void windows_only_plain(bool on)
{
	atomic_store(&only_plain, on);
}

bool windows_has_placeholders(void)
{
	return !atomic_load(&only_plain) && atomic_load(&learnt) == PLACEHOLDERS;
}

/* A placeholder in just this window, then a reservation in its place. */
static bool reserve_as_placeholder(uintptr_t addr, size_t length)
{
	MEM_ADDRESS_REQUIREMENTS window = {
		.LowestStartingAddress = (void *)addr,
		.HighestEndingAddress = (void *)(addr + length - 1),
	};
	MEM_EXTENDED_PARAMETER more = {
		.Type = MemExtendedParameterAddressRequirements,
		.Pointer = &window,
	};
	__typeof__(&VirtualAlloc2) alloc2 = find_virtual_alloc2();
	void *p;

	if (!alloc2 || atomic_load(&only_plain) || atomic_load(&learnt) == USELESS)
		return false;
	p = alloc2(NULL, NULL, length, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
		   PAGE_NOACCESS, &more, 1);
	if (!p)		/* taken; or not understood, and then plain is not refused */
		return false;
	if ((uintptr_t)p == addr &&
	    alloc2(NULL, p, length, MEM_RESERVE | MEM_REPLACE_PLACEHOLDER,
		   PAGE_NOACCESS, NULL, 0) == p) {
		atomic_store(&learnt, PLACEHOLDERS);
		return true;
	}
	VirtualFree(p, 0, MEM_RELEASE);
	atomic_store(&learnt, USELESS);
	return false;
}

int windows_reserve(uintptr_t addr, size_t length)
{
	void *p;

	if (length > PTRDIFF_MAX || addr + length < addr ||
	    addr + length > os_address_end())
		return -ERANGE;
	if (reserve_as_placeholder(addr, length))
		return 0;
	p = VirtualAlloc((void *)addr, length, MEM_RESERVE, PAGE_NOACCESS);
	if (!p)
		return GetLastError() == ERROR_INVALID_ADDRESS ? -EEXIST : windows_error();
	if ((uintptr_t)p == addr)
		return 0;
	VirtualFree(p, 0, MEM_RELEASE);		/* rounded to the granularity */
	return -EINVAL;
}

/*
 * Does @addr lie in an allocation? In any case @next is how far that one, or the
 * hole, goes on, at most to @end.
 */
static bool allocation_at(uintptr_t addr, uintptr_t end, uintptr_t *next)
{
	MEMORY_BASIC_INFORMATION first;
	MEMORY_BASIC_INFORMATION info;

	*next = end;
	if (!VirtualQuery((void *)addr, &first, sizeof(first)))
		return false;
	addr = (uintptr_t)first.BaseAddress + first.RegionSize;
	while (first.State != MEM_FREE && addr < end &&
	       VirtualQuery((void *)addr, &info, sizeof(info)) &&
	       info.State != MEM_FREE && info.AllocationBase == first.AllocationBase)
		addr = (uintptr_t)info.BaseAddress + info.RegionSize;
	if (addr < end)
		*next = addr;
	return first.State != MEM_FREE;
}

#define PROTECT	0	/* no type: VirtualProtect() */

static bool change(uintptr_t addr, size_t length, DWORD type, DWORD prot)
{
	void *p = (void *)addr;
	DWORD before;

	if (type == MEM_DECOMMIT)
		return VirtualFree(p, length, type);
	if (type == PROTECT)
		return VirtualProtect(p, length, prot, &before);
	return VirtualAlloc(p, length, type, prot);
}

/* One call does not reach over two allocations. */
static int change_all(uintptr_t addr, size_t length, DWORD type, DWORD prot)
{
	uintptr_t end = addr + length;
	uintptr_t next;

	if (change(addr, length, type, prot))
		return 0;
	if (GetLastError() != ERROR_INVALID_ADDRESS &&
	    GetLastError() != ERROR_INVALID_PARAMETER)
		return windows_error();
	for (; addr < end; addr = next) {
		if (!allocation_at(addr, end, &next))
			return -ENXIO;
		if (!change(addr, next - addr, type, prot))
			return windows_error();
	}
	return 0;
}

int windows_commit(uintptr_t addr, size_t length, uint32_t prot)
{
	int error = change_all(addr, length, MEM_COMMIT, windows_prot(prot));

	if (error)	/* what was committed of it is reserve again */
		change_all(addr, length, MEM_DECOMMIT, 0);
	return error;
}

int windows_reset(uintptr_t addr, size_t length)
{
	return change_all(addr, length, MEM_RESET, PAGE_NOACCESS);
}

int windows_protect(uintptr_t addr, size_t length, uint32_t prot)
{
	return change_all(addr, length, PROTECT, windows_prot(prot));
}

/* Make a part of a reservation a placeholder, and that what @type says. */
static int replace(uintptr_t addr, size_t length, DWORD type, DWORD prot)
{
	__typeof__(&VirtualAlloc2) alloc2 = find_virtual_alloc2();
	void *p = (void *)addr;
	int error = 0;

	if (!windows_has_placeholders() ||
	    !VirtualFree(p, length, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER))
		return -EOPNOTSUPP;
	if (alloc2(NULL, p, length, type | MEM_REPLACE_PLACEHOLDER, prot, NULL, 0))
		return 0;
	error = windows_error();
	alloc2(NULL, p, length, MEM_RESERVE | MEM_REPLACE_PLACEHOLDER, PAGE_NOACCESS,
	       NULL, 0);
	return error;
}

int windows_commit_large(uintptr_t addr, size_t length, uint32_t prot)
{
	size_t large = GetLargePageMinimum();
	int error;

	if (!large || addr % large || length % large)
		return -EOPNOTSUPP;
	error = replace(addr, length, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES,
			windows_prot(prot));
	return error == -EINVAL ? -EOPNOTSUPP : error;	/* wine knows none */
}

/* Large pages are not decommitted, but replaced. */
int windows_decommit(uintptr_t addr, size_t length)
{
	int error = change_all(addr, length, MEM_DECOMMIT, 0);

	if (error && error != -ENXIO && replace(addr, length, MEM_RESERVE, PAGE_NOACCESS) == 0)
		return 0;
	return error;
}

int windows_release(uintptr_t addr, size_t length)
{
	uintptr_t end = addr + length;
	uintptr_t next;
	int error = 0;

	for (; addr < end; addr = next) {
		int failed = 0;

		if (!allocation_at(addr, end, &next))
			failed = -ENXIO;
		else if (!VirtualFree((void *)addr, 0, MEM_RELEASE))
			failed = windows_error();
		error = error ? error : failed;
	}
	return error;
}

/* Is the range committed throughout, and writable? */
static bool writable(uintptr_t addr, size_t length)
{
	uintptr_t end = addr + length;
	MEMORY_BASIC_INFORMATION info;

	while (addr < end) {
		if (!VirtualQuery((void *)addr, &info, sizeof(info)) ||
		    info.State != MEM_COMMIT || info.Protect != PAGE_READWRITE)
			return false;
		addr = (uintptr_t)info.BaseAddress + info.RegionSize;
	}
	return true;
}

/*
 * MEM_RESET promises no zeroes; decommitting and committing again is what
 * Windows has for that. In between the memory is not there.
 */
int windows_discard(struct backing *at, uintptr_t addr, size_t length,
		    uint32_t prot, bool lazy)
{
	int stalls = 0;
	int error;

	(void)at;
	if (lazy)
		return windows_reset(addr, length);
	error = change_all(addr, length, MEM_DECOMMIT, 0);
	if (error) {
		if (!writable(addr, length))
			return error;
		memset((void *)addr, 0, length);	/* large pages */
		return 0;
	}
	while ((error = change_all(addr, length, MEM_COMMIT, windows_prot(prot))) == -ENOMEM &&
	       stalls++ < STALLS)
		Sleep(STALL_MS);
	return error;
}

/* A first read makes a page: there is no shared page of zeroes. */
void windows_populate(struct backing *at, uintptr_t addr, size_t length,
		      uint32_t prot)
{
	uintptr_t end = addr + length;

	(void)at;
	(void)prot;
	for (; addr < end; addr += os_page_size())
		(void)*(volatile char *)addr;
}
