// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The backends of Windows, and in which order GCCOLOR_AUTO tries them.
 */
#include "backend.h"

const struct backend *backend_by_id(uint32_t id)
{
	switch (id) {
	case GCCOLOR_WINDOWS:
		return &backend_windows;
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
	return n == 0 ? GCCOLOR_WINDOWS : GCCOLOR_AUTO;
}
