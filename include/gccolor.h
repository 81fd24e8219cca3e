/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * libgccolor: an address range that belongs to a garbage collector.
 *
 * A region is one contiguous, aligned range of addresses, divided into equal
 * power-of-two colors. A collector claims ranges of a color, commits them,
 * decommits them and frees them. Where the region comes from (the gccolor
 * kernel module, mseal(2), plain mmap) is the backend's business; what is
 * really promised is the level, and it is always reported.
 *
 * Errors: functions that can fail return 0 (or GCCOLOR_DEFERRED, see there) or
 * a negative errno value, the same numbers on every system. After a failure
 * gccolor_strerror() names the address, the size, what is in the way and what
 * to do. A function that fails has changed nothing.
 *
 * -EINVAL everywhere: a null pointer, a zero length, an address or length that
 * is not page-aligned, an unknown flag, a size field smaller than the first
 * version of the struct. -E2BIG: a larger struct with bytes that this library
 * does not know and that are not zero. -EOVERFLOW: address + length wraps.
 * -ERANGE: outside the region. -EXDEV: the range crosses a color.
 * -ENXIO: this process has no region any more (a fork child after
 * MADV_DONTFORK, a descriptor that somebody closed or replaced).
 *
 * Threads: every function may be called from any thread. Fork: the child has
 * the same region and claims, copy-on-write, and goes on by itself.
 *
 * Units: lengths are bytes; addresses are byte addresses.
 */
#ifndef GCCOLOR_H
#define GCCOLOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef GCCOLOR_API
#define GCCOLOR_API
#endif

struct gccolor;		/* one region; made by gccolor_open() */

/* What is promised, weakest first. */
enum gccolor_level {
	GCCOLOR_NONE		= 0,	/* nothing (backend null) */
	GCCOLOR_HINT		= 1,	/* an address was asked for */
	GCCOLOR_PLACED		= 2,	/* address verified, nothing replaced */
	GCCOLOR_RESERVED	= 3,	/* the whole region is held */
	GCCOLOR_GUARDED		= 4,	/* denied or killed */
	GCCOLOR_SEALED		= 5,	/* denied; no traps, never given back */
	GCCOLOR_ENFORCED	= 6	/* every attempt is denied */
};

/* Where a region comes from. */
enum gccolor_backend {
	GCCOLOR_AUTO		= 0,	/* the best of kmod, mseal, posix */
	GCCOLOR_KMOD		= 1,	/* /dev/gccolor */
	GCCOLOR_MSEAL		= 2,	/* mseal(2), Linux 6.10 and later; mimmutable(2) */
	GCCOLOR_POSIX		= 3,	/* mmap and MAP_FIXED_NOREPLACE */
	GCCOLOR_WINDOWS		= 4,	/* VirtualAlloc2 */
	GCCOLOR_HINTED		= 5,	/* what runtimes do today; only on request */
	GCCOLOR_NULL		= 6	/* porting template; only on request */
};

/* How the base of a region is chosen. */
enum gccolor_base {
	GCCOLOR_BASE_LIST	= 0,	/* first of bases[] that is free */
	GCCOLOR_BASE_EXACT	= 1,	/* base, or -EEXIST */
	GCCOLOR_BASE_RANGE	= 2,	/* lowest that is free in range_start ... */
	GCCOLOR_BASE_RANDOM	= 3	/* any admissible one in that range, at random */
};

/*
 * Options of gccolor_open(). Zero everything, set size, then what you care
 * about; zero means the default. Later versions append fields.
 */
