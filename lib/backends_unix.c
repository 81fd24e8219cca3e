// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The backends of Unixes that have nothing of their own.
 */
#include "backend.h"

const struct backend *backend_by_id(uint32_t id)
{
	switch (id) {
	case GCCOLOR_POSIX:
		return &backend_posix;
	case GCCOLOR_HINTED:
		return &backend_hint;
	case GCCOLOR_NULL:
		return &backend_null;
	default:
		return NULL;
	}
}

uint32_t backend_auto(size_t n)
{
	return n ? GCCOLOR_AUTO : GCCOLOR_POSIX;
}
