// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Attacks that move, grow, shrink or re-protect. */
#define _GNU_SOURCE
#include "attack.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP	4
#endif
#define AWAY		(OUTSIDE + 64 * MIB)

static int remap(unsigned long addr, unsigned long old, unsigned long new, int flags,
		 unsigned long to)
{
	return map_result(mremap((void *)addr, old, new, flags, (void *)to));
}

static int same_size(const struct target *t)
{
	return worse(remap(t->addr, t->length, t->length, 0, 0),
		     remap(t->addr, t->length, t->length, MREMAP_MAYMOVE, 0));
}

static int shrink(const struct target *t)
{
	return worse(remap(t->addr, t->length, PAGE, 0, 0),
		     worse(remap(t->addr, t->length, t->length - PAGE, 0, 0),
			   remap(t->addr, t->length, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, AWAY)));
}

static int grow_in_place(const struct target *t)
{
	return worse(remap(t->addr, t->length, t->length + PAGE, 0, 0),
		     remap(t->addr, PAGE, t->length, 0, 0));
}

static int grow_and_move(const struct target *t)
{
	return worse(remap(t->addr, t->length, 4 * t->length, MREMAP_MAYMOVE, 0),
		     remap(t->addr, t->length, 4 * t->length, MREMAP_MAYMOVE | MREMAP_FIXED, AWAY));
}

static int move_out(const struct target *t)
{
	return remap(t->addr, t->length, t->length, MREMAP_MAYMOVE | MREMAP_FIXED, AWAY);
}

static int move_out_keeping(const struct target *t)
{
	int flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;

	return worse(remap(t->addr, t->length, t->length, flags, 0),
		     worse(remap(t->addr, t->length, t->length, flags, AWAY),
			   remap(t->addr, t->length, t->length, flags | MREMAP_FIXED, AWAY)));
}

/* Within the region: onto reserve, and onto memory. */
static int move_within(const struct target *t)
{
	const unsigned long to[] = { INSIDE(5), BASE, END - t->length, AT_COMMITTED, AT_READ_ONLY };
	int err = -EINVAL;

	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		err = worse(err, remap(t->addr, t->length, t->length,
				       MREMAP_MAYMOVE | MREMAP_FIXED, to[i]));
		err = worse(err, remap(t->addr, t->length, t->length, MREMAP_MAYMOVE |
				       MREMAP_FIXED | MREMAP_DONTUNMAP, to[i]));
	}
	return err;
}

static int duplicate(const struct target *t)
{
	return worse(remap(t->addr, 0, t->length, MREMAP_MAYMOVE, 0),
		     remap(t->addr, 0, t->length, MREMAP_MAYMOVE | MREMAP_FIXED, AWAY));
}

static int move_in(const struct target *t)
{
	unsigned long own = own_memory(OUTSIDE, 8 * t->length, 0);
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED | (int)t->arg;
	int err;

	if (!own)
		return CANNOT_TEST;
	err = remap(own, t->length, t->length, flags, t->addr);
	if (t->arg)
		return err;
	/* Shrinking and growing on the way. */
	err = worse(err, remap(own, 2 * t->length, t->length, flags, t->addr));
	return worse(err, remap(own, PAGE, t->length, flags, t->addr));
}

