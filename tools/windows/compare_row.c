// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * One row of gccolor compare, in a process of its own: N allocations while K
 * foreign ones push in, then their cost; attacks are measured in other processes.
 */
#include <stdlib.h>
#include <string.h>

#include "../compare.h"
#include "../tool.h"
#include "process.h"

#define FOREIGN_LENGTH	(64 * 1024)
#define ROUNDS		3
#define HUGE_TIME	1000000.0	/* seconds */

/*
 * What other code in the process does meanwhile: allocations that want the place
 * where the collector goes on, every second one of them insisting.
 */
static void push_in(const struct gccolor_geometry *g, struct row *row, uint64_t which,
		    const char *last)
{
	uintptr_t at = last ? (uintptr_t)last + g->page_size : g->base + g->slot;
	void *p = VirtualAlloc((void *)at, FOREIGN_LENGTH, MEM_RESERVE, PAGE_NOACCESS);

	if (!p && !(which & 1))
		p = VirtualAlloc(NULL, FOREIGN_LENGTH, MEM_RESERVE, PAGE_NOACCESS);
	row->foreign_in += p && gccolor_contains(*g, p);
}

static uint64_t mark(uint64_t which, uintptr_t at)
{
	return (which + 1) * 0x9e3779b97f4a7c15ULL ^ at;
}

static void run_arenas(const struct plan *p, struct row *row)
{
	uint64_t last = p->size / 8 - 1, i, next = 0;
	struct gccolor_status st = { .size = sizeof(st) };
	uint64_t **addr = calloc(p->arenas, sizeof(*addr));
	uint8_t *right = calloc(p->arenas, 1);
	struct gccolor *gc = open_region(p, row);
	struct gccolor_geometry g;
	char *end = NULL;
	uint32_t color;
	void *out;
	int err;

	if (!gc || !addr || !right)
		return;
	g = gccolor_geometry(gc);
	for (i = 0; i < p->arenas; i++) {
		while (next < p->foreign && next * p->arenas / p->foreign <= i)
			push_in(&g, row, next++, end);
		err = plan_alloc(gc, p, i, &out, &color);
		if (err) {
			snprintf(row->error, sizeof(row->error), "arena %llu of %llu: %s",
				 (unsigned long long)i + 1, (unsigned long long)p->arenas,
				 gccolor_strerror(err));
			return;
		}
		addr[i] = out;
		right[i] = gccolor_color_of(g, out) == (int)color;
		end = (char *)out + p->size;
		addr[i][0] = mark(i, (uintptr_t)out);
		addr[i][last] = ~addr[i][0];
	}
	/* What is committed is charged, and nothing else. */
	if (gccolor_status(gc, &st) == 0)
		row->charged = st.extents;
	for (i = 0; i < p->arenas; i++) {
		bool intact = addr[i][0] == mark(i, (uintptr_t)addr[i]) &&
			      addr[i][last] == ~addr[i][0];

		row->intact += intact;
		row->in_color += intact && right[i];
	}
	row->of = p->arenas;
	row->arenas_done = true;
	for (i = 0; i < p->arenas; i++)
		gccolor_free(gc, addr[i], p->size);
	gccolor_close(gc, 0);
	free(addr);
	free(right);
}

static double plain_round(const struct plan *p, void **addr)
{
	double start = system_seconds(), end;
	uint64_t i, n;

	for (n = 0; n < p->arenas; n++) {
		addr[n] = VirtualAlloc(NULL, p->size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
		if (!addr[n])
			break;
	}
	end = system_seconds();
	for (i = 0; i < n; i++)
		VirtualFree(addr[i], 0, MEM_RELEASE);
	return n == p->arenas ? end - start : -1;
}

void measure_time(const struct plan *p, struct row *row)
{
	static struct row ignored;
	double plain = HUGE_TIME, region = HUGE_TIME, s;
	void **addr = calloc(p->arenas, sizeof(*addr));
	struct gccolor *gc = open_region(p, &ignored);
	int i;

	/* In turn, and the best of each: the machine's mood is the same for both. */
	for (i = 0; gc && addr && i < ROUNDS; i++) {
		s = plain_round(p, addr);
		if (s < 0)
			return;
		plain = s < plain ? s : plain;
		s = plan_round(p, gc, addr);
		if (s < 0)
			return;
		region = s < region ? s : region;
	}
	if (gc && addr && plain > 0)
		row->cost_ratio = region / plain;
	free(addr);
}

/* gccolor compare-row BACKEND ARENAS SIZE FOREIGN HANDLE */
int cmd_compare_row(int argc, char **argv)
{
	struct row *row;
	struct plan p;

	if (argc != 6)
		return usage_error("", "compare-row is for gccolor compare only");
	if (option_backend("compare-row", argv[1], &p.backend) ||
	    option_count("compare-row", "ARENAS", argv[2], 1, UINT32_MAX, &p.arenas) ||
	    option_count("compare-row", "SIZE", argv[3], 1, UINT64_MAX, &p.size) ||
	    option_count("compare-row", "FOREIGN", argv[4], 0, UINT32_MAX, &p.foreign))
		return TOOL_USAGE;
	row = shared_open(strtoull(argv[5], NULL, 0), sizeof(*row));
	if (!row)
		return TOOL_FAILED;
	row->backend = p.backend;
	row->cost_ratio = -1;
	row->calls_per_alloc = -1;	/* nothing counts system calls from outside */
	run_arenas(&p, row);
	if (!row->arenas_done && !row->error[0])
		snprintf(row->error, sizeof(row->error), "no memory for the arenas");
	if (!row->error[0]) {
		measure_attacks(&p, row);
		measure_time(&p, row);
	}
	return TOOL_OK;
}
