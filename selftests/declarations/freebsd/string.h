/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* What the library uses, as C11 declares it (freebsd-src include/string.h). */
#ifndef DECLARATIONS_STRING_H
#define DECLARATIONS_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);
int strcmp(const char *a, const char *b);
size_t strlen(const char *text);

#endif /* DECLARATIONS_STRING_H */
