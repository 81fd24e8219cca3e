// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Attacks that unmap, or put something else in the place. */
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <sys/prctl.h>
#include <sys/shm.h>

#include "attack.h"

#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE		0x08
#endif
#define NR_MEMFD_SECRET		447
#define HUGE			huge_size()

static int attack_munmap(const struct target *t)
{
	return try_munmap(t->addr, t->length);
}

/* Pages of the attacker's on either side, in one sweep with the region. */
static int munmap_across(const struct target *t)
{
	unsigned long below = own_memory(BASE - PAGE, PAGE, 0);
	unsigned long above = own_memory(END, PAGE, 0);
	int err;

	fill(below, PAGE);
	err = worse(try_munmap(BASE - PAGE, LENGTH + 2 * PAGE),
		    worse(try_munmap(BASE - PAGE, 2 * PAGE), try_munmap(END - PAGE, 2 * PAGE)));
	/* All or nothing. */
	return intact(below, PAGE) && readable(above) ? err : 0;
}

static int munmap_everything(const struct target *t)
{
	return worse(try_munmap(0x10000, END - 0x10000), try_munmap(BASE, ADDRESS_END - BASE));
}

static int map_over(const struct target *t)
{
	return map_result(mmap((void *)t->addr, t->length, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | (int)t->arg, -1, 0));
}

