// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Attacks through those parts of the kernel that map or unmap by themselves. */
#define _GNU_SOURCE
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <sys/uio.h>

#include "attack.h"

#define NR_IO_URING_SETUP	425
#define NR_IO_URING_ENTER	426
#define NR_IO_URING_REGISTER	427
#define NR_MAP_SHADOW_STACK	453
#define ARCH_MAP_VDSO_64	0x2003

#ifndef IORING_OFF_PBUF_RING
#define IORING_OFF_PBUF_RING	0x80000000ULL
#define IOU_PBUF_RING_MMAP	1
#endif

struct ring {
	int fd;
	struct io_uring_params params;
	char *rings;
	struct io_uring_sqe *sqes;
};

static bool open_ring(struct ring *ring)
{
	memset(&ring->params, 0, sizeof(ring->params));
	ring->fd = syscall(NR_IO_URING_SETUP, 8, &ring->params);
	if (ring->fd < 0)
		return false;
	ring->rings = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			   ring->fd, IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			  ring->fd, IORING_OFF_SQES);
	return ring->rings != MAP_FAILED && ring->sqes != MAP_FAILED;
}

/* One request; its result. */
static int run_request(struct ring *ring, const struct io_uring_sqe *sqe)
{
	unsigned int *tail = (unsigned int *)(ring->rings + ring->params.sq_off.tail);
	unsigned int *array = (unsigned int *)(ring->rings + ring->params.sq_off.array);
	unsigned int *head = (unsigned int *)(ring->rings + ring->params.cq_off.head);
	unsigned int *mask = (unsigned int *)(ring->rings + ring->params.cq_off.ring_mask);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(ring->rings + ring->params.cq_off.cqes);
	int res;

	ring->sqes[0] = *sqe;
	array[*tail & *mask] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(NR_IO_URING_ENTER, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0UL) != 1)
		return -errno;
	res = cqes[*head & *mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return res;
}

static int ring_madvise(const struct target *t)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_MADVISE, .addr = t->addr, .len = t->length,
		.fadvise_advice = MADV_DONTNEED,
	};
	struct ring ring;

	return open_ring(&ring) ? run_request(&ring, &sqe) : CANNOT_TEST;
}

static int ring_mmap(const struct target *t)
{
	const unsigned long what[] = { IORING_OFF_SQ_RING, IORING_OFF_CQ_RING, IORING_OFF_SQES };
	struct ring ring;
	int err = -EINVAL;

	if (!open_ring(&ring))
		return CANNOT_TEST;
	for (size_t i = 0; i < ARRAY_SIZE(what); i++) {
		err = worse(err, map_result(mmap((void *)t->addr, PAGE, PROT_READ | PROT_WRITE,
						 MAP_SHARED | MAP_FIXED, ring.fd, what[i])));
	}
	return err;
}

static int ring_buffers_mmap(const struct target *t)
{
	struct {
		__u64 addr;
		__u32 entries;
		__u16 group, flags;
		__u64 reserved[3];
	} buffers = { 0, 8, 0, IOU_PBUF_RING_MMAP, { 0 } };
	struct ring ring;

	if (!open_ring(&ring) ||
	    syscall(NR_IO_URING_REGISTER, ring.fd, 22 /* PBUF_RING */, &buffers, 1))
		return CANNOT_TEST;
	return map_result(mmap((void *)t->addr, PAGE, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_FIXED, ring.fd, IORING_OFF_PBUF_RING));
}

/* Pinned memory is decommitted under the pin. */
static int ring_register_buffers(const struct target *t)
{
	struct iovec iov = { (void *)t->addr, t->length };
	struct ring ring;

	if (!open_ring(&ring))
		return CANNOT_TEST;
	return result(syscall(NR_IO_URING_REGISTER, ring.fd, IORING_REGISTER_BUFFERS, &iov, 1));
}

static int gift_pages(const struct target *t)
{
	struct iovec iov = { (void *)t->addr, t->length };
	int pipes[2];

	if (pipe(pipes))
		return CANNOT_TEST;
	return result(vmsplice(pipes[1], &iov, 1, SPLICE_F_GIFT));
}

/* A read(2) whose target is the piece: only memory can be written. */
static int read_into(const struct target *t)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int err = result(read(fd, (void *)t->addr, PAGE));

	close(fd);
	return err;
}

