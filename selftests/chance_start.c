// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * chance_start [above | heap]: one start of a program with a region. It takes a region
 * where the library puts it, then lets its brk heap and its mmap heap grow to
 * 1 GiB each and its stack to 4 MiB, and looks whether all of that and the
 * region's memory are there with their contents. Answers with a struct start.
 *
 * above: the library may put a small region anywhere above the break.
 * heap: the region is forced to where the brk heap will grow, for the test of
 * the test.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <gccolor.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "chance.h"

#define STEP		0x4000000UL	/* 64 MiB */
#define STEPS		(HEAP / STEP)
#define PAGE		4096UL
#define STACK		(4UL << 20)
#define CHUNK		0x10000UL	/* committed at each end of the region */

static struct start result;

/* Only the first fault counts. */
__attribute__((format(printf, 1, 2)))
static void fault(const char *format, ...)
{
	va_list ap;

	if (result.fault[0])
		return;
	va_start(ap, format);
	vsnprintf(result.fault, sizeof(result.fault), format, ap);
	va_end(ap);
}

static unsigned long word_for(unsigned long addr)
{
	return addr ^ 0x9e3779b97f4a7c15UL;
}

/* Mark both ends of a piece of memory; look at the marks later. */
static void mark(void *start, unsigned long length)
{
	unsigned long first = (unsigned long)start;
	unsigned long last = first + length - sizeof(long);

	*(volatile unsigned long *)first = word_for(first);
	*(volatile unsigned long *)last = word_for(last);
}

static bool marked(const void *start, unsigned long length)
{
	unsigned long first = (unsigned long)start;
	unsigned long last = first + length - sizeof(long);

	return *(volatile unsigned long *)first == word_for(first) &&
	       *(volatile unsigned long *)last == word_for(last);
}

static void grow_break(void)
{
	char *start = sbrk(0);

	result.brk_start = (unsigned long)start;
	for (unsigned int i = 0; i < STEPS; i++) {
		char *p = sbrk(STEP);

		if (p == (void *)-1 || p != start + i * STEP) {
			result.disturbed = true;
			fault("brk stops at %p after %u steps", (char *)start + i * STEP, i);
			break;
		}
		mark(p, STEP);
	}
	result.brk_end = (unsigned long)sbrk(0);
}

static void check_break(void)
{
	for (unsigned long p = result.brk_start; p + STEP <= result.brk_end; p += STEP) {
		if (!marked((void *)p, STEP))
			fault("the brk heap has other contents at %#lx", p);
	}
}

