// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The judge of gccolor compare: prepares a region in a fresh child, lets one
 * attack loose on it, and looks at what is left. It takes no kernel's word for
 * a success or a refusal: mappings are read from /proc/self/maps, contents are
 * compared, and the owner has to go on working.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "compare.h"

#define BLOCKS		3
#define BLOCK_PAGES	16
#define SEED		0x6763636f6c6f72ULL
#define EDGES_MAX	64
#define ATTACK_SECONDS	20

/* A run of equal mappings inside the region. */
struct edge {
	uintptr_t start, end;
	char perms[5];
	char what[40];		/* offset is left out: it changes with a harmless split */
};

struct scene {
	struct gccolor *gc;
	struct gccolor_geometry g;
	char *block[BLOCKS];
	size_t block_length;
	struct target target;
	struct edge before[EDGES_MAX], after[EDGES_MAX];
	int before_count;
	struct row row;		/* open_region() writes its error here */
};

/* Shared with the parent: how far the child came. */
enum stage { STARTED, IN_CALL, JUDGING, JUDGED, OWNER_OK };

struct trial {
	const struct plan *plan;
	const struct attack *attack;	/* NULL: all of them, one after another */
	unsigned int on;
	volatile enum stage stage;
	volatile enum verdict verdict;
};

static uint64_t *words(const struct scene *s, int block, int page)
{
	return (uint64_t *)(void *)(s->block[block] + (size_t)page * s->g.page_size);
}

static uint64_t pattern(int block, int page)
{
	return SEED * (uint64_t)(block * BLOCK_PAGES + page + 1);
}

static bool contents_intact(const struct scene *s)
{
	int b, p;

	for (b = 0; b < BLOCKS; b++)
		for (p = 0; p < BLOCK_PAGES; p++) {
			volatile uint64_t *w = words(s, b, p);

			if (*w != pattern(b, p))
				return false;
			*w = pattern(b, p);	/* still writable */
		}
	return true;
}

/* The mappings that intersect the region, neighbours that look alike joined. */
static int read_edges(const struct gccolor_geometry *g, struct edge *edges)
{
	FILE *f = fopen("/proc/self/maps", "re");
	uintptr_t end = g->base + g->length;
	char line[512];
	int n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		struct edge e = { 0 };
		unsigned long start, stop, inode;
		char dev[16];

		if (sscanf(line, "%lx-%lx %4s %*x %15s %lu", &start, &stop, e.perms, dev,
			   &inode) != 5 || stop <= g->base || start >= end)
			continue;
		e.start = start < g->base ? g->base : start;
		e.end = stop > end ? end : stop;
		snprintf(e.what, sizeof(e.what), "%s %lu", dev, inode);
		if (n && edges[n - 1].end == e.start &&
		    !strcmp(edges[n - 1].perms, e.perms) &&
		    !strcmp(edges[n - 1].what, e.what)) {
			edges[n - 1].end = e.end;
		} else if (n < EDGES_MAX) {
			edges[n++] = e;
		}
	}
	fclose(f);
	return n;
}

/* The whole mapping that holds addr; nothing if none does. */
static void find_mapping(struct target *t)
{
	FILE *f = fopen("/proc/self/maps", "re");
	unsigned long start, stop;
	char line[512];

	t->vma = t->page;
	t->vma_length = 16 * t->page_size;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx", &start, &stop) != 2 ||
		    (uintptr_t)t->page < start || (uintptr_t)t->page >= stop)
			continue;
		t->vma = (char *)start;
		t->vma_length = stop - start;
	}
	if (f)
		fclose(f);
}

static bool owned(const struct scene *s, const struct edge *edges, int n)
{
	uintptr_t page = (uintptr_t)s->target.page;
	int i;

	if (s->target.committed)
		return true;		/* its contents have been seen */
	for (i = 0; i < n; i++)
		if (page >= edges[i].start && page < edges[i].end)
			return true;
	return false;
}

static bool prepare(struct scene *s, const struct trial *t)
{
	struct gccolor_request req = { .size = sizeof(req) };
	void *p;
	int b, page;

	memset(s, 0, sizeof(*s));
	s->gc = open_region(t->plan, &s->row);
	if (!s->gc)
		return false;
	s->g = gccolor_geometry(s->gc);
	s->block_length = BLOCK_PAGES * s->g.page_size;
	req.length = s->block_length;
	for (b = 0; b < BLOCKS; b++) {
		if (gccolor_alloc(s->gc, &req, &p))
			return false;
		s->block[b] = p;
		for (page = 0; page < BLOCK_PAGES; page++)
			*words(s, b, page) = pattern(b, page);
	}
	s->target.base = s->g.base;
	s->target.length = s->g.length;
	s->target.page_size = s->g.page_size;
	s->target.committed = t->on == ON_COMMITTED;
	if (s->target.committed) {
		s->target.page = s->block[0] + 4 * s->g.page_size;
		s->target.expected = pattern(0, 4);
	} else {
		s->target.page = (char *)gccolor_color_start(s->g, 1) + (1 << 20);
	}
	find_mapping(&s->target);
	return true;
}

