/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the backends on mmap(2) ask of each Unix, in os_SYSTEM.c.
 */
#ifndef GCCOLOR_OS_UNIX_H
#define GCCOLOR_OS_UNIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE	0	/* FreeBSD never charges private memory before use */
#endif
#ifndef MAP_HUGETLB
#define MAP_HUGETLB	0	/* only Linux has the cap */
#endif
#ifndef MAP_STACK
#define MAP_STACK	0	/* likewise; on FreeBSD it is something else */
#endif

/*
 * Ask for private anonymous memory at @addr, replacing nothing. Where it lies, or
 * MAP_FAILED with errno: EEXIST if something is there. It may lie elsewhere, if the
 * system knows hints only; who asks looks, and unmaps it then.
 */
void *os_map_at(uintptr_t addr, size_t length, int prot, int flags);

/* Map over what is ours; @flags are all but MAP_FIXED. @addr or MAP_FAILED. */
void *os_map_over(uintptr_t addr, size_t length, int prot, int flags);

/* Read, or write what is there already, a word of each page, whoever else writes. */
void os_touch(uintptr_t addr, size_t length, bool writing);

#endif /* GCCOLOR_OS_UNIX_H */
