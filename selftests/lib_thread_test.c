// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Every function from any thread: no byte of one thread's memory is another's.
 */
#include "lib_test.h"

#define THREADS		4
#define HELD		64
#define ROUNDS		1500

struct worker {
	struct thread thread;
	struct gccolor *gc;
	uint32_t id;
	bool holds;
	int error;
	const char *what;
	unsigned long done;
	char *held[HELD];
	size_t length[HELD];
};

static int fail(struct worker *w, const char *what, int error)
{
	w->what = what;
	w->error = error ? error : -EIO;
	return -1;
}

/* Take a slot's memory and stamp it with the owner's name, or give it back. */
static int take(struct worker *w, uint32_t slot, size_t length)
{
	struct gccolor_request r = request(length, GCCOLOR_ANY_COLOR);
	size_t i;
	char *p;
	int error;

	if (w->holds && slot % 4 == 0) {
		error = gccolor_claim(w->gc, &r, (void **)&p);
		if (!error)
			error = gccolor_commit(w->gc, p, length, 0, 0);
	} else {
		error = gccolor_alloc(w->gc, &r, (void **)&p);
	}
	if (error)
		return fail(w, "take", error);
	for (i = 0; i < length; i += PAGE) {
		if (*(uint64_t *)(p + i))
			return fail(w, "not zero", 0);
		*(uint64_t *)(p + i) = w->id * 1000 + slot + 1;
	}
	w->held[slot] = p;
	w->length[slot] = length;
	return 0;
}

static int give(struct worker *w, uint32_t slot)
{
	char *p = w->held[slot];
	size_t i;
	int error;

	for (i = 0; i < w->length[slot]; i += PAGE) {
		if (*(uint64_t *)(p + i) != w->id * 1000 + slot + 1)
			return fail(w, "somebody else's", 0);
	}
	error = gccolor_free(w->gc, p, w->length[slot]);
	if (error < 0)
		return fail(w, "give", error);
	w->held[slot] = NULL;
	return 0;
}

/* Mostly small; some longer than an extent. */
static size_t some_length(struct random *random)
{
	uint32_t most = random_below(random, 8) ? 8 : 80;

	return (1 + random_below(random, most)) * PAGE;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct random random = { w->id + 1 };
	struct gccolor_run run;
	uint32_t i, slot;

	for (i = 0; i < ROUNDS; i++) {
		slot = random_below(&random, HELD);
		if (w->held[slot] ? give(w, slot)
				  : take(w, slot, some_length(&random)))
			return NULL;
		if (i % 64 == 0) {
			(void)gccolor_run_at(w->gc, (void *)gccolor_geometry(w->gc).base, &run);
			(void)gccolor_level(w->gc);
		}
		w->done++;
	}
	for (slot = 0; slot < HELD; slot++) {
		if (w->held[slot] && give(w, slot))
			return NULL;
	}
	return NULL;
}

FIXTURE(threads)
{
	struct gccolor *gc;
};

FIXTURE_SETUP(threads)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
}

FIXTURE_TEARDOWN(threads)
{
	gccolor_close(self->gc, 0);
}

/* An emulated guest takes its time. */
TEST_F_TIMEOUT(threads, take_and_give, 300)
{
	struct worker *w = calloc(THREADS, sizeof(*w));
	struct gccolor *gc = self->gc;
	uint32_t i;

	for (i = 0; i < THREADS; i++) {
		w[i].gc = gc;
		w[i].id = i;
		w[i].holds = facts_of(gc).holds;
		ASSERT_EQ(0, thread_start(&w[i].thread, work, &w[i]));
	}
	for (i = 0; i < THREADS; i++) {
		thread_join(&w[i].thread);
		EXPECT_EQ(0, w[i].error) {
			TH_LOG("thread %u: %s", i, w[i].what);
		}
		EXPECT_EQ(ROUNDS, w[i].done);
	}
	EXPECT_EQ(0, status_of(gc).claimed);
	EXPECT_EQ(0, status_of(gc).committed);
	EXPECT_EQ(0, status_of(gc).releases_failed);
	free(w);
}

static void *open_and_close(void *arg)
{
	struct gccolor_options opt = small_region();
	struct gccolor *gc;
	char *p;
	int i, error = 0;

	for (i = 0; !error && i < 50; i++) {
		error = gccolor_open(&gc, &opt);
		if (error)
			break;
		error = alloc(gc, PAGE, 1, &p);
		if (!error)
			*p = 1;
		gccolor_close(gc, 0);
	}
	return error ? arg : NULL;
}

/* Regions come and go in several threads; each looks for a free base. */
TEST_F_TIMEOUT(threads, several_regions, 300)
{
	struct thread thread[THREADS];
	void *result;
	int i;

	if (!facts_of(self->gc).gives_back)
		SKIP(return, "regions cannot be given back");
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, thread_start(&thread[i], open_and_close, self));
	for (i = 0; i < THREADS; i++) {
		result = thread_join(&thread[i]);
		EXPECT_EQ(NULL, result);
	}
}

TEST_HARNESS_MAIN
