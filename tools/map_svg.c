// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "map.h"

#include <inttypes.h>

#define WIDTH	1000
#define LEFT	170
#define BAR	600	/* pixels, each one cell */
#define LINE	22

static void xml_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		default:
			fputc(*s, f);
		}
	}
}

static void label(FILE *f, unsigned int x, unsigned int y, const char *text)
{
	fprintf(f, "<text x=\"%u\" y=\"%u\">", x, y + 15);
	xml_text(f, text);
	fputs("</text>\n", f);
}

/* Hues go round with the rows; what is not the region's is red. */
static void box(FILE *f, unsigned int x, unsigned int y, unsigned int width, enum cell cell,
		unsigned int hue)
{
	static const unsigned int light[] = {
		[CELL_RESERVE] = 92, [CELL_PARTLY] = 65, [CELL_COMMITTED] = 40,
	};

	fprintf(f, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" ", x, y, width, LINE - 4);
	if (cell == CELL_FOREIGN)
		fputs("fill=\"red\"/>\n", f);
	else
		fprintf(f, "fill=\"hsl(%u,60%%,%u%%)\"/>\n", hue, light[cell]);
}

static void bar(const struct picture *p, const struct window *w, unsigned int row, FILE *f,
		unsigned int y)
{
	unsigned int hue = 60 + row * 250 / WINDOW_ROWS, i, since = 0;
	enum cell now = CELL_RESERVE;
	uint64_t start, end;

	window_row(w, row, &start, &end);
	for (i = 0; i < BAR; i++) {
		uint64_t from = start + (end - start) / BAR * i;
		uint64_t to = i + 1 < BAR ? start + (end - start) / BAR * (i + 1) : end;
		struct content c = picture_content(p, w, from, to);
		enum cell cell = content_cell(&c);

		if (i && cell != now) {
			box(f, LEFT + since, y, i - since, now, hue);
			since = i;
		}
		now = cell;
	}
	box(f, LEFT + since, y, BAR - since, now, hue);
}

static void neighbour(FILE *f, unsigned int y, const char *where, const struct mapping *m)
{
	char text[300];

	if (m)
		snprintf(text, sizeof(text), "%s: 0x%012" PRIx64 "-0x%012" PRIx64 " %s", where,
			 m->start, m->end, mapping_name(m));
	else
		snprintf(text, sizeof(text), "%s: nothing is mapped", where);
	label(f, 10, y, text);
}

/* Returns where the next one begins. */
static unsigned int draw_window(const struct picture *p, const struct window *w, FILE *f,
				unsigned int y)
{
	char title[320], name[24], text[96], where[64];
	struct content c;
	unsigned int row;
	uint64_t start, end;

	label(f, 10, y, window_title(w, title));
	neighbour(f, y += LINE, "below", w->below);
	for (row = 0; row < window_rows(w); row++) {
		y += LINE;
		window_row(w, row, &start, &end);
		c = picture_content(p, w, start, end);
		snprintf(where, sizeof(where), "%s 0x%012" PRIx64, window_row_name(w, row, name),
			 start);
		label(f, 10, y, where);
		bar(p, w, row, f, y);
		label(f, LEFT + BAR + 10, y, content_text(&c, text));
	}
	neighbour(f, y += LINE, "above", w->above);
	return y + 2 * LINE;
}

void draw_svg(const struct picture *p, FILE *f)
{
	unsigned int y = LINE / 2, lines = 4;
	char text[96];
	size_t i;

	for (i = 0; i < p->count; i++)
		lines += window_rows(&p->v[i]) + 4;
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"font-family=\"monospace\" font-size=\"13\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		WIDTH, lines * LINE);
	snprintf(text, sizeof(text), "process %" PRIu32 " (%s)%s", p->pid, p->comm,
		 p->asked ? "" : ", WITHOUT the module's word: by /proc/PID/maps alone");
	label(f, 10, y, text);
	y += 2 * LINE;
	for (i = 0; i < p->count; i++)
		y = draw_window(p, &p->v[i], f, y);
	label(f, 10, y - LINE,
	      "Dark: committed; middle: partly; light: reserve; red: not the region's.");
	label(f, 10, y, picture_note);
	fputs("</svg>\n", f);
}
