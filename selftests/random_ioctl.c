// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The owner's calls. Every error that the header gives for what is wrong with a
 * call is collected first: then the call must fail with one of them, and if
 * nothing is wrong it must succeed.
 */
#define _GNU_SOURCE
#include "random.h"

struct expect {
	bool fails;
	unsigned int count;
	int errors[24];
};

/* Where a struct lies. */
enum where { PLAIN, UNALIGNED, AT_GUARD, NULL_POINTER, IN_RESERVE, READ_ONLY, IN_REGION, WHERES };

static void may(struct expect *e, bool when, int error)
{
	if (when)
		e->errors[e->count++] = -error;
}

static void must(struct expect *e, bool when, int error)
{
	may(e, when, error);
	e->fails |= when;
}

/* Threads may be in each other's way: any error that the header names will do. */
static long judge(struct world *w, const struct expect *e, const char *what, long ret)
{
	if (ret == 0 && (!e->fails || w->threaded))
		return ret;
	if (ret == 0)
		found(w, "%s succeeds, should fail with %s", what, strerrorname_np(-e->errors[0]));
	for (unsigned int i = 0; i < e->count; i++) {
		if (ret == e->errors[i])
			return ret;
	}
	if (w->threaded && (ret == -EBUSY || ret == -EEXIST || ret == -ENOENT || ret == -ENOMEM ||
			    ret == -EPERM || ret == -EAGAIN))
		return ret;
	found(w, "%s fails with %s%s", what, strerrorname_np(-ret),
	      e->fails ? ", which is not what is wrong with it" : "");
}

/* What limits of the process may do to a call. */
static void limits(const struct world *w, struct expect *e)
{
	may(e, w->limited, ENOMEM);
	may(e, w->limited || w->locks_future, EAGAIN);
}

static void bounds(const struct world *w, struct expect *e, uint64_t addr, uint64_t length)
{
	const struct model *m = &w->model;

	must(e, !length || addr % page_size || length % page_size, EINVAL);
	must(e, addr + length < addr, EOVERFLOW);
	must(e, addr < m->base + SLOT || addr + length > model_end(m) - SLOT, ERANGE);
	may(e, addr + length < addr, ERANGE);
}

static void expect_commit(const struct world *w, struct expect *e,
			  const struct gccolor_ioc_commit *a)
{
	const struct model *m = &w->model;
	uint64_t end = a->addr + a->length;
	bool inside = a->length && end > a->addr && a->addr >= m->base && end <= model_end(m);
	unsigned int color = (a->addr - m->base) >> m->shift;

	must(e, a->flags & ~7U || a->__reserved || a->prot & ~7U || !(a->prot & PROT_R), EINVAL);
	bounds(w, e, a->addr, a->length);
	if (inside) {
		must(e, (end - 1 - m->base) >> m->shift != color, EXDEV);
		must(e, model_committed(m, a->addr, end), EEXIST);
		must(e, a->prot & PROT_EXEC && !(m->exec_colors >> color & 1), EACCES);
	}
	must(e, a->prot & PROT_EXEC && a->prot & PROT_WRITE, EACCES);
	must(e, a->flags & GCCOLOR_IOC_COMMIT_HUGEPAGE &&
	     !(w->features & GCCOLOR_IOC_FEATURE_HUGEPAGE), EOPNOTSUPP);
	may(e, w->denies_exec && w->implies_exec, EACCES);
	/* The kernel's guess at what is too much for this machine. */
	may(e, a->prot & PROT_WRITE && !(a->flags & GCCOLOR_IOC_COMMIT_NORESERVE) &&
	    a->length > 256 * MIB, ENOMEM);
	limits(w, e);
}

static void expect_decommit(const struct world *w, struct expect *e,
			    const struct gccolor_ioc_decommit *a)
{
	const struct model *m = &w->model;
	uint64_t end = a->addr + a->length;

	must(e, a->flags, EINVAL);
	bounds(w, e, a->addr, a->length);
	must(e, end > a->addr && model_committed(m, a->addr, end) != a->length, ENOENT);
	must(e, m->locked, EPERM);
	limits(w, e);
}

