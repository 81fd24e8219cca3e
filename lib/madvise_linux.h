/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Linux' advice that is younger than some C libraries. Other systems have the same
 * names with other numbers.
 */
#ifndef GCCOLOR_MADVISE_LINUX_H
#define GCCOLOR_MADVISE_LINUX_H

#include <sys/mman.h>

#ifndef MADV_COLD
#define MADV_COLD		20	/* Linux 5.4 */
#define MADV_PAGEOUT		21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE		25	/* Linux 6.1 */
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102	/* Linux 6.13 */
#define MADV_GUARD_REMOVE	103
#endif

#endif /* GCCOLOR_MADVISE_LINUX_H */
