/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Which regions there are, for who watches. The promise does without. */
#ifndef GCCOLOR_REGISTRY_H
#define GCCOLOR_REGISTRY_H

#include <linux/types.h>

struct gccolor_region;

/**
 * gccolor_registry_add() - a region gets its number, and current as who reserved it
 * @region: claimed
 *
 * Context: may be called with mmap_lock held.
 */
void gccolor_registry_add(struct gccolor_region *region);

/* Undo it. Nobody posts events about the region any more. Context: process. */
void gccolor_registry_remove(struct gccolor_region *region);

/**
 * gccolor_registry_next() - visit a published region
 * @id: the lowest number to look at; becomes the number of the one that was found
 * @born: the youngest to look at: gccolor_registry_ever() when a walk begins, so that
 *	it ends however fast regions come
 * @visit: called with a lock held, must not sleep
 * @arg: passed on
 *
 * Return: false: there is none.
 */
bool gccolor_registry_next(unsigned long *id, u64 born,
			   void (*visit)(struct gccolor_region *region, void *arg),
			   void *arg);

/* How many there are, and were ever made. */
u32 gccolor_registry_count(void);
u64 gccolor_registry_ever(void);

#endif /* GCCOLOR_REGISTRY_H */
