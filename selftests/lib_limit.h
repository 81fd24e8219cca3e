/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* RLIMIT_AS, where there is one. */
#ifndef SELFTESTS_LIB_LIMIT_H
#define SELFTESTS_LIB_LIMIT_H

#include <sys/resource.h>

/* Make every carving fail: the address space is above the limit already. */
static inline void limit_address_space(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	setrlimit(RLIMIT_AS, &limit);
}

#endif /* SELFTESTS_LIB_LIMIT_H */
