/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The preloaded library of gccolor run: what its files share.
 *
 * interpose.c has the symbols that programs find instead of the C library's;
 * translate.c and remap.c turn their calls into claims, commits, decommits and
 * frees of one region; start.c opens that region; report.c says at the end
 * where the heap has been.
 *
 * libgccolor is linked into this library, and its own mmap() and friends must
 * not come back here: the linker's --wrap binds them to the __wrap_ functions
 * of interpose.c, which are plain system calls. What calls us by a detour (a
 * malloc() that maps memory) is caught by a flag of the thread.
 *
 * Locking: one lock around all of it, taken with all signals blocked, so that a
 * handler which maps memory never meets its own thread's lock. Nothing here
 * calls malloc().
 */
#ifndef GCCOLOR_RUN_H
#define GCCOLOR_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gccolor.h>

/* Exit status when the heap is not what was asked for; as in ../tool.h. */
#define EXIT_UNPROTECTED	125

/*
 * spans.c: a set of address ranges, in memory of its own. Adding fails only for
 * want of memory; the caller counts, and counting may be one range short.
 */
struct span {
	uintptr_t start, end;
};

struct spans {
	struct span *v;
	size_t count, room;
};

void spans_add(struct spans *s, uintptr_t start, uintptr_t end);
void spans_remove(struct spans *s, uintptr_t start, uintptr_t end);
/* First span that ends above @at; count if there is none. */
size_t spans_find(const struct spans *s, uintptr_t at);
/* Bytes of [@start, @end) in the set. */
size_t spans_within(const struct spans *s, uintptr_t start, uintptr_t end);

/* What a runtime needs to have treated differently. */
struct profile {
	const char *name;
	bool move_reservations;	/* mappings without access that it will commit */
};

const struct profile *profile_find(const char *name);

struct run {
	/* Constant after start(). */
	struct gccolor *gc;
	struct gccolor_geometry g;
	uint32_t backend;
	uint32_t required;	/* enum gccolor_level; 0: none */
	size_t min_size;
	const struct profile *profile;
	const char *report;	/* NULL: none; "-": standard error; or a file */
	pid_t report_pid;	/* the process that gccolor run became */

	/* Under the lock. */
	size_t foreign_left;	/* foreign mappings still to be made */
	struct spans hidden;	/* committed; the program asked for no access */
	struct spans outside;	/* heap that is not a claim of ours */
	uint64_t moved;		/* mappings that were moved */
	uint64_t dontfork;	/* MADV_DONTFORK swallowed */
	uint64_t denied;	/* mappings and protections that were refused */
	uint64_t copied;	/* bytes of files copied instead of mapped */
};

extern struct run run;

/* start.c: once, from the constructor or the first call. False: no region. */
bool run_started(void);
/* Print why, and end the process with EXIT_UNPROTECTED. */
_Noreturn void run_die(const char *what, const char *why);

/* report.c; at exit, once. */
void run_report(void);

/* Does [addr, addr + length) touch the region? */
static inline bool run_touches(uintptr_t addr, size_t length)
{
	return addr < run.g.base + run.g.length && addr + length > run.g.base;
}

static inline size_t run_pages(size_t length)
{
	return (length + run.g.page_size - 1) & ~(run.g.page_size - 1);
}

/* Everything that follows: the lock is held; 0 or a negative errno. */

/* translate.c */

/* A mapping without a fixed place: into the region, or outside and counted. */
int run_map(uintptr_t hint, size_t length, int prot, int flags, void **out);
/* MAP_FIXED inside the region. */
int run_map_fixed(uintptr_t addr, size_t length, int prot, int flags, int fd,
		  off_t offset);
int run_unmap(uintptr_t addr, size_t length);
int run_protect(uintptr_t addr, size_t length, int prot);
int run_advise(uintptr_t addr, size_t length, int advice);

/* The run at @at, cut to [@at, @end). False: outside of the region. */
bool run_piece(uintptr_t at, uintptr_t end, struct gccolor_run *out);
/* A heap byte is about to lie outside: ends the process if that is forbidden. */
void run_weaker(const char *why);

/* remap.c: mremap() of something in the region. */
int run_remap(uintptr_t old, size_t old_length, size_t length, int flags, uintptr_t to,
	      void **out);

/* interpose.c: the system calls themselves. */
void *raw_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
int raw_munmap(void *addr, size_t length);
int raw_madvise(void *addr, size_t length, int advice);

/* What the linker binds mmap() and the others in libgccolor to. */
void *__wrap_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *addr, size_t length);
int __wrap_mprotect(void *addr, size_t length, int prot);
int __wrap_madvise(void *addr, size_t length, int advice);

/* Block signals and take the lock; false: this thread is inside already. */
bool run_enter(void);
void run_leave(void);

#endif /* GCCOLOR_RUN_H */
