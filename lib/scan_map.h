/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What callers have committed: the set, and for gccolor_scan() a bitmap of it.
 */
#ifndef GCCOLOR_SCAN_MAP_H
#define GCCOLOR_SCAN_MAP_H

#include "region.h"

/* Pages in a word of the bitmap. */
#define SCAN_MAP_PAGES	(8 * sizeof(uintptr_t))

/* Make the bitmap of what is committed now. 0 or -ENOMEM. Needs the region's lock. */
int scan_map_make(struct gccolor *gc);
void scan_map_destroy(struct gccolor *gc);

/*
 * Enter a range into committed when it has become usable, or take it out before it
 * ceases to be. As runs_add() and runs_remove(); backend hint uses those directly.
 */
void committed_add(struct gccolor *gc, uintptr_t start, uintptr_t end, uint32_t prot);
void committed_remove(struct gccolor *gc, uintptr_t start, uintptr_t end);

#endif /* GCCOLOR_SCAN_MAP_H */
