/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* The rows of make bench-user whose peers come from packages. */
#ifndef BENCH_USER_H
#define BENCH_USER_H

#include "native.h"

extern const struct native_group user_alloc;	/* user_alloc.c */

/* The layer below jemalloc's extents; its static library has it, its header has not. */
void *je_pages_map(void *addr, size_t size, size_t alignment, bool *commit);
void je_pages_unmap(void *addr, size_t size);

/* memmap2/lib.rs */
struct peer_memmap2;
struct peer_memmap2 *peer_memmap2_slot(void);
void *peer_memmap2_map(struct peer_memmap2 *slot, size_t length);
void peer_memmap2_unmap(struct peer_memmap2 *slot);

#endif /* BENCH_USER_H */
