/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * libgccolor: what other code tried to do to a region. No privilege is needed.
 *
 * Only a backend with GCCOLOR_CAP_EVENTS sees it; on all others both functions
 * are -EOPNOTSUPP. What this library does for its caller is no event.
 *
 * Nothing is kept before the first call of either function. From then on up to
 * 64 events wait to be taken, and each is given to one call only. Where the
 * kernel denies by itself (Linux 6.12 and later), the module then looks at what
 * every process maps and unmaps, until this process and its fork children have
 * closed the region's file; on a kernel that gives it no way to look
 * (no ftrace), denials are no events there: silence proves nothing.
 *
 * The events of a region are those of the process that opened it. What a fork
 * child attacks of its own copy comes to the parent, with the child's numbers; the
 * child's calls are -EPERM. (A child of a bare clone(2) is not recognized, and
 * takes events from its parent.)
 *
 * Errors of both: -EINVAL: a null pointer. -EOPNOTSUPP: no GCCOLOR_CAP_EVENTS.
 * -EPERM: a fork child. -ENXIO: this process has no region any more. -ENOMEM: the
 * kernel has no memory for events; the first call only.
 */
#ifndef GCCOLOR_EVENT_H
#define GCCOLOR_EVENT_H

#include <gccolor.h>

#ifdef __cplusplus
extern "C" {
#endif

enum gccolor_event_kind {
	GCCOLOR_EVENT_UNKNOWN		= 0,	/* a later module's; this library is older */
	GCCOLOR_EVENT_DENIED		= 1,	/* an attempt, refused: the region is whole */
	GCCOLOR_EVENT_KILLED		= 2,	/* a process that had it; told once or more */
	GCCOLOR_EVENT_GUARD_LOST	= 3	/* the level has fallen, see gccolor_level() */
};

/* What was denied: not always what the program called, but what came of it. */
enum gccolor_event_call {
	GCCOLOR_CALL_UNKNOWN	= 0,	/* the event is no denial; or a later module's */
	GCCOLOR_CALL_UNMAP	= 1,	/* munmap(2), mremap(2) onto it, brk(2), shmdt(2) */
	GCCOLOR_CALL_MAP	= 2,	/* mmap(2) over it; before Linux 6.12: UNMAP */
	GCCOLOR_CALL_PROTECT	= 3,	/* mprotect(2), pkey_mprotect(2) */
	GCCOLOR_CALL_REMAP	= 4,	/* mremap(2) of it */
	/*
	 * What would have split a mapping: madvise(2), mlock(2); at level guarded
	 * also UNMAP and MAP of a part of one.
	 */
	GCCOLOR_CALL_SPLIT	= 5
};

struct gccolor_event {
	/* Bytes that this library knows: later versions append fields behind. */
	size_t		size;
	uint32_t	kind;		/* enum gccolor_event_kind */
	uint32_t	call;		/* enum gccolor_event_call */
	uint64_t	time;		/* nanoseconds of CLOCK_MONOTONIC */
	/*
	 * DENIED: the range of the call, which may begin before the region and end
	 * behind it; of SPLIT the mapping from where it would have been split, of
	 * REMAP before Linux 6.12 as long as it was to become. Otherwise NULL and 0.
	 */
	const void	*addr;
	size_t		length;
	/*
	 * Who did it, in the pid namespace of the process that opened the
	 * region; 0: not to be seen from there.
	 */
	int32_t		pid;
	int32_t		tid;		/* its thread */
	/* Denials since the last event that were not reported: more than 64 a second. */
	uint32_t	suppressed;
	uint32_t	lost;		/* events before this one that did not fit */
	char		comm[16];	/* name of the thread, ending in a NUL */
};

/*
 * A descriptor to wait on with poll(2) or epoll(7) (too high for select(2)): readable while
 * there are events. It stays the library's (close-on-exec, the same each time):
 * do not read or close it or change its flags; it is valid until gccolor_close(),
 * before which it is to be taken out of an epoll set. Take the events with
 * gccolor_events(). A negative value is an error.
 */
GCCOLOR_API int gccolor_event_fd(struct gccolor *gc);

/*
 * Call fn for each event that waits, oldest first, at most 64; never waits for one.
 * Returns how many there were. With an error after the first, that is what the next
 * call returns.
 *
 * fn is called in this thread, without any lock held, and may call anything here
 * but gccolor_close() of this region. *event is valid until it returns, and
 * return it must. Of several threads that call this at a time, each gets some.
 */
GCCOLOR_API int gccolor_events(struct gccolor *gc,
			       void (*fn)(const struct gccolor_event *event, void *arg),
			       void *arg);

#ifdef __cplusplus
}
#endif

#endif /* GCCOLOR_EVENT_H */
