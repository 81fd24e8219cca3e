// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * gccolor_scan(), in each of its ways, against gccolor_run_at() of every single word.
 */
#include <stdatomic.h>

#include <gccolor_scan.h>

#include "lib_test.h"

#define COLORS	4
#define WORDS	9000	/* four chunks and a rest that fills no block */
#define CANARY	((uintptr_t)0x5ca1ab1e)

static const char *const ways[] = { "portable", "avx2" };
/* From 4 GiB on, the upper half of a word tells. */
static const size_t lengths[] = { 64 * MIB, WORD64 ? 16 * GIB : 128 * MIB };

static uintptr_t words[WORDS], hits[WORDS + 1], expected[WORDS];

/* A region that is scanned in one way. */
struct scene {
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	struct random random;
	char *p;	/* something committed */
	size_t page;
	int count;	/* of scenes so far */
};

/* False: there is none of the kind here, and nothing to test. */
static bool open_scene(struct __test_metadata *_metadata, struct scene *s, int way, int size)
{
	struct gccolor_options opt = { .size = sizeof(opt), .colors = COLORS };
	int error;

	opt.length = lengths[size];
	opt.min_length = lengths[0];	/* backend null takes real memory */
	if (no_backend(_metadata, &s->gc, &opt))
		return false;
	s->f = facts_of(s->gc);
	s->g = gccolor_geometry(s->gc);
	s->page = s->g.page_size;
	s->random = random_seeded();
	EXPECT_EQ(0, set_environment("GCCOLOR_SCAN", ways[way]));
	error = gccolor_scan_enable(s->gc);
	if (!s->f.holds) {
		EXPECT_EQ(-GCCOLOR_EOPNOTSUPP, error);
	} else if (error == -GCCOLOR_EOPNOTSUPP && way) {
		EXPECT_NE(NULL, strstr(gccolor_strerror(error), "processor"));
		printf("# no AVX2 here\n");
	} else {
		EXPECT_EQ(0, error);
		EXPECT_EQ(0, alloc(s->gc, 3 * s->page, 1, &s->p));
		return true;
	}
	return false;
}

/* The next way or length, in a region of its own, of which the last is closed. */
static bool next_scene(struct __test_metadata *_metadata, struct scene *s)
{
	bool open = false;

	while (!open) {
		if (s->gc)
			gccolor_close(s->gc, s->f.gives_back ? 0 : GCCOLOR_KEEP);
		s->gc = NULL;
		if (s->count == 4)
			return false;
		open = open_scene(_metadata, s, s->count % 2, s->count / 2);
		s->count++;
	}
	return true;
}

static struct gccolor_scan all(size_t count)
{
	return (struct gccolor_scan){ .size = sizeof(struct gccolor_scan), .words = words,
				      .count = count, .hits = hits, .capacity = WORDS };
}

/* Is this one word a hit? */
static bool hit(struct __test_metadata *_metadata, struct scene *s, const void *addr)
{
	struct gccolor_scan scan = all(1);

	words[0] = (uintptr_t)addr;
	EXPECT_EQ(0, gccolor_scan(s->gc, &scan));
	EXPECT_EQ(1, scan.scanned);
	EXPECT_GE(1, scan.found);
	if (scan.found)
		EXPECT_EQ((uintptr_t)addr, hits[0]);
	return scan.found;
}

/* A word as a collector may meet it, often at the edge of something. */
static uintptr_t some_word(struct scene *s)
{
	uintptr_t base = s->g.base;
	uintptr_t anywhere = (uintptr_t)random_below(&s->random, UINT32_MAX) << 31 << 1 |
			     random_below(&s->random, UINT32_MAX);
	struct gccolor_run run;
	uintptr_t at = base + (anywhere & (s->g.length - 1));

	switch (random_below(&s->random, 8)) {
	case 0:
		return anywhere;
	case 1:
		return random_below(&s->random, 2) ? 0 : UINTPTR_MAX;
	case 2:
		return base - 2 + random_below(&s->random, 4);
	case 3:
		return base + s->g.length - 2 + random_below(&s->random, 4);
	case 4:	/* all but in the region */
		return at ^ (uintptr_t)1 << random_below(&s->random, 8 * sizeof(at));
	case 5:
		return at;
	default:	/* around the ends of a run */
		at = base + ((uintptr_t)random_below(&s->random, COLORS) << s->g.color_shift) +
		     s->g.slot + random_below(&s->random, 100) * s->page;
		if (gccolor_run_at(s->gc, (void *)at, &run))
			return at;
		at = (uintptr_t)run.start - 2 + random_below(&s->random, 4);
		return random_below(&s->random, 2) ? at : at + run.length;
	}
}

