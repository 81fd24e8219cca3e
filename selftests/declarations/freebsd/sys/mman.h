/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* FreeBSD, the values of freebsd-src sys/sys/mman.h (10 and later), each under its own name. */
#ifndef DECLARATIONS_SYS_MMAN_H
#define DECLARATIONS_SYS_MMAN_H

#include <stddef.h>
#include <sys/types.h>

#define PROT_NONE	0x00
#define PROT_READ	0x01
#define PROT_WRITE	0x02
#define PROT_EXEC	0x04
#define MAP_SHARED	0x0001
#define MAP_PRIVATE	0x0002
#define MAP_FIXED	0x0010
#define MAP_STACK	0x0400
#define MAP_ANON	0x1000
#define MAP_ANONYMOUS	MAP_ANON
#define MAP_EXCL	0x00004000	/* "for MAP_FIXED, fail if address is used" */
#define MAP_FAILED	((void *)-1)
#define MS_ASYNC	0x0001
#define MADV_FREE	5

int madvise(void *addr, size_t length, int advice);
void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
int mprotect(void *addr, size_t length, int prot);
int msync(void *addr, size_t length, int flags);
int munmap(void *addr, size_t length);

#endif /* DECLARATIONS_SYS_MMAN_H */
