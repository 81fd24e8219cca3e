/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* FreeBSD: freebsd-src include/unistd.h. */
#ifndef DECLARATIONS_UNISTD_H
#define DECLARATIONS_UNISTD_H

#include <stddef.h>
#include <sys/types.h>

#define _SC_PAGESIZE	47		/* there, under __POSIX_VISIBLE >= 199309 */

int close(int fd);
int getentropy(void *buffer, size_t length);
int issetugid(void);
ssize_t pread(int fd, void *buffer, size_t length, off_t offset);
ssize_t pwrite(int fd, const void *buffer, size_t length, off_t offset);
long sysconf(int name);

#endif /* DECLARATIONS_UNISTD_H */
