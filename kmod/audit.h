/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Where the core itself denies (VM_SEALED, 6.12 and later), the module is not asked.
 * So while somebody listens, ftrace handlers at the entry of the functions that unmap,
 * map, re-protect and move memory look whether they will be denied, and count that.
 * They decide nothing. Elsewhere the guard sees what it denies, and nothing is armed.
 */
#ifndef GCCOLOR_AUDIT_H
#define GCCOLOR_AUDIT_H

#include <linux/types.h>

struct gccolor_region;

/*
 * One listener more, or less; the first arms, the last disarms.
 * Context: may sleep; no mmap_lock held.
 */
void gccolor_audit_get(void);
void gccolor_audit_put(void);

/* Context: module exit; a family that goes does not say that its listeners left. */
void gccolor_audit_exit(void);

/* Are all attempts on @region (NULL: on the next one) seen? Context: any. */
bool gccolor_audit_observes(const struct gccolor_region *region);

#endif /* GCCOLOR_AUDIT_H */
