// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "scan_ways.h"

#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>

#include "region.h"

#define BMI2	__attribute__((target("bmi,bmi2")))

static bool has_avx2(void)
{
	return scan_find_avx2();
}

static bool has_bmi2(void)
{
	return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

/* The read limit, as the compiler makes it ... */
__attribute__((noinline))
static size_t sum(const struct scan_heap *heap, const uintptr_t *words, size_t count,
		  uintptr_t *hits)
{
	size_t total = 0;
	size_t i;

	(void)heap;
	(void)hits;
	for (i = 0; i < count; i++)
		total += words[i];
	return total;
}

/* ... and as fast as AVX2 reads: eight sums of four words each. */
__attribute__((noinline, target("avx2")))
static size_t sum_avx2(const struct scan_heap *heap, const uintptr_t *words, size_t count,
		       uintptr_t *hits)
{
	__m256i total[8] = { 0 };
	uint64_t four[4];
	size_t i, k;

	(void)heap;
	(void)hits;
	for (i = 0; i < count; i += 32) {
#pragma GCC unroll 8
		for (k = 0; k < 8; k++) {
			const __m256i *at = (const __m256i *)(words + i + 4 * k);

			total[k] = _mm256_add_epi64(total[k], _mm256_loadu_si256(at));
		}
	}
	for (k = 1; k < 8; k++)
		total[0] = _mm256_add_epi64(total[0], total[k]);
	_mm256_storeu_si256((__m256i *)four, total[0]);
	return four[0] + four[1] + four[2] + four[3];
}

static inline bool committed(const struct scan_heap *heap, uintptr_t offset)
{
	size_t page = offset >> heap->page_shift;

	return heap->pages[page / 64] >> page % 64 & 1;
}

static inline bool colored(const struct scan_heap *heap, uintptr_t offset)
{
	return heap->colors >> (offset >> heap->shape.color_shift) & 1;
}

/* One branch a word: good where hits are rare. */
BMI2 __attribute__((noinline))
static size_t branching(const struct scan_heap *heap, const uintptr_t *words, size_t count,
			uintptr_t *hits)
{
	const struct scan_heap h = *heap;
	size_t found = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		uintptr_t offset = words[i] - h.shape.base;

		if (offset < h.shape.length && committed(&h, offset) && colored(&h, offset))
			hits[found++] = words[i];
	}
	return found;
}

/* None: good where hits are frequent and not to be foreseen. */
BMI2 __attribute__((noinline))
static size_t branchless(const struct scan_heap *heap, const uintptr_t *words, size_t count,
			 uintptr_t *hits)
{
	const struct scan_heap h = *heap;
	size_t found = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		uintptr_t offset = words[i] - h.shape.base;
		bool in = offset < h.shape.length;
		uintptr_t inside = offset & -(uintptr_t)in;

		hits[found] = words[i];
		found += in & committed(&h, inside) & colored(&h, inside);
	}
	return found;
}

/* One branch a word for the region, none for what is in it. */
BMI2 __attribute__((noinline))
static size_t half_branching(const struct scan_heap *heap, const uintptr_t *words, size_t count,
			     uintptr_t *hits)
{
	const struct scan_heap h = *heap;
	size_t found = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		uintptr_t offset = words[i] - h.shape.base;

		if (offset >= h.shape.length)
			continue;
		hits[found] = words[i];
		found += committed(&h, offset) & colored(&h, offset);
	}
	return found;
}

static size_t scan(const struct scan_heap *heap, scan_find_fn *find, const uintptr_t *words,
		   size_t count, uintptr_t *hits)
{
	struct gccolor_scan s = {
		.size = sizeof(s),
		.colors = heap->colors,
		.words = words,
		.count = count,
		.hits = hits,
		.capacity = count,
	};
	int error;

	/* Past the door: a region has one way for its life. */
	heap->gc->scan_find = find;
	error = gccolor_scan(heap->gc, &s);
	if (error) {
		fprintf(stderr, "gccolor_scan: %s\n", gccolor_strerror(error));
		exit(1);
	}
	return s.found;
}

static size_t portable(const struct scan_heap *heap, const uintptr_t *words, size_t count,
		       uintptr_t *hits)
{
	return scan(heap, scan_find_portable, words, count, hits);
}

static size_t avx2(const struct scan_heap *heap, const uintptr_t *words, size_t count,
		   uintptr_t *hits)
{
	static scan_find_fn *find;	/* to ask the processor takes a virtual machine long */

	if (!find)
		find = scan_find_avx2();
	return scan(heap, find, words, count, hits);
}

const struct scan_way scan_ways[SCAN_WAYS] = {
	{ "sum", false, NULL, sum },
	{ "sum, AVX2", false, has_avx2, sum_avx2 },
	{ "loop, branching", true, has_bmi2, branching },
	{ "loop, one branch", true, has_bmi2, half_branching },
	{ "loop, branchless", true, has_bmi2, branchless },
	{ "gccolor_scan, portable", true, NULL, portable },
	{ "gccolor_scan, AVX2", true, has_avx2, avx2 },
};
