/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What makes the kernel refuse to reshape a VMA of a region. In the order of
 * strength:
 *
 *  - the seal: VM_SEALED, where the core looks at it (>= 6.12). The region code
 *    opens the guard of exactly the VMAs that it is about to replace and shuts
 *    it again before mmap_lock is dropped.
 *  - the probe (probe.h): before 6.12. It lets pass what a token allows, so there
 *    is nothing to open.
 *  - the hooks (vma.c): the vm_ops of reserve, and in a hooked region those of
 *    committed memory. They deny what splits, moves or re-protects; whoever
 *    unmaps a whole VMA is killed. Any kernel.
 *
 * Which one a region has is decided once, at its RESERVE.
 */
#ifndef GCCOLOR_GUARD_H
#define GCCOLOR_GUARD_H

#include <linux/mm_types.h>
#include <linux/types.h>

struct gccolor_region;
struct vm_area_desc;

/* Module parameter guard: "auto" or "hooks". */
extern char *gccolor_guard_parameter;

/* Return: 0, or -EINVAL for a parameter with another value. */
int gccolor_guard_init(void);

/* Context: no region is left, no VMA and no task of ours. May sleep. */
void gccolor_guard_exit(void);

/**
 * gccolor_guard_choose() - at RESERVE: the strongest guard that can be had now
 * @region: claimed, not mapped yet; gets its hooked
 *
 * Context: may sleep; no lock held. Plain mmap(2) calls it with mmap_lock held.
 */
void gccolor_guard_choose(struct gccolor_region *region);

/* From now on the kernel refuses. Context: mmap_lock for writing, or new @vma. */
void gccolor_guard_shut(struct vm_area_struct *vma);

/* The same for a VMA that will be made. Context: f_op->mmap_prepare. */
void gccolor_guard_shut_new(struct vm_area_desc *desc);

/* Let the kernel reshape @vma. Context: mmap_lock for writing, until shut again. */
void gccolor_guard_open(struct vm_area_struct *vma);

/* Is the guard of @vma shut? Context: mmap_lock held. */
bool gccolor_guard_is_shut(const struct vm_area_struct *vma);

/*
 * Does the module itself see every attempt on @region that it denies? Where the core
 * denies, only the audit (audit.h) does, while it is armed. Context: any.
 */
bool gccolor_guard_sees(const struct gccolor_region *region);

/**
 * enum gccolor_denier - who refused the module's own attack, see prove.h
 * @GCCOLOR_DENIED_BY_NOBODY: it succeeded, or never came so far
 * @GCCOLOR_DENIED_BY_GUARD: the seal or the probe
 * @GCCOLOR_DENIED_BY_HOOK: the hook behind them
 */
enum gccolor_denier {
	GCCOLOR_DENIED_BY_NOBODY,
	GCCOLOR_DENIED_BY_GUARD,
	GCCOLOR_DENIED_BY_HOOK,
};

/**
 * gccolor_guard_level() - level and reason of a region, or of the next one
 * @region: or NULL
 * @reason: out: enum gccolor_ioc_reason
 *
 * Context: any.
 * Return: enum gccolor_ioc_level
 */
u32 gccolor_guard_level(const struct gccolor_region *region, u32 *reason);

#endif /* GCCOLOR_GUARD_H */
