// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Sets of address ranges: a sorted array of disjoint spans. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "run.h"

size_t spans_find(const struct spans *s, uintptr_t at)
{
	size_t lo = 0, hi = s->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].end > at)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Room for one more. */
static bool grow(struct spans *s)
{
	size_t room = s->room ? 2 * s->room : 1024;
	struct span *v;

	if (s->count < s->room)
		return true;
	v = raw_mmap(NULL, room * sizeof(*v), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (v == MAP_FAILED)
		return false;
	if (s->v) {
		memcpy(v, s->v, s->count * sizeof(*v));
		raw_munmap(s->v, s->room * sizeof(*v));
	}
	s->v = v;
	s->room = room;
	return true;
}

void spans_add(struct spans *s, uintptr_t start, uintptr_t end)
{
	size_t first = spans_find(s, start), last = first;

	/* A span that ends where this one starts is joined too. */
	if (first && s->v[first - 1].end == start)
		first--;
	while (last < s->count && s->v[last].start <= end)
		last++;
	if (first == last) {
		if (!grow(s))
			return;
		memmove(&s->v[first + 1], &s->v[first],
			(s->count - first) * sizeof(*s->v));
		s->count++;
		last++;
		s->v[first] = (struct span){ start, end };
	}
	if (s->v[first].start > start)
		s->v[first].start = start;
	if (s->v[last - 1].end > end)
		end = s->v[last - 1].end;
	s->v[first].end = end;
	memmove(&s->v[first + 1], &s->v[last], (s->count - last) * sizeof(*s->v));
	s->count -= last - first - 1;
}

void spans_remove(struct spans *s, uintptr_t start, uintptr_t end)
{
	size_t i = spans_find(s, start), last;

	if (i == s->count || s->v[i].start >= end)
		return;
	if (s->v[i].start < start) {
		struct span tail = { end, s->v[i].end };

		s->v[i++].end = start;
		if (tail.end > end) {
			if (!grow(s))
				return;
			memmove(&s->v[i + 1], &s->v[i], (s->count - i) * sizeof(*s->v));
			s->v[i] = tail;
			s->count++;
			return;
		}
	}
	for (last = i; last < s->count && s->v[last].end <= end; last++)
		;
	if (last < s->count && s->v[last].start < end)
		s->v[last].start = end;
	memmove(&s->v[i], &s->v[last], (s->count - last) * sizeof(*s->v));
	s->count -= last - i;
}

size_t spans_within(const struct spans *s, uintptr_t start, uintptr_t end)
{
	size_t i, sum = 0;

	for (i = spans_find(s, start); i < s->count && s->v[i].start < end; i++) {
		uintptr_t a = s->v[i].start > start ? s->v[i].start : start;
		uintptr_t b = s->v[i].end < end ? s->v[i].end : end;

		sum += b - a;
	}
	return sum;
}
