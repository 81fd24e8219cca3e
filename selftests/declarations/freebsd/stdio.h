/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* What the library uses, as C11 declares it (freebsd-src include/stdio.h). */
#ifndef DECLARATIONS_STDIO_H
#define DECLARATIONS_STDIO_H

#include <stdarg.h>
#include <stddef.h>

int snprintf(char *text, size_t size, const char *format, ...);
int vsnprintf(char *text, size_t size, const char *format, va_list args);

#endif /* DECLARATIONS_STDIO_H */
