/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What callers say, checked once. All return 0 or a negative errno with
 * error_set() called; @doing is a verb for its text.
 */
#ifndef GCCOLOR_CHECK_H
#define GCCOLOR_CHECK_H

#include "region.h"

#define READ_WRITE	(GCCOLOR_READ | GCCOLOR_WRITE)

/* A handle, and a page-aligned range, not empty, inside the region. */
int check_range(const struct gccolor *gc, const char *doing, const void *addr,
		size_t length);

/* -EOPNOTSUPP without this GCCOLOR_CAP_. */
int check_cap(const struct gccolor *gc, uint64_t cap);

/* -EOPNOTSUPP for backend hint, which holds no addresses. */
int check_holds(const struct gccolor *gc, const char *doing);

/* The color of an address in the region. */
uint32_t check_color_of(const struct gccolor *gc, uintptr_t addr);

/* The range lies in one color. */
int check_color(const struct gccolor *gc, const char *doing, uintptr_t start,
		size_t length);

/* Protection and flags that the backend can have in some color ... */
int check_prot(const struct gccolor *gc, uint32_t prot, uint32_t flags);
/* ... and in this one. */
int check_exec(const struct gccolor *gc, uint32_t prot, uint32_t color);

/*
 * The range cuts no huge page of GCCOLOR_HUGETLB, neither one that is there nor
 * one that @flags ask for. Needs the region's lock.
 */
int check_hugetlb(const struct gccolor *gc, const char *doing, uintptr_t start,
		  uintptr_t end, uint32_t flags);

/* Copy a request of gccolor_claim() or gccolor_alloc() and complete it. */
int check_request(const struct gccolor *gc, struct gccolor_request *r,
		  const struct gccolor_request *theirs, void **out);

#endif /* GCCOLOR_CHECK_H */
