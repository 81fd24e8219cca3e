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
 * a negative errno value, the same numbers on Linux and Windows (enum gccolor_error).
 * After a failure
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

/* Windows: define GCCOLOR_DLL to use the DLL, nothing to link the static library. */
#ifndef GCCOLOR_API
#if defined(_WIN32) && defined(GCCOLOR_DLL)
#define GCCOLOR_API __declspec(dllimport)
#else
#define GCCOLOR_API
#endif
#endif

/*
 * The numbers of errors, the same on Linux and Windows: Linux's own on x86-64 and
 * arm64. Where the system's errno.h has others (EOPNOTSUPP, EOVERFLOW and ENODATA on
 * Windows), compare with these names. Not so on other Unixes, macOS among them: there
 * errors are the system's own numbers, to be compared with its errno.h.
 */
enum gccolor_error {
	GCCOLOR_EPERM		= 1,
	GCCOLOR_ENOENT		= 2,
	GCCOLOR_EIO		= 5,
	GCCOLOR_ENXIO		= 6,
	GCCOLOR_E2BIG		= 7,
	GCCOLOR_EBADF		= 9,
	GCCOLOR_EAGAIN		= 11,
	GCCOLOR_ENOMEM		= 12,
	GCCOLOR_EACCES		= 13,
	GCCOLOR_EBUSY		= 16,
	GCCOLOR_EEXIST		= 17,
	GCCOLOR_EXDEV		= 18,
	GCCOLOR_ENODEV		= 19,
	GCCOLOR_EINVAL		= 22,
	GCCOLOR_ENFILE		= 23,
	GCCOLOR_EMFILE		= 24,
	GCCOLOR_ENOSPC		= 28,
	GCCOLOR_ERANGE		= 34,
	GCCOLOR_ENODATA		= 61,
	GCCOLOR_EOVERFLOW	= 75,
	GCCOLOR_EOPNOTSUPP	= 95,
	GCCOLOR_ESHUTDOWN	= 108,
	GCCOLOR_EDQUOT		= 122
};

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
	GCCOLOR_AUTO		= 0,	/* the best of kmod, mseal, posix; or windows */
	GCCOLOR_KMOD		= 1,	/* /dev/gccolor */
	GCCOLOR_MSEAL		= 2,	/* mseal(2), Linux 6.10 and later; mimmutable(2) */
	GCCOLOR_POSIX		= 3,	/* mmap and MAP_FIXED_NOREPLACE */
	GCCOLOR_WINDOWS		= 4,	/* VirtualAlloc2, or VirtualAlloc */
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
 * The environment variable GCCOLOR_BACKEND (auto, kmod, mseal, posix, windows,
 * hint, null) replaces GCCOLOR_AUTO, except in secure execution; another word in it
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
 * there. Without WRITE: backends kmod, posix and windows only.
 */
#define GCCOLOR_READ		0x1u
#define GCCOLOR_WRITE		0x2u
#define GCCOLOR_EXEC		0x4u	/* never together with GCCOLOR_WRITE */

/*
 * Flags of gccolor_commit(), gccolor_alloc() and gccolor_extend(). What a flag
 * asks for goes with the memory: after decommit (TRAP) or free nothing of it
 * stays behind. Each but POPULATE makes memory of another kind, which lies in
 * mappings and extents of its own. A flag that is missing here is -EOPNOTSUPP,
 * and its GCCOLOR_CAP_ bit is missing in struct gccolor_status.
 *
 * HUGETLB: pages of the system's pool of huge pages (vm.nr_hugepages), whose
 * size struct gccolor_status says. Address and length are multiples of it, in
 * commit, decommit and free (-EINVAL; gccolor_alloc() aligns by itself); an
 * empty pool is -ENOMEM. Backend posix only. -EINVAL together with NORESERVE,
 * HUGEPAGE, STACK or WIPE, and HUGEPAGE together with STACK.
 * NORESERVE: backend mseal charges nothing in any case; Windows charges all memory
 * and has no such flag.
 * HUGEPAGE, STACK: on backend mseal decommit gives the addresses back to what
 * the system does by default (/sys/kernel/mm/transparent_hugepage/enabled) then.
 */
