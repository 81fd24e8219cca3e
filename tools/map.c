// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "map.h"

#include <inttypes.h>
#include <string.h>

#include "tool.h"

const char *const picture_note =
	"Claims are the library's: seen from outside they are reserve, as what is free.";

unsigned int window_rows(const struct window *w)
{
	return (w->colors + w->colors_of_row - 1) / w->colors_of_row;
}

void window_row(const struct window *w, unsigned int row, uint64_t *start, uint64_t *end)
{
	*start = w->base + row * w->row_length;
	*end = *start + w->row_length < w->end ? *start + w->row_length : w->end;
}

const char *window_row_name(const struct window *w, unsigned int row, char buf[24])
{
	unsigned int first = row * w->colors_of_row;
	unsigned int last = first + w->colors_of_row - 1;

	if (!w->colors_known)
		buf[0] = '\0';
	else if (w->colors_of_row == 1)
		snprintf(buf, 24, "%u", first);
	else
		snprintf(buf, 24, "%u-%u", first, last < w->colors ? last : w->colors - 1);
	return buf;
}

static void add_claim(const struct found_region *found, char *buf, size_t room)
{
	const struct watch_region *r = &found->word;

	switch (found->claim) {
	case CLAIM_OWN:
		snprintf(buf, room, ", %s%s%s", watch_level_name(r->level), r->reason ? ": " : "",
			 watch_reason_text(r->reason));
		break;
	case CLAIM_INHERITED:
		snprintf(buf, room, ", %s, inherited by fork: %.15s reserved it",
			 watch_level_name(r->level), r->comm);
		break;
	case CLAIM_AMONG:
		snprintf(buf, room, ", at least %s, inherited by fork: one of %u regions at this "
			 "base", watch_level_name(r->level), found->among);
		break;
	case CLAIM_UNTOLD:
		snprintf(buf, room, ", level and colors not known");
		break;
	}
}

const char *window_title(const struct window *w, char buf[320])
{
	char length[24], color[24];
	int n;

	n = snprintf(buf, 320, "0x%" PRIx64 " to 0x%" PRIx64 ", %s", w->base, w->end,
		     format_size(length, w->end - w->base));
	if (w->colors_known)
		n += snprintf(buf + n, 320 - (size_t)n, " in %u colors of %s", w->colors,
			      format_size(color, (w->end - w->base) / w->colors));
	if (w->found)
		add_claim(w->found, buf + n, 320 - (size_t)n);
	else
		snprintf(buf + n, 320 - (size_t)n, ", named by libgccolor, not the module's%s",
			 w->open_reserve ? ": all of it can be read, reserve too" : "");
	return buf;
}

/* Names are all that tells a region without the module; its reserve has none. */
static bool belongs(const struct window *w, const struct mapping *m)
{
	if (w->found)
		return mapping_of_module(m) && mapping_same_region(&w->found->first, m);
	return !m->inode && (!*m->name || !strncmp(m->name, "[anon:gccolor:", 14));
}

struct content picture_content(const struct picture *p, const struct window *w, uint64_t start,
			       uint64_t end)
{
	struct content c = { 0 };
	uint64_t done = start;
	size_t i;

	/* A process that changes while it is read may show a place twice. */
	for (i = space_find(p->space, start); i < p->space->count; i++) {
		const struct mapping *m = &p->space->v[i];
		uint64_t from = m->start > done ? m->start : done;
		uint64_t to = m->end < end ? m->end : end;

		if (m->start >= end)
			break;
		if (from >= to || !belongs(w, m))
			continue;
		done = to;
		if (m->perms[0] != 'r') {
			c.reserve += to - from;
			continue;
		}
		c.committed += to - from;
		c.read_only |= m->perms[1] != 'w';
		c.executable |= m->perms[2] == 'x';
	}
	c.foreign = end - start - c.committed - c.reserve;
	return c;
}

enum cell content_cell(const struct content *c)
{
	if (c->foreign)
		return CELL_FOREIGN;
	if (!c->committed)
		return CELL_RESERVE;
	return c->reserve ? CELL_PARTLY : CELL_COMMITTED;
}

const char *content_text(const struct content *c, char buf[96])
{
	char committed[24], foreign[24];
	int n;

	if (c->committed)
		n = snprintf(buf, 96, "%s%s", format_size(committed, c->committed),
			     c->executable ? ", some executable" :
			     c->read_only ? ", some read-only" : "");
	else
		n = snprintf(buf, 96, "reserve");
	if (c->foreign)
		snprintf(buf + n, 96 - (size_t)n, ", %s NOT THE REGION'S",
			 format_size(foreign, c->foreign));
	return buf;
}
