// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "caps.h"

#include <stddef.h>

#include "backend.h"
#include "gccolor.h"
#include "os.h"

static const struct {
	uint32_t flag;
	uint64_t cap;
} flags_known[] = {
	{ GCCOLOR_NORESERVE,	GCCOLOR_CAP_NORESERVE },
	{ GCCOLOR_POPULATE,	GCCOLOR_CAP_POPULATE },
	{ GCCOLOR_HUGEPAGE,	GCCOLOR_CAP_HUGEPAGE },
	{ GCCOLOR_HUGETLB,	GCCOLOR_CAP_HUGETLB },
	{ GCCOLOR_STACK,	GCCOLOR_CAP_STACK },
	{ GCCOLOR_NODUMP,	GCCOLOR_CAP_NODUMP },
	{ GCCOLOR_WIPE,		GCCOLOR_CAP_WIPE },
	{ 0 }
};

uint64_t caps_find(const struct backend *ops, const struct backing *at)
{
	uint64_t caps = ops->caps & os_caps() & ~at->lacks;

	caps |= ops->holds ? GCCOLOR_CAP_CLAIMS : 0;
	caps |= ops->holds && !ops->chooses_base ? GCCOLOR_CAP_BASES : 0;
	caps |= ops->can_trap ? GCCOLOR_CAP_TRAPS | GCCOLOR_CAP_GUARD : 0;
	caps |= ops->can_release ? GCCOLOR_CAP_RELEASE : 0;
	caps |= ops->can_protect ? GCCOLOR_CAP_PROTECT : 0;
	caps |= ops->can_exec ? GCCOLOR_CAP_EXEC & ~at->lacks : 0;
	caps |= ops->next_event ? GCCOLOR_CAP_EVENTS & ~at->lacks : 0;
	return caps;
}

uint32_t caps_missing(uint64_t caps, uint32_t flags)
{
	size_t i;

	for (i = 0; flags_known[i].flag; i++) {
		if ((flags & flags_known[i].flag) && !(caps & flags_known[i].cap))
			return flags_known[i].flag;
		flags &= ~flags_known[i].flag;
	}
	return flags;
}
