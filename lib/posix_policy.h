/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What flags of gccolor_commit() ask of mapped memory: posix_policy.c on Linux, which
 * has them; policy_other.c on other Unixes.
 */
#ifndef GCCOLOR_POSIX_POLICY_H
#define GCCOLOR_POSIX_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gccolor.h"

struct backing;

/* What any private anonymous memory can have. */
#define POSIX_CAPS	(GCCOLOR_CAP_LAZY | GCCOLOR_CAP_NORESERVE |		\
			 GCCOLOR_CAP_POPULATE | GCCOLOR_CAP_HUGEPAGE |		\
			 GCCOLOR_CAP_STACK | GCCOLOR_CAP_NODUMP |		\
			 GCCOLOR_CAP_WIPE | GCCOLOR_CAP_COLLAPSE |		\
			 GCCOLOR_CAP_COLD | GCCOLOR_CAP_PAGEOUT |		\
			 GCCOLOR_CAP_OCCUPANT)

/* Flags that posix_policy() serves. */
#define POSIX_POLICIES	(GCCOLOR_HUGEPAGE | GCCOLOR_STACK | GCCOLOR_NODUMP | GCCOLOR_WIPE)

/* qemu-user says yes to any advice, and follows some: then a yes says nothing. */
bool posix_advice_is_checked(void);

/* Apply those of @flags. 0 or -errno, and then perhaps a part is applied. */
int posix_policy(uintptr_t addr, size_t length, uint32_t flags);

/*
 * Take them back where the mapping stays. HUGEPAGE and STACK: to what the
 * system does unasked now, as there is no advice for "no advice". 0 or -errno.
 */
int posix_policy_undo(uintptr_t addr, size_t length, uint32_t flags);

/* The member advise() of struct backend. */
int posix_advise(struct backing *at, uintptr_t addr, size_t length,
		 enum gccolor_advice advice);

/* Name anonymous memory; NULL: no name. 0 or -errno (-EINVAL: no names here). */
int posix_name(uintptr_t addr, size_t length, const char *name);

/*
 * Name [@addr, @addr + @length), in one color of @at, "gccolor:COLOR", where
 * the kernel has names. Does not fail: a name is for who reads /proc/PID/maps.
 */
void posix_name_color(const struct backing *at, uintptr_t addr, size_t length);

#endif /* GCCOLOR_POSIX_POLICY_H */
