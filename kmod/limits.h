/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Every maximum of the module, and the count of regions per user. */
#ifndef GCCOLOR_LIMITS_H
#define GCCOLOR_LIMITS_H

#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/uidgid.h>
#include <uapi/linux/gccolor.h>

/* gccolor_prove() attacks a page that has a page of the same slot on either side */
#define GCCOLOR_SLOT		max(GCCOLOR_IOC_SLOT_SIZE, 4ULL * PAGE_SIZE)
#define GCCOLOR_COLORS_MAX	64U	/* exec_colors is one __u64 */
#define GCCOLOR_COLOR_LENGTH_MIN	(4 * GCCOLOR_SLOT)
#define GCCOLOR_DEFAULT_COLORS	16UL

/* Module parameter max_regions_per_user; 0: no limit. */
extern unsigned int gccolor_max_regions_per_user;

/**
 * gccolor_limits_charge() - count one more region of a user
 * @uid: who
 *
 * Context: may sleep; called with mmap_lock held (plain mmap(2)), so the lock
 *	inside nests below mmap_lock.
 * Return: 0, -EDQUOT if the user has as many as allowed, -ENOMEM.
 */
int gccolor_limits_charge(kuid_t uid);

/**
 * gccolor_limits_uncharge() - undo one gccolor_limits_charge()
 * @uid: who
 */
void gccolor_limits_uncharge(kuid_t uid);

void gccolor_limits_exit(void);

#endif /* GCCOLOR_LIMITS_H */
