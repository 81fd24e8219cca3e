// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Any command, with anything for a struct. */
#define _GNU_SOURCE
#include "random_expect.h"

/* Where a struct lies. */
enum where { PLAIN, UNALIGNED, AT_GUARD, NULL_POINTER, IN_RESERVE, READ_ONLY, IN_REGION, WHERES };

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
static char *put(struct world *w, enum where kind, const void *payload, unsigned int length,
		 const struct call *c, bool *whole, bool *answer)
{
	const struct model *m = &w->model;
	char *at = plain_pages;

	*whole = true;
	*answer = true;
	switch (kind) {
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
	static char payload[65536];
	unsigned int nr = c->index % 7, size = size_of(nr), length;
	unsigned long request = _IO(GCCOLOR_IOC_TYPE, nr);
	enum where kind = c->variant & 1 ? PLAIN : (c->variant >> 1) % WHERES;
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
		size = page_size + (noise & 1);
		break;
	case 3:
		size = noise & 1 ? 0 : 0xffffffff;
		break;
	}
	arg.word[0] = size;
	length = size > page_size || size < size_of(nr) ? size_of(nr) : size;
	memset(payload, 0, length);
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
	at = put(w, kind, payload, length, c, &whole, &answer);
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
