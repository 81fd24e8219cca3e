/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the library's tests share. The backend under test comes from the
 * environment (GCCOLOR_BACKEND); what it can do is asked, not assumed.
 */
#ifndef SELFTESTS_LIB_TEST_H
#define SELFTESTS_LIB_TEST_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gccolor.h>

#include "kselftest_harness.h"
#include "lib_system.h"

#define PAGE		((size_t)4096)
#define MIB		((size_t)1 << 20)
#define GIB		((size_t)1 << 30)
#ifdef __has_feature
#define SANITIZED(...)	__has_feature(__VA_ARGS__)
#else
#define SANITIZED(...)	0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	SANITIZED(address_sanitizer) || SANITIZED(thread_sanitizer) || \
	SANITIZED(memory_sanitizer) || defined(SANITIZE_LEAK)
#define SANITIZER	true	/* its shadow lies where tests expect room otherwise */
#define PLACE64		0x552000000000ULL
#else
#define SANITIZER	false
#define PLACE64		0x350000000000ULL
#endif

/* All but LSan end a process that gets no memory for what they keep about it. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	SANITIZED(address_sanitizer) || SANITIZED(thread_sanitizer) || \
	SANITIZED(memory_sanitizer)
#define ENDS_WITHOUT_MEMORY	true
#else
#define ENDS_WITHOUT_MEMORY	false
#endif

#ifdef __GLIBC__
#define GLIBC	true
#else
#define GLIBC	false
#endif

#define TOP_BIT		(SIZE_MAX / 2 + 1)

/* A small region, and a place where nothing lies by itself. */
#define WORD64		(sizeof(void *) > 4)
#define SMALL		(WORD64 ? GIB : 64 * MIB)
/* What gccolor_open() reserves unasked, where nothing is in the way. */
#define DEFAULT_LENGTH	((size_t)1 << (WORD64 ? 40 : 28))
#define PLACE		((uintptr_t)(WORD64 ? PLACE64 : 0x50000000))
#define READ_WRITE	(GCCOLOR_READ | GCCOLOR_WRITE)

/* What to expect of a region, from its level and backend. */
struct facts {
	enum gccolor_backend backend;
	enum gccolor_level level;
	bool holds;	/* addresses are ours before memory is */
	bool traps;	/* what is not committed traps */
	bool gives_back; /* a region can be closed */
	bool protects;	/* other than readable and writable */
	bool exec;	/* executable colors */
	bool bases;	/* a base can be asked for */
};

static inline struct facts facts_of(struct gccolor *gc)
{
	struct gccolor_status status = { .size = sizeof(status) };
	struct facts f = { 0 };

	if (gccolor_status(gc, &status))
		return f;
	f.backend = status.backend;
	f.level = status.level;
	f.holds = f.backend != GCCOLOR_HINTED;
	f.traps = f.level == GCCOLOR_RESERVED || f.level == GCCOLOR_GUARDED ||
		  f.level == GCCOLOR_ENFORCED;
	f.gives_back = f.level != GCCOLOR_SEALED;
	f.protects = f.traps || !f.holds;
	f.exec = f.traps;
	f.bases = f.holds && f.backend != GCCOLOR_NULL;
	return f;
}

/* qemu-user: it ignores RLIMIT_AS and has no kernel's answers at the edges. */
static inline bool emulated(void)
{
	return getenv("GCCOLOR_TEST_EMULATED");
}

/* Is a backend that is not there a reason to skip? */
static inline bool may_skip(int error)
{
	const char *require = getenv("GCCOLOR_TEST_REQUIRE");

	if (require && strcmp(require, "0") != 0)
		return false;
	return error == -ENOENT || error == -ENODEV || error == -EOPNOTSUPP;
}

static inline struct gccolor_options small_region(void)
{
	struct gccolor_options opt = { .size = sizeof(opt) };

	opt.length = SMALL;
	return opt;
}

/* The backend that the environment asks for, GCCOLOR_AUTO if none. */
static inline int wanted_backend(void)
{
	const char *name = getenv("GCCOLOR_BACKEND");

	return name && *name ? gccolor_backend_from_name(name) : GCCOLOR_AUTO;
}

/*
 * Open a region. True: the backend does not exist here, and the test may skip
 * for that; any other failure ends the test.
 */
static inline bool no_backend(struct __test_metadata *_metadata, struct gccolor **gc,
			      const struct gccolor_options *opt)
{
	int error = gccolor_open(gc, opt);

	if (!error)
		return false;
	printf("# %s\n", gccolor_strerror(error));
	ASSERT_TRUE(may_skip(error)) {
		TH_LOG("gccolor_open: %d", error);
	}
	return true;
}

static inline struct gccolor_request request(size_t length, uint32_t color)
{
	struct gccolor_request r = { .size = sizeof(r) };

	r.length = length;
	r.color = color;
	return r;
}

static inline int claim(struct gccolor *gc, size_t length, uint32_t color, char **out)
{
	struct gccolor_request r = request(length, color);

	return gccolor_claim(gc, &r, (void **)out);
}

static inline int alloc(struct gccolor *gc, size_t length, uint32_t color, char **out)
{
	struct gccolor_request r = request(length, color);

	return gccolor_alloc(gc, &r, (void **)out);
}

static inline struct gccolor_status status_of(struct gccolor *gc)
{
	struct gccolor_status status = { .size = sizeof(status) };

	if (gccolor_status(gc, &status))
		memset(&status, 0xff, sizeof(status));
	return status;
}

static inline bool zeroes(const char *p, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (p[i])
			return false;
	}
	return true;
}

/* A generator whose seed is printed and may be given, for a failure to repeat. */
struct random {
	uint64_t state;
};

static inline struct random random_seeded(void)
{
	const char *given = getenv("GCCOLOR_TEST_SEED");
	struct random r = { given ? strtoull(given, NULL, 0) : (uint64_t)getpid() };

	printf("# seed: GCCOLOR_TEST_SEED=%llu\n", (unsigned long long)r.state);
	r.state = r.state * 2 + 1;
	return r;
}

static inline uint32_t random_below(struct random *r, uint32_t limit)
{
	r->state = r->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(r->state >> 33) % limit;
}

#endif /* SELFTESTS_LIB_TEST_H */
