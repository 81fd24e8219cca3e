// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "claims.h"

#include <errno.h>
#include <stdbool.h>

#include "os.h"

static inline uintptr_t address(const void *p)
{
	return (uintptr_t)p;
}

static void sift_down(void **heap, size_t at, size_t count)
{
	for (;;) {
		size_t child = 2 * at + 1;
		void *swap;

		if (child >= count)
			return;
		if (child + 1 < count && address(heap[child + 1]) > address(heap[child]))
			child++;
		if (address(heap[at]) >= address(heap[child]))
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

/* qsort() may call malloc(), which may be our caller's. */
static void heap_sort(void **list, size_t count)
{
	size_t i;

	for (i = count / 2; i-- > 0;)
		sift_down(list, i, count);
	for (i = count; i-- > 1;) {
		void *top = list[0];

		list[0] = list[i];
		list[i] = top;
		sift_down(list, 0, i);
	}
}

int avoid_init(struct avoid *avoid, void *const *list, size_t count)
{
	bool ordered = true;
	size_t i;

	*avoid = (struct avoid){ .list = list, .count = count };
	for (i = 1; i < count && ordered; i++)
		ordered = address(list[i - 1]) <= address(list[i]);
	if (ordered)
		return 0;
	avoid->copy = os_map(count * sizeof(*avoid->copy));
	if (!avoid->copy)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		avoid->copy[i] = list[i];
	heap_sort(avoid->copy, count);
	avoid->list = avoid->copy;
	return 0;
}

void avoid_done(struct avoid *avoid)
{
	if (avoid->copy)
		os_unmap(avoid->copy, avoid->count * sizeof(*avoid->copy));
}

/* The highest address to avoid in [start, end), or 0. */
static uintptr_t avoid_last(const struct avoid *avoid, uintptr_t start,
			    uintptr_t end)
{
	size_t lo = 0;
	size_t hi = avoid->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (address(avoid->list[mid]) < end)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || address(avoid->list[lo - 1]) < start)
		return 0;
	return address(avoid->list[lo - 1]);
}

struct run *claims_find(const struct runs *free, const struct want *want, uintptr_t *out)
{
	uintptr_t from = want->lo;
	struct run *run;

	while ((run = runs_fit(free, from, want->hi, want->length))) {
		uintptr_t place = run->start > from ? run->start : from;
		uintptr_t end = run_end(run) < want->hi ? run_end(run) : want->hi;
		uintptr_t blocked;

		place += (0 - place - want->skew) & (want->align - 1);
		if (place > end || end - place < want->length) {
			from = end;
			continue;
		}
		blocked = avoid_last(want->avoid, place, place + want->length);
		if (!blocked) {
			*out = place;
			return run;
		}
		from = (blocked & ~(want->page - 1)) + want->page;
	}
	return NULL;
}