static void grow_maps(char *maps[])
{
	result.map_low = ~0UL;
	for (unsigned int i = 0; i < STEPS; i++) {
		unsigned long at;

		maps[i] = mmap(NULL, STEP, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (maps[i] == MAP_FAILED) {
			result.disturbed = true;
			fault("mmap heap stops after %u steps: %s", i, strerror(errno));
			return;
		}
		at = (unsigned long)maps[i];
		if (at < result.base + result.length && at + STEP > result.base)
			fault("mmap gives %p, inside of the region", maps[i]);
		if (at < result.map_low)
			result.map_low = at;
		mark(maps[i], STEP);
	}
}

static void check_maps(char *maps[])
{
	for (unsigned int i = 0; i < STEPS && maps[i] != MAP_FAILED; i++) {
		if (!marked(maps[i], STEP))
			fault("the mmap heap has other contents at %p", maps[i]);
	}
}

static __attribute__((noinline)) void grow_stack(void)
{
	char room[STACK] __attribute__((aligned(4096)));

	for (unsigned long at = STACK; at; at -= PAGE * 16)
		room[at - 1] = 1;
	mark(room, STACK);
	if (!marked(room, STACK))
		fault("the stack does not keep its contents");
}

/* What a program that asks for FIXED_BASE and nothing else would have got. */
static enum fixed try_fixed(void)
{
	const struct gccolor_options options = {
		.size = sizeof(options),
		.base_policy = GCCOLOR_BASE_EXACT,
		.base = FIXED_BASE,
		.length = 1UL << 40,
	};
	enum fixed answer = FIXED_WORKS;
	struct gccolor *gc;
	void *before = sbrk(0);
	int error = gccolor_open(&gc, &options);

	if (error == -EEXIST)
		return FIXED_TAKEN;
	if (error) {
		fault("fixed base: %s", gccolor_strerror(error));
		return FIXED_UNKNOWN;
	}
	if (sbrk(HEAP) == (void *)-1)
		answer = FIXED_STOPS_HEAP;
	else if (brk(before))
		fault("the break does not go back");
	error = gccolor_close(gc, 0);
	if (error)
		fault("fixed base: %s", gccolor_strerror(error));
	return answer;
}

static struct gccolor *open_region(const char *mode)
{
	struct gccolor_options options = {
		.size = sizeof(options),
		.min_level = getenv("GCCOLOR_MIN_LEVEL") ?
			(uint32_t)gccolor_level_from_name(getenv("GCCOLOR_MIN_LEVEL")) : 0,
	};
	struct gccolor_geometry shape;
	struct gccolor *gc;
	int error;

	if (!strcmp(mode, "above")) {
		options.base_policy = GCCOLOR_BASE_RANGE;
		options.length = STEP;
		options.range_start = (uintptr_t)sbrk(0);
		options.range_end = 1UL << 47;
	} else if (!strcmp(mode, "heap")) {
		options.base_policy = GCCOLOR_BASE_EXACT;
		options.length = STEP;
		options.base = ((uintptr_t)sbrk(0) + 4 * STEP) & ~(STEP - 1);
	}
	error = gccolor_open(&gc, &options);
	if (error) {
		fault("no region: %s", gccolor_strerror(error));
		return NULL;
	}
	shape = gccolor_geometry(gc);
	result.base = shape.base;
	result.length = shape.length;
	return gc;
}

/* Memory at the lowest and at the highest usable place. */
static void use_region(struct gccolor *gc, void *chunks[2])
{
	struct gccolor_geometry shape = gccolor_geometry(gc);
	uintptr_t at[2] = {
		shape.base + shape.slot,
		shape.base + shape.length - shape.slot - CHUNK,
	};

	for (int i = 0; i < 2; i++) {
		const struct gccolor_request request = {
			.size = sizeof(request),
			.length = CHUNK,
			.at = (void *)at[i],
		};
		int error = gccolor_alloc(gc, &request, &chunks[i]);

		if (error) {
			chunks[i] = NULL;
			fault("alloc: %s", gccolor_strerror(error));
		} else {
			mark(chunks[i], CHUNK);
		}
	}
}

static void check_region(struct gccolor *gc, void *chunks[2], enum gccolor_level level)
{
	for (int i = 0; i < 2; i++) {
		if (chunks[i] && !marked(chunks[i], CHUNK))
			fault("the region has other contents at %p", chunks[i]);
	}
	if (gccolor_level(gc) != level)
		fault("the level fell to %s", gccolor_level_name(gccolor_level(gc)));
	if (level >= GCCOLOR_SEALED && chunks[0] && !munmap(chunks[0], CHUNK))
		fault("munmap of the region's memory succeeds");
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	const char *backend = getenv("GCCOLOR_BACKEND");
	void *chunks[2] = { NULL, NULL };
	char *maps[STEPS];
	enum gccolor_level level = GCCOLOR_NONE;
	struct gccolor *gc;

	/* The few pages that are touched shall be small ones. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	for (unsigned int i = 0; i < STEPS; i++)
		maps[i] = MAP_FAILED;
	result.fixed = FIXED_UNKNOWN;
	if (!*mode && !(backend && !strcmp(backend, "mseal")))
		result.fixed = try_fixed();

	gc = open_region(mode);
	if (gc) {
		level = gccolor_level(gc);
		use_region(gc, chunks);
	}
	grow_break();
	grow_maps(maps);
	grow_stack();
	if (gc)
		check_region(gc, chunks, level);
	check_break();
	check_maps(maps);
	return write(STDOUT_FILENO, &result, sizeof(result)) != sizeof(result);
}
