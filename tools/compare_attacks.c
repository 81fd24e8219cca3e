// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The attacks of gccolor compare: what another part of the same process can
 * ask the kernel to do to an address that is not its own. Each runs in a child
 * of its own, so that a success does no harm to the next.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare.h"
#include "tool.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
#define RW	(PROT_READ | PROT_WRITE)

static int failed(int ret)
{
	return ret ? -errno : 0;
}

/* 0 if it landed on the target, 1 if elsewhere. */
static int landed(const struct target *t, const void *p)
{
	if (p == MAP_FAILED)
		return -errno;
	return (uintptr_t)p - t->base < t->length ? 0 : 1;
}

static char *larger(const struct target *t, size_t *length)
{
	*length = t->vma_length + 2 * t->page_size;
	return t->vma - t->page_size;
}

/* munmap */

static int munmap_page(const struct target *t)
{
	return failed(munmap(t->page, t->page_size));
}

static int munmap_head(const struct target *t)
{
	return failed(munmap(t->vma, t->page_size));
}

static int munmap_exact(const struct target *t)
{
	return failed(munmap(t->vma, t->vma_length));
}

static int munmap_larger(const struct target *t)
{
	size_t length;
	char *start = larger(t, &length);

	return failed(munmap(start, length));
}

static int munmap_vfork(const struct target *t)
{
	int status;
	pid_t pid = vfork();	/* shares the address space until it exits */

	if (!pid)
		_exit(munmap(t->page, t->page_size) ? errno : 0);
	if (pid < 0)
		return ATTACK_SKIP;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return ATTACK_SKIP;
	return -WEXITSTATUS(status);
}

/* mmap */

static int map_fixed(void *addr, size_t length, int prot, int flags, int fd)
{
	void *p = mmap(addr, length, prot, flags | MAP_FIXED, fd, 0);

	return p == MAP_FAILED ? -errno : 0;
}

static int fixed_anon(const struct target *t)
{
	return map_fixed(t->page, t->page_size, RW, ANON, -1);
}

static int fixed_none(const struct target *t)
{
	return map_fixed(t->page, t->page_size, PROT_NONE, ANON, -1);
}

static int fixed_exact(const struct target *t)
{
	return map_fixed(t->vma, t->vma_length, PROT_READ, ANON, -1);
}

static int fixed_larger(const struct target *t)
{
	size_t length;
	char *start = larger(t, &length);

	return map_fixed(start, length, PROT_READ, ANON, -1);
}

static int fixed_file(const struct target *t)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? ATTACK_SKIP : map_fixed(t->page, t->page_size, PROT_READ,
						MAP_PRIVATE, fd);
}

static int fixed_memfd(const struct target *t)
{
	int fd = memfd_create("attack", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)t->page_size))
		return ATTACK_SKIP;
	return map_fixed(t->page, t->page_size, RW, MAP_SHARED, fd);
}

