// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The backends of OpenBSD. posix comes first: only who asks for a level above reserved
 * gets a mapping that is all writable.
 */
#include "backend.h"

const struct backend *const backends[] = {
	&backend_posix,
	&backend_mseal,
	&backend_hint,
	&backend_null,
	NULL
};
