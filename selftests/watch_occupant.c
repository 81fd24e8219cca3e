// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* A library whose loading takes a page of where a region goes by default. */
#include <sys/mman.h>

#include <linux/gccolor.h>

__attribute__((constructor)) static void occupy(void)
{
	mmap((void *)(GCCOLOR_IOC_DEFAULT_BASE + 0x10000), 4096, PROT_READ,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}
