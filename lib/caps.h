/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What a region can do.
 */
#ifndef GCCOLOR_CAPS_H
#define GCCOLOR_CAPS_H

#include <stdint.h>

struct backend;
struct backing;

/* GCCOLOR_CAP_* of a fresh region. */
uint64_t caps_find(const struct backend *ops, const struct backing *at);

/*
 * The first of @flags (GCCOLOR_NORESERVE ...) that @caps does not have, or 0.
 * With caps ~0: the flags that are no flags.
 */
uint32_t caps_missing(uint64_t caps, uint32_t flags);

#endif /* GCCOLOR_CAPS_H */
