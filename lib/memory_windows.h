/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Memory calls that the backends on VirtualAlloc() share, and what Windows says
 * about an address range. Errors of Windows end here: what is returned is a
 * negative number of enum gccolor_error.
 */
#ifndef GCCOLOR_MEMORY_WINDOWS_H
#define GCCOLOR_MEMORY_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

struct backing;

/* What GetLastError() says, as a negative errno. */
int windows_error(void);

/* PAGE_* of GCCOLOR_READ ... */
DWORD windows_prot(uint32_t prot);

/* Where an allocation begins: 64 KiB. Asked once. */
size_t windows_granularity(void);

/*
 * Reserve [@addr, @addr + @length) if nothing is there, else change nothing. 0,
 * -EEXIST, -ERANGE (the address space ends before) or another error.
 *
 * Where there are placeholders the reservation is born as one, so that a part of
 * it can be made one again: for large pages, or for a view of a file.
 */
int windows_reserve(uintptr_t addr, size_t length);

/*
 * For tests: do without VirtualAlloc2() from now on, or again as before. Not
 * exported from the DLL.
 */
void windows_only_plain(bool on);

/* The same for all that VirtualAlloc2() did: have placeholders been seen to work? */
bool windows_has_placeholders(void);

/* Give all allocations in the range back. 0, or the first error. */
int windows_release(uintptr_t addr, size_t length);

/* MEM_COMMIT, MEM_DECOMMIT ... over as many allocations as it takes. */
int windows_commit(uintptr_t addr, size_t length, uint32_t prot);
int windows_decommit(uintptr_t addr, size_t length);
int windows_reset(uintptr_t addr, size_t length);

/* Other protection for what is committed. After a failure it may have either. */
int windows_protect(uintptr_t addr, size_t length, uint32_t prot);

/*
 * Large pages in what is reserved. -EOPNOTSUPP: no placeholders, no privilege
 * (SeLockMemoryPrivilege, which the program has to enable), or the range is not
 * made of whole large pages.
 */
int windows_commit_large(uintptr_t addr, size_t length, uint32_t prot);

/* Members of struct backend that are the same everywhere. */
int windows_discard(struct backing *at, uintptr_t addr, size_t length,
		    uint32_t prot, bool lazy);
void windows_populate(struct backing *at, uintptr_t addr, size_t length,
		      uint32_t prot);

#endif /* GCCOLOR_MEMORY_WINDOWS_H */
