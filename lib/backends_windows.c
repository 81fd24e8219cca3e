// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The backends of Windows. */
#include "backend.h"

const struct backend *const backends[] = {
	&backend_windows,
	&backend_hint,
	&backend_null,
	NULL
};
