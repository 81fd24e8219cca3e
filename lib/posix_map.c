// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "posix_map.h"

#include <errno.h>
#include <sys/mman.h>

#include "backend.h"
#include "os.h"
#include "os_unix.h"

int posix_prot(uint32_t prot)
{
	return (prot & GCCOLOR_READ ? PROT_READ : 0) |
	       (prot & GCCOLOR_WRITE ? PROT_WRITE : 0) |
	       (prot & GCCOLOR_EXEC ? PROT_EXEC : 0);
}

int posix_map_free(uintptr_t addr, size_t length, int prot, int flags)
{
	void *p = os_map_at(addr, length, prot, flags);

	if (p == MAP_FAILED && errno == ENOMEM &&
	    (addr >= os_address_end() || os_address_end() - addr < length))
		return -ERANGE;
	if (p == MAP_FAILED)
		return -errno;
	if ((uintptr_t)p == addr)
		return 0;
	munmap(p, length);
	return -EEXIST;
}

int posix_discard(struct backing *at, uintptr_t addr, size_t length,
		  uint32_t prot, bool lazy)
{
	(void)at;
	return os_discard(addr, length, prot & GCCOLOR_WRITE, lazy);
}

void posix_populate(struct backing *at, uintptr_t addr, size_t length,
		    uint32_t prot)
{
	(void)at;
	os_populate(addr, length, prot & GCCOLOR_WRITE);
}

/* The lowest slot is never anything but reserve. */
int posix_present(struct backing *at)
{
	return os_mapped(at->base) ? 0 : -ENXIO;
}
