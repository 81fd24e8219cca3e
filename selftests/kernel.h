/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Which kernel runs here: for what an older one does not have at all. */
#ifndef SELFTESTS_KERNEL_H
#define SELFTESTS_KERNEL_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#define KERNEL(major, minor)	((major) * 1000 + (minor))

/* Is the running kernel older than KERNEL(major, minor)? */
static inline bool kernel_before(int version)
{
	struct utsname name;
	int major, minor;

	if (uname(&name) || sscanf(name.release, "%d.%d", &major, &minor) != 2)
		abort();
	return KERNEL(major, minor) < version;
}

#endif /* SELFTESTS_KERNEL_H */
