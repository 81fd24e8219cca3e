// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The backends of Linux, and in which order GCCOLOR_AUTO tries them.
 */
#include "backend.h"

const struct backend *backend_by_id(uint32_t id)
{
	switch (id) {
	case GCCOLOR_KMOD:
		return &backend_kmod;
	case GCCOLOR_MSEAL:
		return &backend_mseal;
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
	static const uint32_t order[] = {
		GCCOLOR_KMOD, GCCOLOR_MSEAL, GCCOLOR_POSIX, GCCOLOR_AUTO,
	};

	return order[n];
}
