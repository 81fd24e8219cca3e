// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The judge of gccolor compare on Windows: prepares a region in a fresh process,
 * lets one attack loose on it, and looks at what is left: what VirtualQuery() says
 * about the region, the contents, and whether the owner can go on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../compare.h"
#include "../tool.h"
#include "process.h"

#define BLOCKS		3
#define BLOCK_PAGES	16
#define SEED		0x6763636f6c6f72ULL
#define EDGES_MAX	256
#define ATTACK_SECONDS	20
#define ALL_ATTACKS	1000	/* instead of a number: one after another */
#define TOUCH		1001	/* no attack: write to reserve */

/* A part of the region of which VirtualQuery() says the same. */
struct edge {
	uintptr_t start, end;
	DWORD state, protect, type;
};

struct scene {
	struct gccolor *gc;
	struct gccolor_geometry g;
	char *block[BLOCKS];
	size_t block_length;
	struct target target;
	struct edge before[EDGES_MAX], after[EDGES_MAX];
	size_t before_count;
	struct row row;		/* open_region() writes its error here */
};

/* Shared with the process that started this one: how far it came. */
enum stage { STARTED, IN_CALL, JUDGING, JUDGED, OWNER_OK };

struct trial {
	volatile enum stage stage;
	volatile enum verdict verdict;
};

static uint64_t *word(const struct scene *s, int block, int page)
{
	return (uint64_t *)(void *)(s->block[block] + (size_t)page * s->g.page_size);
}

static uint64_t pattern(int block, int page)
{
	return SEED * (uint64_t)(block * BLOCK_PAGES + page + 1);
}

/* Readable as it was written, and still writable; if not, this process ends here. */
static bool contents_intact(const struct scene *s)
{
	int b, p;

	for (b = 0; b < BLOCKS; b++)
		for (p = 0; p < BLOCK_PAGES; p++) {
			volatile uint64_t *w = word(s, b, p);

			if (*w != pattern(b, p))
				return false;
			*w = pattern(b, p);
		}
	return true;
}

static size_t read_edges(const struct gccolor_geometry *g, struct edge *edges)
{
	uintptr_t end = g->base + g->length, at = g->base;
	MEMORY_BASIC_INFORMATION info;
	size_t n = 0;

	while (at < end && n < EDGES_MAX && VirtualQuery((void *)at, &info, sizeof(info))) {
		edges[n].start = at;
		at = (uintptr_t)info.BaseAddress + info.RegionSize;
		edges[n].end = at < end ? at : end;
		edges[n].state = info.State;
		edges[n].protect = info.State == MEM_COMMIT ? info.Protect : 0;
		edges[n].type = info.Type;
		/* A reservation in two parts is as good as one. */
		if (n && edges[n - 1].state == edges[n].state &&
		    edges[n - 1].protect == edges[n].protect &&
		    edges[n - 1].type == edges[n].type)
			edges[n - 1].end = edges[n].end;
		else
			n++;
	}
	return n;
}

static bool prepare(struct scene *s, const struct plan *plan, unsigned int on)
{
	struct gccolor_request req = { .size = sizeof(req) };
	MEMORY_BASIC_INFORMATION info;
	void *p;
	int b, page;

	s->gc = open_region(plan, &s->row);
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
			*word(s, b, page) = pattern(b, page);
	}
	s->target.base = s->g.base;
	s->target.length = s->g.length;
	s->target.page_size = s->g.page_size;
	s->target.committed = on == ON_COMMITTED;
	if (s->target.committed) {
		s->target.page = s->block[0] + 4 * s->g.page_size;
		s->target.expected = pattern(0, 4);
	} else {
		s->target.page = (char *)gccolor_color_start(s->g, 1) + (1 << 20);
	}
	if (VirtualQuery(s->target.page, &info, sizeof(info)) && info.State != MEM_FREE)
		s->target.vma = info.AllocationBase;
	return true;
}

/* Allocate, write, decommit, commit, free: in the attacked process. */
static bool owner_works(const struct scene *s)
{
	struct gccolor_request req = { .size = sizeof(req), .length = s->block_length };
	size_t page = s->g.page_size;
	void *fresh;
	char *p;
	int err;

	if (!contents_intact(s) || gccolor_alloc(s->gc, &req, &fresh))
		return false;
	p = fresh;
	if (gccolor_color_of(s->g, p) != 0 || p[0] || p[s->block_length - 1])
		return false;
	memset(p, 0x5a, s->block_length);
	err = gccolor_decommit(s->gc, p, page, GCCOLOR_TRAP);
	if (!err)
		err = gccolor_commit(s->gc, p, page, GCCOLOR_READ | GCCOLOR_WRITE, 0);
	if (err || p[0] || p[page] != 0x5a)
		return false;
	if (gccolor_free(s->gc, p, s->block_length) ||
	    gccolor_free(s->gc, s->block[0], s->block_length) ||
	    gccolor_alloc(s->gc, &req, &fresh))
		return false;
	p = fresh;
	return gccolor_color_of(s->g, p) == 0 && !p[0] && !p[4 * page];
}

