// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What Unixes other than Linux do alike. They clear anonymous memory only by a new
 * mapping, and no small file tells who lies where.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os.h"
#include "os_unix.h"

bool os_secure_execution(void)
{
	return issetugid() != 0;
}

bool os_may_hold(uintptr_t addr, size_t length)
{
	(void)addr;
	(void)length;
	return true;
}

bool os_has_huge_pages(void)
{
	return false;
}

int os_discard(uintptr_t addr, size_t length, bool writable, bool lazy)
{
	if (!writable)
		return -EPERM;
	if (lazy && madvise((void *)addr, length, MADV_FREE) == 0)
		return 0;
	return os_map_over(addr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			   MAP_ANONYMOUS) == MAP_FAILED ? -errno : 0;
}

void os_populate(uintptr_t addr, size_t length, bool writable)
{
	os_touch(addr, length, writable);
}
