/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* The address space of a process, as /proc/PID/maps or smaps shows it. */
#ifndef GCCOLOR_SPACE_H
#define GCCOLOR_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	char perms[5];		/* "rw-p" */
	char device[12];
	uint64_t inode;
	char name[192];		/* its end; what is not printable ASCII is '?' */
	char flags[128];	/* VmFlags, " rd wr"; empty if read from maps */
};

struct space {
	struct mapping *v;	/* by address */
	size_t count;
};

/* Read @file, "maps" or "smaps", of a process. 0 or -errno. */
int space_read(uint32_t pid, const char *file, struct space *out);
void space_free(struct space *s);

/* Index of the first mapping that ends above @addr; count: none does. */
size_t space_find(const struct space *s, uint64_t addr);

/* Mapped by the module? */
bool mapping_of_module(const struct mapping *m);

/* Are both mapped from one file, each at its place? Then they are of one region. */
bool mapping_same_region(const struct mapping *a, const struct mapping *b);

/* Is the VmFlag, two letters, set? */
bool mapping_flag(const struct mapping *m, const char *flag);

/* The name, or what there is instead of one. */
const char *mapping_name(const struct mapping *m);

/* Name of a process, printable, and the process that a thread belongs to. 0 or -errno. */
int process_status(uint32_t pid, char comm[16], uint32_t *tgid);

/* Say on stderr why a process cannot be looked at. */
void process_complain(const char *cmd, uint32_t pid, int error);

#endif /* GCCOLOR_SPACE_H */
