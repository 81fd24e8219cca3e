// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include <errno.h>
#include <string.h>

#include "error.h"
#include "gccolor.h"

#define LEVELS		(GCCOLOR_ENFORCED + 1)
#define BACKENDS	(GCCOLOR_NULL + 1)

static const char *const levels[LEVELS] = {
	[GCCOLOR_NONE]		= "none",
	[GCCOLOR_HINT]		= "hint",
	[GCCOLOR_PLACED]	= "placed",
	[GCCOLOR_RESERVED]	= "reserved",
	[GCCOLOR_GUARDED]	= "guarded",
	[GCCOLOR_SEALED]	= "sealed",
	[GCCOLOR_ENFORCED]	= "enforced",
};

static const char *const backends[BACKENDS] = {
	[GCCOLOR_AUTO]		= "auto",
	[GCCOLOR_KMOD]		= "kmod",
	[GCCOLOR_MSEAL]		= "mseal",
	[GCCOLOR_POSIX]		= "posix",
	[GCCOLOR_WINDOWS]	= "windows",
	[GCCOLOR_HINTED]	= "hint",
	[GCCOLOR_NULL]		= "null",
};

static const char *const caps[] = {
	"claims", "traps", "release", "protect", "exec", "bases", "lazy", "noreserve",
	"populate", "hugepage", "hugetlb", "stack", "nodump", "wipe", "guard", "collapse",
	"cold", "pageout", "names", "images", "occupant", "events", NULL
};

static int find(const char *const *names, size_t count, const char *name,
		const char *what)
{
	size_t i;

	if (!name)
		return error_set(-EINVAL, "no name of a %s given", what);
	for (i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			return (int)i;
	}
	return error_set(-EINVAL, "'%s' is not the name of a %s", name, what);
}

const char *gccolor_level_name(uint32_t level)
{
	return level < LEVELS ? levels[level] : NULL;
}

const char *gccolor_backend_name(uint32_t backend)
{
	return backend < BACKENDS ? backends[backend] : NULL;
}

const char *gccolor_cap_name(uint64_t cap)
{
	size_t i;

	for (i = 0; caps[i]; i++) {
		if (cap == 1ULL << i)
			return caps[i];
	}
	return NULL;
}

int gccolor_level_from_name(const char *name)
{
	return find(levels, LEVELS, name, "level");
}

int gccolor_backend_from_name(const char *name)
{
	return find(backends, BACKENDS, name, "backend");
}

const char *gccolor_version(void)
{
	return "1.0.0";
}
