// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What a program asks of the kernel, turned into what it asks of its region:
 *
 *   mmap, no access           claim
 *   mmap, writable            claim and commit
 *   MAP_FIXED writable        commit; over committed memory: zeroes
 *   MAP_FIXED no access       decommit, traps
 *   MAP_FIXED private file    commit, and read the file into it
 *   mprotect writable         commit what is not committed, else nothing
 *   mprotect no access        nothing: the data stays, and is called hidden
 *   DONTNEED of hidden        decommit, traps
 *   munmap                    free
 *   DONTFORK                  nothing
 *
 * Committed memory keeps its protection. A program that asks for less and may
 * rely on the fault (a write barrier) is refused rather than left without it;
 * so is everything executable or shared.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run.h"

#define FOREIGN_LENGTH	(64 * 1024)

bool run_piece(uintptr_t at, uintptr_t end, struct gccolor_run *out)
{
	uintptr_t stop;

	if (gccolor_run_at(run.gc, (void *)at, out))
		return false;
	stop = (uintptr_t)out->start + out->length;
	if (stop > end)
		stop = end;
	out->start = (void *)at;
	out->length = stop - at;
	return true;
}

void run_weaker(const char *why)
{
	if (run.required)
		run_die("a heap byte is not protected as required", why);
}

static uint32_t lib_prot(int prot)
{
	return prot & PROT_WRITE ? GCCOLOR_READ | GCCOLOR_WRITE : GCCOLOR_READ;
}

static uint32_t lib_flags(int flags)
{
	return (flags & MAP_NORESERVE ? GCCOLOR_NORESERVE : 0) |
	       (flags & MAP_POPULATE ? GCCOLOR_POPULATE : 0);
}

/* A refusal that the report counts. */
static int deny(int err)
{
	run.denied++;
	return err;
}

