// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The entry points that look for pointers. In two steps, a chunk of words after the
 * other: which lie in the region (scan_find_fn), which of those are committed.
 */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "error.h"
#include "gccolor_scan.h"
#include "scan_map.h"
#include "struct_size.h"

size_t scan_find_portable(const uintptr_t *words, size_t first, size_t count,
			  uintptr_t base, uintptr_t keep, uint16_t *index)
{
	size_t found = 0;
	size_t i;

	for (i = first; i < count; i++) {
		index[found] = (uint16_t)i;
		found += (__atomic_load_n(&words[i], __ATOMIC_RELAXED) & keep) == base;
	}
	return found;
}

/* The best for this processor, or what GCCOLOR_SCAN says. 0 or -errno. */
static int choose(scan_find_fn **out)
{
	const char *name = os_secure_execution() ? NULL : getenv("GCCOLOR_SCAN");

	*out = scan_find_avx2();
	if (!name || !*name) {
		if (!*out)
			*out = scan_find_portable;
		return 0;
	}
	if (strcmp(name, "portable") == 0) {
		*out = scan_find_portable;
		return 0;
	}
	if (strcmp(name, "avx2") != 0)
		return error_set(-EINVAL, "GCCOLOR_SCAN=%s: it is portable or avx2", name);
	if (!*out)
		return error_set(-EOPNOTSUPP, "GCCOLOR_SCAN=avx2: this processor has none");
	return 0;
}

int gccolor_scan_enable(struct gccolor *gc)
{
	scan_find_fn *find;
	int error;

	if (!gc)
		return error_set(-EINVAL, "scan_enable: no handle");
	error = check_holds(gc, "scan");
	if (!error)
		error = choose(&find);
	if (!error)
		error = region_enter(gc);
	if (error)
		return error;
	if (!gc->scan_find) {
		error = scan_map_make(gc);
		if (error)
			error_set(error, "no memory for the bitmap of the region at 0x%zx: "
				  "a bit for each page of %s", (size_t)gc->shape.base,
				  error_size(gc->shape.length).text);
		else
			gc->scan_find = find;
	}
	region_leave(gc);
	return error;
}

/* Room for @count words at @array, which is aligned? */
static int check_array(const char *name, const uintptr_t *array, size_t count)
{
	if (!array || (uintptr_t)array % sizeof(*array))
		return error_set(-EINVAL, "scan: %s is %p: null, or not aligned to %zu", name,
				 (const void *)array, sizeof(*array));
	if (count > (UINTPTR_MAX - (uintptr_t)array) / sizeof(*array))
		return error_set(-EOVERFLOW, "scan: %s wraps: %zu words from %p", name, count,
				 (const void *)array);
	return 0;
}

static int check_scan(const struct gccolor *gc, struct gccolor_scan *s,
		      const struct gccolor_scan *theirs)
{
	int error;

	if (!gc || !theirs)
		return error_set(-EINVAL, "scan: no handle, or nothing to scan");
	if (!gc->scan_find)
		return error_set(-EINVAL, "scan: gccolor_scan_enable() comes first");
	error = struct_copy(s, sizeof(*s), offsetof(struct gccolor_scan, found) +
			    sizeof(s->found), theirs, theirs->size, "gccolor_scan");
	if (error)
		return error;
	if (gc->shape.colors < 64 && s->colors >> gc->shape.colors)
		return error_set(-EINVAL, "scan: colors 0x%llx: the region has %u",
				 (unsigned long long)s->colors, gc->shape.colors);
	if (!s->colors)
		s->colors = ~0ULL;
	if (!s->capacity)
		return error_set(-EINVAL, "scan: no room for a hit");
	error = check_array("hits", s->hits, s->capacity);
	if (!error && (s->words || s->count))
		error = check_array("words", s->words, s->count);
	return error;
}

/* What is asked of an address; a copy, which storing hits does not change. */
struct question {
	const uintptr_t	*pages;
	uintptr_t	base;
	size_t		length;
	uint64_t	colors;
	uint32_t	page_shift;
	uint32_t	color_shift;
};

/* That it lies in the region is looked at again: others may have written to the word. */
static inline bool is_hit(const struct question *q, uintptr_t word)
{
	uintptr_t offset = word ^ q->base;	/* which is aligned to the length */
	size_t page = offset >> q->page_shift;

	return offset < q->length &&
	       (__atomic_load_n(&q->pages[page / SCAN_MAP_PAGES], __ATOMIC_RELAXED) >>
		page % SCAN_MAP_PAGES & (uintptr_t)(q->colors >> (offset >> q->color_shift)) & 1);
}

static inline uintptr_t candidate(const uintptr_t *words, const uint16_t *index)
{
	return __atomic_load_n(&words[*index], __ATOMIC_RELAXED);
}

/* Copy those of @count candidates to @hits that are some, without a branch on whether. */
static size_t keep_hits(const struct question *question, const uintptr_t *words,
			const uint16_t *index, size_t count, uintptr_t *hits)
{
	const struct question q = *question;
	const uint16_t *end = index + count;
	size_t found = 0;

	for (; index < end; index++) {
		uintptr_t word = candidate(words, index);

		hits[found] = word;
		found += is_hit(&q, word);
	}
	return found;
}

/* Deal with one chunk from s->scanned on. False: it stopped, because hits is full. */
static bool scan_chunk(const struct gccolor *gc, struct gccolor_scan *s,
		       const struct question *q, size_t count)
{
	const uintptr_t *words = s->words + s->scanned;
	uint16_t candidates[SCAN_CHUNK + SCAN_SLACK];
	const uint16_t *index = candidates;
	const uint16_t *end = index + gc->scan_find(words, 0, count, q->base,
						    ~(uintptr_t)(q->length - 1), candidates);
	bool going = true;

	while (going && index < end) {
		size_t room = s->capacity - s->found;
		size_t some = (size_t)(end - index) < room ? (size_t)(end - index) : room;

		s->found += keep_hits(q, words, index, some, s->hits + s->found);
		index += some;
		/* Full: it goes on to the next hit. */
		if (!room)
			going = !is_hit(q, candidate(words, index++));
	}
	s->scanned += going ? count : index[-1];
	return going;
}

int gccolor_scan(const struct gccolor *gc, struct gccolor_scan *theirs)
{
	struct gccolor_scan s;
	struct question q;
	bool going = true;
	int error;

	error = check_scan(gc, &s, theirs);
	if (error)
		return error;
	q = (struct question){
		.pages = gc->pages,
		.base = gc->shape.base,
		.length = gc->shape.length,
		.colors = s.colors,
		.page_shift = gc->page_shift,
		.color_shift = gc->shape.color_shift,
	};
	s.scanned = 0;
	s.found = 0;
	while (going && s.scanned < s.count) {
		size_t rest = s.count - s.scanned;

		going = scan_chunk(gc, &s, &q, rest < SCAN_CHUNK ? rest : SCAN_CHUNK);
	}
	theirs->scanned = s.scanned;
	theirs->found = s.found;
	return 0;
}