#define GCCOLOR_NORESERVE	0x1u	/* do not charge */
#define GCCOLOR_POPULATE	0x2u	/* fault the pages in */
#define GCCOLOR_HUGEPAGE	0x4u	/* advise huge pages; Windows: large ones, or fail */
#define GCCOLOR_HUGETLB		0x8u	/* huge pages of the system's pool */
#define GCCOLOR_STACK		0x10u	/* holds a stack: MAP_STACK, never huge pages */
#define GCCOLOR_NODUMP		0x20u	/* not in core dumps */
#define GCCOLOR_WIPE		0x40u	/* a fork child reads zeroes */

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
	/*
	 * Bytes, page-aligned, that are claimed beside the range on both
	 * sides, not committed, and trap. align and at speak of the range
	 * between them; after, avoid and the color bind all of it. The claim is
	 * [*out - guard, *out + length + guard): gccolor_free() of that gives
	 * all up, of less leaves the rest claimed. -EOPNOTSUPP without
	 * GCCOLOR_CAP_GUARD (backend mseal has it since Linux 6.13).
	 */
	size_t		guard;
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
 * GCCOLOR_WRITE. -EOPNOTSUPP: the backend has no such protection, or there is no
 * such flag here. -ENOMEM, -EAGAIN: limits, memory (see gccolor_strerror()).
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
 * contents are gone (of memory that is not writable and of a mapped image: when
 * it is carved), the
 * addresses do not trap yet, and the carving is tried again by later calls, one
 * attempt per call. For the account of claims and commits the call succeeded.
 */
#define GCCOLOR_DEFERRED	1

/*
 * Return memory of a committed range; the claim stays. After LAZY and EAGER the
 * range is still committed, after TRAP it is not. -ENOENT: a part is not
 * committed. Windows: in the course of EAGER another thread that touches the range
 * traps; -ENOMEM: the charge could not be had again, and it goes on trapping.
 * GCCOLOR_TRAP may return GCCOLOR_DEFERRED; committing such a range again is
 * possible at once. -EOPNOTSUPP: GCCOLOR_TRAP without traps (backends mseal, hint,
 * null), LAZY or EAGER of a mapped image. -EPERM: LAZY or EAGER of memory that is
 * not writable, on backend kmod and on Unixes other than Linux.
 */
GCCOLOR_API int gccolor_decommit(struct gccolor *gc, void *addr, size_t length,
				 enum gccolor_decommit how);

/* What gccolor_advise() can say about committed memory */
enum gccolor_advice {
	GCCOLOR_ADVISE_POPULATE	= 1,	/* fault it in, as far as there is memory */
	GCCOLOR_ADVISE_COLLAPSE	= 2,	/* put it into huge pages now */
	GCCOLOR_ADVISE_COLD	= 3,	/* reclaim it first when memory is short */
	GCCOLOR_ADVISE_PAGEOUT	= 4	/* reclaim it now: contents go to swap */
};

/*
 * Give advice on a committed range. Contents, protection and what flags did stay
 * as they are. -ENOENT: a part is not committed. -EOPNOTSUPP: no such
 * GCCOLOR_CAP_, or memory of this kind cannot do it (locked; COLLAPSE of
 * GCCOLOR_STACK, of GCCOLOR_HUGETLB, or where the system's setting is "never").
 * -EAGAIN, -EBUSY: a page is in use; again later may do. -ENOMEM: no huge page is
 * free, or none to charge to the control group. After a failure a part may have
 * been dealt with. COLLAPSE does nothing for the parts of a range that fill no
 * whole huge page.
 */
GCCOLOR_API int gccolor_advise(struct gccolor *gc, void *addr, size_t length,
			       enum gccolor_advice advice);

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

