// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The backends of Linux, best first. */
#include "backend.h"

const struct backend *const backends[] = {
	&backend_kmod,
	&backend_mseal,
	&backend_posix,
	&backend_hint,
	&backend_null,
	NULL
};
