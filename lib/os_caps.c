// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What this kernel offers, asked, not read from its version.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gccolor.h"
#include "madvise_linux.h"
#include "os.h"
#include "posix_policy.h"

/* The first @size - 1 bytes of a file of /proc or /sys; empty if there is none. */
static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	if (fd >= 0) {
		got = read(fd, text, size - 1);
		close(fd);
	}
	text[got > 0 ? got : 0] = '\0';
}

bool os_huge_pages_always(void)
{
	char text[64];

	read_text("/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof(text));
	return strstr(text, "[always]");
}

/* qemu-user knows no huge pages; without a reservation none has to be free. */
static bool maps_huge(size_t size)
{
	void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
		       MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return errno != EINVAL;
	munmap(p, size);
	return true;
}

size_t os_hugetlb_size(void)
{
	static atomic_size_t cached;	/* 1: none */
	size_t size = atomic_load_explicit(&cached, memory_order_relaxed);
	char text[4096];
	char *at;

	if (!size) {
		read_text("/proc/meminfo", text, sizeof(text));
		at = strstr(text, "Hugepagesize:");
		size = at ? strtoul(at + strlen("Hugepagesize:"), NULL, 10) << 10 : 0;
		size = size && maps_huge(size) ? size : 1;
		atomic_store_explicit(&cached, size, memory_order_relaxed);
	}
	return size == 1 ? 0 : size;
}

/* Advice on nothing is checked and not followed. */
static uint64_t if_advice(int advice, uint64_t cap)
{
	return posix_advice_is_checked() && madvise(NULL, 0, advice) == 0 ? cap : 0;
}

static uint64_t ask(void)
{
	uint64_t caps = GCCOLOR_CAP_NORESERVE | GCCOLOR_CAP_POPULATE | GCCOLOR_CAP_STACK |
			GCCOLOR_CAP_IMAGES;

	caps |= if_advice(MADV_FREE, GCCOLOR_CAP_LAZY);
	caps |= if_advice(MADV_DONTDUMP, GCCOLOR_CAP_NODUMP);
	caps |= if_advice(MADV_WIPEONFORK, GCCOLOR_CAP_WIPE);
	caps |= if_advice(MADV_GUARD_INSTALL, GCCOLOR_CAP_GUARD);
	caps |= if_advice(MADV_COLD, GCCOLOR_CAP_COLD);
	caps |= if_advice(MADV_PAGEOUT, GCCOLOR_CAP_PAGEOUT);
	if (os_has_huge_pages())
		caps |= if_advice(MADV_HUGEPAGE, GCCOLOR_CAP_HUGEPAGE) |
			if_advice(MADV_COLLAPSE, GCCOLOR_CAP_COLLAPSE);
	if (os_hugetlb_size())
		caps |= GCCOLOR_CAP_HUGETLB;
	if (posix_name(0, 0, "gccolor") == 0)
		caps |= GCCOLOR_CAP_NAMES;
	if (access("/proc/self/maps", R_OK) == 0)
		caps |= GCCOLOR_CAP_OCCUPANT;
	return caps;
}

uint64_t os_caps(void)
{
	static _Atomic uint64_t cached;
	uint64_t caps = atomic_load_explicit(&cached, memory_order_relaxed);

	if (!caps) {
		caps = ask();
		atomic_store_explicit(&cached, caps, memory_order_relaxed);
	}
	return caps;
}