static int map_shared_over(const struct target *t)
{
	return map_result(mmap((void *)t->addr, t->length, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static int map_nothing_over(const struct target *t)
{
	return map_result(mmap((void *)t->addr, t->length, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0));
}

static int map_droppable_over(const struct target *t)
{
	return map_result(mmap((void *)t->addr, t->length, PROT_READ | PROT_WRITE,
			       MAP_DROPPABLE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

static int map_file_over(int fd, const struct target *t, int how)
{
	int err;

	if (fd < 0)
		return CANNOT_TEST;
	err = map_result(mmap((void *)t->addr, t->length, PROT_READ, MAP_PRIVATE | how, fd, 0));
	err = worse(err, map_result(mmap((void *)t->addr, t->length, PROT_READ,
					 MAP_SHARED | how, fd, 0)));
	close(fd);
	return err;
}

static int map_plain_file_over(const struct target *t)
{
	return map_file_over(open("/proc/self/exe", O_RDONLY), t, MAP_FIXED);
}

static int map_memfd_over(const struct target *t)
{
	int fd = syscall(SYS_memfd_create, "attack", 0);

	if (fd >= 0 && ftruncate(fd, t->length))
		return CANNOT_TEST;
	return map_file_over(fd, t, MAP_FIXED);
}

static int map_secret_over(const struct target *t)
{
	int fd = syscall(NR_MEMFD_SECRET, 0);

	if (fd >= 0 && ftruncate(fd, t->length))
		return CANNOT_TEST;
	return map_file_over(fd, t, MAP_FIXED);
}

static int map_dev_zero_over(const struct target *t)
{
	return map_file_over(open("/dev/zero", O_RDWR), t, MAP_FIXED);
}

static int map_perf_ring_over(const struct target *t)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);

	if (fd < 0)
		return CANNOT_TEST;
	return map_result(mmap((void *)t->addr, 2 * PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_FIXED, fd, 0));
}

/* A huge page covers the whole stage. */
static int map_hugetlb_over(const struct target *t)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
	void *own = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (own == MAP_FAILED)
		return CANNOT_TEST;
	return map_result(mmap((void *)(t->addr & -HUGE), HUGE, PROT_READ | PROT_WRITE,
			       flags | MAP_FIXED, -1, 0));
}

/* The region's own file, and another one of the same device. */
static int map_device_over(const struct target *t)
{
	const unsigned long offset = t->addr - BASE;
	int other = open_device();
	int err = -EINVAL;

	for (int prot = 0; prot < 8; prot++) {
		void *at = (void *)t->addr;

		err = worse(err, map_result(mmap(at, t->length, prot, MAP_PRIVATE | MAP_FIXED,
						 t->fd, offset)));
		err = worse(err, map_result(mmap(at, t->length, prot, MAP_SHARED | MAP_FIXED,
						 t->fd, offset)));
		err = worse(err, map_result(mmap(at, t->length, prot, MAP_PRIVATE | MAP_FIXED,
						 other, offset)));
	}
	return worse(err, map_result(mmap((void *)BASE, LENGTH, PROT_NONE,
					  MAP_PRIVATE | MAP_FIXED, other, 0)));
}

static int reserve_over(const struct target *t)
{
	struct gccolor_ioc_query kernel;
	unsigned long length;
	int other = open_device();
	int err = reserve(other, BASE, LENGTH, SHIFT, 0);

	query(other, &kernel);
	for (length = kernel.color_length_min; length < 4 * LENGTH; length *= 4) {
		err = worse(err, reserve(other, t->addr & -length, length,
					 __builtin_ctzl(length), 0));
	}
	return err;
}

/* Through a file of the attacker's own, with a region elsewhere. */
static int commit_through_another_file(const struct target *t)
{
	int other = open_device();

	if (reserve(other, OUTSIDE, LENGTH, SHIFT, 0))
		return CANNOT_TEST;
	return worse(commit(other, t->addr, t->length), decommit(other, t->addr, t->length));
}

/* Addresses that the kernel chooses near a hint: 1000 of them. */
static int hints(const struct target *t)
{
	for (unsigned long i = 0; i < 1000; i++) {
		unsigned long hint = i % 3 ? t->addr + i * PAGE : BASE + i * (LENGTH / 1000);
		int flags = i % 5 == 0 ? MAP_GROWSDOWN : i % 5 == 1 ? MAP_STACK : MAP_NORESERVE;
		unsigned long length = i % 7 ? PAGE : 4 * MIB;
		void *p = mmap((void *)(hint & -PAGE), length, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

		if (p == MAP_FAILED)
			return -errno;
		if ((unsigned long)p + length > BASE && (unsigned long)p < END)
			return DID_UNPROMISED;
	}
	return 0;
}

/* The break, moved into the region: then it grows and shrinks. */
static int brk_inside(const struct target *t)
{
	unsigned long end = t->addr + t->length, now;

	if (prctl(PR_SET_MM, PR_SET_MM_BRK, end, 0, 0) ||
	    prctl(PR_SET_MM, PR_SET_MM_START_BRK, t->addr, 0, 0))
		return CANNOT_TEST;
	now = syscall(SYS_brk, t->arg ? t->addr : end + 4 * PAGE);
	return now == end ? -ENOMEM : 0;
}

static int brk_from_below(const struct target *t)
{
	unsigned long start = BASE - 64 * MIB, now;

	if (prctl(PR_SET_MM, PR_SET_MM_BRK, start, 0, 0) ||
	    prctl(PR_SET_MM, PR_SET_MM_START_BRK, start, 0, 0))
		return CANNOT_TEST;
	now = syscall(SYS_brk, start + 16 * MIB);
	if (now != start + 16 * MIB)
		return CANNOT_TEST;
	now = syscall(SYS_brk, BASE + PAGE);
	return now == start + 16 * MIB ? -ENOMEM : 0;
}

static int segment(const struct target *t)
{
	return shmget(IPC_PRIVATE, t->length, IPC_CREAT | 0600);
}

static int attach(const struct target *t)
{
	int id = segment(t);
	int err = result((long)shmat(id, (void *)t->addr, (int)t->arg));

	shmctl(id, IPC_RMID, NULL);
	return id < 0 ? CANNOT_TEST : err;
}

static int detach(const struct target *t)
{
	return result(shmdt((void *)t->addr));
}

/* A stack above the region grows down to it, and is asked to go on. */
static int stack_above(const struct target *t)
{
	unsigned long top = own_memory(END + 64 * PAGE, PAGE, MAP_GROWSDOWN);

	if (!top)
		return CANNOT_TEST;
	for (unsigned long a = top; a >= END + PAGE; a -= PAGE)
		*(volatile char *)a = 1;
	readable(END);
	return readable(END - 1) || readable(END - PAGE) ? 0 : -EFAULT;
}

static int stack_below(const struct target *t)
{
	unsigned long below = own_memory(BASE - PAGE, PAGE, MAP_GROWSDOWN);

	if (!below)
		return CANNOT_TEST;
	*(volatile char *)(BASE - 2 * PAGE) = 1;
	return readable(BASE) ? 0 : -EFAULT;
}

const struct attack map_attacks[] = {
	{ "munmap", attack_munmap, ALL(DENIED) },
	{ "munmap across both ends of the region", munmap_across, { DENIED }, true },
	{ "munmap of the whole address space", munmap_everything, { DENIED }, true },
	{ "mmap MAP_FIXED, anonymous", map_over, ALL(DENIED), .arg = MAP_FIXED },
	{ "mmap MAP_FIXED, anonymous, PROT_NONE", map_nothing_over, ALL(DENIED) },
	{ "mmap MAP_FIXED, anonymous, shared", map_shared_over, ALL(DENIED) },
	{ "mmap MAP_FIXED, MAP_LOCKED", map_over, ALL(DENIED), .arg = MAP_FIXED | MAP_LOCKED },
	{ "mmap MAP_FIXED, MAP_POPULATE", map_over, ALL(DENIED), .arg = MAP_FIXED | MAP_POPULATE },
	{ "mmap MAP_FIXED, MAP_GROWSDOWN", map_over, ALL(DENIED),
	  .arg = MAP_FIXED | MAP_GROWSDOWN },
	{ "mmap MAP_FIXED, MAP_DROPPABLE", map_droppable_over, ALL(DENIED) },
	{ "mmap MAP_FIXED, file", map_plain_file_over, ALL(DENIED) },
	{ "mmap MAP_FIXED, memfd", map_memfd_over, ALL(DENIED) },
	{ "mmap MAP_FIXED, memfd_secret", map_secret_over, ALL(DENIED | UNTESTED) },
	{ "mmap MAP_FIXED, /dev/zero", map_dev_zero_over, ALL(DENIED) },
	{ "mmap MAP_FIXED, perf ring", map_perf_ring_over, ALL(DENIED), true },
	{ "mmap MAP_FIXED, hugetlb", map_hugetlb_over, ALL(DENIED), true },
	{ "mmap MAP_FIXED_NOREPLACE", map_over, ALL(DENIED), .arg = MAP_FIXED_NOREPLACE },
	{ "mmap MAP_FIXED, /dev/gccolor, this file or another", map_device_over, ALL(DENIED) },
	{ "mmap with a hint, 1000 times", hints, ALL(HARMLESS), true },
	{ "ioctl RESERVE of another file", reserve_over, ALL(DENIED), true },
	{ "ioctl COMMIT, DECOMMIT of another file", commit_through_another_file, ALL(DENIED) },
	{ "brk, growing inside", brk_inside, ALL(DENIED), .arg = 0, .untold = true },
	{ "brk, shrinking inside", brk_inside, ALL(DENIED), .arg = 1, .untold = true },
	{ "brk, growing from below", brk_from_below, { DENIED }, true, .untold = true },
	{ "shmat", attach, ALL(DENIED), .arg = 0 },
	{ "shmat SHM_REMAP", attach, ALL(DENIED), .arg = SHM_REMAP },
	{ "shmat SHM_REMAP, SHM_RDONLY", attach, ALL(DENIED), .arg = SHM_REMAP | SHM_RDONLY },
	{ "shmdt", detach, ALL(DENIED) },
	{ "stack growing down from above", stack_above, { DENIED }, true },
	{ "stack below the region", stack_below, { DENIED }, true },
	{ }
};
