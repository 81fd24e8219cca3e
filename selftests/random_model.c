// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What the region should be: runs of committed pages, and what was written. */
#include "random.h"

static void add_run(struct model *m, unsigned long start, unsigned long end, unsigned int prot)
{
	struct run *last = m->nr_runs ? &m->runs[m->nr_runs - 1] : NULL;

	if (start >= end)
		return;
	if (last && last->end == start && last->prot == prot)
		last->end = end;
	else
		m->runs[m->nr_runs++] = (struct run){ start, end, prot };
}

static void forget_pages(struct model *m, unsigned long start, unsigned long end)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < m->nr_pages; i++) {
		if (m->pages[i].addr < start || m->pages[i].addr >= end)
			m->pages[kept++] = m->pages[i];
	}
	m->nr_pages = kept;
}

/* @prot 0: reserve. Two more runs at most: the caller has looked for room. */
void model_set(struct model *m, unsigned long start, unsigned long end, unsigned int prot)
{
	static struct run old[RUNS_MAX];
	unsigned int n = m->nr_runs;
	bool done = !prot;

	memcpy(old, m->runs, n * sizeof(*old));
	m->nr_runs = 0;
	for (unsigned int i = 0; i < n; i++) {
		const struct run *run = &old[i];

		add_run(m, run->start, run->end < start ? run->end : start, run->prot);
		if (!done && run->end > start) {
			if (run->start >= end || run->end >= end) {
				add_run(m, start, end, prot);
				done = true;
			}
		}
		add_run(m, run->start > end ? run->start : end, run->end, run->prot);
	}
	if (!done)
		add_run(m, start, end, prot);
	forget_pages(m, start, end);
}

const struct run *model_run(const struct model *m, unsigned long addr)
{
	for (unsigned int i = 0; i < m->nr_runs; i++) {
		if (addr >= m->runs[i].start && addr < m->runs[i].end)
			return &m->runs[i];
	}
	return NULL;
}

unsigned long model_boundary(const struct model *m, unsigned long addr)
{
	for (unsigned int i = 0; i < m->nr_runs; i++) {
		if (m->runs[i].start > addr)
			return m->runs[i].start;
		if (m->runs[i].end > addr)
			return m->runs[i].end;
	}
	if (addr < model_end(m) - SLOT)
		return model_end(m) - SLOT;
	return model_end(m);
}

/* Bytes of [start, end) that are committed. */
unsigned long model_committed(const struct model *m, unsigned long start, unsigned long end)
{
	unsigned long sum = 0;

	for (unsigned int i = 0; i < m->nr_runs; i++) {
		unsigned long from = m->runs[i].start > start ? m->runs[i].start : start;
		unsigned long to = m->runs[i].end < end ? m->runs[i].end : end;

		if (from < to)
			sum += to - from;
	}
	return sum;
}

static struct page *find_page(const struct model *m, unsigned long addr)
{
	for (unsigned int i = 0; i < m->nr_pages; i++) {
		if (m->pages[i].addr == addr)
			return (struct page *)&m->pages[i];
	}
	return NULL;
}

const struct page *model_page(const struct model *m, unsigned long addr)
{
	return find_page(m, addr);
}

/* The page must be in the table, or the table must have room. */
void model_write(struct model *m, unsigned long addr, unsigned long value, int state)
{
	struct page *page = find_page(m, addr);

	if (!page)
		page = &m->pages[m->nr_pages++];
	*page = (struct page){ addr, value, state };
}

void model_fade(struct model *m, unsigned long start, unsigned long end, int state)
{
	for (unsigned int i = 0; i < m->nr_pages; i++) {
		struct page *page = &m->pages[i];

		if (page->addr >= page_down(start) && page->addr < end && page->state < state)
			page->state = state;
	}
}
