/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Looking through words: the part that differs between processors.
 */
#ifndef GCCOLOR_SCAN_FIND_H
#define GCCOLOR_SCAN_FIND_H

#include <stddef.h>
#include <stdint.h>

#define SCAN_CHUNK	2048	/* words at a time */
#define SCAN_SLACK	64	/* places behind the last index that may be written to */

/*
 * The indices i of those words[i], @first <= i < @count (up to SCAN_CHUNK), that lie in
 * the region, which is (words[i] & @keep) == @base. They go in ascending order to @index,
 * which has @count + SCAN_SLACK places. Returns how many there are.
 */
typedef size_t scan_find_fn(const uintptr_t *words, size_t first, size_t count,
			    uintptr_t base, uintptr_t keep, uint16_t *index);

scan_find_fn scan_find_portable;

/* The one for AVX2; NULL if this processor has none. */
scan_find_fn *scan_find_avx2(void);

#endif /* GCCOLOR_SCAN_FIND_H */