static size_t model(struct scene *s, const uintptr_t *from, size_t count, uint64_t colors)
{
	struct gccolor_run run;
	size_t found = 0;

	for (; count; count--, from++) {
		const void *p = (void *)*from;

		if (gccolor_run_at(s->gc, p, &run) || run.state != GCCOLOR_RUN_COMMITTED)
			continue;
		if (!colors || colors >> gccolor_color_of(s->g, p) & 1)
			expected[found++] = *from;
	}
	return found;
}

/* Scan a part of words, in as many calls as hits has no room for. */
static void compare(struct __test_metadata *_metadata, struct scene *s, size_t first,
		    size_t count, uint64_t colors, size_t capacity)
{
	size_t expect = model(s, words + first, count, colors);
	size_t done = 0, got = 0;

	while (done < count || !count) {
		struct gccolor_scan scan = all(count - done);

		scan.words += first + done;
		scan.colors = colors;
		scan.capacity = capacity;
		hits[capacity] = CANARY;
		ASSERT_EQ(0, gccolor_scan(s->gc, &scan));
		ASSERT_EQ(CANARY, hits[capacity]);
		ASSERT_LE(got + scan.found, expect);
		ASSERT_EQ(0, memcmp(hits, expected + got, scan.found * sizeof(*hits)));
		ASSERT_LE(scan.scanned, count - done);
		/* It stops before a hit, for want of room only. */
		if (scan.scanned < count - done) {
			ASSERT_EQ(capacity, scan.found);
			ASSERT_EQ(expected[got + capacity], scan.words[scan.scanned]);
		}
		done += scan.scanned;
		got += scan.found;
		if (!count)
			break;
	}
	EXPECT_EQ(expect, got);
}

/* Commit, decommit, claim and free somewhere. */
static void disturb(struct scene *s)
{
	struct gccolor_request r = request(s->page * (1 + random_below(&s->random, 70)),
					   random_below(&s->random, COLORS));
	struct gccolor_run run;
	char *p = (char *)s->g.base + ((size_t)r.color << s->g.color_shift) + s->g.slot +
		  random_below(&s->random, 100) * s->page;

	switch (random_below(&s->random, 5)) {
	case 0:
		gccolor_alloc(s->gc, &r, (void **)&p);
		return;
	case 1:
		gccolor_claim(s->gc, &r, (void **)&p);
		return;
	}
	if (gccolor_run_at(s->gc, p, &run))
		return;
	if (r.length > (size_t)((char *)run.start + run.length - p))
		r.length = (size_t)((char *)run.start + run.length - p);
	if (run.state == GCCOLOR_RUN_CLAIMED)
		gccolor_commit(s->gc, p, r.length, 0, 0);
	else if (random_below(&s->random, 2))
		gccolor_decommit(s->gc, p, r.length, random_below(&s->random, 3));
	else
		gccolor_free(s->gc, p, r.length);
}

TEST(as_each_word_alone)
{
	struct scene scene = { 0 }, *s = &scene;
	size_t found = 0;
	int round, i;

	while (next_scene(_metadata, s)) {
		for (round = 0; round < 40; round++) {
			for (i = 0; i < 10; i++)
				disturb(s);
			for (i = 0; i < WORDS; i++)
				words[i] = some_word(s);
			compare(_metadata, s, 0, WORDS, random_below(&s->random, 1 << COLORS),
				WORDS);
			found += model(s, words, WORDS, 0);
		}
		EXPECT_LT(40 * WORDS / 100, found);
	}
}

