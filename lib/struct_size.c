// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "struct_size.h"

#include <errno.h>
#include <string.h>

#include "error.h"

int struct_copy(void *ours, size_t known, size_t first, const void *theirs,
		size_t size, const char *name)
{
	const unsigned char *bytes = theirs;
	size_t i;

	if (size < first)
		return error_set(-EINVAL, "struct %s: size %zu is below %zu, its first version",
				 name, size, first);
	for (i = known; i < size; i++) {
		if (bytes[i])
			return error_set(-E2BIG, "struct %s: byte %zu of %zu is unknown and not 0",
					 name, i, size);
	}
	memset(ours, 0, known);
	memcpy(ours, theirs, size < known ? size : known);
	return 0;
}
