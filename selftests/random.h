/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * Random testing: sequences of address-space calls around a region, made from a
 * seed, with an oracle that knows what the region must look like after each.
 *
 *	random_gen.c		calls from a seed; where a call aims; their text form
 *	random_model.c		what the region should be
 *	random_oracle.c		is it?
 *	random_memory.c		and what is in it?
 *	random_expect.c		what must come of the owner's calls
 *	random_ioctl.c		the owner's calls
 *	random_command.c	the same with anything for a struct
 *	random_space.c		calls that map, unmap, move and re-protect
 *	random_advice.c		calls that advise, lock and limit
 *	random_process.c	memory access, fork, exec, threads
 *	random_shrink.c		running a sequence in a process; making it shorter
 *	random_test.c		the program
 */
#ifndef SELFTESTS_RANDOM_H
#define SELFTESTS_RANDOM_H

#include <setjmp.h>
#include <stdatomic.h>
#include <signal.h>

#include "region.h"

#define CALLS_MAX	512	/* of a sequence */
#define RUNS_MAX	1024
#define PAGES_MAX	512
#define APRON_PAGES	32	/* on either side of a region, for foreign memory */
#define THREADS_MAX	4
/* More than that is not faulted in at once. */
#define POPULATE_MAX	(4 * MIB)
/* Where calls move memory to; no region is here. */
#define SCRATCH		0x080000000000UL

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/*
 * One call. Everything about where it aims is relative to the region as it is
 * when the call is made, so that a sequence keeps its sense when others are
 * taken out of it.
 */
struct call {
	uint8_t op;		/* index into ops[] */
	uint8_t place;		/* enum place */
	uint8_t extent;		/* enum extent */
	uint8_t tweak;		/* a byte more (1) or less (2) of address, of length (4, 8) */
	int8_t pages;		/* added to the place */
	uint8_t variant;	/* of the operation */
	uint16_t index;		/* which color, which run */
	uint64_t noise;
};

_Static_assert(sizeof(struct call) == 16, "calls are printed as they are in memory");

enum place {
	AT_BASE, AT_LOW_SLOT, AT_HIGH_SLOT, AT_END, AT_COLOR, AT_RUN_START, AT_RUN_END,
	AT_RUN_MIDDLE, AT_COLOR_MIDDLE, AT_RANDOM, AT_BELOW, AT_ABOVE, AT_EXTREME,
	PLACES,
};

enum extent {
	ONE_PAGE, FEW_PAGES, TO_BOUNDARY, TO_COLOR_END, TO_END, TO_HIGH_SLOT, WHOLE, MANY_PAGES,
	HUGE_PAGE, NOTHING, TO_TOP, OVERFLOW,
	EXTENTS,
};

struct range {
	unsigned long addr;
	unsigned long length;
};

/* Committed pages with one protection. */
struct run {
	unsigned long start;
	unsigned long end;
	unsigned int prot;
};

/* A page that was written. Every other committed page is zero. */
struct page {
	unsigned long addr;
	unsigned long value;
	enum { EXACT, OR_ZERO, ANYTHING } state;
};

struct model {
	unsigned long base;
	unsigned long length;
	unsigned int shift;
	uint64_t exec_colors;
	bool locked;
	unsigned int nr_runs;
	struct run runs[RUNS_MAX];
	unsigned int nr_pages;
	struct page pages[PAGES_MAX];
};

/* What one process is about to do and has done; its parent reads it. */
struct report {
	atomic_ulong calls, mutating, denied, forks, execs, threads, stopped;
	atomic_int found;
	atomic_int hits;	/* the current call attacks the region */
	int position;		/* of the call that was found out */
	const char *kind;	/* what tells one finding from another */
	char text[400];
};

/* The process that runs a sequence. */
struct world {
	struct model model;
	const struct call *calls;
	int count, position;
	int fd;			/* -1: all were closed */
	int maps, memory;	/* /proc/self/maps, /proc/self/mem */
	int uffd;
	int depth;		/* of forks */
	unsigned long key;	/* of what this process writes */
	unsigned int level;
	uint64_t features;
	unsigned long address_end;
	bool may_lose_region;	/* at fork: MADV_DONTFORK of the lowest reserve */
	bool locks_future;
	bool crumbled;		/* reserve lies in several mappings */
	bool denies_exec;
	bool implies_exec;
	int limited;		/* calls until the limits are lifted again */
	bool threaded;
	bool verbose;
	int plant;
	struct range target;	/* of the current call */
	struct report *report;
};

#define NO_CHECK	1	/* changes nothing */
#define ALONE		2	/* not while other threads call */

struct op {
	const char *name;
	/* 0, a negative errno, or an address. */
	long (*run)(struct world *w, const struct call *c, struct range r);
	unsigned int weight;
	unsigned int flags;
};

extern const struct op ops[];
extern const unsigned int nr_ops;

extern unsigned long page_size;

/* random_gen.c */
uint64_t next_random(uint64_t *state);
int make_calls(uint64_t seed, unsigned long number, struct call *calls);
struct range aim(const struct model *m, const struct call *c);
void call_to_text(const struct call *c, char text[33]);
bool call_from_text(const char *text, struct call *c);