TEST(any_number_from_any_word_on)
{
	struct scene scene = { 0 }, *s = &scene;
	size_t first, count;
	int i;

	while (next_scene(_metadata, s)) {
		for (i = 0; i < WORDS; i++)
			words[i] = i % 3 ? (uintptr_t)s->p + i % 97 : some_word(s);
		for (count = 0; count < 200; count++) {
			for (first = 0; first < 5; first++)
				compare(_metadata, s, first, count, 0, WORDS);
		}
		compare(_metadata, s, 1, 2048, 0, WORDS);
		compare(_metadata, s, 3, 2049, 0, WORDS);
	}
}

/* Words behind the last one are not looked at: they may not even be there. */
TEST(no_word_behind_the_last)
{
	struct scene scene = { 0 }, *s = &scene;
	uintptr_t *end;
	size_t count, i;
	char *p;

	while (next_scene(_metadata, s)) {
		if (!s->f.traps)
			continue;
		ASSERT_EQ(0, claim(s->gc, 2 * s->page, 2, &p));
		ASSERT_EQ(0, gccolor_commit(s->gc, p, s->page, 0, 0));
		ASSERT_TRUE(traps(p + s->page, false));
		end = (uintptr_t *)(p + s->page);
		for (i = 0; i < s->page / sizeof(*end); i++)
			end[-1 - (ptrdiff_t)i] = (uintptr_t)p + i;
		for (count = 0; count <= s->page / sizeof(*end); count++) {
			struct gccolor_scan scan = all(count);

			scan.words = end - count;
			ASSERT_EQ(0, gccolor_scan(s->gc, &scan));
			ASSERT_EQ(count, scan.found);
		}
	}
}

TEST(where_hits_has_no_room_it_goes_on)
{
	static const size_t capacities[] = { 1, 2, 63, 64, 65, 1000, 2047, 2048, 4096, 0 };
	struct scene scene = { 0 }, *s = &scene;
	size_t i;

	while (next_scene(_metadata, s)) {
		for (i = 0; i < WORDS; i++)
			words[i] = i % 5 ? (uintptr_t)s->p + i % (2 * s->page) : some_word(s);
		for (i = 0; capacities[i]; i++)
			compare(_metadata, s, 0, WORDS, 0, capacities[i]);
		compare(_metadata, s, 0, WORDS, 0, model(s, words, WORDS, 0));
		/* Exactly full, and words behind that are no hits are dealt with. */
		for (i = 0; i < WORDS; i++)
			words[i] = i == 70 ? (uintptr_t)s->p : i;
		compare(_metadata, s, 0, WORDS, 0, 1);
	}
}

TEST(edges_and_colors)
{
	struct scene scene = { 0 }, *s = &scene;
	char *p[COLORS], *q;
	uint64_t colors;
	int i;

	while (next_scene(_metadata, s)) {
		EXPECT_TRUE(hit(_metadata, s, s->p));
		EXPECT_TRUE(hit(_metadata, s, s->p + 3 * s->page - 1));
		EXPECT_FALSE(hit(_metadata, s, s->p - 1));
		EXPECT_FALSE(hit(_metadata, s, s->p + 3 * s->page));
		EXPECT_FALSE(hit(_metadata, s, (char *)s->g.base));
		EXPECT_FALSE(hit(_metadata, s, (char *)s->g.base + s->g.length - 1));
		EXPECT_FALSE(hit(_metadata, s, words));
		ASSERT_EQ(0, claim(s->gc, s->page, 1, &q));
		EXPECT_FALSE(hit(_metadata, s, q));
		for (i = 0; i < COLORS; i++) {
			ASSERT_EQ(0, alloc(s->gc, s->page, i, &p[i]));
			words[i] = (uintptr_t)p[i];
		}
		for (colors = 0; colors < 1 << COLORS; colors++) {
			struct gccolor_scan scan = all(COLORS);
			size_t found = 0;

			scan.colors = colors;
			ASSERT_EQ(0, gccolor_scan(s->gc, &scan));
			for (i = 0; i < COLORS; i++) {
				if (!colors || colors >> i & 1)
					EXPECT_EQ((uintptr_t)p[i], hits[found++]);
			}
			EXPECT_EQ(found, scan.found);
		}
		/* All the pages there are, to the last below the end slot. */
		for (i = 0; i < COLORS; i++) {
			struct gccolor_request r = request(s->page, i);

			r.at = (char *)gccolor_color_start(s->g, i) +
			       ((size_t)1 << s->g.color_shift) - s->page;
			if (i == COLORS - 1)
				r.at = (char *)r.at - s->g.slot;
			ASSERT_EQ(0, gccolor_alloc(s->gc, &r, (void **)&q));
			EXPECT_TRUE(hit(_metadata, s, q + s->page - 1));
			/* There the next color begins, with p[i + 1]. */
			EXPECT_EQ(i < COLORS - 1, hit(_metadata, s, q + s->page));
			EXPECT_FALSE(hit(_metadata, s, q - 1));
		}
	}
}

