// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>
#include <sys/mman.h>

#include "os.h"
#include "os_unix.h"

/*
 * EINVAL is all that mmap(2) says of a taken place. A region begins at a multiple of
 * its length, so MAP_ALIGNED() has nothing to add.
 */
void *os_map_at(uintptr_t addr, size_t length, int prot, int flags)
{
	void *p = mmap((void *)addr, length, prot, MAP_PRIVATE | MAP_ANON | MAP_FIXED |
		       MAP_EXCL | flags, -1, 0);

	if (p == MAP_FAILED && errno == EINVAL)
		errno = EEXIST;
	return p;
}
