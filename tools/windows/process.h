/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * gccolor compare on Windows: processes that are started from this program again,
 * and the memory that they share with the one that started them.
 */
#ifndef GCCOLOR_TOOLS_PROCESS_H
#define GCCOLOR_TOOLS_PROCESS_H

#include <stddef.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* Zeroed memory that children can open by the handle; NULL if there is none. */
void *shared_make(size_t length, HANDLE *handle);

/* The same in a child, @handle being the number on its command line. */
void *shared_open(unsigned long long handle, size_t length);

/*
 * Run this program with @arguments, for at most @seconds. Its exit status, or -1 if
 * it could not be started or was ended for the time.
 */
int run_self(const char *arguments, unsigned int seconds);

/* Subcommands that only these processes have. */
int cmd_compare_attack(int argc, char **argv);

#endif /* GCCOLOR_TOOLS_PROCESS_H */
