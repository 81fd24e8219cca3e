/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Structs that begin with their size.
 */
#ifndef GCCOLOR_STRUCT_SIZE_H
#define GCCOLOR_STRUCT_SIZE_H

#include <stddef.h>

/*
 * Copy a caller's struct of @size bytes into ours of @known bytes, of which the
 * first version had @first (up to the end of its last field: not sizeof(), which
 * grows). 0, -EINVAL or -E2BIG with error_set() called.
 */
int struct_copy(void *ours, size_t known, size_t first, const void *theirs,
		size_t size, const char *name);

#endif /* GCCOLOR_STRUCT_SIZE_H */
