/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * A guard makes the kernel refuse to reshape a VMA. The region code opens the
 * guard for exactly the VMAs that it is about to replace and shuts it again
 * before mmap_lock is dropped.
 *
 * There is one way so far: VM_SEALED (guard_seal.c), the flag of mseal(2).
 */
#ifndef GCCOLOR_GUARD_H
#define GCCOLOR_GUARD_H

#include <linux/mm_types.h>
#include <linux/types.h>

struct vm_area_desc;

/**
 * gccolor_guard_shut() - from now on the kernel refuses to reshape @vma
 * @vma: reserve or committed VMA of a region
 *
 * Context: mmap_lock of vma->vm_mm held for writing, or @vma not visible yet.
 */
void gccolor_guard_shut(struct vm_area_struct *vma);

/**
 * gccolor_guard_shut_new() - as gccolor_guard_shut(), for a VMA that will be made
 * @desc: of it
 *
 * Context: f_op->mmap_prepare.
 */
void gccolor_guard_shut_new(struct vm_area_desc *desc);

/**
 * gccolor_guard_open() - let the kernel reshape @vma
 * @vma: reserve or committed VMA of a region
 *
 * Context: mmap_lock held for writing until @vma is gone or shut again.
 */
void gccolor_guard_open(struct vm_area_struct *vma);

/* Is the guard of @vma shut? Context: mmap_lock held. */
bool gccolor_guard_is_shut(const struct vm_area_struct *vma);

/* Level (enum gccolor_ioc_level) and reason that a proven guard gives. */
u32 gccolor_guard_level(u32 *reason);

#endif /* GCCOLOR_GUARD_H */
