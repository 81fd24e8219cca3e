// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A region has no hole, not even for a moment: another thread that maps what it
 * finds free in it never gets in, whatever the owner does and whatever fails.
 */
#include <stdatomic.h>

#include "lib_test.h"

#define WINDOW (64 * PAGE)

FIXTURE(hole)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	char *p;	/* WINDOW bytes, claimed */
	char *huge;	/* more than there is memory, if the region is that large */
	size_t huge_length;
};

FIXTURE_SETUP(hole)
{
	struct gccolor_options opt = small_region();

	opt.length = emulated() ? SMALL : DEFAULT_LENGTH;	/* it counts pages */
	opt.min_length = SMALL;
	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	if (!self->f.holds)
		SKIP(return, "the backend holds no addresses");
	ASSERT_EQ(0, claim(self->gc, WINDOW, 1, &self->p));
	self->huge_length = ((size_t)1 << self->g.color_shift) / 2;
	ASSERT_EQ(0, claim(self->gc, self->huge_length, 2, &self->huge));
}

FIXTURE_TEARDOWN(hole)
{
	gccolor_close(self->gc, 0);
}

struct intruder {
	struct gccolor_geometry g;
	char *p;
	char *huge;
	atomic_bool stop;
	size_t tries;
	size_t got_in;
};

static void *intrude(void *arg)
{
	struct intruder *who = arg;
	size_t i = 0;

	while (!atomic_load(&who->stop)) {
		char *start = i % 5 ? who->p : who->huge;
		char *wish = i % 3 ? start + i % (WINDOW / PAGE) * PAGE : NULL;
		char *p = wish && i % 2 == 0 ? take_addresses((uintptr_t)wish, PAGE)
					     : take_any_addresses((uintptr_t)wish, PAGE);

		i++;
		if (!p)
			continue;
		if (gccolor_contains(who->g, p))
			who->got_in++;
		else
			give_addresses(p, PAGE);
	}
	who->tries = i;
	return NULL;
}

/* What the owner does in one round; the limits make some of it fail. */
static void own(struct gccolor *gc, char *p, size_t round, intptr_t file)
{
	static const uint32_t flags[] = {
		0, GCCOLOR_NORESERVE, GCCOLOR_NODUMP, GCCOLOR_HUGETLB, GCCOLOR_WIPE,
		GCCOLOR_STACK, GCCOLOR_HUGEPAGE,
	};
	struct gccolor_image image = { .size = sizeof(image), .file = file, .length = 8 * PAGE,
				       .color = 1 };
	struct gccolor_request r = request(2 * PAGE, 1);
	char *q;

	r.flags = flags[round % 7];
	r.guard = round % 2 ? PAGE : 0;
	gccolor_commit(gc, p, WINDOW, round % 5 ? 0 : GCCOLOR_READ, flags[round % 7]);
	gccolor_decommit(gc, p + 8 * PAGE, 8 * PAGE, GCCOLOR_TRAP);
	if (gccolor_alloc(gc, &r, (void **)&q) == 0)
		gccolor_free(gc, q - r.guard, 2 * (PAGE + r.guard));
	gccolor_commit(gc, p + 8 * PAGE, 8 * PAGE, 0, 0);
	gccolor_free(gc, p, WINDOW);
	image.at = p;
	if (gccolor_map_image(gc, &image, (void **)&q) == 0)
		gccolor_free(gc, p, 8 * PAGE);
	r = request(WINDOW, 1);
	r.at = p;
	gccolor_claim(gc, &r, (void **)&q);
}

TEST_F(hole, nobody_gets_in)
{
	struct intruder who = { .g = self->g, .p = self->p };
	intptr_t file = file_of_program();
	bool slow = self->f.backend == GCCOLOR_KMOD || self->f.backend == GCCOLOR_WINDOWS ||
		    emulated();
	size_t rounds = slow ? 150 : 2000;	/* in a guest, under wine, by qemu-user */
	struct gccolor_run run;
	struct thread thread;
	size_t i, refused = 0;

	who.huge = self->huge;
	ASSERT_EQ(0, thread_start(&thread, intrude, &who));
	for (i = 0; i < rounds; i++) {
		if (i % 4 == 1 && !ENDS_WITHOUT_MEMORY)
			limit_data(MIB);
		if (i % 4 == 2 && self->f.traps && !ENDS_WITHOUT_MEMORY)
			limit_address_space(MIB);
		own(self->gc, self->p, i, file);
		/* Refused by the commit limit, mostly, where memory is charged. */
		if (self->f.traps && gccolor_commit(self->gc, self->huge,
						    self->huge_length, 0, 0) == 0)
			gccolor_decommit(self->gc, self->huge, self->huge_length, GCCOLOR_TRAP);
		else
			refused++;
		limit_data(SIZE_MAX);
		limit_address_space(SIZE_MAX);
	}
	atomic_store(&who.stop, true);
	thread_join(&thread);
	printf("# %zu attempts among %zu rounds, %zu refused for their size: %zu got in\n",
	       who.tries, rounds, refused, who.got_in);
	EXPECT_EQ(0, who.got_in);
	EXPECT_LT(0, who.tries);
	for (i = 0; i < 8; i++)
		(void)gccolor_level(self->gc);
	EXPECT_EQ(0, status_of(self->gc).deferred);
	ASSERT_EQ(0, gccolor_run_at(self->gc, self->p, &run));
	EXPECT_EQ(GCCOLOR_RUN_CLAIMED, run.state);
	file_close(file);
}

TEST_HARNESS_MAIN
