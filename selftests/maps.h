/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The region as /proc/self/maps and smaps show it: is it whole, is every piece
 * of it protected, is it what it was before?
 */
#ifndef SELFTESTS_MAPS_H
#define SELFTESTS_MAPS_H

#include "region.h"

#define NR_MSEAL	462

struct mapping {
	unsigned long start;
	unsigned long end;
	char perms[5];
	char flags[128];	/* VmFlags; empty unless read from smaps */
};

struct maps_reader {
	int fd;
	size_t length;
	size_t position;
	char line[512];
	bool line_waits;	/* smaps: the next header was read ahead */
	char buffer[16384];
};

static inline bool maps_open(struct maps_reader *reader, const char *path)
{
	reader->fd = open(path, O_RDONLY | O_CLOEXEC);
	reader->length = 0;
	reader->position = 0;
	reader->line_waits = false;
	return reader->fd >= 0;
}

static inline bool maps_line(struct maps_reader *reader)
{
	size_t n = 0;

	for (;;) {
		if (reader->position == reader->length) {
			ssize_t got = read(reader->fd, reader->buffer, sizeof(reader->buffer));

			if (got <= 0)
				return false;
			reader->length = got;
			reader->position = 0;
		}
		char c = reader->buffer[reader->position++];

		if (c == '\n')
			break;
		if (n < sizeof(reader->line) - 1)
			reader->line[n++] = c;
	}
	reader->line[n] = '\0';
	return true;
}

