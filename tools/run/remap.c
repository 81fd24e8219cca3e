// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * mremap(2) of memory in the region: shrink by freeing, grow in place where
 * the addresses behind are free, else allocate, copy and free.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "run.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP	4
#endif

/* The state of the last page of a range, which a longer one goes on with. */
static bool last_page(uintptr_t start, size_t length, struct gccolor_run *out)
{
	return run_piece(start + length - run.g.page_size, start + length, out);
}

/* Is all of it the program's? */
static bool claimed(uintptr_t start, size_t length)
{
	struct gccolor_run r;
	uintptr_t at;

	for (at = start; at < start + length; at += r.length)
		if (!run_piece(at, start + length, &r) || r.state == GCCOLOR_RUN_RESERVE)
			return false;
	return true;
}

/* Somewhere in the region, or at @to if the program insists. */
static int destination(uintptr_t to, size_t length, bool fixed, void **out)
{
	struct gccolor_request req = { .size = sizeof(req), .length = length };
	int err;

	if (!fixed)
		return gccolor_claim(run.gc, &req, out);
	if (!run_touches(to, length)) {
		run_weaker("mremap moves a part of the heap out of the region");
		*out = raw_mmap((void *)to, length, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (*out == MAP_FAILED)
			return -errno;
		spans_add(&run.outside, to, to + length);
		return 0;
	}
	err = run_unmap(to, length);
	if (err)
		return err;
	req.at = (void *)to;
	return gccolor_claim(run.gc, &req, out);
}

/* Commit in the copy what is committed in the original, and copy it. */
static int copy(uintptr_t from, size_t from_length, uintptr_t to, size_t to_length)
{
	bool inside = run_touches(to, to_length);
	size_t length = from_length < to_length ? from_length : to_length, at, tail;
	struct gccolor_run r;
	int err;

	for (at = 0; at < length; at += r.length) {
		if (!run_piece(from + at, from + length, &r))
			return -EFAULT;
		if (r.state != GCCOLOR_RUN_COMMITTED)
			continue;
		tail = at + r.length == from_length ? to_length - from_length : 0;
		if (to_length < from_length)
			tail = 0;
		err = inside ? gccolor_commit(run.gc, (void *)(to + at), r.length + tail,
					      GCCOLOR_READ | GCCOLOR_WRITE, 0) : 0;
		if (err)
			return err;
		memcpy((void *)(to + at), r.start, r.length);
		if (inside && spans_within(&run.hidden, from + at, from + at + r.length))
			spans_add(&run.hidden, to + at, to + at + r.length);
	}
	return 0;
}

static int move(uintptr_t old, size_t old_length, size_t length, int flags, uintptr_t to,
		void **out)
{
	int err;

	err = destination(to, length, flags & MREMAP_FIXED, out);
	if (err)
		return err;
	err = copy(old, old_length, (uintptr_t)*out, length);
	if (err) {
		if (run_touches((uintptr_t)*out, length))
			run_unmap((uintptr_t)*out, length);
		else
			raw_munmap(*out, length);
		return err;
	}
	if (flags & MREMAP_DONTUNMAP)
		return run_advise(old, old_length, MADV_DONTNEED);
	return run_unmap(old, old_length);
}

int run_remap(uintptr_t old, size_t old_length, size_t length, int flags, uintptr_t to,
	      void **out)
{
	const int known = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
	struct gccolor_run r;
	int err;

	if (run.backend == GCCOLOR_HINTED) {
		*out = flags & MREMAP_FIXED ?
		       mremap((void *)old, old_length, length, flags, (void *)to) :
		       mremap((void *)old, old_length, length, flags);
		if (*out == MAP_FAILED)
			return -errno;
		spans_remove(&run.outside, old, old + run_pages(old_length));
		spans_add(&run.outside, (uintptr_t)*out,
			  (uintptr_t)*out + run_pages(length));
		return 0;
	}
	if (old % run.g.page_size || !old_length || !length || flags & ~known ||
	    (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE)) ||
	    (flags & MREMAP_FIXED && to % run.g.page_size) ||
	    (flags & MREMAP_DONTUNMAP && run_pages(old_length) != run_pages(length)))
		return -EINVAL;
	old_length = run_pages(old_length);
	length = run_pages(length);
	if (flags & MREMAP_FIXED && to < old + old_length && to + length > old)
		return -EINVAL;
	if (!claimed(old, old_length) || !last_page(old, old_length, &r))
		return -EFAULT;
	if (!(flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))) {
		*out = (void *)old;
		if (length == old_length)
			return 0;
		if (length < old_length)
			return run_unmap(old + length, old_length - length);
		err = gccolor_extend(run.gc, (void *)old, old_length, length,
				     r.state == GCCOLOR_RUN_COMMITTED ? r.prot : 0, 0);
		if (!err)
			return 0;
		if (err != -ENOSPC || !(flags & MREMAP_MAYMOVE))
			return -ENOMEM;
	}
	err = move(old, old_length, length, flags, to, out);
	return err == -ENOSPC ? -ENOMEM : err;
}
