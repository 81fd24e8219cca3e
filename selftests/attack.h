/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * The attack test: every call that can reshape an address space, aimed at a
 * piece of a region, each in a fresh process.
 */
#ifndef SELFTESTS_ATTACK_H
#define SELFTESTS_ATTACK_H

#include <signal.h>

#include "kernel.h"
#include "maps.h"

/* What is attacked. */
enum kind {
	RESERVE,
	COMMITTED,	/* read and write */
	READ_ONLY,
	KINDS,
};

/* How much of it: of one mapping of 16 pages. */
enum shape {
	PARTIAL,	/* 4 pages in its middle */
	EXACT,
	LARGER,		/* and 8 pages on either side */
	SHAPES,
};

/*
 * The stage: committed, reserve and read-only memory, 16 pages of each, in
 * one row, so that LARGER always reaches into two kinds.
 */
#define STAGE		INSIDE(1)
#define PIECE		(16 * PAGE)
#define AT_COMMITTED	STAGE
#define AT_RESERVE	(STAGE + PIECE)
#define AT_READ_ONLY	(STAGE + 2 * PIECE)
/* Outside, where attackers keep their own memory. */
#define OUTSIDE		(BASE - LENGTH)

struct target {
	enum kind kind;
	enum shape shape;
	unsigned long addr;
	unsigned long length;
	int fd;			/* of the region; what an attacker lacks */
	long arg;
};

/* What may come of an attack. */
#define DENIED		0x01	/* the call fails, nothing changed */
#define HARMLESS	0x02	/* the call succeeds, nothing changed */
#define DISCARD		0x04	/* contents changed: not promised */
#define UNPROMISED	0x08	/* something else that is not promised */
#define UNTESTED	0x10	/* this CPU or kernel lacks the call */
#define KILLED		0x20	/* level guarded: SIGKILL instead of a denial */
/* Kernels differ: one of the above, see resolve() in attack_test.c. */
#define DISCARD_UNTIL_7	0x100	/* DISCARD, since 7.0 DENIED */
#define DISCARD_SINCE_7	0x200	/* DISCARD since 7.0, before that DENIED */
#define DISCARD_FORCED	0x400	/* DISCARD if /proc/self/mem overrides protection, or DENIED */
#define NEVER		0		/* makes no sense for this kind */
/* and BROKEN, which no attack may list */

/* What an attack returns beside 0 (it succeeded) and negative errnos. */
#define CANNOT_TEST	1
#define DID_UNPROMISED	2

struct attack {
	const char *name;
	int (*run)(const struct target *target);
	unsigned short allowed[KINDS];
	bool one_shape;		/* PARTIAL only: the shape makes no difference */
	long arg;
	void (*before)(void);	/* before the region is there */
	int since;		/* KERNEL() that has the call; 0: all of them */
	int denied_since;	/* KERNEL() that denies what is harmless before */
	bool untold;		/* the core has its own reasons to refuse: see must_tell() */
};

#define ALL(verdicts)	{ [RESERVE ... READ_ONLY] = (verdicts) }

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/* One table per file; each ends with an entry without a name. */
extern const struct attack map_attacks[];
extern const struct attack remap_attacks[];
extern const struct attack advice_attacks[];
extern const struct attack uffd_attacks[];
extern const struct attack process_attacks[];
extern const struct attack kernel_attacks[];

/* Of several attempts: a success outweighs every refusal. */
static inline int worse(int a, int b)
{
	return a == 0 || b == 0 ? 0 : b;
}

static inline int result(long ret)
{
	return ret == -1 ? -errno : 0;
}

static inline int map_result(void *p)
{
	return p == MAP_FAILED ? -errno : 0;
}

/* Memory of the attacker's own, at a fixed place outside the region. */
static inline unsigned long own_memory(unsigned long addr, unsigned long length, int flags)
{
	void *p = mmap((void *)addr, length, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | flags, -1, 0);

	return p == MAP_FAILED ? 0 : (unsigned long)p;
}

/*
 * Level guarded: a process that belongs to the attack was killed for it, so the
 * attacked one, which the runner looks at, goes the same way.
 */
static inline int killed_with(int status)
{
	if (status == 1000 + SIGKILL && expected_level() == GCCOLOR_IOC_LEVEL_GUARDED)
		raise(SIGKILL);
	return status;
}

/* The four attacks that matter most, for those who vary who attacks. */
static inline int basic_attacks(const struct target *t)
{
	unsigned long own = own_memory(OUTSIDE, t->length, 0);
	int err = try_munmap(t->addr, t->length);

	err = worse(err, try_map_over(t->addr, t->length));
	err = worse(err, try_mprotect(t->addr, t->length, PROT_READ | PROT_WRITE));
	err = worse(err, map_result(mremap((void *)t->addr, t->length, t->length,
					   MREMAP_MAYMOVE | MREMAP_FIXED,
					   OUTSIDE + 64 * MIB)));
	if (own)
		err = worse(err, map_result(mremap((void *)own, t->length, t->length,
						   MREMAP_MAYMOVE | MREMAP_FIXED, t->addr)));
	return err;
}

#endif /* SELFTESTS_ATTACK_H */
