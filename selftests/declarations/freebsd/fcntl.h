/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* FreeBSD, the values of freebsd-src sys/sys/fcntl.h, each under its own name. */
#ifndef DECLARATIONS_FCNTL_H
#define DECLARATIONS_FCNTL_H

#define O_RDONLY	0x0000
#define O_WRONLY	0x0001
#define O_RDWR		0x0002
#define O_ACCMODE	0x0003
#define O_CLOEXEC	0x00100000
#define F_GETFL		3

int fcntl(int fd, int command, ...);
int open(const char *path, int flags, ...);

#endif /* DECLARATIONS_FCNTL_H */
