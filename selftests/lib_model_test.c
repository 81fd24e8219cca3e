// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Random calls beside a naive model of the region.
 */
#include "lib_test.h"

/* The naive model: one byte per page. */
enum { FREE, CLAIMED, COMMITTED, END_SLOT };

struct model {
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct random random;
	unsigned char *state;
	size_t pages;
	size_t color;		/* pages of a color */
	bool traps;
};

static char *page_at(struct model *m, size_t page)
{
	return (char *)m->g.base + page * PAGE;
}

/* The first place by looking at every one; m->pages if there is none. */
static size_t model_find(struct model *m, const struct gccolor_request *r)
{
	size_t length = r->length / PAGE;
	size_t align = r->align > PAGE ? r->align / PAGE : 1;
	size_t page, i;

	for (page = 0; page + length <= m->pages; page++) {
		bool good = page % align == 0 &&
			    page / m->color == (page + length - 1) / m->color;

		if (r->color != GCCOLOR_ANY_COLOR && page / m->color != r->color)
			continue;
		good = good && (char *)r->after <= page_at(m, page);
		for (i = page; good && i < page + length; i++)
			good = m->state[i] == FREE;
		for (i = 0; good && i < r->avoid_count; i++)
			good = (char *)r->avoid[i] < page_at(m, page) ||
			       (char *)r->avoid[i] >= page_at(m, page + length);
		if (good)
			return page;
	}
	return m->pages;
}

static bool all(struct model *m, size_t page, size_t length, int low, int high)
{
	for (; length; length--, page++) {
		if (m->state[page] < low || m->state[page] > high)
			return false;
	}
	return true;
}

/* Committed pages hold their own address; what is new holds zeroes. */
static bool stamp(struct model *m, size_t page, size_t length)
{
	for (; length; length--, page++) {
		char *p = page_at(m, page);

		if (!zeroes(p, PAGE))
			return false;
		memcpy(p + 8, &p, sizeof(p));
		m->state[page] = COMMITTED;
	}
	return true;
}

static bool stamped(struct model *m, size_t page)
{
	char *p = page_at(m, page);

	return memcmp(p + 8, &p, sizeof(p)) == 0;
}

static bool step_take(struct model *m)
{
	bool commit = random_below(&m->random, 2);
	struct gccolor_request r = request((1 + random_below(&m->random, 20)) * PAGE,
					   random_below(&m->random, 5));
	void *avoid[3];
	size_t want, i;
	char *p;
	int error;

	if (r.color == 4)
		r.color = GCCOLOR_ANY_COLOR;
	if (random_below(&m->random, 8) == 0)
		r.length = 64 * PAGE;	/* as long as an extent */
	if (random_below(&m->random, 3) == 0)
		r.align = PAGE << random_below(&m->random, 6);
	if (random_below(&m->random, 3) == 0)
		r.after = page_at(m, random_below(&m->random, (uint32_t)m->pages));
	if (random_below(&m->random, 4) == 0) {
		for (i = 0; i < 3; i++)
			avoid[i] = page_at(m, random_below(&m->random, (uint32_t)m->pages)) + i;
		r.avoid = avoid;
		r.avoid_count = 3;
	}
	want = model_find(m, &r);
	error = commit ? gccolor_alloc(m->gc, &r, (void **)&p)
		       : gccolor_claim(m->gc, &r, (void **)&p);
	if (want == m->pages)
		return error == -ENOSPC;
	if (error || p != page_at(m, want))
		return false;
	if (commit)
		return stamp(m, want, r.length / PAGE);
	memset(m->state + want, CLAIMED, r.length / PAGE);
	return true;
}

static bool step_give(struct model *m)
{
	size_t page = random_below(&m->random, (uint32_t)m->pages - 64);
	size_t length = 1 + random_below(&m->random, 64);
	bool claimed = all(m, page, length, CLAIMED, COMMITTED);
	int error = gccolor_free(m->gc, page_at(m, page), length * PAGE);

	if (claimed && !error)
		memset(m->state + page, FREE, length);
	return error == (claimed ? 0 : -ENOENT);
}