static enum verdict judge(struct scene *s, int ret)
{
	size_t n = read_edges(&s->g, s->after), i;

	if (!contents_intact(s))
		return SUCCEEDED;
	for (i = 0; i < n; i++)
		if ((uintptr_t)s->target.page >= s->after[i].start &&
		    (uintptr_t)s->target.page < s->after[i].end &&
		    s->after[i].state == MEM_FREE)
			return UNOWNED;
	if (n != s->before_count || !ret || memcmp(s->before, s->after, n * sizeof(*s->after)))
		return SUCCEEDED;
	return ret == 1 ? HARMLESS : REFUSED;
}

static int try_attack(const struct plan *plan, struct trial *t, uint64_t which, unsigned int on)
{
	static struct scene s;
	unsigned int i;
	int ret;

	if (!prepare(&s, plan, on))
		return TOOL_FAILED;
	s.before_count = read_edges(&s.g, s.before);
	t->stage = IN_CALL;
	if (which == TOUCH) {
		*(volatile char *)s.target.page = 1;
		t->stage = OWNER_OK;
		return TOOL_OK;
	}
	if (which == ALL_ATTACKS) {
		for (i = 0; i < attacks_count; i++)
			if (attacks[i].promised && attacks[i].on & on)
				attacks[i].run(&s.target);
	} else {
		ret = attacks[which].run(&s.target);
		t->stage = JUDGING;
		if (ret == ATTACK_SKIP) {
			t->verdict = NOT_RUN;
			t->stage = OWNER_OK;
			return TOOL_OK;
		}
		t->verdict = judge(&s, ret);
	}
	t->stage = JUDGED;
	if (owner_works(&s))
		t->stage = OWNER_OK;
	return TOOL_OK;
}

/* Those that are meant to end it end it without a window. */
static LONG WINAPI die(EXCEPTION_POINTERS *what)
{
	TerminateProcess(GetCurrentProcess(), what->ExceptionRecord->ExceptionCode);
	return EXCEPTION_EXECUTE_HANDLER;
}

/* gccolor compare-attack BACKEND NUMBER ON HANDLE */
int cmd_compare_attack(int argc, char **argv)
{
	struct plan p = { .arenas = 1, .size = system_page_size() };
	uint64_t which, on;
	struct trial *t;

	if (argc != 5)
		return usage_error("", "compare-attack is for gccolor compare only");
	if (option_backend("compare-attack", argv[1], &p.backend) ||
	    option_count("compare-attack", "NUMBER", argv[2], 0, TOUCH, &which) ||
	    option_count("compare-attack", "ON", argv[3], 1, 2, &on))
		return TOOL_USAGE;
	t = shared_open(strtoull(argv[4], NULL, 0), sizeof(*t));
	if (!t || (which >= attacks_count && which < ALL_ATTACKS))
		return TOOL_FAILED;
	SetUnhandledExceptionFilter(die);
	return try_attack(&p, t, which, (unsigned int)on);
}

struct court {
	const struct plan *plan;
	struct trial *trial;
	HANDLE handle;
};

/* Starts the process; returns its exit status. */
static int try_apart(const struct court *c, unsigned int which, unsigned int on)
{
	char arguments[120];

	c->trial->stage = STARTED;
	c->trial->verdict = SUCCEEDED;		/* if judging it is fatal */
	snprintf(arguments, sizeof(arguments), "compare-attack %s %u %u %llu",
		 gccolor_backend_name(c->plan->backend), which, on,
		 (unsigned long long)(uintptr_t)c->handle);
	return run_self(arguments, ATTACK_SECONDS);
}

void measure_attacks(const struct plan *p, struct row *row)
{
	struct court c = { .plan = p };
	unsigned int i, on;
	enum verdict v;
	int status;

	c.trial = shared_make(sizeof(*c.trial), &c.handle);
	if (!c.trial)
		return;
	row->owner_ok = true;
	for (i = 0; i < attacks_count; i++) {
		for (on = ON_COMMITTED; on <= ON_RESERVE; on <<= 1) {
			if (!(attacks[i].on & on))
				continue;
			try_apart(&c, i, on);
			v = c.trial->stage == STARTED ? NOT_RUN : c.trial->verdict;
			row->verdict[2 * i + (on == ON_RESERVE)] = v;
			if (!attacks[i].promised)
				continue;
			if (c.trial->stage != OWNER_OK)
				row->owner_ok = false;
			if (v == NOT_RUN)
				continue;
			row->attacks++;
			row->refused += v == REFUSED || v == HARMLESS;
		}
	}
	for (on = ON_COMMITTED; on <= ON_RESERVE; on <<= 1) {
		try_apart(&c, ALL_ATTACKS, on);
		if (c.trial->stage != OWNER_OK)
			row->owner_ok = false;
	}
	status = try_apart(&c, TOUCH, ON_RESERVE);
	row->traps_done = c.trial->stage != STARTED;
	row->traps = c.trial->stage == IN_CALL && (DWORD)status == EXCEPTION_ACCESS_VIOLATION;
	UnmapViewOfFile(c.trial);
	CloseHandle(c.handle);
}
