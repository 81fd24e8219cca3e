// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* RESERVE, and what an open file and a region take of the kernel's memory. */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "paths.h"

#define TIB		(MIB * MIB)
#define FILES		4000	/* of 4,096 regions that a user may have */
#define SMALL		(4 * SLOT)	/* the smallest color, and region */
#define FIRST_SMALL	0x700000000000UL
#define CACHES		512

static uint64_t reserve_once(const struct row *row, int side)
{
	uint64_t begin, cost;
	void *p;
	int fd, err;

	if (side == PEER) {
		begin = now();
		p = mmap(NULL, HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);
		cost = now() - begin;
		if (p == MAP_FAILED || munmap(p, HUGE_PAGE))
			die("mmap: %m");
		return cost;
	}
	fd = open_device();
	begin = now();
	err = reserve(fd, BASE, row->length, __builtin_ctzl(row->length) - 4, 0);
	cost = now() - begin;
	if (!err)
		err = release(fd);
	close(fd);
	if (err)
		die("RESERVE: %s", strerror(-err));
	return cost;
}

/* What a process does that starts and ends: everything around it, too. */
static uint64_t open_to_close(const struct row *row, int side)
{
	uint64_t begin = now();
	int fd;

	if (side == PEER) {
		void *p = mmap(NULL, HUGE_PAGE, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (munmap(p, HUGE_PAGE))
			die("munmap: %m");
		return now() - begin;
	}
	fd = open_device();
	if (reserve(fd, BASE, row->length, __builtin_ctzl(row->length) - 4, 0) || release(fd))
		die("RESERVE and RELEASE failed");
	close(fd);
	return now() - begin;
}

static const struct row rows[] = {
	{ "RESERVE of 1 GiB : mmap of 2 MiB", 0, reserve_once, TIB / 1024 },
	{ "RESERVE of 64 GiB : mmap of 2 MiB", 0, reserve_once, TIB / 16 },
	{ "RESERVE of 1 TiB : mmap of 2 MiB", 0, reserve_once, TIB },
	{ "RESERVE of 16 TiB : mmap of 2 MiB", 2, reserve_once, 16 * TIB },
	{ "open, RESERVE, RELEASE, close : mmap, munmap", 0, open_to_close, 16 * TIB },
	{ NULL }
};

/* Of /proc/self/status, in KiB. */
static long page_tables(void)
{
	static struct maps_reader reader;
	long value = -1;

	if (!maps_open(&reader, "/proc/self/status"))
		die("/proc/self/status: %m");
	while (maps_line(&reader))
		sscanf(reader.line, "VmPTE: %ld", &value);
	close(reader.fd);
	return value;
}

static void print_maps_line(unsigned long addr)
{
	static struct maps_reader reader;

	if (!maps_open(&reader, "/proc/self/maps"))
		die("/proc/self/maps: %m");
	while (maps_line(&reader)) {
		if (strtoul(reader.line, NULL, 16) == addr)
			print_fact("its line in /proc/self/maps", "%s", reader.line);
	}
	close(reader.fd);
}

static void look_at_the_largest(void)
{
	long before = page_tables(), after;
	struct gccolor_ioc_info region;
	int fd = open_device();

	if (reserve(fd, BASE, 16 * TIB, 40, 0) || info(fd, &region))
		die("RESERVE of 16 TiB failed");
	after = page_tables();
	print_fact("a region of 16 TiB", "%llu VMA, VmPTE %ld kB before and %ld kB after",
		   (unsigned long long)region.mappings, before, after);
	print_maps_line(BASE);
	close(fd);
}

void measure_reserve(void)
{
	measure_rows(rows);
	look_at_the_largest();
}

void profile_reserve(void)
{
	const struct row row = { .length = 16 * TIB };

	for (int i = 0; i < PROFILED; i++) {
		reserve_once(&row, OURS);
		linger(i);
	}
}

struct slabs {
	int count;
	struct {
		char name[40];
		long objects;
		long size;
	} caches[CACHES];
};

static void read_slabs(struct slabs *slabs)
{
	static struct maps_reader reader;

	slabs->count = 0;
	if (!maps_open(&reader, "/proc/slabinfo"))
		die("/proc/slabinfo: %m");
	while (maps_line(&reader) && slabs->count < CACHES) {
		if (sscanf(reader.line, "%39s %ld %*d %ld", slabs->caches[slabs->count].name,
			   &slabs->caches[slabs->count].objects,
			   &slabs->caches[slabs->count].size) == 3)
			slabs->count++;
	}
	close(reader.fd);
}

/* What has come between the two looks, for each of FILES. */
static void print_growth(const char *name, const struct slabs *before, const struct slabs *after)
{
	char text[1024] = "";
	long bytes = 0;

	for (int i = 0; i < after->count; i++) {
		long more = after->caches[i].objects - before->caches[i].objects;
		size_t used = strlen(text);

		if (strcmp(after->caches[i].name, before->caches[i].name))
			die("the caches of /proc/slabinfo changed");
		if (more < FILES / 100)
			continue;
		bytes += more * after->caches[i].size;
		snprintf(text + used, sizeof(text) - used, "%s%.2f of %s (%ld bytes)",
			 used ? ", " : "", (double)more / FILES, after->caches[i].name,
			 after->caches[i].size);
	}
	print_fact(name, "%ld bytes: %s", bytes / FILES, text);
}

void measure_memory(void)
{
	const struct rlimit limit = { FILES + 100, FILES + 100 };
	static struct slabs none, files, regions;
	static int fd[FILES];

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("RLIMIT_NOFILE: %m");
	/* The table of files grows before, not in between */
	if (dup2(0, FILES + 50) < 0)
		die("dup2: %m");
	read_slabs(&none);
	for (int i = 0; i < FILES; i++) {
		fd[i] = open_device();
		if (fd[i] < 0)
			die("%s: %s", DEVICE, strerror(-fd[i]));
	}
	read_slabs(&files);
	for (int i = 0; i < FILES; i++) {
		int err = reserve(fd[i], FIRST_SMALL + i * 4 * SMALL, SMALL,
				  __builtin_ctzl(SMALL), 0);

		if (err)
			die("RESERVE number %d: %s", i, strerror(-err));
	}
	read_slabs(&regions);
	print_fact("the module, loaded", "%ld bytes", read_number("/sys/module/gccolor/coresize"));
	print_growth("slab memory of an open file", &none, &files);
	print_growth("slab memory of a region, beside that of its file", &files, &regions);
}
