// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Calls from a seed, and where they aim. */
#define _GNU_SOURCE
#include "random.h"

const struct op ops[] = {
	{ "commit", do_commit, 150, 0 },
	{ "decommit", do_decommit, 90, 0 },
	{ "info", do_info, 8, NO_CHECK },
	{ "query", do_query, 4, NO_CHECK },
	{ "lock", do_lock, 1, 0 },
	{ "release", do_release, 6, ALONE },
	{ "reserve", do_reserve, 16, 0 },
	{ "command", do_command, 60, ALONE },
	{ "map-device", do_map_device, 12, 0 },
	{ "close", do_close, 4, ALONE },
	{ "map-fixed", do_map_fixed, 60, 0 },
	{ "map-hint", do_map_hint, 25, 0 },
	{ "munmap", do_munmap, 60, 0 },
	{ "mprotect", do_mprotect, 45, 0 },
	{ "move-out", do_move_out, 30, 0 },
	{ "move-in", do_move_in, 30, 0 },
	{ "resize", do_resize, 25, 0 },
	{ "remap-file-pages", do_file_pages, 6, 0 },
	{ "shmat", do_shmat, 10, 0 },
	{ "brk", do_brk, 4, 0 },
	{ "stack", do_stack, 8, ALONE },
	{ "madvise", do_madvise, 90, 0 },
	{ "process-madvise", do_process_madvise, 8, 0 },
	{ "mlock", do_mlock, 25, 0 },
	{ "mlockall", do_mlockall, 8, 0 },
	{ "mbind", do_mbind, 12, 0 },
	{ "msync", do_msync, 6, 0 },
	{ "mincore", do_mincore, 6, NO_CHECK },
	{ "mseal", do_mseal, 6, 0 },
	{ "userfaultfd", do_uffd, 16, ALONE },
	{ "prctl", do_prctl, 10, 0 },
	{ "personality", do_personality, 5, ALONE },
	{ "limit", do_limit, 10, ALONE },
	{ "clear-refs", do_clear_refs, 3, 0 },
	{ "write", do_write, 60, NO_CHECK },
	{ "read", do_read, 40, NO_CHECK },
	{ "write-memory", do_write_memory, 10, NO_CHECK },
	{ "read-into", do_read_into, 8, NO_CHECK },
	{ "fork", do_fork, 8, ALONE },
	{ "exec", do_exec, 1, ALONE },
	{ "threads", do_threads, 8, ALONE },
};

const unsigned int nr_ops = ARRAY_SIZE(ops);

/* The edges come first. */
static const unsigned char place_weights[PLACES] = {
	[AT_BASE] = 6, [AT_LOW_SLOT] = 10, [AT_HIGH_SLOT] = 10, [AT_END] = 6, [AT_COLOR] = 12,
	[AT_RUN_START] = 22, [AT_RUN_END] = 18, [AT_RUN_MIDDLE] = 8, [AT_COLOR_MIDDLE] = 8,
	[AT_RANDOM] = 3, [AT_BELOW] = 5, [AT_ABOVE] = 5, [AT_EXTREME] = 1,
};

static const unsigned char extent_weights[EXTENTS] = {
	[ONE_PAGE] = 24, [FEW_PAGES] = 30, [TO_BOUNDARY] = 18, [TO_COLOR_END] = 3, [TO_END] = 3,
	[TO_HIGH_SLOT] = 2, [WHOLE] = 2, [MANY_PAGES] = 10, [HUGE_PAGE] = 4, [NOTHING] = 1,
	[TO_TOP] = 2, [OVERFLOW] = 1,
};

/* splitmix64 */
uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return z ^ z >> 31;
}

static unsigned int pick(uint64_t *state, unsigned int below)
{
	return (next_random(state) >> 33) % below;
}

static unsigned int pick_weighted(uint64_t *state, const unsigned char *weights, unsigned int n)
{
	unsigned int sum = 0, i, r;

	for (i = 0; i < n; i++)
		sum += weights[i];
	r = pick(state, sum);
	for (i = 0; r >= weights[i]; i++)
		r -= weights[i];
	return i;
}

static unsigned int pick_op(uint64_t *state)
{
	unsigned int sum = 0, i, r;

	for (i = 0; i < nr_ops; i++)
		sum += ops[i].weight;
	r = pick(state, sum);
	for (i = 0; r >= ops[i].weight; i++)
		r -= ops[i].weight;
	return i;
}

static struct call make_call(uint64_t *state)
{
	static const signed char pages[] = {
		0, 0, 0, 0, 1, -1, 1, -1, 2, -2, 3, -3, 4, 7, 16, -16,
	};
	struct call c = {
		.op = pick_op(state),
		.place = pick_weighted(state, place_weights, PLACES),
		.extent = pick_weighted(state, extent_weights, EXTENTS),
		.tweak = pick(state, 40) ? 0 : 1 << pick(state, 4),
		.pages = pages[pick(state, ARRAY_SIZE(pages))],
		.variant = pick(state, 256),
		.index = pick(state, 65536),
	};

