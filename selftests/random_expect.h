/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What must come of a command. Every error that the header gives for what is
 * wrong with it is collected first: then it must fail with one of them, and if
 * nothing is wrong it must succeed.
 */
#ifndef SELFTESTS_RANDOM_EXPECT_H
#define SELFTESTS_RANDOM_EXPECT_H

#include "random.h"

struct expect {
	bool fails;		/* something is wrong for sure */
	unsigned int count;
	int errors[24];
};

static inline void may(struct expect *e, bool when, int error)
{
	if (when)
		e->errors[e->count++] = -error;
}

static inline void must(struct expect *e, bool when, int error)
{
	may(e, when, error);
	e->fails |= when;
}

void expect_commit(const struct world *w, struct expect *e, const struct gccolor_ioc_commit *a);
void expect_decommit(const struct world *w, struct expect *e,
		     const struct gccolor_ioc_decommit *a);
/* On a file without a region. */
void expect_reserve(const struct world *w, struct expect *e,
		    const struct gccolor_ioc_reserve *a);

/* Returns @ret, if it is what was expected. */
long judge(struct world *w, const struct expect *e, const char *what, long ret);

/* The COMMIT that a call means. */
struct gccolor_ioc_commit commit_args(const struct world *w, const struct call *c,
				      struct range r);

#endif /* SELFTESTS_RANDOM_EXPECT_H */
