// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What all Unixes do alike.
 */
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os.h"
#include "os_unix.h"

size_t os_page_size(void)
{
	static atomic_size_t cached;
	size_t size = atomic_load_explicit(&cached, memory_order_relaxed);

	if (!size) {
		size = (size_t)sysconf(_SC_PAGESIZE);
		atomic_store_explicit(&cached, size, memory_order_relaxed);
	}
	return size;
}

void *os_map(size_t length)
{
	void *p = mmap(NULL, length, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void os_unmap(void *addr, size_t length)
{
	munmap(addr, length);
}

void os_touch(uintptr_t addr, size_t length, bool writing)
{
	uintptr_t at;

	for (at = addr; at < addr + length; at += os_page_size()) {
		volatile atomic_uint *p = (volatile atomic_uint *)at;
		unsigned int value = atomic_load_explicit(p, memory_order_relaxed);

		/* Refused only if another thread has just written. */
		if (writing)
			atomic_compare_exchange_strong(p, &value, value);
	}
}
