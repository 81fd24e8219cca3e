/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the library asks of the operating system beside the region itself.
 * Nothing here calls malloc(): a collector that replaces malloc() may be the
 * caller.
 */
#ifndef GCCOLOR_OS_H
#define GCCOLOR_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes per page; asked once. */
size_t os_page_size(void);

/* What gccolor_open() reserves unasked: 1 TiB on Linux with 64 bits. */
size_t os_default_length(void);

/* First address above what user space gets unasked: 2^47 on x86-64. */
uintptr_t os_address_end(void);

/* Where the brk heap ends now; it grows upwards from there. */
uintptr_t os_break(void);

/* True in a set-user-ID program and the like: the environment is not trusted. */
bool os_secure_execution(void);

/* Zeroed memory of the library itself; NULL if there is none. */
void *os_map(size_t length);
void os_unmap(void *addr, size_t length);

/* A random number, or -errno. */
int os_random(uint64_t *out);

/* A mapping that lies in somebody's way. */
struct os_occupant {
	uintptr_t	start;
	uintptr_t	end;
	char		name[128];	/* a path, "[heap]", "anonymous memory" ... */
};

/* The lowest mapping that overlaps [@start, @end): 0, -ENOENT or -errno. */
int os_occupant(uintptr_t start, uintptr_t end, struct os_occupant *out);

/*
 * False if [@addr, @addr + @length) is kept by something that the mappings do not
 * show: the runtime of a sanitizer, which will map its own memory there one day.
 */
bool os_may_hold(uintptr_t addr, size_t length);

/*
 * This memory is new or was cleared. Sanitizers have to be told: they see mmap(),
 * but neither madvise() nor the module, nor who poisoned it before.
 */
void os_fresh(uintptr_t addr, size_t length);

/* True if the kernel has transparent huge pages at all. */
bool os_has_huge_pages(void);

/* True if memory gets them even where nobody advised it. */
bool os_huge_pages_always(void);

/* Bytes of a page of GCCOLOR_HUGETLB, or 0. */
size_t os_hugetlb_size(void);

/* GCCOLOR_CAP_* of those that depend on the system: what it has. */
uint64_t os_caps(void);

/* The number in a small file of /proc or /sys, or -errno. */
long os_read_number(const char *path);

/*
 * Drop the contents of private anonymous memory; it reads as zeroes
 * afterwards. @lazy: only when memory gets short, and it may keep its contents.
 * @writable: the memory may be cleared by hand where the kernel cannot drop it
 * (mlock). Returns 0 or -errno.
 */
int os_discard(uintptr_t addr, size_t length, bool writable, bool lazy);

/* Fault pages in, as far as there is memory; contents stay. */
void os_populate(uintptr_t addr, size_t length, bool writable);

/* True if something is mapped at @addr. */
bool os_mapped(uintptr_t addr);

/* A lock between the threads of a process; not recursive. Opaque. */
struct os_lock {
	_Alignas(16) unsigned char opaque[64];
};

void os_lock_init(struct os_lock *lock);
void os_lock_destroy(struct os_lock *lock);
void os_lock_take(struct os_lock *lock);
void os_lock_drop(struct os_lock *lock);

/*
 * Make @lock, and have @before called before every fork(), @parent and @child
 * after it in the two processes. The first call does it, whichever thread makes
 * it; later calls return what that one returned: 0 or -errno. Where there is no
 * fork() only the lock is made.
 */
int os_at_fork(struct os_lock *lock, void (*before)(void), void (*parent)(void),
	       void (*child)(void));

#define OS_THREAD_BYTES	576

/* OS_THREAD_BYTES bytes of the calling thread, aligned for everything, zero at first. */
void *os_thread_bytes(void);

#endif /* GCCOLOR_OS_H */
