// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#define _GNU_SOURCE
#include "space.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define MODULE_NAME	"anon_inode:[gccolor]"

/* "start-end perms offset device inode   name"; false: it is another line. */
static bool parse(char *line, struct mapping *m)
{
	size_t length;
	int at = 0;

	*m = (struct mapping){ 0 };
	/* Of smaps most lines begin with a capital. */
	if (*line >= 'A' && *line <= 'Z')
		return false;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %11s %" SCNu64 " %n", &m->start,
		   &m->end, m->perms, &m->offset, m->device, &m->inode, &at) != 6 || !at)
		return false;
	line += at;
	line[strcspn(line, "\n")] = '\0';
	length = strlen(line);
	if (length >= sizeof(m->name))
		line += length - sizeof(m->name) + 1;
	snprintf(m->name, sizeof(m->name), "%s", line);
	printable(m->name);
	return true;
}

static struct mapping *grow(struct space *s, size_t *room)
{
	struct mapping *v = s->v;

	if (s->count == *room) {
		*room = *room ? 2 * *room : 256;
		v = realloc(s->v, *room * sizeof(*v));
		if (!v)
			return NULL;
		s->v = v;
	}
	return &v[s->count];
}

static int parse_all(FILE *f, struct space *s)
{
	size_t room = 0, size = 0;
	struct mapping *m;
	char *line = NULL;
	int error = 0;

	while (!error && getline(&line, &size, f) > 0) {
		if (s->count && !strncmp(line, "VmFlags:", 8)) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(s->v[s->count - 1].flags, sizeof(m->flags), "%s", line + 8);
			continue;
		}
		m = grow(s, &room);
		if (!m)
			error = -ENOMEM;
		else if (parse(line, m))
			s->count++;
	}
	/* A process that has ended reads as ESRCH. */
	if (!error && ferror(f))
		error = -errno;
	free(line);
	return error;
}

int space_read(uint32_t pid, const char *file, struct space *out)
{
	char path[48];
	int error;
	FILE *f;

	*out = (struct space){ 0 };
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", pid, file);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	error = parse_all(f, out);
	fclose(f);
	if (error)
		space_free(out);
	return error;
}

void space_free(struct space *s)
{
	free(s->v);
	*s = (struct space){ 0 };
}

size_t space_find(const struct space *s, uint64_t addr)
{
	size_t lo = 0, hi = s->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->v[mid].end > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* No file is called so: paths begin with a slash. */
bool mapping_of_module(const struct mapping *m)
{
	return !strcmp(m->name, MODULE_NAME);
}

bool mapping_same_region(const struct mapping *a, const struct mapping *b)
{
	return a->inode == b->inode && !strcmp(a->device, b->device) &&
	       a->start - a->offset == b->start - b->offset;
}

bool mapping_flag(const struct mapping *m, const char *flag)
{
	const char *p = strstr(m->flags, flag);

	return p && p > m->flags && p[-1] == ' ' && (p[2] == ' ' || p[2] == '\0');
}

const char *mapping_name(const struct mapping *m)
{
	return *m->name ? m->name : "anonymous memory";
}

int process_status(uint32_t pid, char comm[16], uint32_t *tgid)
{
	char path[48], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	*tgid = 0;
	comm[0] = '\0';
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "Name:\t", 6))
			snprintf(comm, 16, "%.15s", line + 6);
		if (!strncmp(line, "Tgid:\t", 6))
			*tgid = (uint32_t)strtoul(line + 6, NULL, 10);
	}
	fclose(f);
	printable(comm);
	return *tgid ? 0 : -ESRCH;
}

void process_complain(const char *cmd, uint32_t pid, int error)
{
	switch (-error) {
	case ENOENT:
	case ESRCH:
		fprintf(stderr, "gccolor %s: there is no process %" PRIu32 "\n", cmd, pid);
		break;
	case EACCES:
	case EPERM:
		fprintf(stderr, "gccolor %s: process %" PRIu32 " may not be looked at: %s; "
			"be root, or its user\n", cmd, pid, strerror(-error));
		break;
	default:
		fprintf(stderr, "gccolor %s: process %" PRIu32 ": %s\n", cmd, pid,
			strerror(-error));
	}
}
