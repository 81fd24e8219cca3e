/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * gccolor compare: what its files share.
 *
 * The command starts itself anew for each row (a fresh address space), the row
 * process forks a child for each measurement and for each attack, and all of
 * them write into one struct row in shared memory, which the row process sends
 * back through a pipe.
 */
#ifndef GCCOLOR_COMPARE_H
#define GCCOLOR_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gccolor.h>

#define ATTACKS_MAX	96

enum verdict {
	NOT_RUN = 0,	/* this kernel or this process cannot try it */
	REFUSED,	/* the call failed; everything is as it was */
	HARMLESS,	/* the call succeeded elsewhere; everything is as it was */
	KILLED,		/* the process was killed in the call: no damage done */
	SUCCEEDED,	/* mapping, protection or contents changed */
	UNOWNED,	/* nobody holds the target: anyone can map it */
};

struct row {
	uint32_t backend;
	uint32_t level;
	char error[240];		/* why there is no row; empty: there is one */
	/* Arenas. */
	uint64_t of;
	uint64_t in_color;
	uint64_t intact;
	uint64_t foreign_in;		/* foreign mappings that got into the region */
	uint64_t charged;		/* bytes, of the allocations */
	uint64_t charged_reserve;	/* bytes, of the region before them */
	bool arenas_done;
	/* Attacks. */
	uint32_t refused;
	uint32_t attacks;
	bool owner_ok;
	bool traps;
	bool traps_done;
	uint8_t verdict[ATTACKS_MAX];	/* enum verdict, by attack number */
	/* Cost; below 0: not measured. */
	double calls_per_alloc;
	double cost_ratio;
};

struct plan {
	uint32_t backend;
	uint64_t arenas;
	uint64_t size;
	uint64_t foreign;
};

/* system_*.c: measure one row in a fresh process. */
void system_row(const struct plan *p, struct row *row);

/* compare_plan.c */

/* Open the plan's region; into row->error on failure. NULL on failure. */
struct gccolor *open_region(const struct plan *p, struct row *row);

/*
 * One allocation of the plan; which: its number. The color asked for, if the
 * caller wants it. 0 or a negative errno.
 */
int plan_alloc(struct gccolor *gc, const struct plan *p, uint64_t which, void **out,
	       uint32_t *color);

/* Seconds for all allocations of the plan; they are freed unmeasured. Below 0: failed. */
double plan_round(const struct plan *p, struct gccolor *gc, void **addr);

/*
 * Run work(arg) in a forked child with a time limit. Returns the child's wait
 * status, or -1.
 */
int in_child(void (*work)(void *arg), void *arg, unsigned int seconds);

/* compare_cost.c: system calls and time per allocation. */
void measure_calls(const struct plan *p, struct row *row);
void measure_time(const struct plan *p, struct row *row);

/* compare_judge.c: every attack, each in a child of its own; traps; owner. */
void measure_attacks(const struct plan *p, struct row *row);

/* compare_attacks.c: the table of attacks. */
#define ON_COMMITTED	0x1u
#define ON_RESERVE	0x2u

/* What an attack aims at. */
struct target {
	uintptr_t base;		/* of the region */
	size_t length;
	size_t page_size;
	char *page;		/* one page in the middle of the mapping */
	char *vma;		/* the whole mapping that holds it */
	size_t vma_length;
	uint64_t expected;	/* first word of the page, if committed */
	bool committed;
};

/*
 * run() returns 0 if the kernel did what it was asked to do to the target, 1 if
 * it did it elsewhere or to no effect, a negative errno if it refused, and
 * ATTACK_SKIP if it cannot be tried here.
 */
#define ATTACK_SKIP	(-4096)

struct attack {
	const char *name;
	unsigned int on;	/* ON_COMMITTED, ON_RESERVE or both */
	bool promised;		/* false: listed with -v, never counted */
	int (*run)(const struct target *t);
	bool owner_decides;	/* a success is no damage if the owner can go on */
};

/* compare_advice.c: those that are not promised to be refused. */
int advise_dontneed(const struct target *t);
int advise_free(const struct target *t);
int advise_remove(const struct target *t);
int advise_guard(const struct target *t);
int advise_dontfork(const struct target *t);
int advise_dontdump(const struct target *t);
int advise_wipe(const struct target *t);
int advise_process(const struct target *t);
int advise_lock(const struct target *t);

extern const struct attack attacks[];
extern const unsigned int attacks_count;

#endif /* GCCOLOR_COMPARE_H */
