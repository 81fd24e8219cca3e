// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Turns, medians and lines of the benchmarks in time. */
#define _GNU_SOURCE
#include "native.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../compare.h"
#include "../tool.h"

#define TURN_NS		2e6	/* a turn takes about as long as this */
#define PASSES_MAX	100000
#define ROW_SECONDS	300
#define ALIGN		((size_t)2 << 20)	/* as a region: no job spans more page tables */

/* What the process of a row knows. */
struct task {
	const struct native_row *row;
	uint32_t backend;
	int rounds;
	struct native_result *result;	/* in shared memory */
};

const struct native_group *const native_groups[] = {
	&native_steady, &native_paths, &native_claims, &native_placing, NULL
};

static struct native_result *failing;	/* in a row's process */

void native_fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(failing->error, sizeof(failing->error), format, ap);
	va_end(ap);
	_exit(TOOL_FAILED);
}

void native_check(const char *doing, int err)
{
	if (err)
		native_fail("%s: %s", doing, gccolor_strerror(err));
}

void native_need_release(struct gccolor *gc)
{
	struct gccolor_status st = { .size = sizeof(st) };

	native_check("status", gccolor_status(gc, &st));
	if (!(st.caps & GCCOLOR_CAP_RELEASE))
		native_fail("backend %s never gives a region back",
			    gccolor_backend_name(st.backend));
}

struct gccolor *native_open(uint32_t backend, size_t extent)
{
	struct gccolor_options opt = {
		.size = sizeof(opt), .backend = backend, .extent = extent
	};
	struct gccolor *gc;

	native_check("open", gccolor_open(&gc, &opt));
	return gc;
}

char *native_alloc(struct gccolor *gc, size_t length)
{
	struct gccolor_request req = {
		.size = sizeof(req), .length = length, .align = ALIGN
	};
	void *p;

	native_check("alloc", gccolor_alloc(gc, &req, &p));
	return p;
}

char *native_reserve(size_t length)
{
	char *p = mmap(NULL, length + ALIGN, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		native_fail("a reservation of %zu bytes: %m", length);
	return p + (0 - (uintptr_t)p) % ALIGN;
}

size_t native_random(size_t below)
{
	static uint64_t seed = 1;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % below);
}

void native_touch(char *p, unsigned int pages)
{
	size_t page = system_page_size();

	for (; pages; pages--, p += page)
		*(volatile long *)p = 1;
}

/* The time that this thread ran: other processes want the processor too. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds that @passes jobs take. */
static double turn(const struct native_row *row, int way, int passes)
{
	double begin = now(), time = 0;
	int i;

	for (i = 0; i < passes; i++) {
		row->job(row, way);
		if (row->undo) {
			time += now() - begin;
			row->undo(row, way);
			begin = now();
		}
	}
	return row->undo ? time : now() - begin;
}

static int ways_of(const struct native_row *row)
{
	int n = 0;

	while (row->ways[n])
		n++;
	return n;
}

static int order(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct native_ratio spread(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), order);
	return (struct native_ratio){
		values[count / 4], values[count / 2], values[count - 1 - count / 4]
	};
}

static void conclude(const struct native_row *row, double ns[][NATIVE_ROUNDS_MAX], int rounds,
		     struct native_result *result)
{
	int ways = ways_of(row), way, i;
	double values[NATIVE_ROUNDS_MAX];

	for (way = 0; way < ways; way++) {
		for (i = 0; i < rounds; i++)
			values[i] = ns[0][i] / ns[way][i];
		result->ratio[way] = spread(values, rounds);
		memcpy(values, ns[way], (size_t)rounds * sizeof(*values));
		result->ns[way] = spread(values, rounds).middle;
	}
	result->fastest = 1;
	for (way = 2; way < ways; way++) {
		if (result->ns[way] < result->ns[result->fastest])
			result->fastest = way;
	}
}