/* Allocate, write, decommit, commit, free: in the attacked process. */
static bool owner_works(const struct scene *s)
{
	struct gccolor_request req = { .size = sizeof(req), .length = s->block_length };
	size_t page = s->g.page_size;
	char *p;
	void *fresh;
	int err;

	if (!contents_intact(s))
		return false;
	if (gccolor_alloc(s->gc, &req, &fresh))
		return false;
	p = fresh;
	if (gccolor_color_of(s->g, p) != 0 || p[0] || p[s->block_length - 1])
		return false;
	memset(p, 0x5a, s->block_length);
	/* No traps on this backend: then dropping the contents has to do. */
	err = gccolor_decommit(s->gc, p, page, GCCOLOR_TRAP);
	if (err == -EOPNOTSUPP)
		err = gccolor_decommit(s->gc, p, page, GCCOLOR_EAGER);
	else if (!err)
		err = gccolor_commit(s->gc, p, page, GCCOLOR_READ | GCCOLOR_WRITE, 0);
	if (err || p[0] || p[page] != 0x5a)
		return false;
	p[0] = 1;
	if (gccolor_free(s->gc, p, s->block_length))
		return false;
	/* What was attacked can be given back, and be had again. */
	err = gccolor_decommit(s->gc, s->block[0], s->block_length, GCCOLOR_TRAP);
	if (err && err != -EOPNOTSUPP)
		return false;
	if (gccolor_free(s->gc, s->block[0], s->block_length))
		return false;
	if (gccolor_alloc(s->gc, &req, &fresh))
		return false;
	p = fresh;
	if (gccolor_color_of(s->g, p) != 0 || p[0] || p[4 * page])
		return false;
	memset(p, 0x5a, s->block_length);
	return true;
}

static enum verdict judge(struct scene *s, int ret)
{
	int n = read_edges(&s->g, s->after), i;

	if (!contents_intact(s))
		return SUCCEEDED;
	if (!owned(s, s->after, n))
		return UNOWNED;
	if (n != s->before_count || !ret)
		return SUCCEEDED;
	for (i = 0; i < n; i++)
		if (s->before[i].start != s->after[i].start ||
		    s->before[i].end != s->after[i].end ||
		    strcmp(s->before[i].perms, s->after[i].perms) ||
		    strcmp(s->before[i].what, s->after[i].what))
			return SUCCEEDED;
	return ret == 1 ? HARMLESS : REFUSED;
}

/* In the child: one attack, or all of them and then the owner alone. */
static void try_attack(void *arg)
{
	static struct scene s;
	struct trial *t = arg;
	unsigned int i;
	int ret;

	if (!prepare(&s, t))
		return;
	if (!t->attack) {
		for (i = 0; i < attacks_count; i++)
			if (attacks[i].promised && attacks[i].on & t->on)
				attacks[i].run(&s.target);
		t->stage = JUDGED;
	} else {
		s.before_count = read_edges(&s.g, s.before);
		t->stage = IN_CALL;
		ret = t->attack->run(&s.target);
		t->stage = JUDGING;
		if (ret == ATTACK_SKIP) {
			t->verdict = NOT_RUN;
			t->stage = OWNER_OK;
			return;
		}
		if (t->attack->owner_decides && !ret && contents_intact(&s) &&
		    owner_works(&s)) {
			t->verdict = HARMLESS;
			t->stage = OWNER_OK;
			return;
		}
		t->verdict = judge(&s, ret);
		t->stage = JUDGED;
	}
	if (owner_works(&s))
		t->stage = OWNER_OK;
}

static void touch_reserve(void *arg)
{
	static struct scene s;
	struct trial *t = arg;

	if (!prepare(&s, t))
		return;
	t->stage = IN_CALL;
	*(volatile char *)s.target.page = 1;
	t->stage = OWNER_OK;
}

static enum verdict try_one(struct trial *t, bool *owner)
{
	int status;

	t->stage = STARTED;
	t->verdict = SUCCEEDED;		/* if judging it is fatal */
	status = in_child(try_attack, t, ATTACK_SECONDS);
	if (t->stage == IN_CALL && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return KILLED;
	if (t->stage == STARTED) {
		*owner = false;
		return NOT_RUN;
	}
	if (t->stage != OWNER_OK)
		*owner = false;
	return t->verdict;
}

void measure_attacks(const struct plan *p, struct row *row)
{
	struct trial *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int i, on;
	bool ignored;
	int status;

	if (t == MAP_FAILED)
		return;
	t->plan = p;
	row->owner_ok = true;
	for (i = 0; i < attacks_count; i++) {
		for (on = ON_COMMITTED; on <= ON_RESERVE; on <<= 1) {
			enum verdict v;

			if (!(attacks[i].on & on))
				continue;
			t->attack = &attacks[i];
			t->on = on;
			ignored = true;
			v = try_one(t, attacks[i].promised ? &row->owner_ok : &ignored);
			row->verdict[2 * i + (on == ON_RESERVE)] = v;
			if (!attacks[i].promised || v == NOT_RUN)
				continue;
			row->attacks++;
			row->refused += v == REFUSED || v == HARMLESS || v == KILLED;
		}
	}
	t->attack = NULL;
	for (on = ON_COMMITTED; on <= ON_RESERVE; on <<= 1) {
		t->on = on;
		try_one(t, &row->owner_ok);
	}
	t->on = ON_RESERVE;
	t->stage = STARTED;
	status = in_child(touch_reserve, t, ATTACK_SECONDS);
	row->traps_done = t->stage != STARTED;
	row->traps = t->stage == IN_CALL && WIFSIGNALED(status) &&
		     WTERMSIG(status) == SIGSEGV;
	munmap(t, sizeof(*t));
}
