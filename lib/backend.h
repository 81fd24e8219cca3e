/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What a backend has to do, and the contract of each operation. Everything is
 * validated above: ranges are page-aligned, not empty, inside the region and
 * outside its first and last slot. A backend keeps no account of addresses.
 *
 * Locking: probe() and reserve() are called before anybody else knows the
 * region; populate(), advise() and map_file() without lock; all others with the
 * region's lock held. Those call neither back nor malloc().
 */
#ifndef GCCOLOR_BACKEND_H
#define GCCOLOR_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gccolor.h"
#include "os.h"

struct gccolor_event;

/* Never usable at either end of a region; as the kernel module has it. */
static inline size_t slot_size(void)
{
	size_t four_pages = 4 * os_page_size();

	return four_pages > 0x10000 ? four_pages : 0x10000;
}

/* A range that a backend holds. The shape is set by the caller of reserve(). */
struct backing {
	uintptr_t	base;
	size_t		length;
	uint32_t	color_shift;
	uint32_t	min_level;
	uint64_t	exec_colors;

	/* After reserve() returned -EEXIST: what is in the way, or both 0. */
	uintptr_t	busy_start;
	uintptr_t	busy_end;

	/* After reserve(): what of backend.caps this region does not have. */
	uint64_t	lacks;

	/* The backend's own; nobody else looks at it. */
	int		fd;
	uint64_t	dev;
	uint64_t	inode;
	uint64_t	rdev;
	void		*block;
	uint32_t	policies;

	/* Set by commit() that failed and could not undo what it did. */
	bool		stuck;
};

/* Flag of commit(), alone: make reserve trap. Only without can_trap. */
#define BACKEND_GUARD	0x800000u

struct backend {
	uint32_t	id;		/* enum gccolor_backend */
	uint32_t	best;		/* the best level it can have anywhere */
	bool		holds;		/* the region's addresses are ours from the start */
	bool		asked_only;	/* GCCOLOR_AUTO does not try it */
	bool		chooses_base;	/* it cannot be told where */
	bool		can_trap;	/* memory can be made untouchable again */
	bool		can_release;	/* a region can be given back */
	bool		can_exec;	/* executable colors are possible */
	bool		can_protect;	/* other than read and write together */
	uint64_t	caps;		/* GCCOLOR_CAP_* it has where os_caps() has them */

	/*
	 * Is it there? 0, or -ENOENT, -ENODEV, -EOPNOTSUPP (not on this
	 * system), or another error, with error_set() called. What it opens
	 * stays in @at.
	 */
	int (*probe)(struct backing *at);

	/*
	 * Get exactly [base, base + length), or nothing. -EEXIST: something is
	 * there. -ERANGE: the address space is smaller. -EINVAL: the shape is
	 * beyond the backend. -EOPNOTSUPP: min_level or exec_colors. Sets no
	 * text. With chooses_base it sets base itself.
	 */
	int (*reserve)(struct backing *at);

	/* Give the whole region back to the system. 0 or -errno. */
	int (*release)(struct backing *at);

	/* Drop what probe() took; the mappings stay. */
	void (*forget)(struct backing *at);

	/*
	 * Make reserve usable, zero-filled. @prot and @flags as gccolor_commit()
	 * without POPULATE; flags that the region has no cap for do not come
	 * here. On failure the range is reserve again or still, or
	 * at->stuck is set: then the caller tries decommit() later.
	 */
	int (*commit)(struct backing *at, uintptr_t addr, size_t length,
		      uint32_t prot, uint32_t flags);

	/*
	 * Make it reserve again, contents, charge and what flags did gone. May
	 * fail with everything as it was. Without can_trap only the contents
	 * and the effects of flags go.
	 */
	int (*decommit)(struct backing *at, uintptr_t addr, size_t length);

	/* Contents go (@lazy: may go); committed memory stays so. */
	int (*discard)(struct backing *at, uintptr_t addr, size_t length,
		       uint32_t prot, bool lazy);

	/*
	 * Fault committed pages in, as far as there is memory. Without lock:
	 * userfaultfd may stop it for ever.
	 */
	void (*populate)(struct backing *at, uintptr_t addr, size_t length,
			 uint32_t prot);

	/*
	 * COLLAPSE, COLD or PAGEOUT of gccolor_advise(), where the region has the
	 * cap. 0 or -errno; -EOPNOTSUPP: not for this memory. NULL: no such cap.
	 */
	int (*advise)(struct backing *at, uintptr_t addr, size_t length,
		      enum gccolor_advice advice);

	/*
	 * Map a file, private, over claimed reserve; @prot may be writable, @offset
	 * is page-aligned. On failure the range is reserve still, and not anybody
	 * else's for a moment. NULL: no GCCOLOR_CAP_IMAGES.
	 */
	int (*map_file)(struct backing *at, uintptr_t addr, size_t length,
			uint32_t prot, intptr_t file, uint64_t offset);

	/*
	 * Give committed memory another protection. 0 or -errno, and then it may
	 * have either. NULL: a protection is final.
	 */
	int (*protect)(struct backing *at, uintptr_t addr, size_t length,
		       uint32_t prot);

	/*
	 * Keep events from now on; what is readable while there are some, or -errno.
	 * In a process that did not inherit the region. NULL, both: no
	 * GCCOLOR_CAP_EVENTS.
	 */
	int (*event_fd)(struct backing *at);

	/* The oldest event: 1; 0: there is none; or -errno. As event_fd(). */
	int (*next_event)(struct backing *at, struct gccolor_event *out);

	/* Has this process the region still? 0 or -ENXIO. */
	int (*present)(struct backing *at);

	/* The level now; @why is NULL or says why it is not better. */
	enum gccolor_level (*level)(struct backing *at, const char **why);

	/*
	 * Only without holds: memory wherever it comes, @hint is a wish; and
	 * its end. NULL otherwise.
	 */
	int (*place)(struct backing *at, uintptr_t hint, size_t length,
		     uint32_t prot, uint32_t flags, uintptr_t *out);
	int (*unplace)(struct backing *at, uintptr_t addr, size_t length);
};

extern const struct backend backend_kmod;
extern const struct backend backend_mseal;
extern const struct backend backend_posix;
extern const struct backend backend_windows;
extern const struct backend backend_hint;
extern const struct backend backend_null;

/* backends_SYSTEM.c: in the order in which GCCOLOR_AUTO tries them, until NULL. */
extern const struct backend *const backends[];

#endif /* GCCOLOR_BACKEND_H */
