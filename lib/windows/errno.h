/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The C library's errno.h with the numbers that libgccolor has on every system
 * (enum gccolor_error), where Windows has others or none. Found before the real
 * one when the library and its tests are built for Windows; no error of the C
 * library itself reaches them.
 */
#ifndef GCCOLOR_WINDOWS_ERRNO_H
#define GCCOLOR_WINDOWS_ERRNO_H

#include_next <errno.h>

#undef EDQUOT
#undef ENODATA
#undef EOPNOTSUPP
#undef EOVERFLOW
#undef ESHUTDOWN
#define EDQUOT		122
#define ENODATA		61
#define EOPNOTSUPP	95
#define EOVERFLOW	75
#define ESHUTDOWN	108

#endif /* GCCOLOR_WINDOWS_ERRNO_H */
