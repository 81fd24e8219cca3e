// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "posix_policy.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "backend.h"
#include "gccolor.h"
#include "madvise_linux.h"
#include "os.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA		0x53564d61	/* Linux 5.17 */
#define PR_SET_VMA_ANON_NAME	0
#endif

bool posix_advice_is_checked(void)
{
	return madvise(NULL, 0, INT_MAX) != 0;
}

/* madvise() says EAGAIN where other calls say ENOMEM (vm.max_map_count). */
static int advise_if(bool wanted, uintptr_t addr, size_t length, int advice)
{
	if (!wanted || madvise((void *)addr, length, advice) == 0)
		return 0;
	return errno == EAGAIN ? -ENOMEM : -errno;
}

/* A stack is MAP_STACK, which is MADV_NOHUGEPAGE since Linux 6.7. */
int posix_policy(uintptr_t addr, size_t length, uint32_t flags)
{
	bool small = (flags & GCCOLOR_STACK) && os_has_huge_pages();
	int error = advise_if(flags & GCCOLOR_HUGEPAGE, addr, length, MADV_HUGEPAGE);

	if (!error)
		error = advise_if(small, addr, length, MADV_NOHUGEPAGE);
	if (!error)
		error = advise_if(flags & GCCOLOR_NODUMP, addr, length, MADV_DONTDUMP);
	if (!error)
		error = advise_if(flags & GCCOLOR_WIPE, addr, length, MADV_WIPEONFORK);
	return error;
}

int posix_policy_undo(uintptr_t addr, size_t length, uint32_t flags)
{
	bool huge = (flags & (GCCOLOR_HUGEPAGE | GCCOLOR_STACK)) && os_has_huge_pages();
	int error = advise_if(flags & GCCOLOR_NODUMP, addr, length, MADV_DODUMP);

	if (!error)
		error = advise_if(flags & GCCOLOR_WIPE, addr, length, MADV_KEEPONFORK);
	if (!error)
		error = advise_if(huge, addr, length, os_huge_pages_always()
				  ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return error;
}

int posix_advise(struct backing *at, uintptr_t addr, size_t length,
		 enum gccolor_advice advice)
{
	static const int number[] = {
		[GCCOLOR_ADVISE_COLLAPSE] = MADV_COLLAPSE,
		[GCCOLOR_ADVISE_COLD] = MADV_COLD,
		[GCCOLOR_ADVISE_PAGEOUT] = MADV_PAGEOUT,
	};

	(void)at;
	if (madvise((void *)addr, length, number[advice]) == 0)
		return 0;
	return errno == EINVAL ? -EOPNOTSUPP : -errno;
}

int posix_name(uintptr_t addr, size_t length, const char *name)
{
	return prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, addr, length, name) ? -errno : 0;
}

void posix_name_color(const struct backing *at, uintptr_t addr, size_t length)
{
	char name[32];

	if (!(os_caps() & GCCOLOR_CAP_NAMES))
		return;
	snprintf(name, sizeof(name), "gccolor:%zu",
		 (size_t)((addr - at->base) >> at->color_shift));
	posix_name(addr, length, name);
}