static int fixed_noreplace(const struct target *t)
{
	return landed(t, mmap(t->page, t->page_size, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
}

static int hint(const struct target *t)
{
	return landed(t, mmap(t->page, t->page_size, RW, ANON, -1, 0));
}

static int hint_larger(const struct target *t)
{
	return landed(t, mmap(t->page, 16 * t->page_size, RW, ANON, -1, 0));
}

/* mremap */

static int remap_shrink(const struct target *t)
{
	return mremap(t->vma, 2 * t->page_size, t->page_size, 0) == MAP_FAILED ? -errno : 0;
}

static int remap_grow(const struct target *t)
{
	/* In place, from the mapping's last page over what lies behind it. */
	char *last = t->vma + t->vma_length - t->page_size;

	return mremap(last, t->page_size, 2 * t->page_size, 0) == MAP_FAILED ? -errno : 0;
}

static int remap_grow_move(const struct target *t)
{
	return mremap(t->page, t->page_size, 4 * t->page_size, MREMAP_MAYMOVE) ==
	       MAP_FAILED ? -errno : 0;
}

static int remap_away(const struct target *t)
{
	void *to = mmap(NULL, t->page_size, PROT_NONE, ANON, -1, 0);

	return mremap(t->page, t->page_size, t->page_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		      to) == MAP_FAILED ? -errno : 0;
}

static int remap_onto(const struct target *t)
{
	void *from = mmap(NULL, t->page_size, RW, ANON, -1, 0);

	return mremap(from, t->page_size, t->page_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		      t->page) == MAP_FAILED ? -errno : 0;
}

static int remap_dontunmap(const struct target *t)
{
	return mremap(t->page, t->page_size, t->page_size,
		      MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL) == MAP_FAILED ? -errno : 0;
}

static int remap_within(const struct target *t)
{
	/* One page of the target over its neighbour. */
	return mremap(t->page, t->page_size, t->page_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		      t->page + t->page_size) == MAP_FAILED ? -errno : 0;
}

/* Protection */

static int protect_none(const struct target *t)
{
	/* On reserve it is no change: ask for what it is not. */
	return failed(mprotect(t->page, t->page_size, t->committed ? PROT_NONE : RW));
}

static int protect_read(const struct target *t)
{
	return failed(mprotect(t->page, t->page_size, PROT_READ));
}

static int protect_exec(const struct target *t)
{
	return failed(mprotect(t->page, t->page_size, PROT_READ | PROT_WRITE | PROT_EXEC));
}

static int protect_exact(const struct target *t)
{
	return failed(mprotect(t->vma, t->vma_length, PROT_READ));
}

static int protect_pkey(const struct target *t)
{
	int key = (int)syscall(SYS_pkey_alloc, 0, 0);

	/* Without protection keys in this CPU, key -1 is plain mprotect. */
	return failed((int)syscall(SYS_pkey_mprotect, t->page, t->page_size, PROT_READ,
				   key < 0 ? -1 : key));
}

/* System V shared memory */

static int attach(const struct target *t, int flags)
{
	int id = shmget(IPC_PRIVATE, t->page_size, IPC_CREAT | 0600);
	void *p;
	int ret;

	if (id < 0)
		return ATTACK_SKIP;
	p = shmat(id, t->page, flags);
	ret = p == (void *)-1 ? -errno : 0;
	shmctl(id, IPC_RMID, NULL);
	return ret;
}

static int shm(const struct target *t)
{
	return attach(t, 0);
}

static int shm_remap(const struct target *t)
{
	return attach(t, SHM_REMAP);
}

/* The rest */

static int brk_into(const struct target *t)
{
	char *end = t->page + t->page_size;

	/* brk(2) itself answers with where the heap ends now. */
	return (char *)syscall(SYS_brk, end) == end ? 0 : -ENOMEM;
}

static sigjmp_buf fault;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(fault, 1);
}

/* Where the mapping that holds addr begins. */
static char *start_of(const char *addr)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned long start, stop, found = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx", &start, &stop) == 2 &&
		    (unsigned long)addr >= start && (unsigned long)addr < stop)
			found = start;
	if (f)
		fclose(f);
	return (char *)found;
}

static int grow_down(const struct target *t)
{
	struct sigaction sa = { .sa_handler = on_fault }, old;
	char *top = (char *)t->base + t->length;
	char *p = mmap(top, t->page_size, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN |
		       MAP_FIXED_NOREPLACE, -1, 0);
	volatile int ret = -EFAULT;

	if (p == MAP_FAILED)
		return ATTACK_SKIP;
	sigaction(SIGSEGV, &sa, &old);
	if (!sigsetjmp(fault, 1)) {
		/* Without traps the write works, but need not grow the stack. */
		*(volatile char *)(top - t->page_size) = 1;
		ret = start_of(top) != top ? 0 : 1;
	}
	sigaction(SIGSEGV, &old, NULL);
	return ret;
}

static int remap_pages(const struct target *t)
{
	return failed((int)syscall(SYS_remap_file_pages, t->page, t->page_size, 0, 0, 0));
}