	c.noise = next_random(state);
	return c;
}

/* Sequence @number of a seed: the same whenever it is asked for. */
int make_calls(uint64_t seed, unsigned long number, struct call *calls)
{
	uint64_t state = seed ^ number * 0xd1342543de82ef95UL;
	int count;

	next_random(&state);
	count = 64 + pick(&state, CALLS_MAX - 64);
	for (int i = 0; i < count; i++)
		calls[i] = make_call(&state);
	return count;
}

static unsigned long place_of(const struct model *m, const struct call *c)
{
	unsigned long color = 1UL << m->shift;
	unsigned int colors = m->length >> m->shift;
	const struct run *run = m->nr_runs ? &m->runs[c->index % m->nr_runs] : NULL;

	switch (c->place) {
	case AT_BASE:
		return m->base;
	case AT_LOW_SLOT:
		return m->base + SLOT;
	case AT_HIGH_SLOT:
		return model_end(m) - SLOT;
	case AT_END:
		return model_end(m);
	case AT_COLOR:
		return m->base + c->index % (colors + 1) * color;
	case AT_RUN_START:
		return run ? run->start : m->base + SLOT;
	case AT_RUN_END:
		return run ? run->end : m->base + m->length / 2;
	case AT_RUN_MIDDLE:
		return run ? page_down(run->start + (run->end - run->start) / 2) :
			m->base + m->length / 2;
	case AT_COLOR_MIDDLE:
		return m->base + c->index % colors * color + color / 2;
	case AT_RANDOM:
		return m->base + page_down(c->noise % m->length);
	case AT_BELOW:
		return m->base - (1 + c->index % APRON_PAGES) * page_size;
	case AT_ABOVE:
		return model_end(m) + c->index % APRON_PAGES * page_size;
	default: /* AT_EXTREME */
		return c->index % 4 == 0 ? 0 : c->index % 4 == 1 ? -page_size :
		       c->index % 4 == 2 ? 1UL << 63 : m->base - m->length;
	}
}

static unsigned long extent_of(const struct model *m, const struct call *c, unsigned long addr)
{
	unsigned long color = 1UL << m->shift, end = model_end(m);
	bool inside = addr >= m->base && addr < end;

	switch (c->extent) {
	case FEW_PAGES:
		return (2 + c->noise % 7) * page_size;
	case TO_BOUNDARY:
		return inside ? model_boundary(m, addr) - addr : page_size;
	case TO_COLOR_END:
		return inside ? color - (addr - m->base) % color : page_size;
	case TO_END:
		return addr < end ? end - addr : page_size;
	case TO_HIGH_SLOT:
		return addr < end - SLOT ? end - SLOT - addr : page_size;
	case WHOLE:
		return m->length;
	case MANY_PAGES:
		return (16 + c->noise % 300) * page_size;
	case HUGE_PAGE:
		return 2 * MIB;
	case NOTHING:
		return 0;
	case TO_TOP:
		return 0x7ffffffff000UL - addr;
	case OVERFLOW:
		return c->noise % 2 ? -addr : -page_size;
	default: /* ONE_PAGE */
		return page_size;
	}
}

struct range aim(const struct model *m, const struct call *c)
{
	struct range r = { .addr = place_of(m, c) };

	if (c->place != AT_EXTREME)
		r.addr += c->pages * page_size;
	r.length = extent_of(m, c, r.addr);
	r.addr += (c->tweak & 1) - (c->tweak >> 1 & 1);
	r.length += (c->tweak >> 2 & 1) - (c->tweak >> 3 & 1);
	return r;
}

/* For people to copy, not to read: what the calls did is printed beside it. */
void call_to_text(const struct call *c, char text[33])
{
	sprintf(text, "%02x%02x%02x%02x%02x%02x%04x%016lx", c->op, c->place, c->extent, c->tweak,
		(uint8_t)c->pages, c->variant, c->index, (unsigned long)c->noise);
}

bool call_from_text(const char *text, struct call *c)
{
	unsigned int op, place, extent, tweak, pages, variant, index;
	unsigned long noise;

	if (sscanf(text, "%2x%2x%2x%2x%2x%2x%4x%16lx", &op, &place, &extent, &tweak, &pages,
		   &variant, &index, &noise) != 8 || op >= nr_ops || strlen(text) < 32)
		return false;
	*c = (struct call){ op, place, extent, tweak, (int8_t)pages, variant, index, noise };
	return true;
}
