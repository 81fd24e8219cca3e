// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The porting template: the contract of backend.h kept with nothing but
 * os_map(). It promises nothing and gives nothing back before the end.
 */
#include <errno.h>
#include <string.h>

#include "backend.h"
#include "os.h"

static int null_probe(struct backing *at)
{
	at->block = NULL;
	return 0;
}

static int null_reserve(struct backing *at)
{
	if (at->length > SIZE_MAX / 2)
		return -ENOMEM;
	at->block = os_map(2 * at->length);
	if (!at->block)
		return -ENOMEM;
	at->base = ((uintptr_t)at->block + at->length - 1) & ~(at->length - 1);
	return 0;
}

static int null_release(struct backing *at)
{
	os_unmap(at->block, 2 * at->length);
	at->block = NULL;
	return 0;
}

static void null_forget(struct backing *at)
{
	at->block = NULL;
}

static int null_commit(struct backing *at, uintptr_t addr, size_t length,
		       uint32_t prot, uint32_t flags)
{
	(void)at;
	(void)prot;
	(void)flags;
	memset((void *)addr, 0, length);
	return 0;
}

/* commit() clears, so there is nothing to do. */
static int null_decommit(struct backing *at, uintptr_t addr, size_t length)
{
	(void)at;
	(void)addr;
	(void)length;
	return 0;
}

static int null_discard(struct backing *at, uintptr_t addr, size_t length,
			uint32_t prot, bool lazy)
{
	(void)at;
	(void)prot;
	(void)lazy;
	memset((void *)addr, 0, length);
	return 0;
}

static void null_populate(struct backing *at, uintptr_t addr, size_t length,
			  uint32_t prot)
{
	(void)at;
	(void)addr;
	(void)length;
	(void)prot;
}

static int null_present(struct backing *at)
{
	(void)at;
	return 0;
}

static enum gccolor_level null_level(struct backing *at, const char **why)
{
	(void)at;
	*why = "plain memory has no promise";
	return GCCOLOR_NONE;
}

const struct backend backend_null = {
	.id		= GCCOLOR_NULL,
	.best		= GCCOLOR_NONE,
	.asked_only	= true,
	.holds		= true,
	.chooses_base	= true,
	.can_release	= true,
	.caps		= GCCOLOR_CAP_POPULATE,	/* clearing touches every page */
	.probe		= null_probe,
	.reserve	= null_reserve,
	.release	= null_release,
	.forget		= null_forget,
	.commit		= null_commit,
	.decommit	= null_decommit,
	.discard	= null_discard,
	.populate	= null_populate,
	.present	= null_present,
	.level		= null_level,
};