struct gccolor_options {
	size_t		size;		/* sizeof(struct gccolor_options) */
	uint32_t	flags;		/* must be 0 */
	uint32_t	backend;	/* enum gccolor_backend */
	uint32_t	min_level;	/* fail with -EOPNOTSUPP rather than get less */
	uint32_t	base_policy;	/* enum gccolor_base */
	/* Wanted, a power of two; 0: 1 TiB, with 32 bits 256 MiB. */
	size_t		length;
	/*
	 * Accepted, a power of two; length is halved down to it until
	 * something fits. 0: length, or 1 GiB (16 MiB) if length is 0 too.
	 */
	size_t		min_length;
	/* Power of two, 1 to 64; 0: 16. A color has at least 256 KiB. */
	uint32_t	colors;
	uint32_t	reserved;	/* must be 0 */
	uint64_t	exec_colors;	/* bit n: color n may hold executable memory */
	/* GCCOLOR_BASE_EXACT only: a multiple of length. */
	uintptr_t	base;
	/*
	 * GCCOLOR_BASE_RANGE and _RANDOM only. Both 0: whatever is admissible,
	 * 0x1000_0000_0000 to 0x7000_0000_0000 on x86-64. Never right above
	 * the program's break, so that it can grow by 64 GiB (256 MiB). Places
	 * are tried, at most 4096 for each length: where the range holds more
	 * multiples of length and the first 1024 are taken, it is another free
	 * one, not always the lowest, and -EEXIST: none of those was free.
	 */
	uintptr_t	range_start;
	uintptr_t	range_end;
	/*
	 * GCCOLOR_BASE_LIST only: multiples of length. NULL: 0x6000_0000_0000,
	 * 0x4000_0000_0000 (0x4000_0000 with 32 bits), then what else is admissible.
	 */
	const uintptr_t	*bases;
	size_t		bases_count;
	/*
	 * Requests below this size are committed together, in aligned
	 * extents of it: a power of two from a page to a color of min_length;
	 * 0: 256 KiB.
	 */
	size_t		extent;
	/*
	 * Called, without any lock held, for each release that failed; may be
	 * NULL. The counter in struct gccolor_status counts them in any case.
	 * It may call anything here but gccolor_close().
	 */
	void		(*release_failed)(void *arg, void *addr, size_t length,
					  int error);
	void		*release_failed_arg;
};

/*
 * Reserve a region. *out is the caller's until gccolor_close().
 *
 * GCCOLOR_AUTO tries kmod, mseal, posix in this order and goes on only
 * where the backend does not exist here (ENOENT, ENODEV, EOPNOTSUPP), takes no
 * new regions (ESHUTDOWN) or is below min_level; gccolor_status() says what was
 * got and why not better.
 * The environment variable GCCOLOR_BACKEND (auto, kmod, mseal, posix, hint,
 * null) replaces GCCOLOR_AUTO, except in secure execution; another word in it
 * is -EINVAL, an empty one is as good as none. opt may be NULL: all defaults.
 * Never calls malloc(), and no other function here does: a collector that
 * replaces malloc() may be the caller.
 *
 * -EEXIST: all places asked for are taken; gccolor_strerror() says by whom.
 * -EOPNOTSUPP: the backend does not exist here (a named kmod: -ENOENT or
 * -ENODEV), or cannot give min_level, executable colors or a chosen base.
 * -ERANGE: the place asked for lies outside the address space. -ENOMEM: RLIMIT_AS
 * (it counts the whole region), RLIMIT_DATA (backend mseal), memory. -EAGAIN:
 * mlockall(MCL_FUTURE) and RLIMIT_MEMLOCK.
 * -EMFILE, -ENFILE, -EACCES: opening /dev/gccolor. -EDQUOT: too many regions.
 * -ESHUTDOWN: kmod would do, but the administrator is about to replace the module
 * (its parameter drain).
 */
GCCOLOR_API int gccolor_open(struct gccolor **out,
			     const struct gccolor_options *opt);

/* Flags of gccolor_close() */
#define GCCOLOR_KEEP	0x1u	/* free the handle, leave the region mapped */

/*
 * Give the region back (or keep it mapped) and free the handle. The handle is
 * gone in any case; -EBUSY or another error says that the mappings are not.
 * Backend mseal cannot give a region back: -EPERM without GCCOLOR_KEEP (its
 * memory is given back, its addresses are not). -ENXIO: this process has no
 * region any more, and nothing was unmapped.
 * No other call on the handle may be in progress.
 */
GCCOLOR_API int gccolor_close(struct gccolor *gc, uint32_t flags);

/* Shape of a region: constant for its life, copied by value. */
struct gccolor_geometry {
	uintptr_t	base;
	size_t		length;
	uint32_t	color_shift;	/* log2 of a color's length */
	uint32_t	colors;
	size_t		page_size;
	size_t		slot;		/* never usable at either end of the region */
};

GCCOLOR_API struct gccolor_geometry gccolor_geometry(const struct gccolor *gc);

/* 1 if addr lies in the region, else 0. */
static inline int gccolor_contains(struct gccolor_geometry g, const void *addr)
{
	return (uintptr_t)addr - g.base < g.length;
}

