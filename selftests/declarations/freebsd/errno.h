/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* FreeBSD, the values of freebsd-src sys/sys/errno.h, each under its own name. */
#ifndef DECLARATIONS_ERRNO_H
#define DECLARATIONS_ERRNO_H

int *__error(void);
#define errno	(*__error())

#define EPERM		1
#define ENOENT		2
#define EINTR		4
#define EIO		5
#define ENXIO		6
#define E2BIG		7
#define EBADF		9
#define ENOMEM		12
#define EACCES		13
#define EFAULT		14
#define EBUSY		16
#define EEXIST		17
#define EXDEV		18
#define ENODEV		19
#define EINVAL		22
#define ENFILE		23
#define EMFILE		24
#define ENOTTY		25
#define ENOSPC		28
#define ERANGE		34
#define EAGAIN		35
#define EOPNOTSUPP	45
#define ESHUTDOWN	58
#define EDQUOT		69
#define EOVERFLOW	84

#endif /* DECLARATIONS_ERRNO_H */
