/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the kernel-facing tests share: the seven commands as functions that
 * return 0 or a negative errno, and a look at the region from outside.
 *
 * Nothing here allocates memory: the tests call it with every limit exhausted.
 */
#ifndef SELFTESTS_REGION_H
#define SELFTESTS_REGION_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/gccolor.h>
#include <linux/userfaultfd.h>

#define DEVICE		"/dev/gccolor"
#define MIB		0x100000UL
#define PAGE_MAX	0x10000UL	/* of every processor */

/*
 * What this machine has; uapi_query_test checks it. The default region where
 * there is no module yet.
 */
static struct machine {
	unsigned long page, slot, base, length, end;
} machine;

/* Constants where there is one size only, for static tables of the tests. */
#ifdef __x86_64__
#define PAGE		4096UL
#define SLOT		0x10000UL
#define BASE		0x600000000000UL
#define LENGTH		0x10000000000UL
#else
#define PAGE		(machine.page)
#define SLOT		(machine.slot)
#define BASE		(machine.base)
#define LENGTH		(machine.length)
#endif
#define ADDRESS_END	(machine.end)
#define COLOR		(LENGTH >> 4)	/* 16 of them */
#define SHIFT		((unsigned int)__builtin_ctzl(COLOR))
#define END		(BASE + LENGTH)
/* A place far from every edge of color @n. */
#define INSIDE(n)	(BASE + (n) * COLOR + COLOR / 2)

#define PROT_R		GCCOLOR_IOC_PROT_READ
#define PROT_RW		(GCCOLOR_IOC_PROT_READ | GCCOLOR_IOC_PROT_WRITE)
#define PROT_RX		(GCCOLOR_IOC_PROT_READ | GCCOLOR_IOC_PROT_EXEC)

/*
 * Does the system lack what a test needs? if (lacks(...)) SKIP(return, "...");
 * In our guests everything is there, and a test that would skip fails.
 */
static inline bool lacks(bool there)
{
	if (there)
		return false;
	if (getenv("GCCOLOR_TEST_REQUIRE")) {
		dprintf(2, "# what the next skipped test needs should be there\n");
		_exit(1);
	}
	return true;
}

/*
 * The level that regions must have: enforced, unless whoever runs the tests loaded
 * the module with guard=hooks and says so.
 */
static inline unsigned int expected_level(void)
{
	const char *level = getenv("GCCOLOR_TEST_LEVEL");

	return level && !strcmp(level, "guarded") ? GCCOLOR_IOC_LEVEL_GUARDED :
						    GCCOLOR_IOC_LEVEL_ENFORCED;
}

static inline unsigned int expected_reason(void)
{
	return expected_level() == GCCOLOR_IOC_LEVEL_ENFORCED ?
	       GCCOLOR_IOC_REASON_NONE : GCCOLOR_IOC_REASON_PARAMETER;
}

