// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Attacks through userfaultfd. */
#define _GNU_SOURCE
#include <linux/userfaultfd.h>

#include "attack.h"

#ifndef UFFDIO_MOVE
struct uffdio_move {
	__u64 dst;
	__u64 src;
	__u64 len;
	__u64 mode;
	__s64 move;
};

#define UFFDIO_MOVE		_IOWR(UFFDIO, 0x05, struct uffdio_move)
#endif
#ifndef UFFDIO_POISON
struct uffdio_poison {
	struct uffdio_range range;
	__u64 mode;
	__s64 updated;
};

#define UFFDIO_POISON		_IOWR(UFFDIO, 0x08, struct uffdio_poison)
#endif

static int open_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api))
		return -1;
	return fd;
}

static int watch(int fd, unsigned long addr, unsigned long length, int mode)
{
	struct uffdio_register range = { .range = { addr, length }, .mode = mode };

	return result(ioctl(fd, UFFDIO_REGISTER, &range));
}

static int watch_missing(const struct target *t)
{
	int fd = open_uffd();

	return fd < 0 ? CANNOT_TEST : watch(fd, t->addr, t->length, UFFDIO_REGISTER_MODE_MISSING);
}

static int watch_minor(const struct target *t)
{
	int fd = open_uffd();

	return fd < 0 ? CANNOT_TEST : watch(fd, t->addr, t->length, UFFDIO_REGISTER_MODE_MINOR);
}

static int watch_and_let_go(const struct target *t)
{
	struct uffdio_range range = { t->addr + PAGE, PAGE };
	int fd = open_uffd();
	int err = watch(fd, t->addr, t->length, UFFDIO_REGISTER_MODE_MISSING);

	if (err == 0)
		err = result(ioctl(fd, UFFDIO_UNREGISTER, &range));
	close(fd);
	return err;
}

static int write_protect(const struct target *t)
{
	struct uffdio_writeprotect protect = {
		.range = { t->addr, t->length }, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int fd = open_uffd();
	int err;

	if (fd < 0)
		return CANNOT_TEST;
	err = watch(fd, t->addr, t->length, UFFDIO_REGISTER_MODE_WP);
	return worse(err, result(ioctl(fd, UFFDIO_WRITEPROTECT, &protect)));
}

/* Pages that are there are not replaced; there are no others but in reserve. */
static int fill_pages(const struct target *t)
{
	static char page[PAGE_MAX] __attribute__((aligned(PAGE_MAX)));
	struct uffdio_copy copy = { .dst = t->addr, .src = (unsigned long)page, .len = PAGE };
	struct uffdio_zeropage zero = { .range = { t->addr, PAGE } };
	struct uffdio_poison poison = { .range = { t->addr, PAGE } };
	int fd = open_uffd();
	int err;

	if (fd < 0)
		return CANNOT_TEST;
	page[0] = 1;
	watch(fd, t->addr, t->length, UFFDIO_REGISTER_MODE_MISSING);
	err = result(ioctl(fd, UFFDIO_COPY, &copy));
	err = worse(err, result(ioctl(fd, UFFDIO_ZEROPAGE, &zero)));
	return worse(err, result(ioctl(fd, UFFDIO_POISON, &poison)));
}

static int move_pages_in(const struct target *t)
{
	struct uffdio_move move = { .dst = t->addr, .src = OUTSIDE, .len = PAGE };
	int fd = open_uffd();

	if (fd < 0 || !own_memory(OUTSIDE, PAGE, 0))
		return CANNOT_TEST;
	fill(OUTSIDE, PAGE);
	watch(fd, t->addr, t->length, UFFDIO_REGISTER_MODE_MISSING);
	return result(ioctl(fd, UFFDIO_MOVE, &move));
}

/* The pages leave; the place stays: not promised. */
static int move_pages_out(const struct target *t)
{
	struct uffdio_move move = { .dst = OUTSIDE, .src = t->addr, .len = t->length };
	int fd = open_uffd();

	if (fd < 0 || !own_memory(OUTSIDE, t->length, 0))
		return CANNOT_TEST;
	if (watch(fd, OUTSIDE, t->length, UFFDIO_REGISTER_MODE_MISSING))
		return CANNOT_TEST;
	return result(ioctl(fd, UFFDIO_MOVE, &move));
}

const struct attack uffd_attacks[] = {
	{ "userfaultfd, missing pages", watch_missing, ALL(DENIED | HARMLESS) },
	{ "userfaultfd, minor faults", watch_minor, ALL(DENIED | HARMLESS) },
	{ "userfaultfd, registered and unregistered", watch_and_let_go, ALL(DENIED | HARMLESS) },
	{ "userfaultfd, write-protect", write_protect, ALL(DENIED | HARMLESS), true },
	{ "UFFDIO_COPY, ZEROPAGE, POISON", fill_pages, ALL(DENIED), true },
	{ "UFFDIO_MOVE into the region", move_pages_in, ALL(DENIED), true,
	  .since = KERNEL(6, 8) },
	{ "UFFDIO_MOVE out of the region", move_pages_out, { DENIED, DISCARD, DENIED }, true,
	  .since = KERNEL(6, 8) },
	{ }
};
