// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * BSD and illumos, which do what POSIX says; who lies at an address is not looked up.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os.h"
#include "os_unix.h"
#include "sanitizer.h"

void os_fresh(uintptr_t addr, size_t length)
{
	sanitizer_fresh(addr, length);
}

int os_random(uint64_t *out)
{
	*out = 0;	/* MSan does not know who writes next */
	return getentropy(out, sizeof(*out)) ? -errno : 0;
}

int os_occupant(uintptr_t start, uintptr_t end, struct os_occupant *out)
{
	(void)start;
	(void)end;
	(void)out;
	return -ENOENT;
}

/* POSIX: ENOMEM where nothing is mapped. */
bool os_mapped(uintptr_t addr)
{
	return msync((void *)addr, os_page_size(), MS_ASYNC) == 0 || errno != ENOMEM;
}

void *os_map_over(uintptr_t addr, size_t length, int prot, int flags)
{
	return mmap((void *)addr, length, prot, flags | MAP_FIXED, -1, 0);
}
