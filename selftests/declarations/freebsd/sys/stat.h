/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* FreeBSD: freebsd-src sys/sys/stat.h, of struct stat the members that are used here. */
#ifndef DECLARATIONS_SYS_STAT_H
#define DECLARATIONS_SYS_STAT_H

#include <sys/types.h>

#define S_IFMT		0170000
#define S_IFREG		0100000
#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)

struct stat {
	mode_t st_mode;
	off_t st_size;
};

int fstat(int fd, struct stat *st);

#endif /* DECLARATIONS_SYS_STAT_H */