static void run_row(void *arg)
{
	static double ns[NATIVE_WAYS][NATIVE_ROUNDS_MAX];
	const struct task *task = arg;
	const struct native_row *row = task->row;
	int passes[NATIVE_WAYS], ways = ways_of(row);
	int round, way, i;

	failing = task->result;
	row->begin(row, task->backend);
	for (way = 0; way < ways; way++) {
		turn(row, way, 1);	/* caches fill */
		for (passes[way] = 1; passes[way] < PASSES_MAX; passes[way] *= 2) {
			if (turn(row, way, passes[way]) >= TURN_NS / 2)
				break;
		}
	}
	for (round = 0; round < task->rounds; round++) {
		for (i = 0; i < ways; i++) {
			way = round % 2 ? ways - 1 - i : i;
			ns[way][round] = turn(row, way, passes[way]) / passes[way] / row->units;
		}
	}
	conclude(row, ns, task->rounds, task->result);
}

void native_measure(const struct native_row *row, uint32_t backend, int rounds,
		    struct native_result *result)
{
	struct task task = { row, backend, rounds, NULL };
	int status;

	memset(result, 0, sizeof(*result));
	task.result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (task.result == MAP_FAILED) {
		snprintf(result->error, sizeof(result->error), "mmap: %m");
		return;
	}
	status = in_child(run_row, &task, ROW_SECONDS);
	*result = *task.result;
	munmap(task.result, sizeof(*result));
	if (status < 0)
		snprintf(result->error, sizeof(result->error), "fork: %m");
	else if (WIFSIGNALED(status))
		snprintf(result->error, sizeof(result->error), "the row's process: %s",
			 strsignal(WTERMSIG(status)));
}

static void open_only(const struct native_row *row, uint32_t backend)
{
	(void)row;
	native_open(backend, 0);
}

int native_probe(uint32_t backend, struct native_result *result)
{
	static const struct native_row nothing = { .name = "a region", .begin = open_only };

	native_measure(&nothing, backend, 1, result);
	return result->error[0] ? -1 : 0;
}

static double goal_of(const struct native_row *row, uint32_t backend)
{
	return row->kernel && backend != GCCOLOR_KMOD ? 0 : row->goal;
}

void native_print_head(void)
{
	printf("%-7s  %-42s  %10s  %10s  %-20s  %s\n", "backend", "row", "region", "peer",
	       "ratio (quartiles)", "goal");
}

static void print_text(const struct native_row *row, uint32_t backend,
		       const struct native_result *result)
{
	const struct native_ratio *r = &result->ratio[result->fastest];
	double goal = goal_of(row, backend);
	char ratio[48];

	printf("%-7s  %-42s  ", gccolor_backend_name(backend), row->name);
	if (result->error[0]) {
		printf("not measured: %s\n", result->error);
		return;
	}
	snprintf(ratio, sizeof(ratio), "%.3f (%.3f to %.3f)", r->middle, r->low, r->high);
	printf("%10.1f  %10.1f  %-20s", result->ns[0], result->ns[result->fastest], ratio);
	if (goal > 0)
		printf("  %g: %s", goal, r->middle <= goal ? "met" : "missed");
	putchar('\n');
}

static void print_json(const struct native_group *group, const struct native_row *row,
		       uint32_t backend, int rounds, const struct native_result *result)
{
	double goal = goal_of(row, backend);
	int way;

	printf("{\"group\":\"%s\",\"row\":", group->name);
	json_string(stdout, row->name);
	printf(",\"backend\":\"%s\",\"rounds\":%d,\"goal\":", gccolor_backend_name(backend),
	       rounds);
	if (goal > 0)
		printf("%g", goal);
	else
		printf("null");
	printf(",\"error\":");
	if (result->error[0]) {
		json_string(stdout, result->error);
		puts(",\"ways\":[]}");
		return;
	}
	printf("null,\"fastest\":%d,\"ways\":[", result->fastest);
	for (way = 0; row->ways[way]; way++) {
		const struct native_ratio *r = &result->ratio[way];

		printf("%s{\"way\":", way ? "," : "");
		json_string(stdout, row->ways[way]);
		printf(",\"ns\":%.1f,\"ratio\":%.4f,\"low\":%.4f,\"high\":%.4f}",
		       result->ns[way], r->middle, r->low, r->high);
	}
	puts("]}");
}

int native_run(const struct native_group *group, uint32_t backend, int rounds, bool json)
{
	const struct native_row *row;
	struct native_result result;
	int measured = 0;

	for (row = group->rows; row->name; row++) {
		native_measure(row, backend, rounds, &result);
		measured += !result.error[0];
		if (json)
			print_json(group, row, backend, rounds, &result);
		else
			print_text(row, backend, &result);
		fflush(stdout);
	}
	return measured;
}
