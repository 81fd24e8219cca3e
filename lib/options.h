/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Options of gccolor_open().
 */
#ifndef GCCOLOR_OPTIONS_H
#define GCCOLOR_OPTIONS_H

#include "gccolor.h"

/*
 * Read a caller's options (NULL: none), put defaults where there are zeroes,
 * let GCCOLOR_BACKEND replace GCCOLOR_AUTO, and check all of it but what depends
 * on the backend. 0, -EINVAL or -E2BIG with error_set() called.
 */
int options_read(struct gccolor_options *ours, const struct gccolor_options *theirs);

#endif /* GCCOLOR_OPTIONS_H */