/* Flags of struct gccolor_image */
#define GCCOLOR_IMAGE_COPY	0x1u	/* read it in, even where it can be mapped */

/* What became of an image */
enum gccolor_image_how {
	GCCOLOR_IMAGE_MAPPED	= 1,	/* whole pages mapped, a rest of a page read in */
	GCCOLOR_IMAGE_COPIED	= 2	/* all of it read in */
};

/* A piece of a file. Zero everything, set size, file, length and what else is wanted. */
struct gccolor_image {
	size_t		size;		/* sizeof(struct gccolor_image) */
	intptr_t	file;		/* a descriptor; on Windows a HANDLE */
	uint64_t	offset;		/* where it begins in the file, any byte */
	size_t		length;		/* bytes, any number up to a color */
	uint32_t	color;		/* as in struct gccolor_request */
	uint32_t	prot;		/* GCCOLOR_READ ...; 0: GCCOLOR_READ | GCCOLOR_WRITE */
	uint32_t	flags;		/* GCCOLOR_IMAGE_COPY or 0 */
	uint32_t	how;		/* out, on success: enum gccolor_image_how */
	size_t		align;		/* as in struct gccolor_request */
	void		*at;		/* as in struct gccolor_request */
};

/*
 * Claim length bytes, rounded up to pages, and put a piece of a file there; what is
 * behind it in the last page reads as zeroes. The file stays the caller's and may
 * be closed afterwards; it is never written to (copy-on-write). The range is
 * freed with gccolor_free(), whole or in parts.
 *
 * Mapped, where the backend can (GCCOLOR_CAP_IMAGES), offset is page-aligned and
 * there is a whole page: pages come from the file when they are touched. Then who
 * truncates the file makes touching them SIGBUS, and what others write to it may show
 * in pages that were not written here. GCCOLOR_IMAGE_COPY reads all of it at once.
 * Without GCCOLOR_WRITE it is written to before it gets its protection; where that
 * is final (backend kmod), through /proc/self/mem.
 *
 * As gccolor_alloc(), and: -ENODATA: the file ends before offset + length. -EBADF:
 * it is not open for reading. -ENODEV: it is no regular file, or one that
 * cannot be mapped (GCCOLOR_IMAGE_COPY does). -EOVERFLOW: offset + length wraps.
 * -EPERM: GCCOLOR_EXEC, and the file lies where nothing may be
 * executed (GCCOLOR_IMAGE_COPY may do). -EACCES: also where PR_SET_MDWE forbids
 * that memory which was written becomes executable. -EOPNOTSUPP: also backend hint,
 * and read-only memory of kmod where nobody can fill it (the kernel's parameter
 * proc_mem.force_override, no /proc). -EIO and whatever else reading a file says.
 * What fails half-way is undone; *out and how are set on success only. On Windows
 * reading in moves the position of a handle without FILE_FLAG_OVERLAPPED, and puts
 * it back.
 */
GCCOLOR_API int gccolor_map_image(struct gccolor *gc, struct gccolor_image *image,
				  void **out);

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

/*
 * What a region can do, by its backend and by this system, as gccolor_open()
 * found it. What is missing is refused with -EOPNOTSUPP where it is asked for,
 * but for LAZY, NAMES, IMAGES and OCCUPANT, which say how well something is done.
 */
