// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <sys/mman.h>

#include "os.h"
#include "os_unix.h"

/* A hint that is followed if the place is free. */
void *os_map_at(uintptr_t addr, size_t length, int prot, int flags)
{
	return mmap((void *)addr, length, prot, MAP_PRIVATE | MAP_ANON | MAP_TRYFIXED | flags,
		    -1, 0);
}