static bool step_commit(struct model *m)
{
	size_t page = random_below(&m->random, (uint32_t)m->pages - 8);
	size_t length = 1 + random_below(&m->random, 8);
	int want = 0;
	int error;

	if (page / m->color != (page + length - 1) / m->color)
		want = -EXDEV;
	else if (!all(m, page, length, CLAIMED, COMMITTED))
		want = -ENOENT;
	else if (!all(m, page, length, CLAIMED, CLAIMED))
		want = -EEXIST;
	error = gccolor_commit(m->gc, page_at(m, page), length * PAGE, 0, 0);
	return error == want && (error || stamp(m, page, length));
}

static bool step_decommit(struct model *m)
{
	size_t page = random_below(&m->random, (uint32_t)m->pages - 8);
	size_t length = 1 + random_below(&m->random, 8);
	bool good = all(m, page, length, COMMITTED, COMMITTED);
	int how = m->traps ? GCCOLOR_TRAP : GCCOLOR_EAGER;
	int error = gccolor_decommit(m->gc, page_at(m, page), length * PAGE, how);

	if (!good || error)
		return error == (good ? 0 : -ENOENT);
	memset(m->state + page, CLAIMED, length);
	return m->traps || stamp(m, page, length);
}

static bool step_look(struct model *m)
{
	size_t page = random_below(&m->random, (uint32_t)m->pages);
	size_t first = page, last = page;
	int state = m->state[page] == END_SLOT ? FREE : m->state[page];
	struct gccolor_run run;

	if (gccolor_run_at(m->gc, page_at(m, page), &run))
		return false;
	while (first % m->color && m->state[first - 1] % END_SLOT == state)
		first--;
	while ((last + 1) % m->color && m->state[last + 1] % END_SLOT == state)
		last++;
	return (int)run.state == state && run.start == (void *)page_at(m, first) &&
	       run.length == (last + 1 - first) * PAGE &&
	       run.prot == (state == COMMITTED ? READ_WRITE : 0);
}

static bool model_intact(struct model *m)
{
	struct gccolor_status status = status_of(m->gc);
	size_t claimed = 0, committed = 0, page;

	for (page = 0; page < m->pages; page++) {
		claimed += m->state[page] == CLAIMED || m->state[page] == COMMITTED;
		committed += m->state[page] == COMMITTED;
		if (m->state[page] == COMMITTED && !stamped(m, page))
			return false;
	}
	if (m->traps && usable(m->g) != status.extents)
		return false;
	return status.claimed == claimed * PAGE && status.committed == committed * PAGE &&
	       status.extents >= status.committed && !status.deferred;
}

FIXTURE(model)
{
	struct gccolor *gc;
};

FIXTURE_SETUP(model)
{
	struct gccolor_options opt = small_region();

	opt.length = 16 * MIB;
	opt.colors = 4;
	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	if (!facts_of(self->gc).holds)
		SKIP(return, "the backend holds no addresses");
}

FIXTURE_TEARDOWN(model)
{
	gccolor_close(self->gc, 0);
}

TEST_F_TIMEOUT(model, random_calls, 300)
{
	static bool (*const steps[])(struct model *m) = {
		step_take, step_take, step_take, step_give, step_give,
		step_commit, step_commit, step_decommit, step_look,
	};
	struct model m = { .gc = self->gc };
	unsigned int i, kind;

	m.g = gccolor_geometry(m.gc);
	m.traps = facts_of(m.gc).traps;
	m.random = random_seeded();
	m.pages = m.g.length / PAGE;
	m.color = m.pages / 4;
	m.state = calloc(m.pages + 1, 1);
	memset(m.state, END_SLOT, m.g.slot / PAGE);
	memset(m.state + m.pages - m.g.slot / PAGE, END_SLOT, m.g.slot / PAGE);
	for (i = 0; i < 20000; i++) {
		kind = random_below(&m.random, ARRAY_SIZE(steps));
		ASSERT_TRUE(steps[kind](&m)) {
			TH_LOG("step %u, kind %u: the library and the model differ", i, kind);
		}
		if (i % 500 == 0) {
			ASSERT_TRUE(model_intact(&m)) {
				TH_LOG("after step %u: data or counters differ", i);
			}
		}
	}
	EXPECT_TRUE(model_intact(&m));
	/* A claim that is not committed traps, whatever lay there before. */
	for (i = 0; m.traps && i < m.pages; i += 97) {
		if (m.state[i] == CLAIMED)
			EXPECT_TRUE(traps(page_at(&m, i), false));
	}
	free(m.state);
}

TEST_HARNESS_MAIN
