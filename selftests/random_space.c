// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Calls that map, unmap, move and re-protect. None may reach the region. */
#define _GNU_SOURCE
#include <sys/shm.h>

#include "kernel.h"
#include "random.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP	4
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE		0x08
#endif
#define ANY_PROT(c)	((c)->noise >> 8 & (PROT_READ | PROT_WRITE | PROT_EXEC))

static long map_result(void *p)
{
	return p == MAP_FAILED ? -errno : (long)p;
}

/*
 * What the kernel would do to such a range beside the region would be done to
 * this process: only the aprons may lie beside the region. A range that
 * touches the region must be refused as a whole.
 */
static bool harmless(const struct world *w, struct range r)
{
	unsigned long apron = APRON_PAGES * page_size;

	return overlaps(&w->model, r.addr, r.length) ||
	       (r.addr >= w->model.base - apron && r.length <= apron &&
		r.addr + r.length <= model_end(&w->model) + apron);
}

/* As the kernel sees it: whole pages. An unaligned address is refused. */
static bool hits(const struct world *w, struct range r)
{
	return overlaps(&w->model, r.addr, r.length);
}

/* What was mapped where the kernel chose to, and shall not stay. */
static void drop(struct world *w, long addr, unsigned long length)
{
	if (addr < 0)
		return;
	if (overlaps(&w->model, addr, length))
		found(w, "the kernel chose %lx, in the region", addr);
	munmap((void *)addr, length);
}

static int open_backing(unsigned int variant, int *flags)
{
	switch (variant) {
	case 0:
		*flags |= MAP_PRIVATE;
		return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	case 1: {
		int fd = syscall(SYS_memfd_create, "random", 1);

		*flags |= MAP_SHARED;
		return fd >= 0 && ftruncate(fd, 64 * page_size) ? -1 : fd;
	}
	case 2:
		*flags |= MAP_PRIVATE;
		return open("/dev/zero", O_RDWR | O_CLOEXEC);
	case 3:
		*flags |= MAP_SHARED | MAP_ANONYMOUS;
		return -1;
	case 4:
		*flags |= MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
		return -1;
	case 5:
		*flags |= MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN;
		return -1;
	case 6:
		*flags |= MAP_DROPPABLE | MAP_ANONYMOUS;
		return -1;
	case 7:
		*flags |= MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE;
		return -1;
	default:
		*flags |= MAP_PRIVATE | MAP_ANONYMOUS;
		return -1;
	}
}

long do_map_fixed(struct world *w, const struct call *c, struct range r)
{
	int flags = c->variant & 0x80 ? MAP_FIXED_NOREPLACE : MAP_FIXED;
	int fd;
	long ret;

	if (!harmless(w, r))
		return -EINVAL;
	fd = open_backing(c->variant & 15, &flags);
	if (c->variant & 0x10)
		flags |= MAP_NORESERVE;
	if (c->variant & 0x20)
		flags |= MAP_POPULATE;
	if (c->variant & 0x40)
		flags |= MAP_LOCKED;
	attacks(w, hits(w, r));
	ret = map_result(mmap((void *)r.addr, r.length, ANY_PROT(c), flags, fd, 0));
	if (fd >= 0)
		close(fd);
	say(w, "mmap(%lx, %lx, %lx, %#x) = %ld", r.addr, r.length, ANY_PROT(c), flags, ret);
	return must_fail(w, hits(w, r), "mmap MAP_FIXED", ret);
}

long do_map_hint(struct world *w, const struct call *c, struct range r)
{
	int flags = 0, fd;
	long ret;

	if (r.length > 64 * MIB)
		r.length = 64 * MIB;
	fd = open_backing(c->variant & 15, &flags);
	ret = map_result(mmap((void *)r.addr, r.length, ANY_PROT(c), flags | MAP_NORESERVE, fd, 0));
	if (fd >= 0)
		close(fd);
	say(w, "mmap(hint %lx, %lx, %lx, %#x) = %lx", r.addr, r.length, ANY_PROT(c), flags, ret);
	drop(w, ret, r.length);
	return ret;
}

long do_munmap(struct world *w, const struct call *c, struct range r)
{
	long ret;

	if (!harmless(w, r))
		return -EINVAL;
	attacks(w, hits(w, r));
	ret = try_munmap(r.addr, r.length);
	say(w, "munmap(%lx, %lx) = %ld", r.addr, r.length, ret);
	return must_fail(w, hits(w, r), "munmap", ret);
}

