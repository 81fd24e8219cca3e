// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os_unix.h"
#include "posix_policy.h"
#include "sanitizer.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE	0x100000
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22	/* Linux 5.14 */
#define MADV_POPULATE_WRITE	23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED	24	/* Linux 5.18 */
#endif

/*
 * The stack begins right below the end of the address space, also on machines
 * with 39 or 48 bits; x86-64 is spelled out because valgrind moves the stack, and
 * 32 bits because qemu-user does. There a kernel leaves 2 to 4 GiB.
 */
uintptr_t os_address_end(void)
{
#if defined(__x86_64__)
	return (uintptr_t)1 << 47;
#elif UINTPTR_MAX == UINT32_MAX
	return (uintptr_t)3 << 30;
#else
	uintptr_t stack = (uintptr_t)getauxval(AT_EXECFN);
	unsigned int bits = 0;

	while (stack >> bits)
		bits++;
	return (uintptr_t)1 << bits;
#endif
}

uintptr_t os_break(void)
{
	void *now = sbrk(0);

	return now == (void *)-1 ? 0 : (uintptr_t)now;
}

bool os_secure_execution(void)
{
	return getauxval(AT_SECURE) != 0;
}

size_t os_default_length(void)
{
	return (size_t)1 << (sizeof(size_t) > 4 ? 40 : 28);
}

void os_fresh(uintptr_t addr, size_t length)
{
	sanitizer_fresh(addr, length);
}

int os_random(uint64_t *out)
{
	*out = 0;	/* MSan does not know who writes next */
	return getentropy(out, sizeof(*out)) ? -errno : 0;
}

void *os_map_at(uintptr_t addr, size_t length, int prot, int flags)
{
	return mmap((void *)addr, length, prot, MAP_PRIVATE | MAP_ANONYMOUS |
		    MAP_FIXED_NOREPLACE | flags, -1, 0);
}

void *os_map_over(uintptr_t addr, size_t length, int prot, int flags)
{
	return mmap((void *)addr, length, prot, flags | MAP_FIXED, -1, 0);
}

/* Parse one line of /proc/self/maps: "start-end perms offset dev inode name". */
static bool parse_mapping(const char *line, struct os_occupant *out)
{
	const char *name;
	char *rest;
	int field;

	out->start = (uintptr_t)strtoull(line, &rest, 16);
	if (*rest != '-')
		return false;
	out->end = (uintptr_t)strtoull(rest + 1, &rest, 16);
	name = rest;
	for (field = 0; field < 4; field++) {
		name += strspn(name, " ");
		name += strcspn(name, " ");
	}
	name += strspn(name, " ");
	snprintf(out->name, sizeof(out->name), "%s",
		 *name ? name : "anonymous memory");
	return true;
}

int os_occupant(uintptr_t start, uintptr_t end, struct os_occupant *out)
{
	char text[4096 + 256];
	size_t have = 0;
	int error = -ENOENT;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t got = read(fd, text + have, sizeof(text) - 1 - have);
		char *line = text;
		char *nl;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got < 0)
				error = -errno;
			break;
		}
		have += (size_t)got;
		text[have] = '\0';
		while ((nl = strchr(line, '\n'))) {
			*nl = '\0';
			if (parse_mapping(line, out) && out->end > start) {
				error = out->start < end ? 0 : -ENOENT;
				goto out;
			}
			line = nl + 1;
		}
		have -= (size_t)(line - text);
		memmove(text, line, have);
		if (have == sizeof(text) - 1)	/* a path beyond all bounds */
			have = 0;
	}
out:
	close(fd);
	return error;
}

/*
 * A call that must fail: without MAP_ANONYMOUS the kernel looks for the file first,
 * EBADF. The mmap() of TSan, MSan and newer ASan looks at the addresses before, and
 * says EINVAL to MAP_FIXED where its shadow, its traces or its heap are or will be.
 */
bool os_may_hold(uintptr_t addr, size_t length)
{
	void *p = mmap((void *)addr, length, PROT_NONE, MAP_PRIVATE | MAP_FIXED, -1, 0);

	return p == MAP_FAILED && errno != EINVAL;
}

bool os_has_huge_pages(void)
{
	static atomic_int cached;	/* 0: not asked, 1: no, 2: yes */
	int answer = atomic_load_explicit(&cached, memory_order_relaxed);

	if (!answer) {
		answer = 1 + !access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK);
		atomic_store_explicit(&cached, answer, memory_order_relaxed);
	}
	return answer == 2;
}

long os_read_number(const char *path)
{
	char text[32];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return -EIO;
	text[got] = '\0';
	return strtol(text, NULL, 10);
}

int os_discard(uintptr_t addr, size_t length, bool writable, bool lazy)
{
	void *p = (void *)addr;

	if (lazy && madvise(p, length, MADV_FREE) == 0)
		return 0;
	if (madvise(p, length, MADV_DONTNEED) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	if (posix_advice_is_checked() && madvise(p, length, MADV_DONTNEED_LOCKED) == 0)
		return 0;
	/* Locked memory, on a kernel that cannot drop that. */
	if (writable && (!posix_advice_is_checked() || madvise(p, 0, MADV_DONTNEED_LOCKED))) {
		memset(p, 0, length);
		return 0;
	}
	return -EINVAL;
}

void os_populate(uintptr_t addr, size_t length, bool writable)
{
	int advice = writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;

	if (posix_advice_is_checked() &&
	    (madvise((void *)addr, length, advice) == 0 || errno != EINVAL))
		return;
	os_touch(addr, length, writable);
}

/* Not mincore(2), which qemu-user refuses where nothing can be read. */
bool os_mapped(uintptr_t addr)
{
	return msync((void *)addr, os_page_size(), MS_ASYNC) == 0 || errno != ENOMEM;
}