TEST(memory_that_comes_and_goes)
{
	struct scene scene = { 0 }, *s = &scene;
	struct gccolor_request r;
	char *p;

	while (next_scene(_metadata, s)) {
		p = s->p + s->page;
		EXPECT_LE(0, gccolor_decommit(s->gc, p, s->page, GCCOLOR_LAZY));
		EXPECT_TRUE(hit(_metadata, s, p));
		EXPECT_LE(0, gccolor_decommit(s->gc, p, s->page, GCCOLOR_EAGER));
		EXPECT_TRUE(hit(_metadata, s, p));
		if (s->f.traps) {
			ASSERT_EQ(0, gccolor_decommit(s->gc, p, s->page, GCCOLOR_TRAP));
			EXPECT_FALSE(hit(_metadata, s, p));
			EXPECT_FALSE(hit(_metadata, s, p + s->page - 1));
			EXPECT_TRUE(hit(_metadata, s, p - 1));
			EXPECT_TRUE(hit(_metadata, s, p + s->page));
			ASSERT_EQ(0, gccolor_commit(s->gc, p, s->page, 0, 0));
			EXPECT_TRUE(hit(_metadata, s, p));
		}
		ASSERT_EQ(0, gccolor_free(s->gc, p, s->page));
		EXPECT_FALSE(hit(_metadata, s, p));
		r = request(s->page, 2);
		r.guard = s->page;
		if (gccolor_alloc(s->gc, &r, (void **)&p) == 0) {
			EXPECT_TRUE(hit(_metadata, s, p));
			EXPECT_FALSE(hit(_metadata, s, p - 1));
			EXPECT_FALSE(hit(_metadata, s, p + s->page));
			ASSERT_EQ(0, gccolor_extend(s->gc, p + s->page, s->page, 2 * s->page,
						    READ_WRITE, 0));
			EXPECT_TRUE(hit(_metadata, s, p + 2 * s->page));
		}
	}
}

TEST(enabled_late_and_twice)
{
	struct gccolor_options opt = small_region();
	struct gccolor_scan scan = all(2);
	struct gccolor *gc;
	char *p, *q;

	if (no_backend(_metadata, &gc, &opt))
		SKIP(return, "no such backend here");
	EXPECT_EQ(-EINVAL, gccolor_scan(gc, &scan));
	if (!facts_of(gc).holds)
		return;
	ASSERT_EQ(0, alloc(gc, 300 * PAGE, 3, &p));
	ASSERT_EQ(0, gccolor_scan_enable(gc));
	ASSERT_EQ(0, alloc(gc, 300 * PAGE, 3, &q));
	ASSERT_EQ(0, gccolor_scan_enable(gc));
	words[0] = (uintptr_t)p + 300 * PAGE - 1;
	words[1] = (uintptr_t)q;
	ASSERT_EQ(0, gccolor_scan(gc, &scan));
	EXPECT_EQ(2, scan.found);
	gccolor_close(gc, 0);
}

struct worker {
	struct thread thread;
	struct gccolor *gc;
	char *p;
	size_t length;
	bool claims;	/* and keeps the claim */
	atomic_bool stop;
	atomic_int rounds;
};

