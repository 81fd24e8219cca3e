/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * libgccolor: which of many words point into committed memory of a region? For
 * a collector that does not know which words are pointers: stacks, registers,
 * foreign data, objects without a map.
 *
 * The library keeps a bitmap, a bit for each page of the region: set while the page
 * is committed. It does so itself, in gccolor_commit(), gccolor_alloc() and all the
 * others, from gccolor_scan_enable() on; nobody else writes to it. So an answer is
 * exact to the page: what is claimed but not committed, guard pages, the unused
 * rest of an extent and memory that gccolor_decommit() made trap (also where it
 * returned GCCOLOR_DEFERRED) are no hits; memory after GCCOLOR_LAZY and GCCOLOR_EAGER is one.
 *
 * Where the processor has AVX2 it is used. The environment variable GCCOLOR_SCAN
 * (portable, avx2) chooses, except in secure execution; the results are the same.
 */
#ifndef GCCOLOR_SCAN_H
#define GCCOLOR_SCAN_H

#include <gccolor.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Begin to keep the bitmap; once for a region, before the first scan. Another
 * call does nothing. It takes a bit for each page of the region, with 4 KiB pages
 * 32 MiB for 1 TiB: of addresses; pages of it become memory where memory was
 * committed, or a word pointed to. It lives until gccolor_close(); a fork child has
 * its own.
 *
 * -EINVAL: no handle; GCCOLOR_SCAN is another word. -EOPNOTSUPP: backend hint,
 * which has no region; GCCOLOR_SCAN=avx2 on a processor without. -ENOMEM: no memory
 * for the bitmap (RLIMIT_AS; a system that charges for all of it). -ENXIO.
 */
GCCOLOR_API int gccolor_scan_enable(struct gccolor *gc);

/* What to look at. Zero everything, set size and what else is wanted. */
struct gccolor_scan {
	size_t		size;		/* sizeof(struct gccolor_scan) */
	uint64_t	colors;		/* bit n: color n; 0: all colors */
	const uintptr_t	*words;		/* aligned as a uintptr_t is */
	size_t		count;		/* how many words; may be 0 */
	uintptr_t	*hits;		/* where hits go; does not overlap words */
	size_t		capacity;	/* how many fit there, at least 1 */
	size_t		scanned;	/* out, on success: words dealt with, from the first */
	size_t		found;		/* out, on success: hits written */
};

/*
 * Copy those of the words to hits, in their order, that are the address of a
 * byte of committed memory of one of the colors. Where the next hit would not fit,
 * it stops there: scanned is below count then, and a call with words + scanned
 * and count - scanned goes on. What is in hits behind those found is undefined.
 *
 * It takes no lock, makes no system call and allocates nothing (on success): threads that
 * are stopped anywhere, also in this library, do not stop it, and a signal handler
 * may call it; it takes some 5 KiB of stack. Several threads may scan at a time.
 *
 * Words that others write meanwhile: what is reported was in the word during the
 * call. Memory that others commit or decommit meanwhile: a page that was committed
 * before the call and stays so is a hit, one that is not committed from beginning to
 * end is none, others may be either. Who then reads through a hit has to know that
 * nobody decommits it. gccolor_close() must not be called meanwhile.
 *
 * -EINVAL: no handle, gccolor_scan_enable() was not called, a null or unaligned words or
 * hits, a capacity of 0, a color that the region does not have, size too small. -E2BIG: as
 * everywhere. -EOVERFLOW: words + count or hits + capacity wraps. A region that was lost
 * (-ENXIO elsewhere) is not noticed.
 */
GCCOLOR_API int gccolor_scan(const struct gccolor *gc, struct gccolor_scan *scan);

#ifdef __cplusplus
}
#endif

#endif /* GCCOLOR_SCAN_H */