static inline int open_device(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static inline int command(int fd, unsigned long nr, void *arg)
{
	return ioctl(fd, nr, arg) ? -errno : 0;
}

static inline int query(int fd, struct gccolor_ioc_query *query)
{
	*query = (struct gccolor_ioc_query){ .size = sizeof(*query) };
	return command(fd, GCCOLOR_IOC_QUERY, query);
}

__attribute__((constructor)) static inline void measure_machine(void)
{
	struct gccolor_ioc_query kernel;
	int fd = open_device();

	if (fd < 0 || query(fd, &kernel)) {
		kernel.slot_size = GCCOLOR_IOC_SLOT_SIZE;
		kernel.default_base = GCCOLOR_IOC_DEFAULT_BASE;
		kernel.default_length = GCCOLOR_IOC_DEFAULT_LENGTH;
		kernel.address_end = 1UL << 47;
	}
	close(fd);
	machine.page = sysconf(_SC_PAGESIZE);
	machine.slot = kernel.slot_size;
	machine.base = kernel.default_base;
	machine.length = kernel.default_length;
	machine.end = kernel.address_end;
}

static inline struct gccolor_ioc_reserve
reserve_args(unsigned long base, unsigned long length, unsigned int shift)
{
	return (struct gccolor_ioc_reserve){
		.size = sizeof(struct gccolor_ioc_reserve),
		.base = base,
		.length = length,
		.color_shift = shift,
	};
}

static inline int reserve(int fd, unsigned long base, unsigned long length,
			  unsigned int shift, uint64_t exec_colors)
{
	struct gccolor_ioc_reserve arg = reserve_args(base, length, shift);

	arg.exec_colors = exec_colors;
	return command(fd, GCCOLOR_IOC_RESERVE, &arg);
}

/* A fresh file with a region in the default place, or a negative errno. */
static inline int open_region(uint64_t exec_colors)
{
	int fd = open_device();
	int err;

	if (fd < 0)
		return fd;
	err = reserve(fd, BASE, LENGTH, SHIFT, exec_colors);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static inline int commit_flags(int fd, unsigned long addr, unsigned long length,
			       unsigned int prot, unsigned int flags)
{
	struct gccolor_ioc_commit arg = {
		.size = sizeof(arg),
		.flags = flags,
		.addr = addr,
		.length = length,
		.prot = prot,
	};

	return command(fd, GCCOLOR_IOC_COMMIT, &arg);
}

static inline int commit(int fd, unsigned long addr, unsigned long length)
{
	return commit_flags(fd, addr, length, PROT_RW, 0);
}

static inline int decommit(int fd, unsigned long addr, unsigned long length)
{
	struct gccolor_ioc_decommit arg = {
		.size = sizeof(arg),
		.addr = addr,
		.length = length,
	};

	return command(fd, GCCOLOR_IOC_DECOMMIT, &arg);
}

static inline int release(int fd)
{
	struct gccolor_ioc_release arg = { .size = sizeof(arg) };

	return command(fd, GCCOLOR_IOC_RELEASE, &arg);
}

static inline int lock_region(int fd)
{
	struct gccolor_ioc_lock arg = { .size = sizeof(arg) };

	return command(fd, GCCOLOR_IOC_LOCK, &arg);
}

static inline int info(int fd, struct gccolor_ioc_info *info)
{
	*info = (struct gccolor_ioc_info){ .size = sizeof(*info) };
	return command(fd, GCCOLOR_IOC_INFO, info);
}

/* Can the kernel read the byte at @addr for us? Traps raise no signal. */
static inline bool readable(unsigned long addr)
{
	return syscall(SYS_faccessat, AT_FDCWD, addr, F_OK) == 0 || errno != EFAULT;
}

static inline int try_munmap(unsigned long addr, unsigned long length)
{
	return munmap((void *)addr, length) ? -errno : 0;
}

static inline int try_mprotect(unsigned long addr, unsigned long length, int prot)
{
	return mprotect((void *)addr, length, prot) ? -errno : 0;
}

/* Anonymous memory, MAP_FIXED: 0 if it got there. */
static inline int try_map_over(unsigned long addr, unsigned long length)
{
	void *p = mmap((void *)addr, length, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? -errno : 0;
}

/* A file of a few bytes, as in /proc/sys. Negative errno. */
static inline int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static inline int write_number(const char *path, unsigned long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", number);
	return write_file(path, text);
}

static inline long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return atol(text);
}

/* What the kernel calls a huge page here. */
static inline unsigned long huge_size(void)
{
	long size = read_number("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");

	return size > 0 ? (unsigned long)size : 2 * MIB;
}

/* Every word of a page says where it is. */
static inline void fill(unsigned long addr, unsigned long length)
{
	for (unsigned long a = addr; a < addr + length; a += sizeof(a))
		*(volatile unsigned long *)a = a ^ 0x9e3779b97f4a7c15UL;
}

/*
 * Fill memory that nobody has touched yet, whatever its protection is: by
 * userfaultfd, since not every kernel lets /proc/self/mem override protection. That
 * is for regions at the level guarded, which userfaultfd cannot serve.
 */
static inline bool put_pages(unsigned long addr, const void *pages, unsigned long length)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { addr, length },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_copy copy = { .dst = addr, .src = (unsigned long)pages, .len = length };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	bool done = !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range) &&
		    !ioctl(fd, UFFDIO_COPY, &copy);

	close(fd);
	if (done)
		return true;
	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	done = pwrite(fd, pages, length, addr) == (ssize_t)length;
	close(fd);
	return done;
}

static inline bool intact(unsigned long addr, unsigned long length)
{
	for (unsigned long a = addr; a < addr + length; a += sizeof(a)) {
		if (*(volatile unsigned long *)a != (a ^ 0x9e3779b97f4a7c15UL))
			return false;
	}
	return true;
}

static inline bool zeroed(unsigned long addr, unsigned long length)
{
	for (unsigned long a = addr; a < addr + length; a += sizeof(a)) {
		if (*(volatile unsigned long *)a)
			return false;
	}
	return true;
}

#endif /* SELFTESTS_REGION_H */