/* Memory that comes and goes between two pages that stay. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct gccolor_request r = request(w->length, 0);
	void *p;

	r.at = w->p;
	while (!atomic_load(&w->stop)) {
		if (w->claims ? gccolor_decommit(w->gc, w->p, w->length, GCCOLOR_TRAP) < 0
			      : gccolor_free(w->gc, w->p, w->length) < 0)
			return "to give failed";
		if (w->claims ? gccolor_commit(w->gc, w->p, w->length, 0, 0)
			      : gccolor_alloc(w->gc, &r, &p))
			return "to take failed";
		w->rounds++;
	}
	return NULL;
}

#define WORKERS	3
#define OWN	((size_t)20)	/* pages of a worker, of which the outer ones stay */

/* On a busy machine it takes a while. */
static bool all_work(struct worker *w)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		if (!atomic_load(&w[i].rounds))
			return false;
	}
	return true;
}

TEST(beside_others_who_commit)
{
	struct scene scene = { 0 }, *s = &scene;
	struct worker w[WORKERS];
	char *p, *q;
	size_t i;
	int n;

	while (next_scene(_metadata, s)) {
		ASSERT_EQ(0, alloc(s->gc, WORKERS * OWN * s->page, 2, &p));
		ASSERT_EQ(0, claim(s->gc, s->page, 3, &q));
		for (i = 0; i < WORDS; i++) {
			char *own = p + i % WORKERS * OWN * s->page;
			char *last = own + (OWN - 1) * s->page;

			words[i] = (uintptr_t)(i % 4 == 0 ? own + i % s->page :
					       i % 4 == 1 ? last + i % s->page :
					       i % 4 == 2 ? q :
					       own + s->page + i % ((OWN - 2) * s->page));
		}
		for (i = 0; i < WORKERS; i++) {
			w[i] = (struct worker){ .gc = s->gc, .length = (OWN - 2) * s->page,
						.p = p + (i * OWN + 1) * s->page,
						.claims = i && s->f.traps };
			ASSERT_EQ(0, thread_start(&w[i].thread, work, &w[i]));
		}
		for (n = 0; n < 300 || !all_work(w); n++) {
			struct gccolor_scan scan = all(WORDS);
			size_t stay = 0;

			ASSERT_EQ(0, gccolor_scan(s->gc, &scan));
			ASSERT_EQ(WORDS, scan.scanned);
			for (i = 0; i < scan.found; i++) {
				size_t page = (hits[i] - (uintptr_t)p) / s->page % OWN;

				ASSERT_NE((uintptr_t)q, hits[i]);
				stay += page == 0 || page == OWN - 1;
			}
			ASSERT_EQ(WORDS / 2, stay);
		}
		for (i = 0; i < WORKERS; i++)
			atomic_store(&w[i].stop, true);
		for (i = 0; i < WORKERS; i++)
			EXPECT_EQ(NULL, thread_join(&w[i].thread));
		compare(_metadata, s, 0, WORDS, 0, WORDS);
	}
}

/* Words that are a hit at one moment, and at the next the same with a bit outside the region. */
static void *flip(void *arg)
{
	struct worker *w = arg;
	size_t i;

	while (!atomic_load(&w->stop)) {
		for (i = 0; i < WORDS; i++)
			__atomic_store_n(&words[i], words[i] ^ w->length, __ATOMIC_RELAXED);
		w->rounds++;
	}
	return NULL;
}

TEST(words_that_others_write)
{
	struct scene scene = { 0 }, *s = &scene;
	struct worker w;
	size_t i;
	int n;

	if (SANITIZER)
		return;	/* reading what others write is just what it reports */
	while (next_scene(_metadata, s)) {
		w = (struct worker){ .gc = s->gc, .length = s->g.length };
		for (i = 0; i < WORDS; i++)
			words[i] = (uintptr_t)s->p;
		ASSERT_EQ(0, thread_start(&w.thread, flip, &w));
		for (n = 0; n < 1000 || !atomic_load(&w.rounds); n++) {
			struct gccolor_scan scan = all(WORDS);

			ASSERT_EQ(0, gccolor_scan(s->gc, &scan));
			for (i = 0; i < scan.found; i++)
				ASSERT_EQ((uintptr_t)s->p, hits[i]);
		}
		atomic_store(&w.stop, true);
		thread_join(&w.thread);
	}
}