static inline bool is_header(const char *line)
{
	return (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f');
}

/* The next mapping; with its flags if the file is smaps. */
static inline bool maps_next(struct maps_reader *reader, struct mapping *map)
{
	char *p;

	if (!reader->line_waits && !maps_line(reader))
		return false;
	reader->line_waits = false;
	map->start = strtoul(reader->line, &p, 16);
	map->end = strtoul(p + 1, &p, 16);
	memcpy(map->perms, p + 1, 4);
	map->perms[4] = '\0';
	map->flags[0] = '\0';
	/* Read ahead through the "Name: value" lines of smaps. */
	while (maps_line(reader)) {
		if (is_header(reader->line)) {
			reader->line_waits = true;
			break;
		}
		if (!strncmp(reader->line, "VmFlags:", 8))
			snprintf(map->flags, sizeof(map->flags), "%.126s", reader->line + 8);
	}
	return true;
}

/* The value of smaps field @name, in KiB, of the mapping that holds @addr. */
static inline long smaps_field(unsigned long addr, const char *name)
{
	static struct maps_reader reader;
	bool here = false;
	long value = -1;

	if (!maps_open(&reader, "/proc/self/smaps"))
		return -1;
	while (value < 0 && maps_line(&reader)) {
		if (is_header(reader.line)) {
			char *p;
			unsigned long start = strtoul(reader.line, &p, 16);

			here = addr >= start && addr < strtoul(p + 1, NULL, 16);
		} else if (here && !strncmp(reader.line, name, strlen(name)) &&
			   reader.line[strlen(name)] == ':') {
			value = atol(reader.line + strlen(name) + 1);
		}
	}
	close(reader.fd);
	return value;
}

/* The mapping that holds @addr, with its flags; false: nothing is there. */
static inline bool mapping_at(unsigned long addr, struct mapping *map)
{
	static struct maps_reader reader;
	bool found = false;

	if (!maps_open(&reader, "/proc/self/smaps"))
		return false;
	while (!found && maps_next(&reader, map))
		found = addr >= map->start && addr < map->end;
	close(reader.fd);
	return found;
}

static inline bool has_flag(const struct mapping *map, const char *flag)
{
	const char *p = strstr(map->flags, flag);

	return p && p[-1] == ' ' && (p[2] == ' ' || p[2] == '\0');
}

/* What the kernel holds against vm.max_map_count. */
static inline int count_mappings(void)
{
	static struct maps_reader reader;
	int count = 0;

	if (!maps_open(&reader, "/proc/self/maps"))
		return -1;
	while (maps_line(&reader))
		count += !strstr(reader.line, "[vsyscall]");
	close(reader.fd);
	return count;
}

/* The runs of a region, neighbours with equal protection taken together. */
struct layout {
	unsigned int count;
	unsigned long start[256];
	unsigned long end[256];
	char perms[256][5];
	uint64_t committed;
	uint64_t mappings;
};

static inline void read_layout(int fd, unsigned long base, unsigned long length,
			       struct layout *layout)
{
	static struct maps_reader reader;
	struct gccolor_ioc_info region;
	struct mapping map;
	unsigned int n = 0;

	memset(layout, 0, sizeof(*layout));
	if (info(fd, &region) == 0) {
		layout->committed = region.committed;
		layout->mappings = region.mappings;
	}
	if (!maps_open(&reader, "/proc/self/maps"))
		return;
	while (maps_next(&reader, &map)) {
		if (map.end <= base || map.start >= base + length || n == 256)
			continue;
		if (n && layout->end[n - 1] == map.start &&
		    !strcmp(layout->perms[n - 1], map.perms)) {
			layout->end[n - 1] = map.end;
			continue;
		}
		layout->start[n] = map.start;
		layout->end[n] = map.end;
		memcpy(layout->perms[n], map.perms, sizeof(map.perms));
		n++;
	}
	layout->count = n;
	close(reader.fd);
}

/*
 * Is the region the same as before? A failed split may leave two mappings
 * where one was; the kernel's own munmap(2) does that too.
 */
static inline bool same_layout(const struct layout *a, const struct layout *b)
{
	if (a->count != b->count || a->committed != b->committed ||
	    b->mappings > a->mappings + 2)
		return false;
	for (unsigned int i = 0; i < a->count; i++) {
		if (a->start[i] != b->start[i] || a->end[i] != b->end[i] ||
		    strcmp(a->perms[i], b->perms[i]))
			return false;
	}
	return true;
}

/* Level guarded: whoever unmaps a whole mapping is killed, so only its ends. */
static inline const char *hooked_mapping_fault(const struct mapping *map)
{
	unsigned long last = map->end - PAGE;

	if (try_mprotect(map->start, map->end - map->start, PROT_READ) == 0)
		return "mprotect succeeds";
	if (map->start == last)
		return NULL;
	if (try_munmap(map->start, PAGE) == 0 || try_munmap(last, PAGE) == 0)
		return "munmap of an end succeeds";
	if (try_map_over(map->start, PAGE) == 0 || try_map_over(last, PAGE) == 0)
		return "MAP_FIXED succeeds";
	return NULL;
}

/*
 * One mapping of the region: sealed, and neither its ends nor the whole can be
 * unmapped, re-protected or mapped over. Attacks everything; where the promise
 * holds, that changes nothing.
 */
static inline const char *mapping_fault(const struct mapping *map)
{
	unsigned long last = map->end - PAGE;

	if (expected_level() == GCCOLOR_IOC_LEVEL_GUARDED)
		return hooked_mapping_fault(map);
	if (syscall(NR_MSEAL, 0UL, 0UL, 0UL) == 0 && !has_flag(map, "sl"))
		return "a mapping is not sealed";
	if (try_munmap(map->start, PAGE) != -EPERM)
		return "munmap of a first page is not EPERM";
	if (try_munmap(last, PAGE) == 0)
		return "munmap of a last page succeeds";
	if (try_munmap(map->start, map->end - map->start) != -EPERM)
		return "munmap of a whole mapping is not EPERM";
	if (try_map_over(map->start, PAGE) == 0 || try_map_over(last, PAGE) == 0)
		return "MAP_FIXED succeeds";
	if (try_mprotect(map->start, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
		return "mprotect succeeds";
	if (map->perms[0] == '-' && (readable(map->start) || readable(last)))
		return "reserve can be read";
	return NULL;
}

/* "whole", or what is wrong with the region. */
static inline const char *region_state(unsigned long base, unsigned long length)
{
	static struct maps_reader reader;
	static char text[160];
	unsigned long next = base;
	const char *fault = NULL;
	struct mapping map;

	if (!maps_open(&reader, "/proc/self/smaps"))
		return "cannot read /proc/self/smaps";
	while (!fault && maps_next(&reader, &map)) {
		if (map.end <= base)
			continue;
		if (map.start >= base + length)
			break;
		if (map.start != next) {
			fault = map.start < base ? "a mapping reaches in" : "a hole before this";
			break;
		}
		if (map.end > base + length)
			fault = "a mapping reaches out";
		else
			fault = mapping_fault(&map);
		next = map.end;
	}
	close(reader.fd);
	if (!fault && next != base + length)
		fault = "a hole at the end";
	if (!fault)
		return "whole";
	snprintf(text, sizeof(text), "%s (%lx-%lx %s%s)", fault, map.start, map.end,
		 map.perms, map.flags);
	return text;
}

/* In a test of a fixture with fd and before: nothing has come of what was tried. */
#define EXPECT_REGION_UNCHANGED() do {					\
	struct layout after;						\
									\
	read_layout(self->fd, BASE, LENGTH, &after);			\
	EXPECT_TRUE(same_layout(&self->before, &after));		\
	EXPECT_TRUE(intact(INSIDE(1), 16 * PAGE));			\
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));		\
} while (0)

#endif /* SELFTESTS_MAPS_H */