/* On a file without a region. */
static void expect_reserve(const struct world *w, struct expect *e,
			   const struct gccolor_ioc_reserve *a)
{
	bool shift_fits = a->color_shift < 64;
	uint64_t colors = shift_fits ? a->length >> a->color_shift : 0;

	must(e, a->flags || !a->length || a->length & (a->length - 1) ||
	     a->base & (a->length - 1) || colors < 1 || colors > 64 ||
	     (shift_fits && 1UL << a->color_shift < 0x40000), EINVAL);
	must(e, colors < 64 && a->exec_colors >> (colors & 63), EINVAL);
	must(e, !a->base || a->base + a->length < a->base ||
	     a->base + a->length > w->address_end, ERANGE);
	may(e, a->length > w->address_end / 4 || a->base < 0x100000, ERANGE);
	must(e, a->level_min > w->level, EOPNOTSUPP);
	must(e, a->exec_colors && !(w->features & GCCOLOR_IOC_FEATURE_EXEC), EOPNOTSUPP);
	must(e, overlaps(&w->model, a->base, a->length), EEXIST);
	may(e, true, EEXIST);
	limits(w, e);
}

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

static struct gccolor_ioc_commit commit_args(const struct world *w, const struct call *c,
					     struct range r)
{
	static const uint8_t prots[] = {
		PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_RW, PROT_R,
		PROT_R, PROT_RX, PROT_RX, PROT_EXEC | PROT_RW, PROT_WRITE, 0, PROT_RW, PROT_RW,
	};
	struct gccolor_ioc_commit a = {
		.size = sizeof(a),
		.flags = c->variant >> 4 & 7,
		.addr = r.addr,
		.length = r.length,
		.prot = prots[c->variant & 15],
	};