#define GCCOLOR_CAP_CLAIMS	0x1ULL /* addresses are held: claim, commit, extend */
#define GCCOLOR_CAP_TRAPS	0x2ULL /* reserve traps; GCCOLOR_TRAP */
#define GCCOLOR_CAP_RELEASE	0x4ULL /* gccolor_close() gives the addresses back */
#define GCCOLOR_CAP_PROTECT	0x8ULL /* memory without GCCOLOR_WRITE */
#define GCCOLOR_CAP_EXEC	0x10ULL /* executable colors, if asked for at open */
#define GCCOLOR_CAP_BASES	0x20ULL /* the base can be chosen */
#define GCCOLOR_CAP_LAZY	0x40ULL /* without it GCCOLOR_LAZY is GCCOLOR_EAGER */
#define GCCOLOR_CAP_NORESERVE	0x80ULL /* GCCOLOR_NORESERVE */
#define GCCOLOR_CAP_POPULATE	0x100ULL /* GCCOLOR_POPULATE, GCCOLOR_ADVISE_POPULATE */
#define GCCOLOR_CAP_HUGEPAGE	0x200ULL /* GCCOLOR_HUGEPAGE */
#define GCCOLOR_CAP_HUGETLB	0x400ULL /* GCCOLOR_HUGETLB, as far as the pool goes */
#define GCCOLOR_CAP_STACK	0x800ULL /* GCCOLOR_STACK */
#define GCCOLOR_CAP_NODUMP	0x1000ULL /* GCCOLOR_NODUMP */
#define GCCOLOR_CAP_WIPE	0x2000ULL /* GCCOLOR_WIPE */
#define GCCOLOR_CAP_GUARD	0x4000ULL /* guard in struct gccolor_request */
#define GCCOLOR_CAP_COLLAPSE	0x8000ULL /* GCCOLOR_ADVISE_COLLAPSE */
#define GCCOLOR_CAP_COLD	0x10000ULL /* GCCOLOR_ADVISE_COLD */
#define GCCOLOR_CAP_PAGEOUT	0x20000ULL /* GCCOLOR_ADVISE_PAGEOUT */
#define GCCOLOR_CAP_NAMES	0x40000ULL /* "gccolor:COLOR" in /proc/PID/maps */
#define GCCOLOR_CAP_IMAGES	0x80000ULL /* images are mapped; without it read in */
#define GCCOLOR_CAP_OCCUPANT	0x100000ULL /* -EEXIST of open names who is there */
#define GCCOLOR_CAP_EVENTS	0x200000ULL /* <gccolor_event.h>: who tried what */

/* Facts about a region. Set size before the call. */
struct gccolor_status {
	size_t		size;		/* sizeof(struct gccolor_status) */
	uint32_t	backend;	/* enum gccolor_backend, never AUTO */
	uint32_t	level;		/* enum gccolor_level */
	size_t		claimed;	/* bytes, committed or not */
	size_t		committed;	/* bytes that callers committed */
	size_t		extents;	/* bytes committed underneath; mseal: and guards */
	uint64_t	releases_failed; /* since gccolor_open() */
	size_t		deferred;	/* bytes that wait to be carved */
	uint64_t	exec_colors;
	char		why_not_better[200]; /* empty at GCCOLOR_ENFORCED */
	uint64_t	caps;		/* GCCOLOR_CAP_..., constant for a region's life */
	size_t		hugetlb;	/* page size of GCCOLOR_HUGETLB; 0: no such cap */
};

GCCOLOR_API int gccolor_status(struct gccolor *gc, struct gccolor_status *out);

/*
 * "enforced", "sealed", ...; "kmod", "mseal", ...; "claims", "traps", ... (one
 * GCCOLOR_CAP_ bit); NULL for another value.
 */
GCCOLOR_API const char *gccolor_level_name(uint32_t level);
GCCOLOR_API const char *gccolor_backend_name(uint32_t backend);
GCCOLOR_API const char *gccolor_cap_name(uint64_t cap);

/* The value of a name, or -EINVAL. */
GCCOLOR_API int gccolor_level_from_name(const char *name);
GCCOLOR_API int gccolor_backend_from_name(const char *name);

/*
 * Text for an error. If error is what this thread's last failing call
 * returned, the text names addresses, sizes, who is in the way and
 * what to do. Valid until this thread's next call.
 */
GCCOLOR_API const char *gccolor_strerror(int error);

/* "1.0.0" */
GCCOLOR_API const char *gccolor_version(void);

#ifdef __cplusplus
}
#endif

#endif /* GCCOLOR_H */
