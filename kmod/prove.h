/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The module's own attack on a page in the middle of the lowest slot, which must not
 * fall: it says whether the guard is there, and how many mappings may be.
 *
 * The core refuses it with ENOMEM if it would exceed vm.max_map_count, which modules
 * cannot read, and after that because of the guard. So a refusal because of the guard
 * proves that one more mapping is possible. A carve that splits one VMA in three opens
 * its guards only at a number of mappings that is known so. If vm.max_map_count is
 * lowered afterwards, one carve can fail with its guards open; the region is repaired
 * then, as always, and what was known is forgotten.
 */
#ifndef GCCOLOR_PROVE_H
#define GCCOLOR_PROVE_H

#include <linux/fs.h>

#include "guard.h"

/**
 * gccolor_prove() - attack as a carve would, but without opening a guard
 * @vmfile: of the region
 * @denied_by: out: who refused; what counts is the region's own guard
 *
 * Context: no lock held.
 * Return: -EPERM: denied. 0: it was not denied (the page is reserve again).
 *	-ENXIO: no region. Another error: refused before the guard was asked.
 */
int gccolor_prove(struct file *vmfile, enum gccolor_denier *denied_by);

/*
 * The same for a region that nobody else can use or release yet, so that unmapping
 * the page, which costs less, can hit nothing else. Return: as above, but 0: there is a
 * hole now, and the region has to go; never -ENXIO.
 */
int gccolor_prove_new(struct file *vmfile, enum gccolor_denier *denied_by);

/* May one more mapping be made beside @map_count, as far as is known? Context: any. */
bool gccolor_room_is_known(int map_count);

/*
 * gccolor_room_find() - is there room for one more mapping in current?
 * Context: no lock held.
 * Return: 0: the present number is known now. Otherwise as gccolor_prove().
 */
int gccolor_room_find(struct file *vmfile);

/* A carve failed late: vm.max_map_count may be lower than what is known. */
void gccolor_room_forget(void);

#endif /* GCCOLOR_PROVE_H */
