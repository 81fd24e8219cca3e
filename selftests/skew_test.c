// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Structs of this header against a module whose structs are longer by one field,
 * as skew_check makes it: the field "later" of 8 bytes, which makes a command
 * fail with EDOM if it is not 0, and in which answers have SKEW_ANSWER.
 * What a module does with longer structs than its own is in uapi_args_test.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "maps.h"

#define SKEW_ANSWER	0x6e65776572UL

/* A struct as this header has it, then what is behind. */
#define LATER(name)							\
	struct {							\
		struct gccolor_ioc_##name v;				\
		__u64 later;						\
		__u64 behind;						\
	}

#define BEHIND		0xa5a5a5a5a5a5a5a5UL

FIXTURE(skew)
{
	int fd;
};

FIXTURE_SETUP(skew)
{
	struct gccolor_ioc_query answer;

	self->fd = open_device();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, query(self->fd, &answer));
	ASSERT_EQ(GCCOLOR_IOC_ABI + 1, answer.abi) {
		TH_LOG("this is not the newer module");
	}
}

FIXTURE_TEARDOWN(skew)
{
	close(self->fd);
}

/* An old caller's struct: what is behind it is not touched. */
TEST_F(skew, first_version)
{
	LATER(query) q = { .v.size = sizeof(q.v), .later = BEHIND };
	LATER(reserve) r = { .v = reserve_args(BASE, LENGTH, SHIFT), .later = BEHIND };
	LATER(info) i = { .v.size = sizeof(i.v), .later = BEHIND };

	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_QUERY, &q));
	EXPECT_EQ(BEHIND, q.later);
	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_RESERVE, &r));
	EXPECT_EQ(BEHIND, r.later);
	EXPECT_EQ(GCCOLOR_IOC_LEVEL_ENFORCED, r.v.level);
	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_INFO, &i));
	EXPECT_EQ(BEHIND, i.later);
	EXPECT_EQ(BASE, i.v.base);
	EXPECT_EQ(0, commit(self->fd, INSIDE(1), PAGE));
	EXPECT_EQ(0, decommit(self->fd, INSIDE(1), PAGE));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
	/* A part of the new field is as good as the first version. */
	q.v.size = sizeof(q.v) + 4;
	q.later = 0;
	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_QUERY, &q));
	EXPECT_EQ(SKEW_ANSWER & 0xffffffff, q.later);
}

/* A caller that knows the field as well. */
TEST_F(skew, second_version)
{
	LATER(query) q = { .v.size = sizeof(q.v) + 8, .behind = BEHIND };
	LATER(reserve) r = { .v = reserve_args(BASE, LENGTH, SHIFT), .behind = BEHIND };
	LATER(commit) c = { .v = { .size = sizeof(c.v) + 8, .addr = INSIDE(1),
				   .length = PAGE, .prot = PROT_RW } };

	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_QUERY, &q));
	EXPECT_EQ(SKEW_ANSWER, q.later);
	EXPECT_EQ(BEHIND, q.behind);
	r.v.size = sizeof(r.v) + 8;
	r.later = 1;
	EXPECT_EQ(-EDOM, command(self->fd, GCCOLOR_IOC_RESERVE, &r));
	r.later = 0;
	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_RESERVE, &r));
	EXPECT_EQ(BEHIND, r.behind);
	c.later = 1;
	EXPECT_EQ(-EDOM, command(self->fd, GCCOLOR_IOC_COMMIT, &c));
	c.later = 0;
	EXPECT_EQ(0, command(self->fd, GCCOLOR_IOC_COMMIT, &c));
	/* And what not even that module knows is refused as ever. */
	c.v.size = sizeof(c.v) + 16;
	c.v.addr += PAGE;
	c.behind = 1;
	EXPECT_EQ(-E2BIG, command(self->fd, GCCOLOR_IOC_COMMIT, &c));
	EXPECT_STREQ("whole", region_state(BASE, LENGTH));
}

TEST_HARNESS_MAIN
