// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* Memory policies and migration between nodes. Needs a machine with two. */
#define _GNU_SOURCE
#include <linux/mempolicy.h>

#include "kselftest_harness.h"
#include "pressure.h"

#define PAGES		64UL
#define SIZE		(PAGES * PAGE)
#define NODE(n)		(1UL << (n))
#define MAX_NODES	64UL
#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node	450
#endif

FIXTURE(numa)
{
	struct pair pair;
};

FIXTURE_SETUP(numa)
{
	if (lacks(access("/sys/devices/system/node/node1", F_OK) == 0))
		SKIP(return, "no second NUMA node");
	ASSERT_EQ(0, pair_make(&self->pair, SIZE));
	/* Pages are counted one by one here. */
	ASSERT_EQ(0, prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
}

FIXTURE_TEARDOWN(numa)
{
	EXPECT_WHOLE();
}

static int bind(unsigned long addr, unsigned long length, int mode,
		unsigned long nodes, unsigned int flags)
{
	return syscall(SYS_mbind, addr, length, mode, &nodes, MAX_NODES, flags) ? -errno : 0;
}

static int set_policy(int mode, unsigned long nodes)
{
	return syscall(SYS_set_mempolicy, mode, nodes ? &nodes : NULL, nodes ? MAX_NODES : 0) ?
		-errno : 0;
}

/* The policy at @addr: mode << 8 | nodes. */
static long policy_at(unsigned long addr)
{
	unsigned long nodes = 0;
	int mode = -1;

	if (syscall(SYS_get_mempolicy, &mode, &nodes, MAX_NODES, addr, MPOL_F_ADDR))
		return -errno;
	return (long)mode << 8 | (long)nodes;
}

#define POLICY(mode, nodes)	((long)(mode) << 8 | (long)(nodes))

static int node_at(unsigned long addr)
{
	int node = -1;

	return syscall(SYS_get_mempolicy, &node, NULL, 0, addr, MPOL_F_NODE | MPOL_F_ADDR) ?
		-errno : node;
}

/* move_pages(2) for every page; without @to it only asks. Answers of all, summed up. */
struct places {
	int error;
	unsigned long on[2];	/* pages on each node */
	unsigned long other;	/* another answer */
};

static struct places move(unsigned long addr, const int *to)
{
	struct places places = { 0 };
	void *pages[PAGES];
	int status[PAGES];

	for (unsigned long i = 0; i < PAGES; i++)
		pages[i] = (void *)(addr + i * PAGE);
	if (syscall(SYS_move_pages, 0, PAGES, pages, to, status, MPOL_MF_MOVE) < 0)
		places.error = -errno;
	for (unsigned long i = 0; !places.error && i < PAGES; i++) {
		if (status[i] == 0 || status[i] == 1)
			places.on[status[i]]++;
		else
			places.other++;
	}
	return places;
}

static unsigned long on_node(unsigned long addr, int node)
{
	return move(addr, NULL).on[node];
}

TEST_F(numa, mbind_places)
{
	EXPECT_BOTH(POLICY(MPOL_DEFAULT, 0), policy_at(addr));
	for (int node = 1; node >= 0; node--) {
		ASSERT_BOTH(0, bind(addr, SIZE, MPOL_BIND, NODE(node), 0));
		EXPECT_BOTH(POLICY(MPOL_BIND, NODE(node)), policy_at(addr + PAGE));
		fill_both(&self->pair);
		EXPECT_BOTH(PAGES, on_node(addr, node));
		EXPECT_BOTH(node, node_at(addr));
		EXPECT_INTACT();
		ASSERT_BOTH(0, advise(addr, SIZE, MADV_DONTNEED));
	}
	EXPECT_BOTH(-EINVAL, bind(addr, SIZE, MPOL_BIND, 0, 0));
	EXPECT_BOTH(-EINVAL, bind(addr + 1, SIZE, MPOL_BIND, NODE(1), 0));
}

TEST_F(numa, mbind_moves)
{
	ASSERT_BOTH(0, bind(addr, SIZE, MPOL_BIND, NODE(0), 0));
	fill_both(&self->pair);
	ASSERT_BOTH(PAGES, on_node(addr, 0));
	EXPECT_BOTH(-EIO, bind(addr, SIZE, MPOL_BIND, NODE(1), MPOL_MF_STRICT));
	EXPECT_BOTH(0, bind(addr, SIZE, MPOL_BIND, NODE(1), MPOL_MF_MOVE | MPOL_MF_STRICT));
	EXPECT_BOTH(PAGES, on_node(addr, 1));
	EXPECT_INTACT();
}

TEST_F(numa, interleave)
{
	ASSERT_BOTH(0, bind(addr, SIZE, MPOL_INTERLEAVE, NODE(0) | NODE(1), 0));
	fill_both(&self->pair);
	EXPECT_BOTH(PAGES / 2, on_node(addr, 0));
	EXPECT_BOTH(PAGES / 2, on_node(addr, 1));
	EXPECT_INTACT();
}

TEST_F(numa, move_pages)
{
	int to[PAGES];

	fill_both(&self->pair);
	for (int turn = 0; turn < 3; turn++) {
		for (unsigned long i = 0; i < PAGES; i++)
			to[i] = turn == 2 ? 1 : (i + turn) % 2;
		FOR_BOTH() {
			struct places places = move(addr, to);

			EXPECT_EQ(0, places.error);
			EXPECT_EQ(0, places.other);
			EXPECT_EQ(turn == 2 ? PAGES : PAGES / 2, places.on[1]);
		}
		EXPECT_BOTH(turn == 2 ? PAGES : PAGES / 2, on_node(addr, 1));
		EXPECT_BOTH(to[3], node_at(addr + 3 * PAGE));
		EXPECT_INTACT();
	}
	/* Pages that are not there. */
	ASSERT_BOTH(0, advise(addr, SIZE, MADV_DONTNEED));
	EXPECT_BOTH(PAGES, move(addr, to).other);
}

TEST_F(numa, migrate_pages)
{
	unsigned long from = NODE(0), to = NODE(1);

	ASSERT_EQ(0, set_policy(MPOL_BIND, NODE(0)));
	fill_both(&self->pair);
	ASSERT_EQ(0, set_policy(MPOL_DEFAULT, 0));
	ASSERT_BOTH(PAGES, on_node(addr, 0));
	EXPECT_LE(0, syscall(SYS_migrate_pages, 0, MAX_NODES, &from, &to));
	EXPECT_BOTH(PAGES, on_node(addr, 1));
	EXPECT_INTACT();
}

TEST_F(numa, set_mempolicy)
{
	for (int node = 1; node >= 0; node--) {
		ASSERT_EQ(0, set_policy(MPOL_BIND, NODE(node)));
		fill_both(&self->pair);
		EXPECT_BOTH(PAGES, on_node(addr, node));
		ASSERT_BOTH(0, advise(addr, SIZE, MADV_DONTNEED));
	}
	ASSERT_EQ(0, set_policy(MPOL_DEFAULT, 0));
}

TEST_F(numa, home_node)
{
	int expected;

	ASSERT_BOTH(0, bind(addr, SIZE, MPOL_BIND, NODE(0) | NODE(1), 0));
	/* Linux 5.17 */
	expected = syscall(SYS_set_mempolicy_home_node, PLAIN_AT, SIZE, 1, 0) ? -errno : 0;
	EXPECT_BOTH(expected, syscall(SYS_set_mempolicy_home_node, addr, SIZE, 1, 0) ? -errno : 0);
	fill_both(&self->pair);
	if (!expected)
		EXPECT_BOTH(PAGES, on_node(addr, 1));
}

/* A policy splits mappings. Each piece is sealed, and can be decommitted. */
TEST_F(numa, splits)
{
	unsigned long addr = self->pair.addr[OURS];
	struct gccolor_ioc_info before, after;

	ASSERT_EQ(0, info(self->pair.fd, &before));
	fill(addr, SIZE);
	for (unsigned long i = 1; i < PAGES; i += 4)
		ASSERT_EQ(0, bind(addr + i * PAGE, PAGE, MPOL_PREFERRED, NODE(1), MPOL_MF_MOVE));
	ASSERT_EQ(0, info(self->pair.fd, &after));
	EXPECT_EQ(before.mappings + PAGES / 2, after.mappings);
	EXPECT_EQ(before.committed, after.committed);
	EXPECT_TRUE(intact(addr, SIZE));
	EXPECT_WHOLE();
	EXPECT_EQ(0, bind(addr, SIZE, MPOL_DEFAULT, 0, 0));
	EXPECT_TRUE(intact(addr, SIZE));
	ASSERT_EQ(0, bind(addr + 8 * PAGE, PAGE, MPOL_PREFERRED, NODE(1), 0));
	EXPECT_EQ(0, decommit(self->pair.fd, addr + 4 * PAGE, 8 * PAGE));
	EXPECT_EQ(0, commit(self->pair.fd, addr + 4 * PAGE, 8 * PAGE));
	/* Memory that is committed anew has no policy. */
	EXPECT_EQ(POLICY(MPOL_DEFAULT, 0), policy_at(addr + 8 * PAGE));
	EXPECT_TRUE(zeroed(addr + 4 * PAGE, 8 * PAGE));
	EXPECT_TRUE(intact(addr + 12 * PAGE, SIZE - 12 * PAGE));
}

/* Of reserve there is nothing to place or to move. */
TEST_F(numa, reserve)
{
	unsigned long addr = INSIDE(3);
	void *page = (void *)addr;
	int to = 1, status = 0;

	EXPECT_EQ(0, syscall(SYS_move_pages, 0, 1UL, &page, &to, &status, MPOL_MF_MOVE));
	EXPECT_GT(0, status);
	bind(addr, PAGE, MPOL_BIND, NODE(1), MPOL_MF_MOVE | MPOL_MF_STRICT);
	EXPECT_WHOLE();
	EXPECT_EQ(0, commit(self->pair.fd, addr - PAGE, 3 * PAGE));
	fill(addr - PAGE, 3 * PAGE);
	EXPECT_TRUE(intact(addr - PAGE, 3 * PAGE));
}

TEST_HARNESS_MAIN
