// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Unixes other than Linux: none of the flags and no advice, as os_caps() says. Those
 * do not come here; should one, it is refused.
 */
#include <errno.h>

#include "gccolor.h"
#include "posix_policy.h"

int posix_policy(uintptr_t addr, size_t length, uint32_t flags)
{
	(void)addr;
	(void)length;
	return flags & POSIX_POLICIES ? -EOPNOTSUPP : 0;
}

int posix_policy_undo(uintptr_t addr, size_t length, uint32_t flags)
{
	return posix_policy(addr, length, flags);
}

int posix_advise(struct backing *at, uintptr_t addr, size_t length,
		 enum gccolor_advice advice)
{
	(void)at;
	(void)addr;
	(void)length;
	(void)advice;
	return -EOPNOTSUPP;
}

int posix_name(uintptr_t addr, size_t length, const char *name)
{
	(void)addr;
	(void)length;
	(void)name;
	return -EOPNOTSUPP;
}

void posix_name_color(const struct backing *at, uintptr_t addr, size_t length)
{
	(void)at;
	(void)addr;
	(void)length;
}
