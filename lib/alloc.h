/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Finding a place for a request.
 */
#ifndef GCCOLOR_ALLOC_H
#define GCCOLOR_ALLOC_H

#include "claims.h"
#include "region.h"

/*
 * The first free place for a checked request, and the run of free that has it. 0, or
 * -ENOSPC or -EEXIST with error_set() called. Needs the region's lock.
 */
int alloc_find(struct gccolor *gc, const struct gccolor_request *r,
	       const struct avoid *avoid, struct run **run, uintptr_t *out);

#endif /* GCCOLOR_ALLOC_H */
