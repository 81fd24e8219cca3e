// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A region has no hole, not even for a moment: another thread that maps what it
 * finds free in it never gets in, whatever the owner does and whatever fails.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "lib_limit.h"
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

	opt.length = 1024 * GIB;
	opt.min_length = GIB;
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
	static const int flags[] = { 0x100000 /* MAP_FIXED_NOREPLACE */, 0 };
	struct intruder *who = arg;
	size_t i = 0;

	while (!atomic_load(&who->stop)) {
		char *start = i % 5 ? who->p : who->huge;
		char *wish = i % 3 ? start + i % (WINDOW / PAGE) * PAGE : NULL;
		char *p = mmap(wish, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS |
			       (wish ? flags[i % 2] : 0), -1, 0);

		i++;
		if (p == MAP_FAILED)
			continue;
		if (gccolor_contains(who->g, p))
			who->got_in++;
		else
			munmap(p, PAGE);
	}
	who->tries = i;
	return NULL;
}

static void limit_data(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_DATA, &limit);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	setrlimit(RLIMIT_DATA, &limit);
}

/* What the owner does in one round; the limits make some of it fail. */
static void own(struct gccolor *gc, char *p, size_t round, int file)
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
	int file = open("/proc/self/exe", O_RDONLY);
	size_t rounds = self->f.backend == GCCOLOR_KMOD ? 150 : 2000;
	struct gccolor_run run;
	pthread_t thread;
	size_t i, refused = 0;

	who.huge = self->huge;
	ASSERT_EQ(0, pthread_create(&thread, NULL, intrude, &who));
	for (i = 0; i < rounds; i++) {
		if (i % 4 == 1)
			limit_data(MIB);
		if (i % 4 == 2 && self->f.traps)
			limit_address_space(MIB);
		own(self->gc, self->p, i, file);
		/* Refused by the commit limit, mostly, where memory is charged. */
		if (self->f.traps && gccolor_commit(self->gc, self->huge,
						    self->huge_length, 0, 0) == 0)
			gccolor_decommit(self->gc, self->huge, self->huge_length, GCCOLOR_TRAP);
		else
			refused++;
		limit_data(RLIM_INFINITY);
		limit_address_space(RLIM_INFINITY);
	}
	atomic_store(&who.stop, true);
	pthread_join(thread, NULL);
	printf("# %zu attempts among %zu rounds, %zu refused for their size: %zu got in\n",
	       who.tries, rounds, refused, who.got_in);
	EXPECT_EQ(0, who.got_in);
	EXPECT_LT(0, who.tries);
	for (i = 0; i < 8; i++)
		(void)gccolor_level(self->gc);
	EXPECT_EQ(0, status_of(self->gc).deferred);
	ASSERT_EQ(0, gccolor_run_at(self->gc, self->p, &run));
	EXPECT_EQ(GCCOLOR_RUN_CLAIMED, run.state);
	close(file);
}

/*
 * At vm.max_map_count any step of a commit may fail, also the one that undoes the
 * others. What the library says of the range afterwards is true all the same.
 */
TEST_F(hole, at_the_limit_of_mappings)
{
	static const uint32_t flags[] = { GCCOLOR_NODUMP, GCCOLOR_WIPE, GCCOLOR_STACK, 0 };
	uint64_t caps = status_of(self->gc).caps;
	size_t i, k, n = 0, refused = 0;
	char *fill;
	int error;

	if (!self->f.traps)
		SKIP(return, "nothing is carved");
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, 0));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + 8 * PAGE, 4 * PAGE, 0, 0));
	memset(self->p, 1, 4 * PAGE);
	memset(self->p + 8 * PAGE, 1, 4 * PAGE);
	fill = mmap(NULL, 200000 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, fill);
	while (n < 100000 && mprotect(fill + 2 * n * PAGE, PAGE, PROT_READ) == 0)
		n++;
	for (k = 0; k < 6; k++) {
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			if (flags[i] == GCCOLOR_WIPE && !(caps & GCCOLOR_CAP_WIPE))
				continue;
			error = gccolor_commit(self->gc, self->p + 4 * PAGE, 2 * PAGE, 0, flags[i]);
			if (!error) {
				EXPECT_TRUE(zeroes(self->p + 4 * PAGE, 2 * PAGE));
				EXPECT_LE(0, gccolor_decommit(self->gc, self->p + 4 * PAGE,
							      2 * PAGE, GCCOLOR_TRAP));
			} else {
				refused++;
				EXPECT_EQ(-ENOMEM, error) {
					TH_LOG("flags 0x%x: %s", flags[i], gccolor_strerror(error));
				}
			}
		}
		/* One mapping less: the two beside it become one. */
		n--;
		ASSERT_EQ(0, mprotect(fill + 2 * n * PAGE, PAGE, PROT_NONE));
	}
	ASSERT_EQ(0, munmap(fill, 200000 * PAGE));
	printf("# %zu refused among %zu mappings\n", refused, n);
	for (i = 0; i < 8; i++)
		(void)gccolor_level(self->gc);
	EXPECT_EQ(0, status_of(self->gc).deferred);
	EXPECT_EQ(8 * PAGE, status_of(self->gc).committed);
	EXPECT_TRUE(traps(self->p + 4 * PAGE, true));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + 4 * PAGE, 4 * PAGE, 0, 0));
	EXPECT_TRUE(zeroes(self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_EQ(1, self->p[0]);
	EXPECT_EQ(1, self->p[8 * PAGE]);
}

TEST_HARNESS_MAIN
