/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The probe: before 6.12 the core asks nobody before it unmaps or re-protects
 * memory. An ftrace handler on the two functions that do it sends the caller
 * back with EPERM, unless current holds a token for exactly that range.
 *
 * A VMA is ours if its file is: no table, so fork, exec and exit need no care.
 * The handler is permanent (kernel.ftrace_enabled=0 is refused while it lives) and
 * alone (a live patch of these functions is refused, as we are after one).
 */
#ifndef GCCOLOR_PROBE_H
#define GCCOLOR_PROBE_H

#include <linux/types.h>

/**
 * gccolor_probe_arm() - at the first RESERVE; later ones find it armed
 *
 * Context: may sleep; may be called with mmap_lock held.
 * Return: GCCOLOR_IOC_REASON_NONE: armed. Otherwise why not: _KERNEL: no ftrace
 *	with registers, or none of the functions by a name that we know; _BUSY: a
 *	live patch or tracer has one of them, or kernel.ftrace_enabled is 0.
 */
u32 gccolor_probe_arm(void);

/* As gccolor_probe_arm() said the last time; _NONE before the first. Context: any. */
u32 gccolor_probe_refused(void);

/* Context: module exit. Waits until no task is in the handler's code any more. */
void gccolor_probe_disarm(void);

/* Was the handler ever entered where it could not work? Context: any. */
bool gccolor_probe_missed(void);

#endif /* GCCOLOR_PROBE_H */
