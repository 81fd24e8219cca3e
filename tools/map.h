/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* gccolor map: what is drawn, before it is decided how. */
#ifndef GCCOLOR_MAP_H
#define GCCOLOR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "regions.h"
#include "space.h"

#define WINDOW_ROWS	16	/* more colors than that share rows */

/* A region as it is drawn. */
struct window {
	const struct found_region *found;	/* NULL: named by the library, not the module's */
	uint64_t base;
	uint64_t end;
	bool open_reserve;			/* backend mseal has no other */
	bool colors_known;
	unsigned int colors;
	unsigned int colors_of_row;
	uint64_t row_length;
	const struct mapping *below;		/* foreign neighbours; NULL: none */
	const struct mapping *above;
};

struct picture {
	uint32_t pid;
	char comm[16];
	bool asked;			/* the module, that is */
	const struct space *space;
	struct window *v;
	size_t count;
};

/* What there is in a piece of a region. */
enum cell {
	CELL_RESERVE,
	CELL_PARTLY,			/* some of it is committed */
	CELL_COMMITTED,
	CELL_FOREIGN,			/* somebody else's mapping in it, or a hole */
};

struct content {
	uint64_t committed;
	uint64_t reserve;
	uint64_t foreign;
	bool read_only;			/* some of what is committed */
	bool executable;
};

/* How many rows of a window, and what a row is. */
unsigned int window_rows(const struct window *w);
void window_row(const struct window *w, unsigned int row, uint64_t *start, uint64_t *end);

/* "3" or "4-7", of a row. */
const char *window_row_name(const struct window *w, unsigned int row, char buf[24]);

/* "region 3 at 0x6000..., 1 TiB, 16 colors of 64 GiB, enforced", as text in @buf. */
const char *window_title(const struct window *w, char buf[320]);

struct content picture_content(const struct picture *p, const struct window *w, uint64_t start,
			       uint64_t end);
enum cell content_cell(const struct content *c);

/* "1.5 MiB committed, some read-only", as text in @buf. */
const char *content_text(const struct content *c, char buf[96]);

/* What outsiders cannot see. */
extern const char *const picture_note;

void draw_text(const struct picture *p, FILE *f, unsigned int width, bool colours);
void draw_svg(const struct picture *p, FILE *f);

#endif /* GCCOLOR_MAP_H */