/* Refused, for that reason, and left as it was; then made right again. */
static void refused(struct __test_metadata *_metadata, struct scene *s,
		    struct gccolor_scan *scan, int error, const char *why)
{
	struct gccolor_scan before = *scan;

	EXPECT_EQ(error, gccolor_scan(s->gc, scan));
	EXPECT_NE(NULL, strstr(gccolor_strerror(error), why)) {
		TH_LOG("%s", gccolor_strerror(error));
	}
	EXPECT_EQ(0, memcmp(&before, scan, sizeof(before)));
	*scan = all(1);
}

TEST(wrong_arguments)
{
	struct gccolor_scan scan = all(1);
	struct scene scene = { 0 }, *s = &scene;

	EXPECT_EQ(-EINVAL, gccolor_scan(NULL, &scan));
	EXPECT_EQ(-EINVAL, gccolor_scan_enable(NULL));
	while (next_scene(_metadata, s)) {
		EXPECT_EQ(-EINVAL, gccolor_scan(s->gc, NULL));
		scan.size = 0;
		refused(_metadata, s, &scan, -EINVAL, "size");
		scan.words = NULL;
		refused(_metadata, s, &scan, -EINVAL, "words");
		scan.words = (uintptr_t *)((char *)words + 1);
		refused(_metadata, s, &scan, -EINVAL, "words");
		scan.hits = NULL;
		refused(_metadata, s, &scan, -EINVAL, "hits");
		scan.hits = (uintptr_t *)((char *)hits + sizeof(*hits) / 2);
		refused(_metadata, s, &scan, -EINVAL, "hits");
		scan.capacity = 0;
		refused(_metadata, s, &scan, -EINVAL, "no room");
		scan.colors = 1 << COLORS;
		refused(_metadata, s, &scan, -EINVAL, "colors");
		scan.count = SIZE_MAX / sizeof(*words);
		refused(_metadata, s, &scan, -GCCOLOR_EOVERFLOW, "words");
		scan.capacity = SIZE_MAX;
		refused(_metadata, s, &scan, -GCCOLOR_EOVERFLOW, "hits");
		scan.count = 0;
		scan.words = NULL;
		EXPECT_EQ(0, gccolor_scan(s->gc, &scan));
		EXPECT_EQ(0, scan.scanned + scan.found);
		scan = all(1);
	}
}

TEST(sizes_of_scans)
{
	struct {
		struct gccolor_scan scan;
		unsigned char tail[16];
	} later = { .scan = all(1) };
	size_t bad[] = { 0, 1, 7, sizeof(size_t), offsetof(struct gccolor_scan, found),
			 sizeof(struct gccolor_scan) - 1 };
	struct scene scene = { 0 }, *s = &scene;
	size_t i;

	while (next_scene(_metadata, s)) {
		words[0] = (uintptr_t)s->p;
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			later.scan.size = bad[i];
			EXPECT_EQ(-EINVAL, gccolor_scan(s->gc, &later.scan));
		}
		later.scan.size = sizeof(later);
		later.tail[15] = 1;
		EXPECT_EQ(-E2BIG, gccolor_scan(s->gc, &later.scan));
		EXPECT_EQ(0, later.scan.scanned + later.scan.found);
		later.tail[15] = 0;
		EXPECT_EQ(0, gccolor_scan(s->gc, &later.scan));
		EXPECT_EQ(1, later.scan.found);
		later.scan = all(1);
	}
}

TEST(environment)
{
	struct gccolor_options opt = small_region();
	struct gccolor *gc;

	if (no_backend(_metadata, &gc, &opt))
		SKIP(return, "no such backend here");
	if (!facts_of(gc).holds)
		return;
	ASSERT_EQ(0, set_environment("GCCOLOR_SCAN", "avx3"));
	EXPECT_EQ(-EINVAL, gccolor_scan_enable(gc));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EINVAL), "avx3"));
	ASSERT_EQ(0, set_environment("GCCOLOR_SCAN", ""));
	EXPECT_EQ(0, gccolor_scan_enable(gc));
	gccolor_close(gc, 0);
}

TEST_HARNESS_MAIN
