/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Which bases a region is tried at, in order.
 *
 * Admissible without being asked for: multiples of the length from an eighth to
 * seven eighths of the address space (0x1000_0000_0000 to 0x7000_0000_0000 on
 * x86-64, below the libraries and above small programs), and not within 64 GiB
 * (256 MiB with 32 bits) above the program's break: a brk heap grows upwards in one
 * piece, and that is more than such a heap gets before malloc() has long gone over
 * to mmap().
 *
 * Room is found by trying, which costs less than a microsecond where something is
 * in the way; nothing is read about the other mappings. So the number of tries is
 * bounded: a range of up to 4096 multiples is walked in order. In a larger one the
 * first 1024 are, then 3072 places are tried that lie evenly over the rest (its
 * begin, half, quarters, eighths ...), so that any free stretch of a 1024th of it is
 * found. Where the backend says what is in the way, the walk goes on behind that.
 * The built-in list steps by a 128th of the address space (1 TiB) first, and only
 * where nothing is free there by the length, as above but without the first 1024.
 *
 * GCCOLOR_BASE_RANDOM draws from those with equal chance: log2(0x6000_0000_0000
 * / length) bits, 6.6 for 1 TiB, 16.6 for 1 GiB, 26.6 for 1 MiB.
 */
#ifndef GCCOLOR_PLACES_H
#define GCCOLOR_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gccolor.h"

#define PLACES_IN_ORDER	1024
#define PLACES_SPREAD	3072

struct places {
	const struct gccolor_options *opt;
	size_t		length;
	uintptr_t	lo;		/* the region lies in [lo, hi) */
	uintptr_t	hi;
	uintptr_t	next;		/* of a walk upwards */
	size_t		step;
	size_t		given;		/* how many were given out */
	size_t		walked;		/* of them, by the walk in order */
	size_t		limit;		/* for walked */
	uint32_t	spread;		/* the next fraction of the rest */
};

/* Start over for regions of @length bytes. */
void places_init(struct places *places, const struct gccolor_options *opt,
		 size_t length);

/* The next base to try: 0, -ENOENT after the last one, or -errno. */
int places_next(struct places *places, uintptr_t *out);

/* What was tried last is taken up to @end: a walk in order goes on above. */
void places_skip(struct places *places, uintptr_t end);

#endif /* GCCOLOR_PLACES_H */
