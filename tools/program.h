/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* gccolor run: which program is it, and can a library be preloaded into it? */
#ifndef GCCOLOR_PROGRAM_H
#define GCCOLOR_PROGRAM_H

#include <stddef.h>

/*
 * Find @name as a shell would. 0 and its path, RUN_NOT_FOUND or RUN_REFUSED
 * with the message printed.
 */
int program_find(const char *name, char *path, size_t room);

/*
 * See whether @path, or the interpreter that its first line names, takes a
 * preloaded library. 0, or RUN_REFUSED with the reason printed.
 */
int program_check(const char *path);

#endif /* GCCOLOR_PROGRAM_H */
