// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Is the region what the model says? Compares /proc/self/maps, INFO and contents. */
#define _GNU_SOURCE
#include <stdarg.h>

#include "maps.h"
#include "random.h"

/* A mapping as /proc/self/maps shows it. */
struct line {
	unsigned long start, end, offset;
	char perms[5];
	bool ours;
};

static char maps_text[512 * 1024];

/* Ends the process: what comes after a finding means nothing. */
void found(struct world *w, const char *format, ...)
{
	va_list args;

	if (atomic_exchange(&w->report->found, 1) == 0) {
		int n;

		w->report->position = w->position;
		w->report->kind = format;
		n = snprintf(w->report->text, sizeof(w->report->text), "%scall %d, %s: ",
			     w->depth ? "in a fork child, " : "", w->position,
			     w->position < w->count ? ops[w->calls[w->position].op].name : "end");
		va_start(args, format);
		vsnprintf(w->report->text + n, sizeof(w->report->text) - n, format, args);
		va_end(args);
	}
	_exit(3);
}

/* What a call was, for people. */
void say(struct world *w, const char *format, ...)
{
	char text[256];
	va_list args;
	int n;

	if (!w->verbose)
		return;
	n = snprintf(text, sizeof(text), "#   %s", w->depth ? "(child) " : "");
	va_start(args, format);
	n += vsnprintf(text + n, sizeof(text) - n - 1, format, args);
	va_end(args);
	if (n > (int)sizeof(text) - 2)
		n = sizeof(text) - 2;
	text[n++] = '\n';
	if (write(1, text, n) != n)
		_exit(4);
}

static unsigned long parse_hex(const char **p)
{
	unsigned long value = 0;

	for (;; (*p)++) {
		unsigned char c = **p;

		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (c - 'a' + 10);
		else
			return value;
	}
}

static const char *parse_line(const char *p, struct line *line)
{
	const char *end = strchr(p, '\n');

	line->start = parse_hex(&p);
	p++;
	line->end = parse_hex(&p);
	p++;
	memcpy(line->perms, p, 4);
	line->perms[4] = '\0';
	p += 5;
	line->offset = parse_hex(&p);
	line->ours = end - p > 9 && !memcmp(end - 9, "[gccolor]", 9);
	return end + 1;
}

static void read_maps(struct world *w)
{
	size_t length = 0;
	ssize_t got;

	while ((got = pread(w->maps, maps_text + length, sizeof(maps_text) - 1 - length,
			    length)) > 0)
		length += got;
	if (got < 0 || length == sizeof(maps_text) - 1)
		found(w, "cannot read /proc/self/maps: %s", got ? strerror(errno) : "too long");
	maps_text[length] = '\0';
}

static unsigned int prot_of(const char *perms)
{
	return (perms[0] == 'r' ? PROT_READ : 0) | (perms[1] == 'w' ? PROT_WRITE : 0) |
	       (perms[2] == 'x' ? PROT_EXEC : 0);
}

/*
 * Each mapping of the region, in order: ours, private, in its place, nothing
 * missing. Returns their number.
 */
static unsigned long walk_region(struct world *w,
				 void (*visit)(struct world *, const struct line *))
{
	const struct model *m = &w->model;
	unsigned long next = m->base, count = 0;
	const char *p = maps_text;
	struct line line;

	while (*p) {
		p = parse_line(p, &line);
		if (line.end <= m->base || line.start >= model_end(m)) {
			if (line.ours)
				found(w, "a mapping of a region lies outside: %lx-%lx",
				      line.start, line.end);
			continue;
		}
		if (line.start != next)
			found(w, "%s before %lx-%lx", line.start > next ? "a hole" :
			      "something reaches in", line.start, line.end);
		if (!line.ours || line.perms[3] != 'p')
			found(w, "a foreign mapping: %lx-%lx %s", line.start, line.end, line.perms);
		if (line.end > model_end(m) || line.offset != line.start - m->base)
			found(w, "%lx-%lx has offset %lx", line.start, line.end, line.offset);
		visit(w, &line);
		next = line.end;
		count++;
	}
	if (next != model_end(m))
		found(w, "a hole at the end of the region, from %lx", next);
	return count;
}

static void compare_line(struct world *w, const struct line *line)
{
	unsigned int prot = prot_of(line->perms), want = 0;
	const struct run *run = model_run(&w->model, line->start);

	if (run)
		want = run->prot;
	if (prot != want)
		found(w, "%lx-%lx is %s, and should be %#x", line->start, line->end, line->perms,
		      want);
	if (line->end > (run ? run->end : model_boundary(&w->model, line->start)) &&
	    (run || model_committed(&w->model, line->start, line->end)))
		found(w, "%lx-%lx %s goes on where it should end", line->start, line->end,
		      line->perms);
}

static void check_info(struct world *w, unsigned long mappings)
{
	const struct model *m = &w->model;
	unsigned long committed = model_committed(m, m->base, model_end(m));
	struct gccolor_ioc_info i;
	int err;

	if (w->fd < 0)
		return;
	err = info(w->fd, &i);
	if (err)
		found(w, "INFO fails: %s", strerror(-err));
	if (i.base != m->base || i.length != m->length || i.color_shift != m->shift ||
	    i.exec_colors != m->exec_colors)
		found(w, "INFO tells another geometry: %llx + %llx", i.base, i.length);
	if (i.level != w->level)
		found(w, "INFO tells level %u, reason %u", i.level, i.reason);
	if (i.state != (m->locked ? GCCOLOR_IOC_STATE_LOCKED : 0))
		found(w, "INFO tells state %#x", i.state);
	if (i.committed != committed)
		found(w, "INFO tells %llu bytes committed, there should be %lu", i.committed,
		      committed);
	if (i.mappings != mappings)
		found(w, "INFO tells %llu mappings, maps shows %lu", i.mappings, mappings);
}

