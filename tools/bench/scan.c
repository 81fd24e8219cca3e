// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * How fast gccolor_scan() is, beside the read limit and beside scalar loops over the same
 * words: one line of JSON for each place, share of hits and way, with a time for each round.
 * In a round all ways take their turn, so that what else the machine does hits them alike.
 *
 * scan [ROUNDS]: status 1 if a way finds other hits than there are.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <gccolor_scan.h>

#include "scan_ways.h"

#define PIECE		((size_t)32768)	/* words of one call: 256 KiB */
#define CACHED_PIECES	64
#define MEMORY_PIECES	1024		/* 256 MiB */
#define HEAP		((size_t)256 << 20)
#define COLOR		3
#define ROUNDS_MAX	101
#define SHARES		4

static uintptr_t hits[PIECE];
static uint64_t seed = 1;
static volatile size_t sink;	/* what nobody reads is not computed */

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void die(const char *what, int error)
{
	fprintf(stderr, "scan: %s: %s\n", what, gccolor_strerror(error));
	exit(1);
}

/* HEAP bytes of one color, committed; and what loops have to know of it. */
static struct scan_heap open_heap(uintptr_t *start)
{
	struct gccolor_request r = { .size = sizeof(r), .length = HEAP, .color = COLOR };
	struct scan_heap heap = { .colors = 1ULL << COLOR };
	size_t page, last;
	void *p;
	int error = gccolor_open(&heap.gc, NULL);

	if (error)
		die("open", error);
	error = gccolor_scan_enable(heap.gc);
	if (error)
		die("enable", error);
	error = gccolor_alloc(heap.gc, &r, &p);
	if (error)
		die("alloc", error);
	*start = (uintptr_t)p;
	heap.shape = gccolor_geometry(heap.gc);
	while (heap.shape.page_size >> heap.page_shift > 1)
		heap.page_shift++;
	heap.pages = mmap(NULL, heap.shape.length >> heap.page_shift >> 3, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (heap.pages == MAP_FAILED) {
		perror("scan: bitmap");
		exit(1);
	}
	page = (*start - heap.shape.base) >> heap.page_shift;
	for (last = page + (HEAP >> heap.page_shift); page < last; page++)
		heap.pages[page / 64] |= 1ULL << page % 64;
	return heap;
}

/* Words as they lie about: hits, small numbers, addresses of other things, anything. */
static size_t fill(uintptr_t start, uintptr_t *words, size_t count, double share)
{
	size_t expected = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if ((double)(random64() >> 11) / (double)(1ULL << 53) < share) {
			words[i] = start + random64() % HEAP;
			expected++;
			continue;
		}
		switch (random64() % 4) {
		case 0:
			words[i] = random64() % 100000;
			break;
		case 1:
			words[i] = 0x7ffc00000000 + random64() % (1 << 23);
			break;
		case 2:
			words[i] = 0x555500000000 + random64() % (1 << 28);
			break;
		default:
			words[i] = random64() | 1ULL << 62;
		}
	}
	return expected;
}

/*
 * Of what takes long, the time that this thread ran counts: others run too. Reading that
 * clock would cost too much of a short time, in which it is rare that others run.
 */
static double now(bool cached)
{
	struct timespec t;

	clock_gettime(cached ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/*
 * Nanoseconds a word for all pieces. Each is another, or the processor would learn by
 * heart where hits are; @cached: a sum has just brought it into the cache.
 */
static double pass(const struct scan_heap *heap, const struct scan_way *way,
		   const uintptr_t *words, size_t pieces, bool cached, size_t expected)
{
	double begin = now(cached), time = 0;
	size_t found = 0;
	size_t i;

	for (i = 0; i < pieces; i++) {
		const uintptr_t *piece = words + i * PIECE;

		if (cached) {
			sink += scan_ways[0].run(heap, piece, PIECE, hits);
			begin = now(cached);
		}
		found += way->run(heap, piece, PIECE, hits);
		if (cached)
			time += now(cached) - begin;
	}
	if (!cached)
		time = now(cached) - begin;
	if (way->finds && found != expected) {
		fprintf(stderr, "scan: %s: %zu hits of %zu\n", way->name, found, expected);
		exit(1);
	}
	sink += found;
	return time / (double)(pieces * PIECE);
}

static void print(const char *place, double share, const struct scan_way *way,
		  const double *times, int rounds)
{
	int i;

	printf("{\"place\":\"%s\",\"hits\":%g,\"way\":\"%s\",\"ns\":[", place, share, way->name);
	for (i = 0; i < rounds; i++)
		printf("%s%.4f", i ? "," : "", times[i]);
	puts("]}");
}

static void measure(const struct scan_heap *heap, uintptr_t start, bool cached, double share,
		    int rounds)
{
	size_t pieces = cached ? CACHED_PIECES : MEMORY_PIECES;
	size_t length = pieces * PIECE * sizeof(uintptr_t);
	uintptr_t *words = mmap(NULL, length, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	static double times[SCAN_WAYS][ROUNDS_MAX];
	size_t expected;
	int round, way;

	if (words == MAP_FAILED) {
		perror("scan: words");
		exit(1);
	}
	expected = fill(start, words, pieces * PIECE, share);
	for (round = -1; round < rounds; round++) {	/* the first only warms up */
		for (way = 0; way < SCAN_WAYS; way++) {
			double ns = 0;

			if (!scan_ways[way].usable || scan_ways[way].usable())
				ns = pass(heap, &scan_ways[way], words, pieces, cached, expected);
			if (round >= 0)
				times[way][round] = ns;
		}
	}
	for (way = 0; way < SCAN_WAYS; way++) {
		if (times[way][0] > 0)
			print(cached ? "cache" : "memory", share, &scan_ways[way], times[way],
			      rounds);
	}
	fflush(stdout);
	munmap(words, length);
}

int main(int argc, char **argv)
{
	static const double shares[SHARES] = { 0, 0.001, 0.01, 0.2 };
	int rounds = argc > 1 ? atoi(argv[1]) : 31;
	struct scan_heap heap;
	uintptr_t start;
	size_t i;

	if (argc > 2 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: scan [ROUNDS], 1 to %d\n", ROUNDS_MAX);
		return 2;
	}
	heap = open_heap(&start);
	for (i = 0; i < SHARES; i++) {
		measure(&heap, start, true, shares[i], rounds);
		measure(&heap, start, false, shares[i], rounds);
	}
	return 0;
}
