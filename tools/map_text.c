// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "map.h"

#include <inttypes.h>

#include "tool.h"

#define LABEL	22	/* columns in front of a bar: color, address */
#define CONTENT	24	/* behind it */

static const char letter[] = {
	[CELL_RESERVE] = '.', [CELL_PARTLY] = '+', [CELL_COMMITTED] = '#', [CELL_FOREIGN] = '!',
};

static void neighbour(const char *where, const struct mapping *m, uint64_t edge, FILE *f)
{
	uint64_t gap;
	char size[24];

	if (!m) {
		fprintf(f, "  %-6s nothing is mapped\n", where);
		return;
	}
	gap = m->end <= edge ? edge - m->end : m->start - edge;
	fprintf(f, "  %-6s 0x%012" PRIx64 "-0x%012" PRIx64 " %s, %s away\n", where, m->start,
		m->end, mapping_name(m), format_size(size, gap));
}

/* A color of the palette for each color of the region; red is for strangers. */
static void bar(const struct picture *p, const struct window *w, unsigned int row,
		unsigned int cells, bool colours, FILE *f)
{
	static const unsigned int palette[] = { 32, 33, 34, 35, 36 };
	uint64_t start, end, i;

	window_row(w, row, &start, &end);
	for (i = 0; i < cells; i++) {
		uint64_t from = start + (end - start) / cells * i;
		uint64_t to = i + 1 < cells ? start + (end - start) / cells * (i + 1) : end;
		struct content c = picture_content(p, w, from, to);
		enum cell cell = content_cell(&c);

		if (colours && cell == CELL_FOREIGN)
			fputs("\033[1;41m", f);
		else if (colours)
			fprintf(f, "\033[%s%um", cell == CELL_RESERVE ? "2;" : "7;",
				palette[row % ARRAY_SIZE(palette)]);
		fputc(letter[cell], f);
		if (colours)
			fputs("\033[0m", f);
	}
}

static void draw_window(const struct picture *p, const struct window *w, FILE *f,
			unsigned int width, bool colours)
{
	char title[320], name[24], text[96];
	struct content c;
	unsigned int row;
	uint64_t start, end;

	fprintf(f, "\n%s\n", window_title(w, title));
	neighbour("below", w->below, w->base, f);
	for (row = 0; row < window_rows(w); row++) {
		window_row(w, row, &start, &end);
		c = picture_content(p, w, start, end);
		fprintf(f, "  %5s 0x%012" PRIx64 " ", window_row_name(w, row, name), start);
		bar(p, w, row, width - LABEL - CONTENT, colours, f);
		fprintf(f, " %s\n", content_text(&c, text));
	}
	neighbour("above", w->above, w->end, f);
}

void draw_text(const struct picture *p, FILE *f, unsigned int width, bool colours)
{
	size_t i;

	fprintf(f, "process %" PRIu32 " (%s), %s/proc/%" PRIu32 "/maps\n", p->pid, p->comm,
		p->asked ? "by the module's word and " : "WITHOUT the module's word, by ", p->pid);
	for (i = 0; i < p->count; i++)
		draw_window(p, &p->v[i], f, width, colours);
	fprintf(f, "\n# committed   + partly   . reserve   ! not the region's\n%s\n", picture_note);
}
