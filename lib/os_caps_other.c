// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What Unixes other than Linux offer: what mmap(2) and MADV_FREE give, and no more.
 */
#include "gccolor.h"
#include "os.h"

bool os_huge_pages_always(void)
{
	return false;
}

size_t os_hugetlb_size(void)
{
	return 0;
}

/* Does the system say who lies at an address? Asked of our own code. */
static uint64_t if_occupants(void)
{
	uintptr_t here = (uintptr_t)os_caps;
	struct os_occupant who;

	return os_occupant(here, here + 1, &who) == 0 ? GCCOLOR_CAP_OCCUPANT : 0;
}

uint64_t os_caps(void)
{
	return GCCOLOR_CAP_LAZY | GCCOLOR_CAP_NORESERVE | GCCOLOR_CAP_POPULATE |
	       GCCOLOR_CAP_IMAGES | if_occupants();
}