/* gccolor run --foreign: what other code might map just behind the heap. */
static void push_in(uintptr_t end)
{
	if (!run.foreign_left)
		return;
	run.foreign_left--;
	raw_mmap((void *)end, FOREIGN_LENGTH, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static int take(uintptr_t hint, size_t length, int prot, int flags, void **out)
{
	struct gccolor_request req = { .size = sizeof(req), .length = length };
	int err = -EEXIST;

	if (prot) {
		req.prot = lib_prot(prot);
		req.flags = lib_flags(flags);
	}
	/* Collectors that ask for the place behind their last block get it. */
	if (hint % run.g.page_size == 0 && gccolor_contains(run.g, (void *)hint)) {
		req.at = (void *)hint;
		err = prot ? gccolor_alloc(run.gc, &req, out) :
			     gccolor_claim(run.gc, &req, out);
		req.at = NULL;
	}
	if (err)
		err = prot ? gccolor_alloc(run.gc, &req, out) :
			     gccolor_claim(run.gc, &req, out);
	return err;
}

/* Outside of the region, or wherever a hint leads to. */
static int map_outside(uintptr_t hint, size_t length, int prot, int flags, void **out)
{
	*out = raw_mmap((void *)hint, length, prot, flags, -1, 0);
	if (*out == MAP_FAILED)
		return -errno;
	spans_add(&run.outside, (uintptr_t)*out, (uintptr_t)*out + length);
	return 0;
}

int run_map(uintptr_t hint, size_t length, int prot, int flags, void **out)
{
	int err;

	if (run.backend == GCCOLOR_HINTED) {
		/* As runtimes do: the region's base at first, then their own wish. */
		err = map_outside(hint ? hint : run.g.base, length, prot, flags, out);
	} else {
		err = take(hint, length, prot, flags, out);
		if (err == -ENXIO)
			run_die("the region is lost", gccolor_strerror(err));
		if (err) {
			run_weaker(gccolor_strerror(err));
			err = map_outside(hint, length, prot, flags, out);
		} else if (run.required && gccolor_level(run.gc) < run.required) {
			run_die("a heap byte is not protected as required",
				gccolor_level_name(gccolor_level(run.gc)));
		}
	}
	if (!err) {
		run.moved++;
		push_in((uintptr_t)*out + length);
	}
	return err;
}

/* Take the memory away so that touching it traps, where the backend can. */
static int trap(uintptr_t at, size_t length)
{
	int err = gccolor_decommit(run.gc, (void *)at, length, GCCOLOR_TRAP);

	spans_remove(&run.hidden, at, at + length);
	if (err == -EOPNOTSUPP) {
		err = gccolor_decommit(run.gc, (void *)at, length, GCCOLOR_EAGER);
		if (!err)
			spans_add(&run.hidden, at, at + length);
	}
	return err == GCCOLOR_DEFERRED ? 0 : err;
}

/* Claimed memory becomes committed; committed memory becomes zeroes. */
static int renew(const struct gccolor_run *r, uint32_t prot, uint32_t flags)
{
	uintptr_t at = (uintptr_t)r->start;
	int err;

	spans_remove(&run.hidden, at, at + r->length);
	if (r->state == GCCOLOR_RUN_COMMITTED) {
		if (r->prot == prot)
			return gccolor_decommit(run.gc, r->start, r->length, GCCOLOR_EAGER);
		err = gccolor_decommit(run.gc, r->start, r->length, GCCOLOR_TRAP);
		if (err)	/* no traps here, or not now: then as it was, but empty */
			return err == GCCOLOR_DEFERRED ? -ENOMEM :
			       gccolor_decommit(run.gc, r->start, r->length, GCCOLOR_EAGER);
	}
	return gccolor_commit(run.gc, r->start, r->length, prot, flags);
}

/* The part of a file that a mapping would show. */
static int fill(uintptr_t addr, size_t length, int fd, off_t offset)
{
	size_t done = 0;
	ssize_t n;

	while (done < length) {
		n = pread(fd, (char *)addr + done, length - done, offset + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	run.copied += done;
	return 0;
}

int run_map_fixed(uintptr_t addr, size_t length, int prot, int flags, int fd,
		  off_t offset)
{
	struct gccolor_request req = { .size = sizeof(req) };
	bool file = !(flags & MAP_ANONYMOUS);
	uintptr_t end = addr + length, at;
	struct gccolor_run r;
	void *ignored;
	int err;

	if (run.backend == GCCOLOR_HINTED) {
		void *p = raw_mmap((void *)addr, length, prot, flags, fd, offset);

		if (p == MAP_FAILED)
			return -errno;
		spans_remove(&run.outside, addr, end);
		if (prot & PROT_WRITE && !(prot & PROT_EXEC) && !file)
			spans_add(&run.outside, addr, end);
		return 0;
	}
	if (!(flags & MAP_PRIVATE) || prot & PROT_EXEC || flags & MAP_HUGETLB)
		return deny(-EACCES);
	for (at = addr; at < end; at += r.length) {
		if (!run_piece(at, end, &r))
			return deny(-ENOMEM);	/* half outside */
		if (flags & MAP_FIXED_NOREPLACE && r.state != GCCOLOR_RUN_RESERVE)
			return -EEXIST;
	}
	for (at = addr; at < end; at += r.length) {
		if (!run_piece(at, end, &r))
			return -ENOMEM;
		err = 0;
		if (r.state == GCCOLOR_RUN_RESERVE) {
			req.length = r.length;
			req.at = r.start;
			err = gccolor_claim(run.gc, &req, &ignored);
			r.state = GCCOLOR_RUN_CLAIMED;
		}
		if (!err && (prot || file))
			err = renew(&r, file ? lib_prot(PROT_WRITE) : lib_prot(prot),
				    lib_flags(flags));
		else if (!err && r.state == GCCOLOR_RUN_COMMITTED)
			err = trap(at, r.length);
		if (err)
			return err < 0 ? -ENOMEM : err;
	}
	return file ? fill(addr, length, fd, offset) : 0;
}

int run_unmap(uintptr_t addr, size_t length)
{
	uintptr_t end = addr + length, at, region = run.g.base, top = region + run.g.length;
	struct gccolor_run r;
	int err;

	if (run.backend == GCCOLOR_HINTED) {
		spans_remove(&run.outside, addr, end);
		return raw_munmap((void *)addr, length) ? -errno : 0;
	}
	/* What lies outside is the kernel's business. */
	if (addr < region && raw_munmap((void *)addr, region - addr))
		return -errno;
	if (end > top && raw_munmap((void *)top, end - top))
		return -errno;
	addr = addr < region ? region : addr;
	end = end > top ? top : end;
	for (at = addr; at < end; at += r.length) {
		if (!run_piece(at, end, &r))
			return -ENOMEM;
		if (r.state == GCCOLOR_RUN_RESERVE)
			continue;	/* nothing there: as with munmap(2) */
		err = gccolor_free(run.gc, r.start, r.length);
		if (err < 0)
			return -ENOMEM;
		spans_remove(&run.hidden, at, at + r.length);
	}
	return 0;
}

int run_protect(uintptr_t addr, size_t length, int prot)
{
	const int access = PROT_READ | PROT_WRITE | PROT_EXEC;
	uintptr_t end = addr + length, at;
	struct gccolor_run r;
	int err;

	if (run.backend == GCCOLOR_HINTED)
		return syscall(SYS_mprotect, addr, length, prot) ? -errno : 0;
	if (prot & PROT_EXEC)
		return deny(-EACCES);
	/* First see whether all of it can be done. */
	for (at = addr; at < end; at += r.length) {
		if (!run_piece(at, end, &r) || r.state == GCCOLOR_RUN_RESERVE)
			return -ENOMEM;
		if (r.state == GCCOLOR_RUN_COMMITTED && prot & access &&
		    !(prot & PROT_WRITE) && r.prot & GCCOLOR_WRITE)
			return deny(-EACCES);	/* read-only: perhaps a barrier */
	}
	for (at = addr; at < end; at += r.length) {
		if (!run_piece(at, end, &r))
			return -ENOMEM;
		if (!(prot & access)) {
			if (r.state == GCCOLOR_RUN_COMMITTED)
				spans_add(&run.hidden, at, at + r.length);
			continue;
		}
		spans_remove(&run.hidden, at, at + r.length);
		if (r.state == GCCOLOR_RUN_CLAIMED)
			err = gccolor_commit(run.gc, r.start, r.length, lib_prot(prot), 0);
		else if (prot & PROT_WRITE && !(r.prot & GCCOLOR_WRITE))
			err = renew(&r, lib_prot(prot), 0); /* it was never written */
		else
			err = 0;
		if (err)
			return -ENOMEM;
	}
	return 0;
}

/* DONTNEED of one committed piece: what is hidden goes, the rest is emptied. */
static int drop(uintptr_t at, uintptr_t end)
{
	while (at < end) {
		size_t i = spans_find(&run.hidden, at);
		bool any = i < run.hidden.count && run.hidden.v[i].start < end;
		bool hidden = any && run.hidden.v[i].start <= at;
		uintptr_t stop = end;
		int err;

		if (hidden && run.hidden.v[i].end < end)
			stop = run.hidden.v[i].end;
		else if (any && !hidden)
			stop = run.hidden.v[i].start;
		err = hidden ? trap(at, stop - at) :
			       gccolor_decommit(run.gc, (void *)at, stop - at, GCCOLOR_EAGER);
		if (err)
			return err;
		at = stop;
	}
	return 0;
}

int run_advise(uintptr_t addr, size_t length, int advice)
{
	uintptr_t end = addr + length, at;
	struct gccolor_run r;
	int err = 0;

	if (run.backend == GCCOLOR_HINTED)
		return raw_madvise((void *)addr, length, advice) ? -errno : 0;
	if (advice == MADV_DONTFORK || advice == MADV_DOFORK) {
		run.dontfork += advice == MADV_DONTFORK;
		return 0;
	}
	for (at = addr; at < end && !err; at += r.length) {
		if (!run_piece(at, end, &r) || r.state == GCCOLOR_RUN_RESERVE)
			return -ENOMEM;
		if (r.state != GCCOLOR_RUN_COMMITTED)
			continue;	/* nothing there to be advised about */
		if (advice == MADV_DONTNEED)
			err = drop(at, at + r.length);
		else if (advice == MADV_FREE)
			err = gccolor_decommit(run.gc, r.start, r.length, GCCOLOR_LAZY);
		else if (raw_madvise(r.start, r.length, advice))
			err = -errno;
	}
	return err;
}
