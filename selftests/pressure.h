/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The same thing done to committed memory of a region and to plain anonymous
 * memory, side by side: what is observed must be the same, except for what
 * docs/userspace-api.rst lists as a difference.
 */
#ifndef SELFTESTS_PRESSURE_H
#define SELFTESTS_PRESSURE_H

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <time.h>

#include "child.h"
#include "limits.h"
#include "maps.h"

#define OURS		0
#define PLAIN		1
#define PLAIN_AT	0x200000000000UL
#define PATIENCE	120	/* s; only a test that fails waits that long */

/* Of the harness; its own is meant for machines, not for emulation. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

static const char *const side_name[2] = { "committed", "anonymous" };

struct pair {
	int fd;			/* of the region */
	unsigned long addr[2];
	unsigned long length;
};

/* A region with @length bytes committed, and as much plain memory. 0 or -errno. */
static inline int pair_make(struct pair *pair, unsigned long length)
{
	void *plain;
	int err;

	pair->fd = open_region(0);
	if (pair->fd < 0)
		return pair->fd;
	pair->length = length;
	pair->addr[OURS] = INSIDE(1);
	pair->addr[PLAIN] = PLAIN_AT;
	err = commit(pair->fd, pair->addr[OURS], length);
	if (err)
		return err;
	plain = mmap((void *)PLAIN_AT, length, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	return plain == (void *)PLAIN_AT ? 0 : -EEXIST;
}

static inline void fill_both(const struct pair *pair)
{
	fill(pair->addr[OURS], pair->length);
	fill(pair->addr[PLAIN], pair->length);
}

/*
 * ..._BOTH(expected, expression): evaluates the expression with addr, and side
 * if it cares, for the region's memory, then for plain memory. Needs self->pair.
 */
#define FOR_BOTH()							\
	for (unsigned long side = OURS, addr = self->pair.addr[OURS];	\
	     side <= PLAIN; side++, addr = self->pair.addr[PLAIN])

#define EXPECT_BOTH(expected, expression) do {				\
	FOR_BOTH() {							\
		(void)addr;						\
		EXPECT_EQ(expected, expression) {			\
			TH_LOG("%s memory: %s", side_name[side], #expression);	\
		}							\
	}								\
} while (0)

#define ASSERT_BOTH(expected, expression) do {				\
	FOR_BOTH() {							\
		(void)addr;						\
		ASSERT_EQ(expected, expression) {			\
			TH_LOG("%s memory: %s", side_name[side], #expression);	\
		}							\
	}								\
} while (0)

/* What the whole of it comes to, at the end of each test. */
#define EXPECT_WHOLE()							\
	EXPECT_STREQ("whole", region_state(BASE, LENGTH))

#define EXPECT_INTACT()							\
	EXPECT_BOTH(true, intact(addr, self->pair.length))

static inline int advise(unsigned long addr, unsigned long length, int advice)
{
	return madvise((void *)addr, length, advice) ? -errno : 0;
}

/* For loops that wait for the kernel: false once patience is at its end. */
static inline bool patient(time_t since)
{
	sched_yield();
	return time(NULL) - since < PATIENCE;
}

/* A counter of /proc/vmstat or of a cgroup: "name value", one a line. */
static inline long stat_number(const char *path, const char *name)
{
	static struct maps_reader reader;
	size_t length = strlen(name);
	long value = -1;

	if (!maps_open(&reader, path))
		return -1;
	while (maps_line(&reader)) {
		if (!strncmp(reader.line, name, length) && reader.line[length] == ' ')
			value = atol(reader.line + length + 1);
	}
	close(reader.fd);
	return value;
}

/* Swap on a RAM disk. */

#define SWAP_DEVICE	"/dev/ram0"

/* The RAM disk is built in, or the module is in the file that GCCOLOR_BRD names. */
static inline bool swap_device(void)
{
	const char *path = getenv("GCCOLOR_BRD");
	int fd;

	if (access(SWAP_DEVICE, R_OK | W_OK) == 0)
		return true;
	fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	syscall(SYS_finit_module, fd, "rd_nr=1 rd_size=131072", 0);
	close(fd);
	return access(SWAP_DEVICE, R_OK | W_OK) == 0;
}

/* Makes a swap area of it and turns it on. */
static inline bool swap_begin(void)
{
	static unsigned char page[PAGE_MAX];
	uint32_t header[3] = { 1, 0, 0 };	/* version, last page, bad pages */
	off_t size;
	bool ok;
	int fd;

	if (!swap_device())
		return false;
	swapoff(SWAP_DEVICE);
	fd = open(SWAP_DEVICE, O_RDWR | O_CLOEXEC);
	size = lseek(fd, 0, SEEK_END);
	header[1] = size / PAGE - 1;
	memset(page, 0, PAGE);
	memcpy(page + 1024, header, sizeof(header));
	memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
	ok = pwrite(fd, page, PAGE, 0) == (ssize_t)PAGE && fsync(fd) == 0;
	close(fd);
	return ok && swapon(SWAP_DEVICE, 0) == 0;
}

static inline int swap_end(void)
{
	return swapoff(SWAP_DEVICE) ? -errno : 0;
}

/* Of the mapping at @addr, in bytes. */
static inline unsigned long swapped(unsigned long addr)
{
	return smaps_field(addr, "Swap") << 10;
}

/* Pages that another processor holds in a batch stay at first: again, then. */
static inline unsigned long page_out(unsigned long addr, unsigned long length)
{
	time_t since = time(NULL);

	do {
		if (advise(addr, length, MADV_PAGEOUT))
			return 0;
	} while (swapped(addr) < length && patient(since));
	return swapped(addr);
}

/* A control group of version 2 with the memory controller. */

#define CGROUP		"/tmp/gccolor-cgroup"
#define GROUP		CGROUP "/gccolor-pressure"

static inline bool cgroup_begin(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return false;
	mkdir(CGROUP, 0700);
	if (mount("gccolor", CGROUP, "cgroup2", 0, NULL))
		return false;
	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	mkdir(GROUP, 0700);
	return access(GROUP "/memory.max", W_OK) == 0;
}

static inline void cgroup_end(void)
{
	time_t since = time(NULL);

	while (rmdir(GROUP) && errno == EBUSY && patient(since))
		;
	umount2(CGROUP, MNT_DETACH);
}

static inline int cgroup_join(void)
{
	return write_number(GROUP "/cgroup.procs", getpid());
}

#endif /* SELFTESTS_PRESSURE_H */
