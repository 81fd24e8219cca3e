// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The owner's calls. */
#define _GNU_SOURCE
#include "random_expect.h"

#define GIB	(1024 * MIB)

static long commit_here(struct world *w, struct gccolor_ioc_commit *a)
{
	struct expect e = { 0 };
	long ret;

	expect_commit(w, &e, a);
	ret = w->fd < 0 ? -EBADF : command(w->fd, GCCOLOR_IOC_COMMIT, a);
	say(w, "COMMIT(%llx, %llx, prot %u, flags %#x) = %ld", a->addr, a->length, a->prot,
	    a->flags, ret);
	if (w->fd < 0)
		return ret;
	judge(w, &e, "COMMIT", ret);
	if (!w->threaded)
		w->target = (struct range){ a->addr, a->length };
	if (ret == 0 && !w->threaded)
		model_set(&w->model, a->addr, a->addr + a->length, a->prot);
	return ret;
}

long do_commit(struct world *w, const struct call *c, struct range r)
{
	struct gccolor_ioc_commit a = commit_args(w, c, r);

	return commit_here(w, &a);
}

static long decommit_here(struct world *w, struct gccolor_ioc_decommit *a)
{
	struct expect e = { 0 };
	long ret;

	expect_decommit(w, &e, a);
	ret = w->fd < 0 ? -EBADF : command(w->fd, GCCOLOR_IOC_DECOMMIT, a);
	say(w, "DECOMMIT(%llx, %llx) = %ld", a->addr, a->length, ret);
	if (w->fd < 0)
		return ret;
	judge(w, &e, "DECOMMIT", ret);
	if (!w->threaded)
		w->target = (struct range){ a->addr, a->length };
	if (ret == 0 && !w->threaded) {
		/* A planted lie: as if a page more were gone. */
		if (w->plant == 1 && a->length == 3 * page_size &&
		    model_run(&w->model, a->addr + a->length))
			a->length += page_size;
		model_set(&w->model, a->addr, a->addr + a->length, 0);
	}
	return ret;
}

long do_decommit(struct world *w, const struct call *c, struct range r)
{
	struct gccolor_ioc_decommit a = { .size = sizeof(a), .addr = r.addr, .length = r.length };

	/* Often something that is there. */
	if (c->noise & 3 && w->model.nr_runs) {
		const struct run *run = &w->model.runs[c->index % w->model.nr_runs];

		if (a.addr < run->start || a.addr >= run->end)
			a.addr = run->start;
		if (a.length > run->end - a.addr && c->noise & 4)
			a.length = run->end - a.addr;
	}
	return decommit_here(w, &a);
}

long do_info(struct world *w, const struct call *c, struct range r)
{
	struct gccolor_ioc_info i;
	int err = w->fd < 0 ? 0 : info(w->fd, &i);

	if (err)
		found(w, "INFO fails: %s", strerrorname_np(-err));
	return 0;
}

long do_query(struct world *w, const struct call *c, struct range r)
{
	struct gccolor_ioc_query q;
	int err = w->fd < 0 ? 0 : query(w->fd, &q);

	if (err || (w->fd >= 0 && (q.page_size != page_size || q.level != w->level)))
		found(w, "QUERY: %d", err);
	return 0;
}

long do_lock(struct world *w, const struct call *c, struct range r)
{
	int err = w->fd < 0 ? -EBADF : lock_region(w->fd);

	say(w, "LOCK = %d", err);
	if (w->fd >= 0 && err)
		found(w, "LOCK fails: %s", strerrorname_np(-err));
	if (!w->threaded && !err)
		w->model.locked = true;
	return err;
}

/* A fresh file, by RESERVE or by mmap(2), somewhere where nothing is. */
void open_world(struct world *w, uint64_t noise)
{
	static const unsigned long starts[] = { BASE, 0x400000000000UL, 0x100000000000UL };
	struct model *m = &w->model;
	unsigned int shift = 18 + noise % 19, colors = 1U << (noise >> 8) % 7;
	struct gccolor_ioc_info i;
	struct gccolor_ioc_query q;
	int err;

	if (noise >> 16 & 1)	/* small ones are soon full of edges */
		shift = 18;
	memset(m, 0, sizeof(*m));
	m->shift = shift;
	m->length = (unsigned long)colors << shift;
	/* The longest ones are 4 TiB: seven of them end below the end of 47 bits. */
	m->base = starts[(noise >> 17) % 3] + (noise >> 20) % 7 * m->length;
	w->fd = open_device();
	err = w->fd < 0 ? w->fd : query(w->fd, &q);
	if (err)
		found(w, "opening the device: %s", strerrorname_np(-err));
	w->level = q.level;
	w->features = q.features;
	w->address_end = q.address_end;
	m->exec_colors = q.features & GCCOLOR_IOC_FEATURE_EXEC ?
			 (noise >> 24) * 0x9e3779b97f4a7c15UL : 0;
	if (colors < 64)
		m->exec_colors &= (1UL << colors) - 1;
	if (noise >> 60 == 0) {
		void *p;

		m->base = q.default_base;
		m->length = q.default_length >> (noise >> 20) % 8;
		m->shift = __builtin_ctzl(m->length) - 4;
		m->exec_colors = 0;
		p = mmap(NULL, m->length, PROT_NONE, MAP_PRIVATE, w->fd, 0);
		err = p == MAP_FAILED ? -errno : 0;
	} else {
		err = reserve(w->fd, m->base, m->length, m->shift, m->exec_colors);
	}
	if (err)
		found(w, "RESERVE of %lx + %lx: %s", m->base, m->length, strerrorname_np(-err));
	if (info(w->fd, &i) || i.level != q.level)
		found(w, "level %u at first, %u by QUERY", i.level, q.level);
	w->may_lose_region = false;
	say(w, "RESERVE(%lx, %lx, color_shift %u, exec_colors %lx)", m->base, m->length, m->shift,
	    m->exec_colors);
}