static int move_shared_in(const struct target *t)
{
	void *own = mmap((void *)OUTSIDE, t->length, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (own == MAP_FAILED)
		return CANNOT_TEST;
	/* An old length of zero makes a second mapping of the same memory. */
	return worse(remap(OUTSIDE, 0, t->length, MREMAP_MAYMOVE | MREMAP_FIXED, t->addr),
		     remap(OUTSIDE, t->length, t->length, MREMAP_MAYMOVE | MREMAP_FIXED, t->addr));
}

/* A hint that the kernel need not follow: it must not, into the region. */
static int hint_in(const struct target *t)
{
	unsigned long own = own_memory(OUTSIDE, t->length, 0);
	unsigned long got = (unsigned long)mremap((void *)own, t->length, t->length,
						  MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
						  (void *)t->addr);

	if (got == -1UL)
		return -errno;
	return got >= BASE && got < END ? DID_UNPROMISED : 0;
}

static int grow_into_from_below(const struct target *t)
{
	unsigned long own = own_memory(BASE - PAGE, PAGE, 0);

	if (!own)
		return CANNOT_TEST;
	return remap(own, PAGE, 2 * PAGE, 0, 0);
}

/* The old range reaches into the region; its tail would be unmapped. */
static int shrink_from_below(const struct target *t)
{
	unsigned long own = own_memory(BASE - PAGE, PAGE, 0);
	int err;

	if (!own)
		return CANNOT_TEST;
	fill(own, PAGE);
	err = worse(remap(own, 5 * PAGE, PAGE, 0, 0),
		    worse(remap(own, LENGTH + PAGE, PAGE, 0, 0),
			  remap(own, 5 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, AWAY)));
	return intact(own, PAGE) ? err : 0;
}

static int remap_across(const struct target *t)
{
	unsigned long own = own_memory(BASE - PAGE, PAGE, 0);

	if (!own)
		return CANNOT_TEST;
	return worse(remap(own, 5 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, AWAY),
		     worse(remap(own, 5 * PAGE, 6 * PAGE, MREMAP_MAYMOVE, 0),
			   remap(END - PAGE, 5 * PAGE, 5 * PAGE,
				 MREMAP_MAYMOVE | MREMAP_FIXED, AWAY)));
}

/* Every protection, to the piece itself. */
static int protect(const struct target *t)
{
	int err = -EINVAL;

	for (int prot = 0; prot <= (PROT_READ | PROT_WRITE | PROT_EXEC); prot++)
		err = worse(err, try_mprotect(t->addr, t->length, prot));
	return worse(err, try_mprotect(t->addr, t->length, PROT_READ | 0x8 /* PROT_SEM */));
}

static int protect_growing(const struct target *t)
{
	return worse(try_mprotect(t->addr, t->length, PROT_READ | PROT_GROWSDOWN),
		     try_mprotect(t->addr, t->length, PROT_READ | PROT_GROWSUP));
}

static int protect_from_below(const struct target *t)
{
	if (!own_memory(BASE - PAGE, PAGE, 0))
		return CANNOT_TEST;
	return worse(try_mprotect(BASE - PAGE, LENGTH + PAGE, PROT_READ | PROT_WRITE),
		     try_mprotect(BASE - PAGE, 2 * PAGE, PROT_READ));
}

static int protect_key(const struct target *t)
{
	long key = syscall(SYS_pkey_alloc, 0, 0);
	int err = -EINVAL;

	for (int prot = 0; prot <= (PROT_READ | PROT_WRITE | PROT_EXEC); prot++) {
		err = worse(err, result(syscall(SYS_pkey_mprotect, t->addr, t->length, prot, -1)));
		if (key >= 0)
			err = worse(err, result(syscall(SYS_pkey_mprotect, t->addr, t->length,
							prot, key)));
	}
	return err;
}

static int file_pages(const struct target *t)
{
	int err = result(syscall(SYS_remap_file_pages, t->addr, t->length, 0, 0, 0));

	return worse(err, result(syscall(SYS_remap_file_pages, t->addr, t->length, 0,
					 (t->addr - BASE) / PAGE, 0)));
}

/* A shared mapping whose page numbers would run on into the region. */
static int file_pages_from_below(const struct target *t)
{
	int fd = syscall(SYS_memfd_create, "attack", 0);

	if (ftruncate(fd, 8 * PAGE) ||
	    mmap((void *)(BASE - 4 * PAGE), 4 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0) == MAP_FAILED)
		return CANNOT_TEST;
	return result(syscall(SYS_remap_file_pages, BASE - 4 * PAGE, 8 * PAGE, 0, 1, 0));
}

const struct attack remap_attacks[] = {
	{ "mremap, same size", same_size, ALL(DENIED),
	  .denied_since = KERNEL(6, 12) },
	{ "mremap, shrinking", shrink, ALL(DENIED) },
	{ "mremap, growing in place", grow_in_place, ALL(DENIED) },
	{ "mremap, growing and moving", grow_and_move, ALL(DENIED) },
	{ "mremap MREMAP_FIXED, out of the region", move_out, ALL(DENIED) },
	{ "mremap MREMAP_DONTUNMAP, out of the region", move_out_keeping, ALL(DENIED) },
	{ "mremap MREMAP_FIXED, within the region", move_within, ALL(DENIED) },
	{ "mremap, old size 0", duplicate, ALL(DENIED) },
	{ "mremap MREMAP_FIXED, into the region", move_in, ALL(DENIED), .arg = 0 },
	{ "mremap MREMAP_DONTUNMAP, into the region", move_in, ALL(DENIED),
	  .arg = MREMAP_DONTUNMAP },
	{ "mremap of shared memory, into the region", move_shared_in, ALL(DENIED) },
	{ "mremap with a hint into the region", hint_in, ALL(HARMLESS) },
	{ "mremap, growing into the region from below", grow_into_from_below, { DENIED }, true,
	  .untold = true },
	{ "mremap, shrinking across the lower end", shrink_from_below, { DENIED }, true },
	{ "mremap, moving across an end", remap_across, { DENIED }, true },
	{ "mprotect, every protection", protect, ALL(DENIED) },
	{ "mprotect PROT_GROWSDOWN, PROT_GROWSUP", protect_growing, ALL(DENIED) },
	{ "mprotect across the lower end", protect_from_below, { DENIED }, true },
	{ "pkey_mprotect, every protection", protect_key, ALL(DENIED) },
	{ "remap_file_pages", file_pages, ALL(DENIED) },
	{ "remap_file_pages across the lower end", file_pages_from_below, { DENIED }, true },
	{ }
};
