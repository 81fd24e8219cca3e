/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Memory calls that the backends on mmap(2) share.
 */
#ifndef GCCOLOR_POSIX_MAP_H
#define GCCOLOR_POSIX_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backing;

/* PROT_* of GCCOLOR_READ ... */
int posix_prot(uint32_t prot);

/*
 * Map anonymous memory at @addr if nothing is there. @flags are added to
 * MAP_PRIVATE | MAP_ANONYMOUS. 0, -EEXIST, -ERANGE (the address space ends
 * before) or -errno. Where MAP_FIXED_NOREPLACE is only a hint (Linux before
 * 4.17, qemu-user, gVisor) a stray mapping is removed and the answer is -EEXIST.
 */
int posix_map_free(uintptr_t addr, size_t length, int prot, int flags);

/* Members of struct backend that are the same everywhere. */
int posix_discard(struct backing *at, uintptr_t addr, size_t length,
		  uint32_t prot, bool lazy);
void posix_populate(struct backing *at, uintptr_t addr, size_t length,
		    uint32_t prot);
int posix_present(struct backing *at);

#endif /* GCCOLOR_POSIX_MAP_H */
