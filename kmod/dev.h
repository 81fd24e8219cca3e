/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* /dev/gccolor: the misc device, and the only copying from and to user space. */
#ifndef GCCOLOR_DEV_H
#define GCCOLOR_DEV_H

#include <linux/types.h>

/* Create and remove the device node; @mode are its permissions. */
int gccolor_dev_register(umode_t mode);
void gccolor_dev_unregister(void);

#endif /* GCCOLOR_DEV_H */
