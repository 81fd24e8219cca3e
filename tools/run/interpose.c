// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The symbols that a program finds before the C library's: is it about the
 * region, or a mapping to be moved? Everything else goes to the kernel as it
 * came.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MAP_32BIT
#define MAP_32BIT	0	/* x86 only */
#endif

#define EXPORT	__attribute__((visibility("default")))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread bool inside __attribute__((tls_model("initial-exec")));
static __thread uint64_t signals __attribute__((tls_model("initial-exec")));

bool run_enter(void)
{
	uint64_t all = ~(uint64_t)0;

	if (inside)
		return false;
	/* Not pthread_sigmask(): it leaves the C library's own signals alone. */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &signals, sizeof(all));
	inside = true;
	pthread_mutex_lock(&lock);
	return true;
}

void run_leave(void)
{
	pthread_mutex_unlock(&lock);
	inside = false;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &signals, NULL, sizeof(signals));
}

void *raw_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, addr, length, prot, flags, fd, offset);
}

int raw_munmap(void *addr, size_t length)
{
	return (int)syscall(SYS_munmap, addr, length);
}

int raw_madvise(void *addr, size_t length, int advice)
{
	return (int)syscall(SYS_madvise, addr, length, advice);
}

/* What libgccolor's own calls are bound to. */

void *__wrap_mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	return raw_mmap(addr, length, prot, flags, fd, offset);
}

void *__wrap_mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	return raw_mmap(addr, length, prot, flags, fd, offset);
}

int __wrap_munmap(void *addr, size_t length)
{
	return raw_munmap(addr, length);
}

int __wrap_mprotect(void *addr, size_t length, int prot)
{
	return (int)syscall(SYS_mprotect, addr, length, prot);
}

int __wrap_madvise(void *addr, size_t length, int advice)
{
	return raw_madvise(addr, length, advice);
}

/* Is the region ours to look at in this call? Then the lock is taken. */
static bool begin(void)
{
	return !inside && run_started() && run_enter();
}

/* A whole call that failed or worked, as the C library says it. */
static int finish(int err)
{
	run_leave();
	if (!err)
		return 0;
	errno = -err;
	return -1;
}

/* The kernel's own checks of what never gets there. */
static int check_range(const void *addr, size_t length)
{
	if ((uintptr_t)addr % run.g.page_size || (uintptr_t)addr + length < (uintptr_t)addr)
		return -EINVAL;
	return 0;
}

/* Private anonymous memory without a fixed place that is not somebody's stack. */
static bool to_be_moved(size_t length, int prot, int flags)
{
	const int never = MAP_FIXED | MAP_SHARED | MAP_STACK | MAP_GROWSDOWN | MAP_HUGETLB |
			  MAP_32BIT | MAP_LOCKED;

	if ((flags & (MAP_PRIVATE | MAP_ANONYMOUS)) != (MAP_PRIVATE | MAP_ANONYMOUS) ||
	    flags & never || prot & PROT_EXEC || length < run.min_size ||
	    length > run.g.length)
		return false;
	return prot & PROT_WRITE || (!prot && run.profile->move_reservations);
}

EXPORT void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *out = addr;
	int err;

	if (!begin())
		return raw_mmap(addr, length, prot, flags, fd, offset);
	if (length && flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) &&
	    run_touches((uintptr_t)addr, run_pages(length))) {
		err = check_range(addr, run_pages(length));
		if (!err)
			err = run_map_fixed((uintptr_t)addr, run_pages(length), prot, flags,
					    fd, offset);
	} else if (!(flags & MAP_FIXED_NOREPLACE) && to_be_moved(length, prot, flags)) {
		err = run_map((uintptr_t)addr, run_pages(length), prot, flags, &out);
	} else {
		out = raw_mmap(addr, length, prot, flags, fd, offset);
		err = out == MAP_FAILED ? -errno : 0;
		if (!err && flags & MAP_FIXED)
			spans_remove(&run.outside, (uintptr_t)out,
				     (uintptr_t)out + run_pages(length));
	}
	return finish(err) ? MAP_FAILED : out;
}

EXPORT void *mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
	__attribute__((alias("mmap")));

EXPORT int munmap(void *addr, size_t length)
{
	size_t bytes = run_pages(length);
	int err;

	if (!begin())
		return raw_munmap(addr, length);
	if (!length || !run_touches((uintptr_t)addr, bytes)) {
		err = raw_munmap(addr, length) ? -errno : 0;
		if (!err)
			spans_remove(&run.outside, (uintptr_t)addr, (uintptr_t)addr + bytes);
		return finish(err);
	}
	err = check_range(addr, bytes);
	if (!err)
		err = run_unmap((uintptr_t)addr, bytes);
	return finish(err);
}

EXPORT int mprotect(void *addr, size_t length, int prot)
{
	size_t bytes = run_pages(length);
	int err;

	if (!length || !run_touches((uintptr_t)addr, bytes) || !begin())
		return __wrap_mprotect(addr, length, prot);
	err = check_range(addr, bytes);
	if (!err)
		err = run_protect((uintptr_t)addr, bytes, prot);
	return finish(err);
}

EXPORT int madvise(void *addr, size_t length, int advice)
{
	size_t bytes = run_pages(length);
	int err;

	if (!length || !run_touches((uintptr_t)addr, bytes) || !begin())
		return raw_madvise(addr, length, advice);
	err = check_range(addr, bytes);
	if (!err)
		err = run_advise((uintptr_t)addr, bytes, advice);
	return finish(err);
}

EXPORT void *mremap(void *old, size_t old_length, size_t length, int flags, ...)
{
	void *to = NULL, *out = NULL;
	va_list ap;
	int err;

	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
		va_start(ap, flags);
		to = va_arg(ap, void *);
		va_end(ap);
	}
	if (!begin())
		return (void *)syscall(SYS_mremap, old, old_length, length, flags, to);
	if (run_touches((uintptr_t)old, old_length ? old_length : 1)) {
		err = run_remap((uintptr_t)old, old_length, length, flags, (uintptr_t)to, &out);
	} else if (flags & MREMAP_FIXED && run_touches((uintptr_t)to, length)) {
		run.denied++;
		err = -EINVAL;	/* foreign memory into the region */
	} else {
		out = (void *)syscall(SYS_mremap, old, old_length, length, flags, to);
		err = out == MAP_FAILED ? -errno : 0;
		if (!err && spans_within(&run.outside, (uintptr_t)old,
					 (uintptr_t)old + run_pages(old_length))) {
			spans_remove(&run.outside, (uintptr_t)old,
				     (uintptr_t)old + run_pages(old_length));
			spans_add(&run.outside, (uintptr_t)out,
				  (uintptr_t)out + run_pages(length));
		}
	}
	return finish(err) ? MAP_FAILED : out;
}

/* Ways to end that run no atexit() handlers. */
EXPORT _Noreturn void _exit(int status)
{
	if (run.report && !inside)
		run_report();
	for (;;)
		syscall(SYS_exit_group, status);
}

EXPORT _Noreturn void _Exit(int status) __attribute__((alias("_exit")));
