// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>
#include <sys/mman.h>

#include "os.h"
#include "os_unix.h"

/* ENOMEM is all that mmap(2) says of a taken place. */
void *os_map_at(uintptr_t addr, size_t length, int prot, int flags)
{
	void *p = mmap((void *)addr, length, prot, MAP_PRIVATE | MAP_ANON | MAP_FIXED |
		       __MAP_NOREPLACE | flags, -1, 0);

	if (p == MAP_FAILED && errno == ENOMEM && addr < os_address_end() &&
	    os_address_end() - addr >= length)
		errno = EEXIST;
	return p;
}
