// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <sys/mman.h>
#include <unistd.h>

#include "os.h"
#include "os_unix.h"

uintptr_t os_address_end(void)
{
	return (uintptr_t)1 << 47;
}

/* The heap grows by sbrk(2), and a large reservation leaves it no room. */
size_t os_default_length(void)
{
	return (size_t)1 << 32;
}

uintptr_t os_break(void)
{
	void *now = sbrk(0);

	return now == (void *)-1 ? 0 : (uintptr_t)now;
}

/* A hint, taken if the place is free (MAP_ALIGN would make it an alignment). */
void *os_map_at(uintptr_t addr, size_t length, int prot, int flags)
{
	return mmap((void *)addr, length, prot, MAP_PRIVATE | MAP_ANON | flags, -1, 0);
}
