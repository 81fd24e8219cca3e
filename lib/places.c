// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "places.h"

#include <errno.h>

#include "os.h"

#define BREAK_ROOM	((uintptr_t)64 << 30)
#define STEP_MIN	((size_t)1 << 40)
#define RANDOM_DRAWS	64

/* What collectors ask for today; then below where Linux places programs. */
#define FAVOURITES	2
static const uint64_t favourites[FAVOURITES] = { 0x600000000000, 0x400000000000 };

static uintptr_t align_up(uintptr_t addr, size_t align)
{
	return (addr + align - 1) & ~(align - 1);
}

static bool own_list(const struct gccolor_options *opt)
{
	return opt->base_policy == GCCOLOR_BASE_LIST && opt->bases;
}

void places_init(struct places *places, const struct gccolor_options *opt,
		 size_t length)
{
	uintptr_t end = os_address_end();

	*places = (struct places){
		.opt = opt,
		.length = length,
		.lo = end / 8,
		.hi = end / 8 * 7,
		.step = length,
	};
	if (opt->range_end) {
		places->lo = opt->range_start;
		places->hi = opt->range_end;
	}
	if (opt->base_policy == GCCOLOR_BASE_LIST && places->step < STEP_MIN &&
	    places->hi - places->lo > STEP_MIN)
		places->step = STEP_MIN;
	if (places->lo < length)	/* never at 0 */
		places->lo = length;
	places->next = align_up(places->lo, places->step);
}

static bool in_the_way_of_break(uintptr_t base, size_t length)
{
	uintptr_t now = os_break();

	return base < now + BREAK_ROOM && base + length > now;
}

static bool fits(const struct places *places, uintptr_t base)
{
	return base >= places->lo && base < places->hi &&
	       places->hi - base >= places->length &&
	       !in_the_way_of_break(base, places->length);
}

static int next_of_walk(struct places *places, uintptr_t *out)
{
	while (places->next >= places->lo && places->next < places->hi) {
		*out = places->next;
		places->next += places->step;
		if (fits(places, *out))
			return 0;
	}
	return -ENOENT;
}

static int next_random(struct places *places, uintptr_t *out)
{
	uintptr_t first = align_up(places->lo, places->length);
	uint64_t count;
	uint64_t draw;
	int error;

	if (first < places->lo || first >= places->hi ||
	    places->hi - first < places->length)
		return -ENOENT;
	count = (places->hi - first) / places->length;
	error = os_random(&draw);
	if (error)
		return error;
	/* count is far below 2^64: no bias worth the name */
	*out = first + (uintptr_t)(draw % count) * places->length;
	return 0;
}

bool places_walking(const struct places *places)
{
	switch (places->opt->base_policy) {
	case GCCOLOR_BASE_RANGE:
		return true;
	case GCCOLOR_BASE_RANDOM:
		return places->given > RANDOM_DRAWS;
	default:
		return false;
	}
}

int places_next(struct places *places, uintptr_t *out)
{
	const struct gccolor_options *opt = places->opt;
	size_t n = places->given++;
	int error;

	if (opt->base_policy == GCCOLOR_BASE_EXACT) {
		*out = opt->base;
		return n ? -ENOENT : 0;
	}
	if (own_list(opt)) {
		if (n == opt->bases_count)
			return -ENOENT;
		*out = opt->bases[n];
		return 0;
	}
	if (opt->base_policy == GCCOLOR_BASE_LIST) {
		for (; n < FAVOURITES; n = places->given++) {
			*out = (uintptr_t)favourites[n];
			if (*out == favourites[n] && *out % places->length == 0 &&
			    fits(places, *out))
				return 0;
		}
		return next_of_walk(places, out);
	}
	while (opt->base_policy == GCCOLOR_BASE_RANDOM && n < RANDOM_DRAWS) {
		error = next_random(places, out);
		if (error || fits(places, *out))
			return error;
		n = places->given++;
	}
	return next_of_walk(places, out);
}

void places_skip(struct places *places, uintptr_t end)
{
	if (end > places->next)
		places->next = align_up(end, places->step);
}
