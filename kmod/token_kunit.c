// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Tokens from the inside: whose right is it, to which range? Everything else is
 * tested through the public interface.
 */
#include <kunit/test.h>
#include <linux/sched.h>

#include "region.h"

#define START	0x600000010000UL
#define END	0x600000020000UL

struct fixture {
	struct gccolor_region region;
	struct file vmfile;
	struct gccolor_token token;
};

static int token_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	spin_lock_init(&f->region.lock);
	INIT_LIST_HEAD(&f->region.tokens);
	f->vmfile.private_data = &f->region;
	f->token.start = START;
	f->token.end = END;
	f->token.opened = true;
	gccolor_token_add(&f->vmfile, &f->token);
	test->priv = f;

	return 0;
}

static void token_is_for_its_range(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, &f->token, gccolor_token_find(&f->region, START, END));
	KUNIT_EXPECT_NULL(test, gccolor_token_find(&f->region, START, END - PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, gccolor_token_find(&f->region, START + PAGE_SIZE, END));
	KUNIT_EXPECT_NULL(test, gccolor_token_find(&f->region, START, END + PAGE_SIZE));
	KUNIT_EXPECT_PTR_EQ(test, &f->token, gccolor_token_at(&f->region, START));
	KUNIT_EXPECT_PTR_EQ(test, &f->token, gccolor_token_at(&f->region, END));
	KUNIT_EXPECT_NULL(test, gccolor_token_at(&f->region, START + PAGE_SIZE));
}

static void token_is_for_its_task(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->token.task = &init_task;
	KUNIT_EXPECT_NULL(test, gccolor_token_find(&f->region, START, END));
	KUNIT_EXPECT_NULL(test, gccolor_token_at(&f->region, START));
}

static void token_is_for_once(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->token.done = true;
	KUNIT_EXPECT_NULL(test, gccolor_token_find(&f->region, START, END));
	KUNIT_EXPECT_NULL(test, gccolor_token_at(&f->region, START));
}

static void token_covers_only_what_it_opened(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_TRUE(test, gccolor_token_covers(&f->region, START, END));
	KUNIT_EXPECT_TRUE(test, gccolor_token_covers(&f->region, START + PAGE_SIZE, END));
	KUNIT_EXPECT_FALSE(test, gccolor_token_covers(&f->region, START - PAGE_SIZE, END));
	KUNIT_EXPECT_FALSE(test, gccolor_token_covers(&f->region, START, END + PAGE_SIZE));
	f->token.opened = false;
	KUNIT_EXPECT_PTR_EQ(test, &f->token, gccolor_token_find(&f->region, START, END));
	KUNIT_EXPECT_FALSE(test, gccolor_token_covers(&f->region, START, END));
}

static void token_given_up(struct kunit *test)
{
	struct fixture *f = test->priv;

	gccolor_token_del(&f->vmfile, &f->token);
	KUNIT_EXPECT_NULL(test, gccolor_token_find(&f->region, START, END));
	KUNIT_EXPECT_TRUE(test, list_empty(&f->region.tokens));
}

static struct kunit_case token_cases[] = {
	KUNIT_CASE(token_is_for_its_range),
	KUNIT_CASE(token_is_for_its_task),
	KUNIT_CASE(token_is_for_once),
	KUNIT_CASE(token_covers_only_what_it_opened),
	KUNIT_CASE(token_given_up),
	{ }
};

static struct kunit_suite token_suite = {
	.name = "gccolor_token",
	.init = token_init,
	.test_cases = token_cases,
};

kunit_test_suite(token_suite);
