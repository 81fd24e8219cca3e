// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The shape of an address space on the BSDs and macOS: 64 bits, of which 47 are the
 * program's, a reservation that counts against no limit, and no break.
 */
#include "os.h"
#include "os_unix.h"

uintptr_t os_address_end(void)
{
	return (uintptr_t)1 << 47;
}

size_t os_default_length(void)
{
	return (size_t)1 << 40;
}

/* malloc() lives on mmap(). */
uintptr_t os_break(void)
{
	return 0;
}