/* The region goes; another comes, with another file. */
long do_release(struct world *w, const struct call *c, struct range r)
{
	/* The aprons, and what grew out of them; hugetlb goes in whole pages only. */
	unsigned long from = (w->model.base - GIB) & -GIB;
	unsigned long to = (model_end(&w->model) + 2 * GIB) & -GIB;
	struct gccolor_ioc_info i;
	int err = w->fd < 0 ? -EBADF : release(w->fd);

	say(w, "RELEASE = %d", err);
	if (w->fd < 0)
		return err;
	if (err != (w->model.locked ? -EPERM : 0))
		found(w, "RELEASE returns %d", err);
	if (err)
		return err;
	check_absent(w);
	if (info(w->fd, &i) != -ENXIO || commit(w->fd, w->model.base + SLOT, page_size) != -ENXIO ||
	    reserve(w->fd, w->model.base, w->model.length, w->model.shift, 0) != -EBUSY)
		found(w, "a released region answers");
	close(w->fd);
	/* Foreign memory may be in the way of the next. */
	err = try_munmap(from, to - from);
	if (err)
		found(w, "munmap of a region that was released: %s", strerrorname_np(-err));
	lift_limits(w);
	settle(w);
	open_world(w, c->noise);
	return 0;
}

/* Another file of the device: it gets what is free, and nothing of this region. */
long do_reserve(struct world *w, const struct call *c, struct range r)
{
	struct gccolor_ioc_reserve a = {
		.size = sizeof(a),
		.flags = c->variant % 32 == 0,
		.length = 0x40000UL << (c->noise & 15),
		.color_shift = 16 + (c->noise & 15) + (c->noise >> 4 & 3),
		.level_min = c->variant % 32 == 1 ? 7 : 0,
		.exec_colors = c->noise >> 8 & 3,
	};
	unsigned long here = w->model.base + SLOT;
	int other = open_device(), err;
	struct expect e = { 0 };

	if (other < 0)
		return other;
	a.base = r.addr & -a.length;
	if (c->variant & 16)	/* Beside it. */
		a.base = (w->model.base & -a.length) + (c->variant & 32 ? -2 : 2) *
			 (w->model.length | a.length);
	if (c->variant % 16 == 2)
		a.base = r.addr;
	if (c->variant % 16 == 3)
		a.length = r.length;
	expect_reserve(w, &e, &a);
	err = command(other, GCCOLOR_IOC_RESERVE, &a);
	say(w, "another file: RESERVE(%llx, %llx, %u, %llx) = %d", a.base, a.length, a.color_shift,
	    a.exec_colors, err);
	judge(w, &e, "RESERVE", err);
	if (err == -EEXIST && !w->threaded &&
	    (a.busy_start >= a.base + a.length || a.busy_end <= a.base))
		found(w, "RESERVE: %llx-%llx is not in the way", a.busy_start, a.busy_end);
	if (err == 0 && (commit(other, here, page_size) == 0 || release(other)))
		found(w, "another file commits here, or cannot release");
	if (err && (commit(other, here, page_size) != -ENXIO || release(other) != -ENXIO))
		found(w, "a file without a region answers");
	close(other);
	return err;
}

long do_map_device(struct world *w, const struct call *c, struct range r)
{
	int other = c->variant & 1 || w->fd < 0 ? open_device() : w->fd;
	int flags = (c->variant & 2 ? MAP_FIXED : 0) | (c->variant & 4 ? MAP_SHARED : MAP_PRIVATE);
	int prot = c->variant & 8 ? (int)(c->noise & 7) : PROT_NONE;
	unsigned long length = c->variant & 16 ? r.length : 0x400000UL << (c->noise >> 3) % 19;
	unsigned long offset = c->variant & 32 ? page_down(r.addr - w->model.base) : 0;
	void *p;

	if (other < 0)
		return other;
	attacks(w, other == w->fd || overlaps(&w->model, r.addr, length));
	p = mmap((void *)r.addr, length, prot, flags, other, offset);
	say(w, "mmap(%lx, %lx, %d, %#x, %s, %lx) = %p", r.addr, length, prot, flags,
	    other == w->fd ? "the file" : "another file", offset, p);
	if (p != MAP_FAILED && (other == w->fd || overlaps(&w->model, (unsigned long)p, length)))
		found(w, "mmap of the device gives %p", p);
	if (p != MAP_FAILED && release(other))
		found(w, "what mmap of the device placed cannot be released");
	if (other != w->fd)
		close(other);
	return p == MAP_FAILED ? -EBUSY : 0;
}

/* The file under another number; once in a while it is gone for good. */
long do_close(struct world *w, const struct call *c, struct range r)
{
	int new;

	if (w->fd < 0)
		return -EBADF;
	new = c->variant < 8 ? -1 : fcntl(w->fd, F_DUPFD_CLOEXEC, 3 + c->variant);
	close(w->fd);
	w->fd = new;
	say(w, "the file is now %d", new);
	return 0;
}
