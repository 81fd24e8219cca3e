// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* The plan of a row, on every system. */
#include <stdio.h>

#include "compare.h"
#include "tool.h"

struct gccolor *open_region(const struct plan *p, struct row *row)
{
	struct gccolor_options opt = { .size = sizeof(opt), .backend = p->backend };
	struct gccolor_status st = { .size = sizeof(st) };
	struct gccolor *gc;
	int err;

	err = gccolor_open(&gc, &opt);
	if (!err)
		err = gccolor_status(gc, &st);
	if (err) {
		snprintf(row->error, sizeof(row->error), "%s", gccolor_strerror(err));
		return NULL;
	}
	row->backend = st.backend;	/* auto chose one */
	row->level = st.level;
	return gc;
}

int plan_alloc(struct gccolor *gc, const struct plan *p, uint64_t which, void **out,
	       uint32_t *color)
{
	struct gccolor_geometry g = gccolor_geometry(gc);
	struct gccolor_request req = { .size = sizeof(req), .length = p->size };
	uint64_t room = ((uint64_t)1 << g.color_shift) - 2 * g.slot;

	/* All in color 0; what does not fit goes to the colors behind it. */
	req.color = (uint32_t)(which / (room / p->size));
	if (color)
		*color = req.color;
	return gccolor_alloc(gc, &req, out);
}

double plan_round(const struct plan *p, struct gccolor *gc, void **addr)
{
	double start = system_seconds(), end;
	uint64_t i, n;

	for (n = 0; n < p->arenas; n++)
		if (plan_alloc(gc, p, n, &addr[n], NULL))
			break;
	end = system_seconds();
	for (i = 0; i < n; i++)
		gccolor_free(gc, addr[i], p->size);
	return n == p->arenas ? end - start : -1;
}