/* Goes on until it is refused: must not begin in what is this process's own. */
long do_mprotect(struct world *w, const struct call *c, struct range r)
{
	int prot = ANY_PROT(c);
	long ret;

	r = r.addr < w->model.base ? near(w, r) : r;
	if (!harmless(w, r))
		return -EINVAL;
	if (c->variant % 16 == 0)
		prot |= c->variant & 16 ? PROT_GROWSDOWN : PROT_GROWSUP;
	if (c->variant % 3)
		ret = try_mprotect(r.addr, r.length, prot);
	else
		ret = syscall(SYS_pkey_mprotect, r.addr, r.length, prot, -1L) ? -errno : 0;
	say(w, "mprotect(%lx, %lx, %#x) = %ld", r.addr, r.length, prot, ret);
	return must_fail(w, hits(w, r), "mprotect", ret);
}

static long remap(unsigned long addr, unsigned long old, unsigned long new, int flags,
		  unsigned long to)
{
	return map_result(mremap((void *)addr, old, new, flags, (void *)to));
}

/* As many pages as it was, and where it was: mremap() does not even look. */
static long moved(struct world *w, struct range r, unsigned long old, unsigned long new,
		  bool attack, long ret)
{
	if (ret >= 0 && (unsigned long)ret == r.addr)
		return must_fail(w, attack && page_up(old) != page_up(new), "mremap", ret);
	must_fail(w, attack, "mremap", ret);
	drop(w, ret, new);
	return ret;
}

long do_move_out(struct world *w, const struct call *c, struct range r)
{
	int flags = MREMAP_MAYMOVE | (c->variant & 1 ? MREMAP_FIXED : 0) |
		    (c->variant & 2 ? MREMAP_DONTUNMAP : 0);
	unsigned long old = c->variant & 4 && c->variant & 8 ? 0 : r.length;
	bool attack = overlaps(&w->model, r.addr, old ? old : page_size);
	long ret;

	if (!harmless(w, r))
		return -EINVAL;
	attacks(w, attack);
	ret = remap(r.addr, old, r.length, flags, SCRATCH);
	say(w, "mremap(%lx, %lx, %lx, %#x, %lx) = %ld", r.addr, old, r.length, flags, SCRATCH, ret);
	return moved(w, r, old, r.length, attack, ret);
}

/* Memory of our own, moved, grown or shrunk into the region. */
long do_move_in(struct world *w, const struct call *c, struct range r)
{
	static const unsigned long sizes[] = { 1, 2, 4, 8 };
	unsigned long old = sizes[c->variant >> 4 & 3] * page_size;
	int flags = MREMAP_MAYMOVE | (c->variant & 1 ? 0 : MREMAP_FIXED) |
		    (c->variant & 2 ? MREMAP_DONTUNMAP : 0);
	int type = c->variant & 4 ? MAP_SHARED : MAP_PRIVATE;
	unsigned long own;
	bool attack;
	long ret;

	if (flags & MREMAP_DONTUNMAP)
		r.length = old;
	attack = flags & MREMAP_FIXED && hits(w, r);
	if (!harmless(w, r))
		return -EINVAL;
	own = (unsigned long)mmap(NULL, old, PROT_READ | PROT_WRITE, type | MAP_ANONYMOUS, -1, 0);
	if (own == (unsigned long)MAP_FAILED)
		return -errno;
	attacks(w, attack);
	ret = remap(own, c->variant & 8 && type == MAP_SHARED ? 0 : old, r.length, flags, r.addr);
	say(w, "mremap(own, %lx, %lx, %#x, %lx) = %ld", old, r.length, flags, r.addr, ret);
	must_fail(w, attack, "mremap in", ret);
	if (ret >= 0 && !(flags & MREMAP_FIXED) && (unsigned long)ret != own)
		drop(w, ret, r.length);
	if (ret < 0 || flags & MREMAP_DONTUNMAP || (unsigned long)ret == own)
		munmap((void *)own, ret >= 0 && (unsigned long)ret == own && r.length > old ?
		       r.length : old);
	return ret;
}