/* The color of addr, or -1 if it does not lie in the region. */
static inline int gccolor_color_of(struct gccolor_geometry g, const void *addr)
{
	uintptr_t offset = (uintptr_t)addr - g.base;

	return offset < g.length ? (int)(offset >> g.color_shift) : -1;
}

/* First byte of a color. */
static inline void *gccolor_color_start(struct gccolor_geometry g, uint32_t color)
{
	return (void *)(g.base + ((uintptr_t)color << g.color_shift));
}

/*
 * Protection of committed memory; final until it is decommitted. READ must be
 * there. Without WRITE: backends kmod and posix only.
 */
#define GCCOLOR_READ		0x1u
#define GCCOLOR_WRITE		0x2u
#define GCCOLOR_EXEC		0x4u	/* never together with GCCOLOR_WRITE */

/* Flags of gccolor_commit(), gccolor_alloc() and gccolor_extend() */
#define GCCOLOR_NORESERVE	0x1u	/* do not charge against the commit limit */
#define GCCOLOR_POPULATE	0x2u	/* fault the pages in */
#define GCCOLOR_HUGEPAGE	0x4u	/* advise huge pages */

#define GCCOLOR_ANY_COLOR	0xffffffffu

/* What to claim. Zero everything, set size and length. */
struct gccolor_request {
	size_t		size;		/* sizeof(struct gccolor_request) */
	size_t		length;		/* bytes, page-aligned, at most a color */
	uint32_t	color;		/* or GCCOLOR_ANY_COLOR: the first that fits */
	/*
	 * gccolor_alloc(): GCCOLOR_READ ..., 0: GCCOLOR_READ | GCCOLOR_WRITE,
	 * and GCCOLOR_POPULATE ... gccolor_claim(): both 0.
	 */
	uint32_t	prot;
	uint32_t	flags;
	uint32_t	reserved;	/* must be 0 */
	size_t		align;		/* power of two up to a color; 0: page */
	/* Exactly here, or -EEXIST; color is then not looked at. */
	void		*at;
	/* First free place at or above this address; not together with at. */
	const void	*after;
	void *const	*avoid;		/* addresses that the claim must not contain */
	size_t		avoid_count;
};

/*
 * Claim addresses without committing them: nobody else is given them, touching
 * them traps (where the level has traps). The first free place, lowest first.
 * -ENOSPC: no such place is free. -EEXIST: req->at is not free.
 * -EOPNOTSUPP: backend hint, which holds no addresses.
 * O(log n) in the number of claims, plus the addresses to avoid (fastest if they
 * come in ascending order), plus, with align above a page, the free places that
 * are long enough but not aligned.
 */
GCCOLOR_API int gccolor_claim(struct gccolor *gc,
			      const struct gccolor_request *req, void **out);

/*
 * Claim and commit in one call. On failure nothing is claimed. Small requests
 * are served from extents committed together. The memory reads as zeroes.
 * As gccolor_claim() and gccolor_commit(). Backend hint: mmap with a hint; the
 * result may lie anywhere; at, after, avoid, align above a page and prot EXEC are
 * -EOPNOTSUPP.
 */
GCCOLOR_API int gccolor_alloc(struct gccolor *gc,
			      const struct gccolor_request *req, void **out);

/*
 * Make a claimed range usable; it reads as zeroes. prot 0: GCCOLOR_READ |
 * GCCOLOR_WRITE. -ENOENT: a part is not claimed. -EEXIST: a part is committed.
 * -EACCES: GCCOLOR_EXEC in a color that was not reserved as executable, or with
 * GCCOLOR_WRITE. -EOPNOTSUPP: the backend has no such protection, or there are no
 * huge pages here. -ENOMEM, -EAGAIN: limits, memory (see gccolor_strerror()).
 */
GCCOLOR_API int gccolor_commit(struct gccolor *gc, void *addr, size_t length,
			       uint32_t prot, uint32_t flags);

/* How to decommit */
enum gccolor_decommit {
	GCCOLOR_LAZY	= 0,	/* contents may go when memory is short */
	GCCOLOR_EAGER	= 1,	/* contents go now, reads as zeroes */
	GCCOLOR_TRAP	= 2	/* contents and charge go; touching it traps */
};

/*
 * The backend could not carve just now (max_map_count, mlock limits): the
 * contents are gone (of memory that is not writable: when it is carved), the
 * addresses do not trap yet, and the carving is tried again by later calls, one
 * attempt per call. For the account of claims and commits the call succeeded.
 */
