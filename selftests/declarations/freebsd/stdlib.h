/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* What the library uses, as C11 declares it (freebsd-src include/stdlib.h). */
#ifndef DECLARATIONS_STDLIB_H
#define DECLARATIONS_STDLIB_H

#include <stddef.h>

void *aligned_alloc(size_t alignment, size_t size);
void free(void *p);
char *getenv(const char *name);

#endif /* DECLARATIONS_STDLIB_H */
