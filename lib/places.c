// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "places.h"

#include <errno.h>

#include "os.h"

#define WORD64		(sizeof(uintptr_t) > 4)
#define BREAK_ROOM	((uintptr_t)1 << (WORD64 ? 36 : 28))
#define RANDOM_DRAWS	64

/*
 * What collectors ask for today; then below where Linux places programs; then
 * for 32 bits. Which do not fit the address space are passed over.
 */
#define FAVOURITES	3
static const uint64_t favourites[FAVOURITES] = {
	0x600000000000, 0x400000000000, 0x40000000,
};

static uintptr_t align_up(uintptr_t addr, size_t align)
{
	return (addr + align - 1) & ~(align - 1);
}

static bool own_list(const struct gccolor_options *opt)
{
	return opt->base_policy == GCCOLOR_BASE_LIST && opt->bases;
}

/* The power of two that is an 128th of the address space, or a little less. */
static size_t stride_of(uintptr_t end)
{
	size_t stride = 1;

	while (end /= 2)
		stride *= 2;
	return stride / 128;
}

/* Multiples of the step from next to the end of the range. */
static uint64_t multiples(const struct places *places)
{
	if (places->next < places->lo || places->next >= places->hi)
		return 0;
	return (places->hi - places->next - 1) / places->step + 1;
}

/* Walk the whole range from its begin; @in_order is for a range with many places. */
static void start_walk(struct places *places, size_t in_order)
{
	uint64_t count;

	places->next = align_up(places->lo, places->step);
	count = multiples(places);
	places->walked = 0;
	places->limit = count <= PLACES_IN_ORDER + PLACES_SPREAD ? (size_t)count : in_order;
}

void places_init(struct places *places, const struct gccolor_options *opt,
		 size_t length)
{
	uintptr_t end = os_address_end();
	size_t stride = stride_of(end);

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
	if (opt->base_policy == GCCOLOR_BASE_LIST && places->step < stride)
		places->step = stride;
	if (places->lo < length)	/* never at 0 */
		places->lo = length;
	start_walk(places, PLACES_IN_ORDER);
}

/* Where what is kept for brk ends, if the region would reach into it, or 0. */
static uintptr_t end_of_break(uintptr_t base, size_t length)
{
	uintptr_t now = os_break();

	if (base + length <= now || (base > now && base - now >= BREAK_ROOM))
		return 0;
	return now + BREAK_ROOM;
}

static bool fits(const struct places *places, uintptr_t base)
{
	return base >= places->lo && base < places->hi &&
	       places->hi - base >= places->length &&
	       !end_of_break(base, places->length);
}

static uint32_t reverse_bits(uint32_t n)
{
	uint32_t reversed = 0;
	int i;

	for (i = 0; i < 32; i++, n >>= 1)
		reversed = reversed << 1 | (n & 1);
	return reversed;
}

/* A half of what is left, then quarters, eighths and so on. */
static int next_of_spread(struct places *places, uintptr_t *out)
{
	uint64_t count = multiples(places);

	while (places->spread < PLACES_SPREAD) {
		uint64_t fraction = reverse_bits(places->spread++);	/* of 2^32 */
		uint64_t n = (count >> 32) * fraction +
			     ((count & UINT32_MAX) * fraction >> 32);

		*out = places->next + (uintptr_t)n * places->step;
		if (fits(places, *out))
			return 0;
	}
	return -ENOENT;
}

static int next_in_order(struct places *places, uintptr_t *out)
{
	uintptr_t above;

	while (places->walked < places->limit && multiples(places)) {
		*out = places->next;
		places->next += places->step;
		if (fits(places, *out)) {
			places->walked++;
			return 0;
		}
		above = end_of_break(*out, places->length);
		if (above > places->next)
			places->next = align_up(above, places->step);
	}
	return -ENOENT;
}

/* In order; then spread over what is left; where the step was longer, once more. */
static int next_of_walk(struct places *places, uintptr_t *out)
{
	int error = next_in_order(places, out);

	if (error && places->step > places->length) {
		places->step = places->length;
		start_walk(places, 0);
		error = next_in_order(places, out);
	}
	if (error && multiples(places))
		error = next_of_spread(places, out);
	return error;
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
	if (places->walked && !places->spread && end > places->next)
		places->next = align_up(end, places->step);
}