	/* Most hit a whole slot or color where they meant what is inside. */
	if (c->noise & 3 && a.addr < w->model.base + SLOT && a.addr >= w->model.base)
		a.addr += SLOT;
	if (a.length > POPULATE_MAX)
		a.flags = (a.flags & ~GCCOLOR_IOC_COMMIT_POPULATE) | GCCOLOR_IOC_COMMIT_NORESERVE;
	return a;
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
	m->base = starts[(noise >> 17) % 3] + (noise >> 20) % 8 * m->length;
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
	unsigned long apron = APRON_PAGES * page_size;
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
	munmap((void *)(w->model.base - 8 * apron), w->model.length + 16 * apron);
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

static unsigned int size_of(unsigned int nr)
{
	static const unsigned int sizes[] = {
		sizeof(struct gccolor_ioc_query), sizeof(struct gccolor_ioc_reserve),
		sizeof(struct gccolor_ioc_commit), sizeof(struct gccolor_ioc_decommit),
		sizeof(struct gccolor_ioc_release), sizeof(struct gccolor_ioc_info),
		sizeof(struct gccolor_ioc_lock),
	};

	return nr < ARRAY_SIZE(sizes) ? sizes[nr] : 8;
}

/* Two pages to write in and one that is not there; a page to be read only. */
static char *plain_pages, *read_only_page, *read_only_alias;

void prepare_commands(void)
{
	int fd = syscall(SYS_memfd_create, "read only", 1);

	plain_pages = mmap(NULL, 3 * page_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ftruncate(fd, page_size) || mprotect(plain_pages + 2 * page_size, page_size, PROT_NONE))
		_exit(4);
	read_only_alias = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	read_only_page = mmap(NULL, page_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
}

/*
 * The struct, or what is said to be one, in a place of the wanted kind. *whole:
 * it can be read; *answer: and written.
 */
static char *put(struct world *w, enum where where, const void *payload, unsigned int length,
		 const struct call *c, bool *whole, bool *answer)
{
	const struct model *m = &w->model;
	char *at = plain_pages;

	*whole = true;
	*answer = true;
	switch (where) {
	case UNALIGNED:
		at += 1 + c->noise % 7;
		break;
	case AT_GUARD:
		at += 2 * page_size - length + 1 + c->noise % (length - 1);
		*whole = false;
		memcpy(at, payload, plain_pages + 2 * page_size - at);
		return at;
	case NULL_POINTER:
		*whole = false;
		return c->noise & 1 ? NULL : (char *)-page_size;
	case IN_RESERVE:
		*whole = false;
		return (char *)(c->noise & 1 ? m->base : model_end(m) - SLOT);
	case READ_ONLY:
		*answer = false;
		memcpy(read_only_alias, payload, length);
		return read_only_page;
	case IN_REGION:
		for (unsigned int i = 0; i < m->nr_runs && w->uffd < 0; i++) {
			if (!(m->runs[i].prot & PROT_WRITE) || length > page_size ||
			    m->nr_pages > PAGES_MAX - 8)
				continue;
			at = (char *)m->runs[i].start;
			model_write(&w->model, m->runs[i].start, 0, ANYTHING);
			break;
		}
		break;
	default:
		break;
	}
	memcpy(at, payload, length);
	return at;
}

/*
 * Any command, with a struct that may be too short or too long, lie anywhere,
 * and hold anything.
 */
long do_command(struct world *w, const struct call *c, struct range r)
{
	static char payload[2 * 4096];
	unsigned int nr = c->index % 7, size = size_of(nr), length;
	unsigned long request = _IO(GCCOLOR_IOC_TYPE, nr);
	enum where where = c->variant & 1 ? PLAIN : (c->variant >> 1) % WHERES;
	bool changes = nr != 0 && nr != 5, answers = nr == 0 || nr == 1 || nr == 5;
	bool whole, answer, odd = c->noise >> 32 & 1;
	uint64_t noise = c->noise;
	struct expect e = { 0 };
	union {
		uint32_t word[22];
		struct gccolor_ioc_commit commit;
		struct gccolor_ioc_decommit decommit;
		struct gccolor_ioc_release release;
	} arg = { 0 };
	char *at;
	long ret;

	if (w->fd < 0)
		return -EBADF;
	if (nr == 2)
		arg.commit = commit_args(w, c, r);
	if (nr == 3)
		arg.decommit = (struct gccolor_ioc_decommit){ .addr = r.addr, .length = r.length };
	/* One or two words of it are anything. */
	for (unsigned int i = 0; odd && i <= (c->noise >> 33 & 1); i++)
		arg.word[1 + next_random(&noise) % (size / 4 - 1)] =
			next_random(&noise) >> (next_random(&noise) & 31) >> 32;
	if (nr == 2 && arg.commit.length > POPULATE_MAX)
		arg.commit.flags &= ~GCCOLOR_IOC_COMMIT_POPULATE;
	switch (c->noise >> 40 & 15) {
	case 0:
		size -= 1 + noise % 8;
		break;
	case 1:
		size += 8 * (1 + noise % 16);
		break;
	case 2:
		size = 4096 + (noise & 1);
		break;
	case 3:
		size = noise & 1 ? 0 : 0xffffffff;
		break;
	}
	arg.word[0] = size;
	length = size > 4096 || size < size_of(nr) ? size_of(nr) : size;
	memset(payload, 0, sizeof(payload));
	memcpy(payload, &arg, size_of(nr));
	if (length > size_of(nr) && noise & 2) {
		payload[length - 1] = 1;
		must(&e, true, E2BIG);
	}
	if ((c->noise >> 44) % 16 == 0) {
		request += 7 + (noise & 0xffff);
		must(&e, true, ENOTTY);
	}
	/* LOCK and RELEASE have their own ops: here they are to fail. */
	if (nr == 4 || nr == 6) {
		arg.release.flags |= 1;
		memcpy(payload, &arg, size_of(nr));
		must(&e, true, EINVAL);
	}
	at = put(w, where, payload, length, c, &whole, &answer);
	must(&e, !whole || (answers && !answer), EFAULT);
	must(&e, size < size_of(nr), EINVAL);
	must(&e, size > page_size, E2BIG);
	must(&e, nr == 1, EBUSY);
	if (nr == 1) {
		may(&e, true, EINVAL);
		may(&e, true, ERANGE);
		may(&e, true, EOPNOTSUPP);
	} else if (nr == 2) {
		expect_commit(w, &e, &arg.commit);
	} else if (nr == 3) {
		expect_decommit(w, &e, &arg.decommit);
	} else {
		must(&e, arg.release.flags, EINVAL);
	}
	if (c->variant % 32 == 31) {
		int other = open(DEVICE, O_RDONLY | O_CLOEXEC);

		ret = command(other, request, at);
		close(other);
		must(&e, changes, EBADF);
		must(&e, nr == 5, ENXIO);
		say(w, "a read-only file: command %u, size %u, at %p = %ld", nr, size, at, ret);
		return judge(w, &e, "a command on a read-only file", ret);
	}
	ret = command(w->fd, request, at);
	say(w, "command %lx, size %u, at %p: %x %x %x %x %x %x %x = %ld", request, size, at,
	    arg.word[1], arg.word[2], arg.word[3], arg.word[4], arg.word[5], arg.word[6],
	    arg.word[7], ret);
	judge(w, &e, "a command", ret);
	if (ret == 0 && nr == 2)
		model_set(&w->model, arg.commit.addr, arg.commit.addr + arg.commit.length,
			  arg.commit.prot);
	if (ret == 0 && nr == 3)
		model_set(&w->model, arg.decommit.addr, arg.decommit.addr + arg.decommit.length, 0);
	return ret;
}
