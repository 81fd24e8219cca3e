// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A library that asks the module for what only a later module knows (skew_check
 * builds it) must say so and go on with another backend.
 */
#include "lib_test.h"

TEST(an_older_module_is_named)
{
	struct gccolor_options opt = small_region();
	struct gccolor *gc = NULL;

	opt.backend = GCCOLOR_KMOD;
	EXPECT_EQ(-EOPNOTSUPP, gccolor_open(&gc, &opt));
	printf("# %s\n", gccolor_strerror(-EOPNOTSUPP));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EOPNOTSUPP), "older than this library"));
	EXPECT_EQ(NULL, gc);
}

TEST(another_backend_serves)
{
	struct gccolor_options opt = small_region();
	struct gccolor_status status;
	struct gccolor *gc;
	char *p;

	ASSERT_EQ(0, gccolor_open(&gc, &opt));
	status = status_of(gc);
	printf("# %s: %s\n", gccolor_backend_name(status.backend), status.why_not_better);
	EXPECT_TRUE(status.backend == GCCOLOR_MSEAL || status.backend == GCCOLOR_POSIX);
	EXPECT_NE(NULL, strstr(status.why_not_better, "kmod: it is older"));
	ASSERT_EQ(0, alloc(gc, PAGE, 1, &p));
	*p = 1;
	EXPECT_EQ(0, gccolor_close(gc, GCCOLOR_KEEP));
}

TEST_HARNESS_MAIN