static int own_seal(const struct target *t)
{
	/* A length of 0 seals nothing and asks whether the call exists. */
	if (syscall(SYS_mseal, 0, 0, 0))
		return ATTACK_SKIP;
	/* Takes the owner's way to give memory back; the judge tries that. */
	return failed((int)syscall(SYS_mseal, t->page, t->page_size, 0));
}

static int dontfork(const struct target *t)
{
	int status;
	pid_t pid;

	if (madvise(t->page, t->page_size, MADV_DONTFORK))
		return -errno;
	pid = fork();
	if (!pid)
		_exit(*(volatile uint64_t *)(void *)t->page != t->expected);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return ATTACK_SKIP;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 1 : 0;
}

#define BOTH	(ON_COMMITTED | ON_RESERVE)

const struct attack attacks[] = {
	{ "munmap page", BOTH, true, munmap_page, false },
	{ "munmap first page", BOTH, true, munmap_head, false },
	{ "munmap exact", BOTH, true, munmap_exact, false },
	{ "munmap larger", BOTH, true, munmap_larger, false },
	{ "munmap from vfork child", BOTH, true, munmap_vfork, false },
	{ "mmap fixed anonymous", BOTH, true, fixed_anon, false },
	{ "mmap fixed no access", BOTH, true, fixed_none, false },
	{ "mmap fixed exact", BOTH, true, fixed_exact, false },
	{ "mmap fixed larger", BOTH, true, fixed_larger, false },
	{ "mmap fixed file", BOTH, true, fixed_file, false },
	{ "mmap fixed memfd", BOTH, true, fixed_memfd, false },
	{ "mmap noreplace", BOTH, true, fixed_noreplace, false },
	{ "mmap hint", BOTH, true, hint, false },
	{ "mmap hint, larger", BOTH, true, hint_larger, false },
	{ "mremap shrink", BOTH, true, remap_shrink, false },
	{ "mremap grow in place", BOTH, true, remap_grow, false },
	{ "mremap grow, may move", BOTH, true, remap_grow_move, false },
	{ "mremap away", BOTH, true, remap_away, false },
	{ "mremap onto it", BOTH, true, remap_onto, false },
	{ "mremap dontunmap", BOTH, true, remap_dontunmap, false },
	{ "mremap within", BOTH, true, remap_within, false },
	{ "mprotect none or write", BOTH, true, protect_none, false },
	{ "mprotect read", BOTH, true, protect_read, false },
	{ "mprotect exec", BOTH, true, protect_exec, false },
	{ "mprotect exact", BOTH, true, protect_exact, false },
	{ "pkey_mprotect", BOTH, true, protect_pkey, false },
	{ "shmat", BOTH, true, shm, false },
	{ "shmat remap", BOTH, true, shm_remap, false },
	{ "brk", BOTH, true, brk_into, false },
	{ "stack growth", ON_RESERVE, true, grow_down, false },
	{ "remap_file_pages", BOTH, true, remap_pages, false },
	{ "mseal", ON_COMMITTED, true, own_seal, true },
	{ "dontfork and fork", ON_COMMITTED, true, dontfork, false },

	{ "madvise dontneed", ON_COMMITTED, false, advise_dontneed, false },
	{ "madvise free", ON_COMMITTED, false, advise_free, false },
	{ "madvise remove", ON_COMMITTED, false, advise_remove, false },
	{ "madvise guard install", BOTH, false, advise_guard, false },
	{ "madvise dontfork", ON_RESERVE, false, advise_dontfork, false },
	{ "madvise dontdump", ON_COMMITTED, false, advise_dontdump, false },
	{ "madvise wipeonfork", ON_COMMITTED, false, advise_wipe, false },
	{ "process_madvise dontneed", ON_COMMITTED, false, advise_process, false },
	{ "mlock", ON_COMMITTED, false, advise_lock, false },
};

_Static_assert(2 * ARRAY_SIZE(attacks) <= ATTACKS_MAX,
	       "struct row holds two verdicts per attack");

const unsigned int attacks_count = ARRAY_SIZE(attacks);
