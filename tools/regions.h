/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* The regions of a process: the module's word beside what its address space shows. */
#ifndef GCCOLOR_REGIONS_H
#define GCCOLOR_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "space.h"
#include "watch.h"

/* Whose region is it? The module names only who reserved it. */
enum claim {
	CLAIM_OWN,		/* this process reserved it */
	CLAIM_INHERITED,	/* a fork: it has the file of another process's region */
	CLAIM_AMONG,		/* a fork; the word is the weakest of @among that it may be */
	CLAIM_UNTOLD,		/* the module was not asked, or does not know it */
};

struct found_region {
	enum claim claim;
	unsigned int among;
	struct watch_region word;	/* UNTOLD: base and length only, as mapped */
	bool mapped;			/* this process has something of it */
	struct mapping first;		/* its lowest mapping, if so */
};

struct found_regions {
	struct found_region *v;		/* by base */
	size_t count;
};

/* All that the module says. 0 or -errno. */
struct words {
	struct watch_region *v;
	size_t count;
};

int words_read(struct watch *w, struct words *out);
void words_free(struct words *words);

/*
 * Find the regions of process @pid in @space and @words, and those that it reserved,
 * that some process has, and that it does not have any more. 0 or -ENOMEM.
 */
int regions_find(uint32_t pid, const struct space *space, const struct words *words,
		 struct found_regions *out);
void regions_free(struct found_regions *regions);

#endif /* GCCOLOR_REGIONS_H */
