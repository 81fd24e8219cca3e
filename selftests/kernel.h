/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Which kernel runs here, and what its headers may lack. */
#ifndef SELFTESTS_KERNEL_H
#define SELFTESTS_KERNEL_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#define KERNEL(major, minor)	((major) * 1000 + (minor))

/* What Debian 12's headers do not have */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE			25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL		102
#define MADV_GUARD_REMOVE		103
#endif
#ifndef PR_SET_MDWE
#define PR_SET_MDWE			65
#define PR_MDWE_REFUSE_EXEC_GAIN	1
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE		67
#define PR_GET_MEMORY_MERGE		68
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA			0x53564d41
#endif

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
