/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* gccolor verify: what is wrong with a region, as far as it can be seen from outside. */
#ifndef GCCOLOR_VERIFY_H
#define GCCOLOR_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "regions.h"
#include "space.h"

struct verdict {
	struct found_region found;
	uint64_t committed;		/* as mapped */
	unsigned int runs;
	unsigned int faults;		/* of what must hold at every moment */
	char text[8][256];		/* the first of them */
	bool differs;			/* the account; may come of a change meanwhile */
};

/* Are regions of this level sealed on this kernel? */
bool verify_sealed(uint32_t level);

/* Hold @found against @space, which was read from smaps, and @require, a level. */
void verify_region(const struct found_region *found, const struct space *space, uint32_t require,
		   struct verdict *out);

#endif /* GCCOLOR_VERIFY_H */
