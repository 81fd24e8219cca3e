/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the library's tests use of the kernel's kselftest_harness.h, for Windows:
 * each test runs in a process of its own, started from the same program. The
 * macros, the options -t and -T, the output and the exit status are the same.
 */
#ifndef SELFTESTS_WINDOWS_KSELFTEST_HARNESS_H
#define SELFTESTS_WINDOWS_KSELFTEST_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KSFT_PASS		0
#define KSFT_FAIL		1
#define KSFT_SKIP		4
#define TEST_TIMEOUT_DEFAULT	30
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct __test_metadata {
	const char *name;
	void (*run)(struct __test_metadata *metadata);
	unsigned int timeout;	/* seconds */
	int exit_code;
	bool trigger;		/* the last check failed */
	char *reason;		/* of a skip; REASON_MAX bytes */
	void *bail[5];		/* where a failed ASSERT goes */
	struct __test_metadata *next;
};

#define REASON_MAX	256

/* harness.c */
void __register_test(struct __test_metadata *test);
int test_harness_run(int argc, char **argv);

/* After a failed check: 0, or not at all. */
bool __bail(struct __test_metadata *metadata, bool assert);

#define TH_LOG(fmt, ...)						\
	fprintf(stderr, "# %s:%d:%s:" fmt "\n", __FILE__, __LINE__,	\
		_metadata->name, ##__VA_ARGS__)

#define SKIP(statement, fmt, ...)					\
	do {								\
		snprintf(_metadata->reason, REASON_MAX, fmt, ##__VA_ARGS__); \
		_metadata->exit_code = KSFT_SKIP;			\
		_metadata->trigger = false;				\
		statement;						\
	} while (0)

#define __TEST_REGISTER(full_name, string, seconds)			\
	static struct __test_metadata __##full_name##_test = {		\
		.name = string,						\
		.run = __##full_name##_run,				\
		.timeout = seconds,					\
	};								\
	__attribute__((constructor)) static void __##full_name##_register(void) \
	{								\
		__register_test(&__##full_name##_test);			\
	}

#define TEST(test_name)							\
	static void test_name(struct __test_metadata *_metadata);	\
	static void __##test_name##_run(struct __test_metadata *_metadata) \
	{								\
		if (!__builtin_setjmp(_metadata->bail))			\
			test_name(_metadata);				\
	}								\
	__TEST_REGISTER(test_name, #test_name, TEST_TIMEOUT_DEFAULT)	\
	static void test_name(struct __test_metadata *_metadata)

#define FIXTURE_DATA(fixture)	struct __##fixture##_data
#define FIXTURE(fixture)	FIXTURE_DATA(fixture)

#define FIXTURE_SETUP(fixture)						\
	static void __##fixture##_setup(struct __test_metadata *_metadata, \
					FIXTURE_DATA(fixture) *self)

#define FIXTURE_TEARDOWN(fixture)					\
	static void __##fixture##_teardown(struct __test_metadata *_metadata, \
					   FIXTURE_DATA(fixture) *self)

#define TEST_F(fixture, test_name)					\
	TEST_F_TIMEOUT(fixture, test_name, TEST_TIMEOUT_DEFAULT)

/* Without teardown if the setup failed or skipped. */
#define TEST_F_TIMEOUT(fixture, test_name, seconds)			\
	static void fixture##_##test_name(struct __test_metadata *_metadata, \
					  FIXTURE_DATA(fixture) *self);	\
	static void __##fixture##_##test_name##_run(struct __test_metadata *_metadata) \
	{								\
		static FIXTURE_DATA(fixture) data;			\
		static volatile bool ready;				\
									\
		if (!__builtin_setjmp(_metadata->bail)) {		\
			__##fixture##_setup(_metadata, &data);		\
			ready = _metadata->exit_code == KSFT_PASS;	\
			if (ready)					\
				fixture##_##test_name(_metadata, &data); \
		}							\
		if (ready && !__builtin_setjmp(_metadata->bail))	\
			__##fixture##_teardown(_metadata, &data);	\
	}								\
	__TEST_REGISTER(fixture##_##test_name, #fixture "." #test_name, seconds) \
	static void fixture##_##test_name(struct __test_metadata *_metadata, \
					  FIXTURE_DATA(fixture) *self)

/* A block behind a check runs if it failed, before an ASSERT ends the test. */
#define __HANDLER(assert)						\
	for (; _metadata->trigger;					\
	     _metadata->trigger = __bail(_metadata, assert))

#define __CHECK(expected, seen, op, assert)				\
	do {								\
		__typeof__(expected) __exp = (expected);		\
		__typeof__(seen) __seen = (seen);			\
									\
		if (!(__exp op __seen)) {				\
			TH_LOG("Expected %s (%lld) %s %s (%lld)", #expected, \
			       (long long)(intptr_t)__exp, #op, #seen,	\
			       (long long)(intptr_t)__seen);		\
			_metadata->exit_code = KSFT_FAIL;		\
			_metadata->trigger = true;			\
		}							\
	} while (0);							\
	__HANDLER(assert)

#define __CHECK_TEXT(expected, seen, assert)				\
	do {								\
		const char *__exp = (expected);				\
		const char *__seen = (seen);				\
									\
		if (strcmp(__exp, __seen)) {				\
			TH_LOG("Expected '%s' == '%s'", __exp, __seen);	\
			_metadata->exit_code = KSFT_FAIL;		\
			_metadata->trigger = true;			\
		}							\
	} while (0);							\
	__HANDLER(assert)

#define EXPECT_EQ(expected, seen)	__CHECK(expected, seen, ==, false)
#define EXPECT_NE(expected, seen)	__CHECK(expected, seen, !=, false)
#define EXPECT_LT(expected, seen)	__CHECK(expected, seen, <, false)
#define EXPECT_LE(expected, seen)	__CHECK(expected, seen, <=, false)
#define EXPECT_GT(expected, seen)	__CHECK(expected, seen, >, false)
#define EXPECT_GE(expected, seen)	__CHECK(expected, seen, >=, false)
#define EXPECT_TRUE(seen)		__CHECK(0, !!(seen), !=, false)
#define EXPECT_FALSE(seen)		__CHECK(0, !!(seen), ==, false)
#define EXPECT_STREQ(expected, seen)	__CHECK_TEXT(expected, seen, false)
#define ASSERT_EQ(expected, seen)	__CHECK(expected, seen, ==, true)
#define ASSERT_NE(expected, seen)	__CHECK(expected, seen, !=, true)
#define ASSERT_LT(expected, seen)	__CHECK(expected, seen, <, true)
#define ASSERT_LE(expected, seen)	__CHECK(expected, seen, <=, true)
#define ASSERT_GT(expected, seen)	__CHECK(expected, seen, >, true)
#define ASSERT_GE(expected, seen)	__CHECK(expected, seen, >=, true)
#define ASSERT_TRUE(seen)		__CHECK(0, !!(seen), !=, true)
#define ASSERT_FALSE(seen)		__CHECK(0, !!(seen), ==, true)
#define ASSERT_STREQ(expected, seen)	__CHECK_TEXT(expected, seen, true)

#define TEST_HARNESS_MAIN						\
	int main(int argc, char **argv)					\
	{								\
		return test_harness_run(argc, argv);			\
	}

#endif /* SELFTESTS_WINDOWS_KSELFTEST_HARNESS_H */