void check_region(struct world *w)
{
	unsigned long mappings;

	read_maps(w);
	mappings = walk_region(w, compare_line);
	check_info(w, mappings);
}

/*
 * INFO heals what it finds open: whether a call left something open shows only
 * before. Nothing may be taken away at either end of what was changed, inside and
 * outside.
 */
void probe(struct world *w, unsigned long start, unsigned long end)
{
	const unsigned long at[] = { start - page_size, start, end - page_size, end };

	/* Where the module kills instead, this would not end well. */
	if (w->level < GCCOLOR_IOC_LEVEL_ENFORCED)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++) {
		unsigned long addr = page_down(at[i]);

		if (overlaps(&w->model, addr, page_size) && try_munmap(addr, page_size) == 0)
			found(w, "left open: munmap of the page at %lx succeeds", addr);
	}
}

void probe_runs(struct world *w)
{
	const struct model *m = &w->model;

	probe(w, m->base, model_end(m));
	for (unsigned int i = 0; i < m->nr_runs && i < 64; i++)
		probe(w, m->runs[i].start, m->runs[i].end);
}

/* After RELEASE, or where a fork child has none. */
void check_absent(struct world *w)
{
	const char *p;
	struct line line;

	read_maps(w);
	for (p = maps_text; *p; ) {
		p = parse_line(p, &line);
		if (line.ours)
			found(w, "a mapping is left of the region: %lx-%lx", line.start, line.end);
	}
}

static void adopt_line(struct world *w, const struct line *line)
{
	struct model *m = &w->model;
	unsigned int prot = prot_of(line->perms);
	unsigned int first = (line->start - m->base) >> m->shift;
	unsigned int last = (line->end - 1 - m->base) >> m->shift;

	if (!prot)
		return;
	if (!(prot & PROT_READ) || (prot & PROT_WRITE && prot & PROT_EXEC))
		found(w, "%lx-%lx is %s", line->start, line->end, line->perms);
	if (line->start < m->base + SLOT || line->end > model_end(m) - SLOT)
		found(w, "%lx-%lx %s lies in a slot", line->start, line->end, line->perms);
	for (unsigned int color = first; prot & PROT_EXEC && color <= last; color++) {
		if (!(m->exec_colors >> color & 1))
			found(w, "color %u became executable", color);
	}
	if (m->nr_runs > RUNS_MAX - 2)
		found(w, "too many runs for this test");
	model_set(m, line->start, line->end, prot);
}

void adopt_region(struct world *w)
{
	static struct page pages[PAGES_MAX];
	struct model *m = &w->model;
	unsigned int nr_pages = m->nr_pages;
	unsigned long mappings;

	memcpy(pages, m->pages, nr_pages * sizeof(*pages));
	m->nr_runs = 0;
	read_maps(w);
	mappings = walk_region(w, adopt_line);
	probe_runs(w);
	m->nr_pages = 0;
	for (unsigned int i = 0; i < nr_pages; i++) {
		if (model_run(m, pages[i].addr))
			model_write(m, pages[i].addr, 0, ANYTHING);
	}
	if (w->fd >= 0) {
		struct gccolor_ioc_info i;

		if (info(w->fd, &i) == 0 && i.state & GCCOLOR_IOC_STATE_LOCKED)
			m->locked = true;
	}
	check_info(w, mappings);
}

/* The end of a sequence: every mapping is guarded, and all can be given back. */
void check_end(struct world *w)
{
	const struct model *m = &w->model;
	struct gccolor_ioc_info i;
	const char *state;
	int err;

	settle(w);
	check_region(w);
	check_contents(w, true);
	atomic_store(&w->report->hits, 1);
	state = region_state(m->base, m->length);
	if (strcmp(state, "whole"))
		found(w, "%s", state);
	atomic_store(&w->report->hits, 0);
	check_region(w);
	if (m->locked || w->fd < 0)
		return;
	while (m->nr_runs) {
		const struct run run = m->runs[m->nr_runs / 2];

		err = decommit(w->fd, run.start, run.end - run.start);
		if (err)
			found(w, "DECOMMIT of %lx-%lx at the end: %s", run.start, run.end,
			      strerror(-err));
		model_set(&w->model, run.start, run.end, 0);
	}
	check_region(w);
	/* With MCL_FUTURE reserve crumbles, until the next DECOMMIT without. */
	if (w->crumbled && (commit(w->fd, m->base + SLOT, page_size) ||
			    decommit(w->fd, m->base + SLOT, page_size)))
		found(w, "an empty region cannot be used");
	err = info(w->fd, &i);
	if (err || i.mappings > 3)
		found(w, "empty, the region consists of %llu mappings", i.mappings);
	err = release(w->fd);
	if (err)
		found(w, "RELEASE: %s", strerror(-err));
	check_absent(w);
}

void attacks(struct world *w, bool hits)
{
	if (!w->threaded)
		atomic_store(&w->report->hits, hits);
}

long must_fail(struct world *w, bool hits, const char *what, long ret)
{
	if (hits && ret >= 0)
		found(w, "%s into the region succeeds", what);
	return ret;
}
