// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * gccolor_scan() where a collector is at work: in a signal handler, whatever the thread
 * was doing, and on both sides of fork().
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include <gccolor_scan.h>

#include "../lib/region.h"
#include "child.h"
#include "lib_test.h"

#define WORDS		200	/* three blocks and a rest */
#define SIGNALS		1000	/* that have to find the owner in the library */
#define HELD		20	/* of them, while it holds the region's lock */
#define PATIENCE	120.0	/* seconds; it takes less than one */

FIXTURE(live)
{
	struct gccolor *gc;
	char *stays, *never;	/* a page that is committed, one that is claimed only */
	uintptr_t words[WORDS];
};

FIXTURE_VARIANT(live)
{
	const char *way;
};

FIXTURE_VARIANT_ADD(live, portable) { .way = "portable" };
FIXTURE_VARIANT_ADD(live, best) { .way = "" };

FIXTURE_SETUP(live)
{
	struct gccolor_options opt = small_region();
	int i;

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	if (!facts_of(self->gc).holds)
		SKIP(return, "the backend holds no addresses");
	ASSERT_EQ(0, set_environment("GCCOLOR_SCAN", variant->way));
	ASSERT_EQ(0, gccolor_scan_enable(self->gc));
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &self->stays));
	ASSERT_EQ(0, claim(self->gc, PAGE, 2, &self->never));
	for (i = 0; i < WORDS; i++)
		self->words[i] = (uintptr_t)(i % 2 ? self->stays : self->never) + i;
}

FIXTURE_TEARDOWN(live)
{
	gccolor_close(self->gc, 0);
}

/* All words of the page that stays, and no other? */
static bool as_ever(struct gccolor *gc, const char *stays, const uintptr_t *words)
{
	uintptr_t hits[WORDS];
	struct gccolor_scan scan = { .size = sizeof(scan), .words = words, .count = WORDS,
				     .hits = hits, .capacity = WORDS };
	size_t i;

	if (gccolor_scan(gc, &scan) || scan.scanned != WORDS || scan.found != WORDS / 2)
		return false;
	for (i = 0; i < scan.found; i++) {
		if (hits[i] != (uintptr_t)stays + 2 * i + 1)
			return false;
	}
	return true;
}

/* What the handler looks at, and what it saw. */
static struct {
	struct gccolor *gc;
	const char *stays;
	const uintptr_t *words;
	atomic_bool inside;	/* the owner is in the library */
	atomic_uint handled, found_inside, found_held, wrong;
} storm;

/* Its owner is this very thread: it does not come or go meanwhile. */
static bool lock_is_held(void)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)(void *)storm.gc->lock.opaque;

	if (pthread_mutex_trylock(lock))
		return true;
	pthread_mutex_unlock(lock);
	return false;
}

static void look(int signal)
{
	if (!as_ever(storm.gc, storm.stays, storm.words))
		storm.wrong++;
	if (storm.inside) {
		storm.found_inside++;
		storm.found_held += lock_is_held();
	}
	storm.handled++;
}

static atomic_bool stop;

/* A signal after the other, each when the last was handled, at any moment. */
static void *send(void *arg)
{
	pthread_t owner = *(pthread_t *)arg;
	struct random random = { 1 };
	unsigned int sent = 0;

	while (!atomic_load(&stop)) {
		volatile uint32_t turns = random_below(&random, 20000);

		while (turns)
			turns--;
		pthread_kill(owner, SIGUSR1);
		sent++;
		while (atomic_load(&storm.handled) != sent)
			sched_yield();
	}
	return NULL;
}

/* Everything that enters the region's lock, for memory that nobody scans for. */
static const char *allocate_and_free(struct gccolor *gc, size_t length)
{
	char *p;

	if (alloc(gc, length, 3, &p))
		return "alloc";
	if (gccolor_decommit(gc, p, length, GCCOLOR_EAGER) < 0)
		return "decommit";
	if (gccolor_free(gc, p, length) < 0)
		return "free";
	if (claim(gc, length, 3, &p))
		return "claim";
	if (gccolor_commit(gc, p, length, 0, 0))
		return "commit";
	return gccolor_free(gc, p, length) < 0 ? "free of a claim" : NULL;
}

