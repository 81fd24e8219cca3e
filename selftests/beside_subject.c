// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A small runtime for other people's tools to look at (selftests/beside_guest): objects
 * in color 0, compiled code in the executable color 1, told to perf(1) both ways.
 *
 *	beside_subject spin SECONDS	runs its code
 *	beside_subject attack		munmap, mprotect, mmap and mremap of its own heap
 *	beside_subject wait		does nothing until it is killed
 *
 * Prints its number and where things are. x86-64 only.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <gccolor.h>

#define PAGE		4096UL
#define HEAP_BYTES	(64 * PAGE)
#define CODE_COLOR	1
#define NAME		"compiled_loop"

/* for (n = argument; n; n--); return 0; */
static const unsigned char code[] = {
	0x48, 0x89, 0xf8,		/* mov  %rdi, %rax */
	0x48, 0xff, 0xc8,		/* dec  %rax */
	0x75, 0xfb,			/* jne  the line above */
	0xc3,				/* ret */
};

/* tools/perf/Documentation/jitdump-specification.txt */
struct jit_header {
	uint32_t magic, version, size, machine, pad, pid;
	uint64_t time, flags;
};

struct jit_load {
	uint32_t id, size;
	uint64_t time;
	uint32_t pid, tid;
	uint64_t vma, addr, length, index;
};

static void die(const char *what)
{
	fprintf(stderr, "beside_subject: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void check(int error)
{
	if (error) {
		fprintf(stderr, "beside_subject: %s\n", gccolor_strerror(error));
		exit(1);
	}
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* A line "START SIZE NAME" for each function, in hexadecimal. */
static void write_perf_map(const void *start)
{
	char path[64];
	FILE *map;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	map = fopen(path, "w");
	if (!map)
		die(path);
	fprintf(map, "%lx %zx " NAME "_of_map\n", (unsigned long)start, sizeof(code));
	fclose(map);
}

static void write_jitdump(const void *start)
{
	struct jit_header header = {
		.magic = 0x4a695444, .version = 1, .size = sizeof(header),
		.machine = EM_X86_64, .pid = getpid(), .time = now(),
	};
	struct jit_load load = {
		.id = 0, .size = sizeof(load) + sizeof(NAME) + sizeof(code), .time = now(),
		.pid = getpid(), .tid = getpid(), .vma = (unsigned long)start,
		.addr = (unsigned long)start, .length = sizeof(code), .index = 0,
	};
	char path[64];
	FILE *dump;

	snprintf(path, sizeof(path), "/tmp/jit-%d.dump", getpid());
	dump = fopen(path, "w+");
	if (!dump)
		die(path);
	/* perf record sees the file by this mapping. */
	if (mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(dump), 0) == MAP_FAILED)
		die("mmap of the jitdump");
	fwrite(&header, sizeof(header), 1, dump);
	fwrite(&load, sizeof(load), 1, dump);
	fwrite(NAME, sizeof(NAME), 1, dump);
	fwrite(code, sizeof(code), 1, dump);
	fclose(dump);
}

static void *compile(struct gccolor *gc)
{
	struct gccolor_image image = {
		.size = sizeof(image), .length = sizeof(code), .color = CODE_COLOR,
		.prot = GCCOLOR_READ | GCCOLOR_EXEC,
	};
	void *start;

	image.file = memfd_create("code", MFD_CLOEXEC);
	if (write(image.file, code, sizeof(code)) != sizeof(code))
		die("memfd");
	check(gccolor_map_image(gc, &image, &start));
	close(image.file);
	return start;
}

static void spin(const void *start, int seconds)
{
	uint64_t end = now() + seconds * 1000000000ULL;
	unsigned long (*run)(unsigned long) = (unsigned long (*)(unsigned long))start;

	while (now() < end)
		run(100000);
}

static void attack(char *heap)
{
	munmap(heap + PAGE, PAGE);
	mprotect(heap, PAGE, PROT_READ);
	mmap(heap, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mremap(heap, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
}

static const char object[] = "an object of the collector";

int main(int argc, char **argv)
{
	struct gccolor_options options = {
		.size = sizeof(options), .exec_colors = 1 << CODE_COLOR,
	};
	struct gccolor_request request = { .size = sizeof(request), .length = HEAP_BYTES };
	struct gccolor *gc;
	void *heap, *start;

	check(gccolor_open(&gc, &options));
	check(gccolor_alloc(gc, &request, &heap));
	memcpy(heap, object, sizeof(object));
	start = compile(gc);
	write_perf_map(start);
	write_jitdump(start);
	printf("pid %d heap %p code %p reserve %p level %s\n", getpid(), heap, start,
	       gccolor_color_start(gccolor_geometry(gc), 2), gccolor_level_name(gccolor_level(gc)));
	fflush(stdout);

	if (argc == 3 && !strcmp(argv[1], "spin"))
		spin(start, atoi(argv[2]));
	else if (argc == 2 && !strcmp(argv[1], "attack"))
		attack(heap);
	else if (argc == 2 && !strcmp(argv[1], "wait"))
		pause();
	else
		return 2;
	return gccolor_close(gc, 0) != 0;
}