#define GCCOLOR_DEFERRED	1

/*
 * Return memory of a committed range; the claim stays. After LAZY and EAGER the
 * range is still committed, after TRAP it is not. -ENOENT: a part is not
 * committed. GCCOLOR_TRAP may return GCCOLOR_DEFERRED; committing such a range
 * again is possible at once. -EOPNOTSUPP: GCCOLOR_TRAP without traps (backends
 * mseal, hint, null). -EPERM: LAZY or EAGER of memory that is not writable, on
 * backend kmod and on systems other than Linux.
 */
GCCOLOR_API int gccolor_decommit(struct gccolor *gc, void *addr, size_t length,
				 enum gccolor_decommit how);

/*
 * Give up a page-aligned part or union of claims, committed or not. -ENOENT: a
 * part is not claimed. -ENOMEM: no memory for the account; nothing has changed.
 * May return GCCOLOR_DEFERRED: then the contents are gone and the addresses are
 * handed out again only after the carving has succeeded.
 */
GCCOLOR_API int gccolor_free(struct gccolor *gc, void *addr, size_t length);

/*
 * Grow the claimed range [addr, addr + old_length) in place to new_length; the new
 * part is committed if prot is not 0. -ENOSPC: the addresses behind it are taken.
 * -ENOENT: a part is not claimed. -EINVAL: new_length is not above old_length, or
 * flags without prot. -EOPNOTSUPP: backend hint.
 */
GCCOLOR_API int gccolor_extend(struct gccolor *gc, void *addr,
			       size_t old_length, size_t new_length,
			       uint32_t prot, uint32_t flags);

enum gccolor_run_state {
	GCCOLOR_RUN_RESERVE	= 0,	/* free */
	GCCOLOR_RUN_CLAIMED	= 1,	/* claimed, not committed */
	GCCOLOR_RUN_COMMITTED	= 2	/* claimed and committed */
};

struct gccolor_run {
	void		*start;
	size_t		length;
	uint32_t	state;		/* enum gccolor_run_state */
	uint32_t	prot;		/* committed: GCCOLOR_READ ... */
};

/*
 * The run that contains addr, whole (it ends where state or protection
 * change, or at the end of a color). Start with the base and go on with
 * start + length; -ERANGE ends the walk.
 */
GCCOLOR_API int gccolor_run_at(struct gccolor *gc, const void *addr,
			       struct gccolor_run *out);

/* The level of the region (its weakest color), and of one color. */
GCCOLOR_API enum gccolor_level gccolor_level(struct gccolor *gc);
GCCOLOR_API enum gccolor_level gccolor_color_level(struct gccolor *gc,
						   uint32_t color);

/* Facts about a region. Set size before the call. */
struct gccolor_status {
	size_t		size;		/* sizeof(struct gccolor_status) */
	uint32_t	backend;	/* enum gccolor_backend, never AUTO */
	uint32_t	level;		/* enum gccolor_level */
	size_t		claimed;	/* bytes, committed or not */
	size_t		committed;	/* bytes that callers committed */
	size_t		extents;	/* bytes committed underneath */
	uint64_t	releases_failed; /* since gccolor_open() */
	size_t		deferred;	/* bytes that wait to be carved */
	uint64_t	exec_colors;
	char		why_not_better[200]; /* empty at GCCOLOR_ENFORCED */
};

GCCOLOR_API int gccolor_status(struct gccolor *gc, struct gccolor_status *out);

/* "enforced", "sealed", ...; "kmod", "mseal", ...; NULL for another value. */
GCCOLOR_API const char *gccolor_level_name(uint32_t level);
GCCOLOR_API const char *gccolor_backend_name(uint32_t backend);

/* The value of a name, or -EINVAL. */
GCCOLOR_API int gccolor_level_from_name(const char *name);
GCCOLOR_API int gccolor_backend_from_name(const char *name);

/*
 * Text for an error. If error is what this thread's last failing call
 * returned, the text names addresses, sizes, who is in the way (from
 * /proc/self/maps) and what to do. Valid until this thread's next call.
 */
GCCOLOR_API const char *gccolor_strerror(int error);

/* "1.0.0" */
GCCOLOR_API const char *gccolor_version(void);

#ifdef __cplusplus
}
#endif

#endif /* GCCOLOR_H */