TEST_F_TIMEOUT(live, in_a_handler_inside_the_library, 180)
{
	struct sigaction action = { .sa_handler = look, .sa_flags = SA_RESTART };
	pthread_t owner = pthread_self(), sender;
	double end = seconds() + PATIENCE;
	const char *failed = NULL;
	unsigned long rounds = 0;

	storm.gc = self->gc;
	storm.stays = self->stays;
	storm.words = self->words;
	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, pthread_create(&sender, NULL, send, &owner));
	while (!failed && seconds() < end &&
	       (storm.found_inside < SIGNALS || storm.found_held < HELD)) {
		atomic_store(&storm.inside, true);
		failed = allocate_and_free(self->gc, PAGE * (1 + rounds++ % 40));
		atomic_store(&storm.inside, false);
	}
	atomic_store(&stop, true);
	ASSERT_EQ(0, pthread_join(sender, NULL));
	printf("# %u signals among %lu rounds, %u in the library, %u while it had the lock\n",
	       storm.handled, rounds, storm.found_inside, storm.found_held);
	EXPECT_EQ(NULL, failed) {
		TH_LOG("%s: %s", failed, gccolor_strerror(0));
	}
	EXPECT_EQ(0, atomic_load(&storm.wrong));
	EXPECT_LE(SIGNALS, atomic_load(&storm.found_inside));
	EXPECT_LE(HELD, atomic_load(&storm.found_held));
}

/* As in a collector that has stopped a thread in the midst of an allocation. */
TEST_F(live, while_somebody_has_the_lock)
{
	os_lock_take(&self->gc->lock);
	EXPECT_TRUE(as_ever(self->gc, self->stays, self->words));
	os_lock_drop(&self->gc->lock);
}

static size_t found(struct gccolor *gc, uintptr_t word)
{
	uintptr_t hit;
	struct gccolor_scan scan = { .size = sizeof(scan), .words = &word, .count = 1,
				     .hits = &hit, .capacity = 1 };

	return gccolor_scan(gc, &scan) ? 99 : scan.found;
}

/* Each side changes what the other one leaves, and then looks again. */
TEST_F(live, child_and_parent_each_have_a_bitmap)
{
	uintptr_t stays = (uintptr_t)self->stays, never = (uintptr_t)self->never;
	uintptr_t first = (uintptr_t)gccolor_color_start(gccolor_geometry(self->gc), 3);
	int to_child[2], to_parent[2];
	char *p;
	pid_t pid;

	ASSERT_EQ(0, pipe(to_child));
	ASSERT_EQ(0, pipe(to_parent));
	pid = fork();
	if (pid == 0) {
		CHECK(as_ever(self->gc, self->stays, self->words));
		CHECK_EQ(0, gccolor_free(self->gc, self->stays, PAGE));
		CHECK_EQ(0, gccolor_commit(self->gc, self->never, PAGE, 0, 0));
		CHECK_EQ(0, found(self->gc, stays));
		CHECK_EQ(1, found(self->gc, never));
		signal_peer(to_parent[1]);
		wait_for_peer(to_child[0]);
		CHECK_EQ(0, found(self->gc, stays));
		CHECK_EQ(1, found(self->gc, never));
		/* What the parent has taken since. */
		CHECK_EQ(0, found(self->gc, first));
		CHECK_EQ(0, alloc(self->gc, 3 * PAGE, 3, &p));
		CHECK_EQ(1, found(self->gc, (uintptr_t)p + 3 * PAGE - 1));
		_exit(0);
	}
	wait_for_peer(to_parent[0]);
	EXPECT_TRUE(as_ever(self->gc, self->stays, self->words));
	ASSERT_EQ(0, alloc(self->gc, 3 * PAGE, 3, &p));
	ASSERT_EQ(first, (uintptr_t)p);
	EXPECT_EQ(1, found(self->gc, first));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->never, PAGE, 0, 0));
	ASSERT_EQ(0, gccolor_free(self->gc, self->never, PAGE));
	EXPECT_EQ(0, found(self->gc, never));
	signal_peer(to_child[1]);
	EXPECT_EQ(0, wait_for(pid));
	EXPECT_TRUE(as_ever(self->gc, self->stays, self->words));
	EXPECT_EQ(1, found(self->gc, first));
}

TEST_HARNESS_MAIN