/* In place: grow, shrink, or move where the kernel likes. */
long do_resize(struct world *w, const struct call *c, struct range r)
{
	static const unsigned long sizes[] = { 1, 2, 5, 64 };
	unsigned long new = c->variant & 4 ? sizes[c->variant & 3] * page_size :
			    r.length + (c->variant & 3) * page_size;
	int flags = c->variant & 8 ? MREMAP_MAYMOVE : 0;
	bool attack = hits(w, r);
	long ret;

	if (!harmless(w, r))
		return -EINVAL;
	/* Before 6.12 shrinking looks at nothing but the tail, and unmaps that. */
	if (new < r.length && kernel_before(KERNEL(6, 12))) {
		struct range tail = { r.addr + new, r.length - new };

		if (!harmless(w, tail))
			return -EINVAL;
		attack = hits(w, tail);
	}
	attacks(w, attack);
	ret = remap(r.addr, r.length, new, flags, 0);
	say(w, "mremap(%lx, %lx, %lx, %#x) = %ld", r.addr, r.length, new, flags, ret);
	return moved(w, r, r.length, new, attack, ret);
}

long do_file_pages(struct world *w, const struct call *c, struct range r)
{
	unsigned long offset = c->variant & 1 ? (r.addr - w->model.base) / page_size : 0;
	long ret;

	if (!harmless(w, r))
		return -EINVAL;
	ret = syscall(SYS_remap_file_pages, r.addr, r.length, 0, offset, 0) ? -errno : 0;
	say(w, "remap_file_pages(%lx, %lx, %lx) = %ld", r.addr, r.length, offset, ret);
	/* It looks at whole pages only, both rounded down. */
	r.addr = page_down(r.addr);
	r.length = page_down(r.length);
	return must_fail(w, hits(w, r), "remap_file_pages", ret);
}

long do_shmat(struct world *w, const struct call *c, struct range r)
{
	int flags = (c->variant & 1 ? SHM_REMAP : 0) | (c->variant & 2 ? SHM_RDONLY : 0) |
		    (c->variant & 4 ? SHM_RND : 0);
	bool attack;
	long ret;
	int id;

	if (c->variant >> 4 == 0) {
		ret = shmdt((void *)r.addr) ? -errno : 0;
		say(w, "shmdt(%lx) = %ld", r.addr, ret);
		return must_fail(w, hits(w, (struct range){ r.addr, 1 }), "shmdt", ret);
	}
	if (r.length > 64 * page_size)
		r.length = 64 * page_size;
	if (flags & SHM_RND)
		r.addr = page_down(r.addr);
	attack = hits(w, r);
	if (!harmless(w, r))
		return -EINVAL;
	id = shmget(IPC_PRIVATE, r.length, IPC_CREAT | 0600);
	if (id < 0)
		return -errno;
	attacks(w, attack);
	ret = (long)shmat(id, (void *)r.addr, flags);
	ret = ret == -1 ? -errno : ret;
	shmctl(id, IPC_RMID, NULL);
	say(w, "shmat(%lx, %#x) of %lx bytes = %ld", r.addr, flags, r.length, ret);
	return must_fail(w, attack, "shmat", ret);
}

/* Far too much, up to the region and beyond; a page more, and back. */
long do_brk(struct world *w, const struct call *c, struct range r)
{
	unsigned long now = syscall(SYS_brk, 0), wanted, got;

	wanted = c->variant & 1 ? r.addr : now + (1 + c->variant % 8) * page_size;
	/* Below are its own variables. */
	if (wanted < now)
		return -EINVAL;
	got = syscall(SYS_brk, wanted);
	say(w, "brk(%lx) = %lx", wanted, got);
	if (got > w->model.base && now <= w->model.base)
		found(w, "the break is at %lx", got);
	syscall(SYS_brk, now);
	return got == wanted ? 0 : -ENOMEM;
}

/* A stack above the region that is made to grow down into it. */
long do_stack(struct world *w, const struct call *c, struct range r)
{
	unsigned long top = model_end(&w->model) + (1 + c->index % (APRON_PAGES - 1)) * page_size;
	unsigned long value;
	void *p;

	p = mmap((void *)top, page_size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	say(w, "a stack at %lx: %ld", top, map_result(p));
	if (p == MAP_FAILED)
		return -errno;
	for (unsigned long a = top; a >= model_end(&w->model); a -= page_size) {
		if (peek(a, &value))
			break;
	}
	if (peek(model_end(&w->model) - page_size, &value) != SIGSEGV)
		found(w, "a stack grew into the region");
	return 0;
}
