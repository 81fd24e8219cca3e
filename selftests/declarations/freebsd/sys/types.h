/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* FreeBSD: freebsd-src sys/sys/_types.h, sys/x86/include/_types.h. */
#ifndef DECLARATIONS_SYS_TYPES_H
#define DECLARATIONS_SYS_TYPES_H

#include <stdint.h>

typedef int64_t off_t;
typedef int64_t ssize_t;
typedef uint16_t mode_t;

#endif /* DECLARATIONS_SYS_TYPES_H */
