// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The backends of Unixes that have nothing of their own. */
#include "backend.h"

const struct backend *const backends[] = {
	&backend_posix,
	&backend_hint,
	&backend_null,
	NULL
};