static int shadow_stack(const struct target *t)
{
	/* Anywhere: does this CPU have them? */
	if (syscall(NR_MAP_SHADOW_STACK, 0, PAGE, 0) == -1)
		return CANNOT_TEST;
	return result(syscall(NR_MAP_SHADOW_STACK, t->addr, t->length, 0));
}

#ifdef __x86_64__
static void unmap_named(const char *name)
{
	static struct maps_reader reader;
	unsigned long start = 0, end = 0;

	maps_open(&reader, "/proc/self/maps");
	while (maps_line(&reader)) {
		char *p;

		if (!strstr(reader.line, name))
			continue;
		start = strtoul(reader.line, &p, 16);
		end = strtoul(p + 1, NULL, 16);
	}
	close(reader.fd);
	munmap((void *)start, end - start);
}

/* The vDSO may be mapped anew, "at" an address, once it is gone: x86 only. */
static int map_vdso(const struct target *t)
{
	static struct maps_reader reader;
	unsigned long got = 0;
	long ret;

	unmap_named("[vdso]");
	unmap_named("[vvar");
	unmap_named("[vvar");
	ret = syscall(SYS_arch_prctl, ARCH_MAP_VDSO_64, t->addr);
	if (ret == -1)
		return errno == EINVAL || errno == EEXIST ? CANNOT_TEST : -errno;
	maps_open(&reader, "/proc/self/maps");
	while (maps_line(&reader)) {
		if (strstr(reader.line, "[vdso]"))
			got = strtoul(reader.line, NULL, 16);
	}
	close(reader.fd);
	return got >= BASE && got < END ? DID_UNPROMISED : 0;
}
#endif

/*
 * The kernel remembers where the ring of io_setup(2) is, and unmaps that place
 * in io_destroy(2), whatever is there by then.
 */
static aio_context_t aio_ring;

static void move_aio_ring(void)
{
	static struct maps_reader reader;
	unsigned long start = 0, length = 0;

	if (syscall(SYS_io_setup, 1, &aio_ring))
		return;
	maps_open(&reader, "/proc/self/maps");
	while (maps_line(&reader)) {
		char *p;

		if (!strstr(reader.line, "[aio]"))
			continue;
		start = strtoul(reader.line, &p, 16);
		length = strtoul(p + 1, NULL, 16) - start;
	}
	close(reader.fd);
	if (mremap((void *)start, length, length, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (void *)AT_COMMITTED) == MAP_FAILED || munmap((void *)AT_COMMITTED, length)) {
		aio_ring = 0;
		return;
	}
	aio_ring = AT_COMMITTED;
}

static int destroy_aio_ring(const struct target *t)
{
	unsigned int *number = (unsigned int *)AT_COMMITTED;
	unsigned int word = *number;
	int err;

	if (aio_ring != AT_COMMITTED)
		return CANNOT_TEST;
	/* The first word of the ring is its number in the process's table. */
	*number = 0;
	err = result(syscall(SYS_io_destroy, aio_ring));
	if (!readable(AT_COMMITTED))
		return 0;
	*number = word;
	return err;
}

const struct attack kernel_attacks[] = {
	{ "io_uring MADV_DONTNEED", ring_madvise, { DENIED, DISCARD, DISCARD_UNTIL_7 }, true,
	  .untold = true },
	{ "io_uring, rings mapped MAP_FIXED", ring_mmap, ALL(DENIED), true },
	{ "io_uring, provided buffers mapped MAP_FIXED", ring_buffers_mmap, ALL(DENIED), true,
	  .since = KERNEL(6, 4) },
	{ "io_uring IORING_REGISTER_BUFFERS", ring_register_buffers, ALL(DENIED | HARMLESS) },
	{ "vmsplice SPLICE_F_GIFT", gift_pages, ALL(DENIED | HARMLESS), true },
	{ "read(2) into it", read_into, { DENIED, DISCARD, DENIED }, true },
	{ "map_shadow_stack", shadow_stack, ALL(DENIED | UNTESTED) },
#ifdef __x86_64__
	{ "arch_prctl ARCH_MAP_VDSO_64", map_vdso, ALL(HARMLESS), true },
#endif
	{ "io_destroy of a ring that had the same place", destroy_aio_ring, { NEVER, HARMLESS },
	  true, .before = move_aio_ring },
	{ }
};
