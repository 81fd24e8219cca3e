/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The only place that knows kernel versions. Feature code is written to the
 * newest API; what an older kernel lacks is supplied here.
 */
#ifndef GCCOLOR_COMPAT_H
#define GCCOLOR_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#error "gccolor: kernels before 6.12 are not supported yet"
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#error "gccolor: kernels after 6.12 are not supported yet"
#endif
#ifndef CONFIG_64BIT
#error "gccolor: 64-bit kernels only"
#endif

#endif /* GCCOLOR_COMPAT_H */