/* random_model.c */
void model_set(struct model *m, unsigned long start, unsigned long end, unsigned int prot);
/* The run that holds @addr, or NULL. */
const struct run *model_run(const struct model *m, unsigned long addr);
/* The first boundary of a run above @addr, or the region's end. */
unsigned long model_boundary(const struct model *m, unsigned long addr);
unsigned long model_committed(const struct model *m, unsigned long start, unsigned long end);
void model_write(struct model *m, unsigned long addr, unsigned long value, int state);
/* Contents of [start, end) may be gone, or are anything. */
void model_fade(struct model *m, unsigned long start, unsigned long end, int state);
const struct page *model_page(const struct model *m, unsigned long addr);

static inline unsigned long model_end(const struct model *m)
{
	return m->base + m->length;
}

static inline unsigned long page_down(unsigned long addr)
{
	return addr & -page_size;
}

static inline unsigned long page_up(unsigned long length)
{
	return page_down(length + page_size - 1);
}

/* Does the range touch the region? Nothing wraps around into it. */
static inline bool overlaps(const struct model *m, unsigned long addr, unsigned long length)
{
	return length && addr < model_end(m) &&
	       (addr + length < addr || addr + length > m->base);
}

/* random_oracle.c */
void found(struct world *w, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void say(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_region(struct world *w);
void check_absent(struct world *w);
void probe(struct world *w, unsigned long start, unsigned long end);
void probe_runs(struct world *w);
void check_end(struct world *w);
/* Take what is there for what should be, if it is lawful. */
void adopt_region(struct world *w);

/*
 * A call that could reshape the region, before and after: it must have failed
 * if it touches the region. Returns @ret.
 */
void attacks(struct world *w, bool hits);
long must_fail(struct world *w, bool hits, const char *what, long ret);

/* random_memory.c */
void check_contents(struct world *w, bool all);
/* Access that may trap: 0, or the signal. */
int peek(unsigned long addr, unsigned long *value);
int poke(unsigned long addr, unsigned long value);
void catch_signals(struct world *w);

/* random_ioctl.c */
void open_world(struct world *w, uint64_t noise);
long do_commit(struct world *w, const struct call *c, struct range r);
long do_decommit(struct world *w, const struct call *c, struct range r);
long do_info(struct world *w, const struct call *c, struct range r);
long do_query(struct world *w, const struct call *c, struct range r);
long do_lock(struct world *w, const struct call *c, struct range r);
long do_release(struct world *w, const struct call *c, struct range r);
long do_reserve(struct world *w, const struct call *c, struct range r);
long do_map_device(struct world *w, const struct call *c, struct range r);
long do_close(struct world *w, const struct call *c, struct range r);

/* random_command.c */
/* Memory for the structs. */
void prepare_commands(void);
long do_command(struct world *w, const struct call *c, struct range r);

/* random_space.c */
long do_map_fixed(struct world *w, const struct call *c, struct range r);
long do_map_hint(struct world *w, const struct call *c, struct range r);
long do_munmap(struct world *w, const struct call *c, struct range r);
long do_mprotect(struct world *w, const struct call *c, struct range r);
long do_move_out(struct world *w, const struct call *c, struct range r);
long do_move_in(struct world *w, const struct call *c, struct range r);
long do_resize(struct world *w, const struct call *c, struct range r);
long do_file_pages(struct world *w, const struct call *c, struct range r);
long do_shmat(struct world *w, const struct call *c, struct range r);
long do_brk(struct world *w, const struct call *c, struct range r);
long do_stack(struct world *w, const struct call *c, struct range r);

/* random_advice.c */
struct range near(const struct world *w, struct range r);
/* Every other time, just a run or a part of one. */
struct range onto_run(const struct world *w, const struct call *c, struct range r);
long do_madvise(struct world *w, const struct call *c, struct range r);
long do_process_madvise(struct world *w, const struct call *c, struct range r);
long do_mlock(struct world *w, const struct call *c, struct range r);
long do_mlockall(struct world *w, const struct call *c, struct range r);
long do_mbind(struct world *w, const struct call *c, struct range r);
long do_msync(struct world *w, const struct call *c, struct range r);
long do_mincore(struct world *w, const struct call *c, struct range r);
long do_mseal(struct world *w, const struct call *c, struct range r);
long do_uffd(struct world *w, const struct call *c, struct range r);
long do_prctl(struct world *w, const struct call *c, struct range r);
long do_personality(struct world *w, const struct call *c, struct range r);
long do_limit(struct world *w, const struct call *c, struct range r);
long do_clear_refs(struct world *w, const struct call *c, struct range r);
void lift_limits(struct world *w);
/* Undo what mlockall, personality and userfaultfd left. */
void settle(struct world *w);

/* random_process.c */
long do_write(struct world *w, const struct call *c, struct range r);
long do_read(struct world *w, const struct call *c, struct range r);
long do_write_memory(struct world *w, const struct call *c, struct range r);
long do_read_into(struct world *w, const struct call *c, struct range r);
long do_fork(struct world *w, const struct call *c, struct range r);
long do_exec(struct world *w, const struct call *c, struct range r);
long do_threads(struct world *w, const struct call *c, struct range r);
int after_exec(int fd, unsigned long base, unsigned long length);
/* Run calls up to @end, checking after each. */
void run_calls(struct world *w, int end);

/* random_shrink.c */
/* Runs the sequence in a fresh process. Returns whether something was found. */
bool run_sequence(const struct call *calls, int count, int plant, bool verbose,
		  struct report *report);
/* Takes out what is not needed to find something. Returns what is left. */
int shrink(struct call *calls, int count, int plant, struct report *report);

#endif /* SELFTESTS_RANDOM_H */
