// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What a region says that it can do, and what it does: the same, on every backend.
 */
#include <gccolor_event.h>

#include "lib_test.h"

static const struct {
	uint32_t flag;
	uint64_t cap;
	const char *vm;	/* in VmFlags of smaps; NULL: not to be seen there */
} flags[] = {
	{ GCCOLOR_NORESERVE,	GCCOLOR_CAP_NORESERVE },
	{ GCCOLOR_POPULATE,	GCCOLOR_CAP_POPULATE },
	{ GCCOLOR_HUGEPAGE,	GCCOLOR_CAP_HUGEPAGE,	"hg" },
	{ GCCOLOR_HUGETLB,	GCCOLOR_CAP_HUGETLB,	"ht" },
	{ GCCOLOR_STACK,	GCCOLOR_CAP_STACK,	"nh" },
	{ GCCOLOR_NODUMP,	GCCOLOR_CAP_NODUMP,	"dd" },
	{ GCCOLOR_WIPE,		GCCOLOR_CAP_WIPE,	"wf" },
};

FIXTURE(caps)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	uint64_t caps;
	size_t huge;
};

FIXTURE_SETUP(caps)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	self->caps = status_of(self->gc).caps;
	self->huge = status_of(self->gc).hugetlb;
	if (!self->huge)
		self->huge = 2 * MIB;
}

FIXTURE_TEARDOWN(caps)
{
	gccolor_close(self->gc, 0);
}

/* Windows has none without whole huge pages either. */
#define HUGE_FLAGS	(GCCOLOR_HUGETLB | GCCOLOR_HUGEPAGE)
#define HUGE_CAPS	(GCCOLOR_CAP_HUGETLB | GCCOLOR_CAP_HUGEPAGE)

/* What a call must return that asks for this cap; huge pages may have run out. */
static bool as_said(uint64_t caps, uint64_t cap, int error)
{
	if (!(caps & cap))
		return error == -EOPNOTSUPP;
	return error == 0 || (error == -ENOMEM && (cap & HUGE_CAPS));
}

TEST_F(caps, printed_and_named)
{
	uint64_t named = 0;
	int i;

	printf("# %s:", gccolor_backend_name(self->f.backend));
	for (i = 0; i < 64 && gccolor_cap_name(1ULL << i); i++) {
		named |= 1ULL << i;
		if (self->caps & (1ULL << i))
			printf(" %s", gccolor_cap_name(1ULL << i));
	}
	printf("\n");
	EXPECT_EQ(GCCOLOR_CAP_EVENTS, 1ULL << (i - 1));
	EXPECT_EQ(0, self->caps & ~named);
	EXPECT_EQ(NULL, gccolor_cap_name(0));
	EXPECT_EQ(NULL, gccolor_cap_name(3));
	EXPECT_EQ(!(self->caps & GCCOLOR_CAP_HUGETLB), !status_of(self->gc).hugetlb);
}

TEST_F(caps, flags_are_had_or_refused)
{
	struct gccolor_request r;
	char *p, *q;
	size_t i;
	int error;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		size_t length = flags[i].flag & HUGE_FLAGS ? self->huge : 4 * PAGE;

		r = request(length, 2);
		r.align = self->f.holds ? length : 0;
		r.flags = flags[i].flag;
		error = gccolor_alloc(self->gc, &r, (void **)&p);
		EXPECT_TRUE(as_said(self->caps, flags[i].cap, error)) {
			TH_LOG("alloc, flag 0x%x: %s", r.flags, gccolor_strerror(error));
		}
		if (!error) {
			EXPECT_TRUE(zeroes(p, length));
			memset(p, 1, length);
			if (flags[i].vm && (flags[i].flag != GCCOLOR_STACK ||
					    self->caps & GCCOLOR_CAP_HUGEPAGE))
				EXPECT_EQ(1, vm_flag(p, flags[i].vm));
			EXPECT_EQ(0, gccolor_free(self->gc, p, length));
		}
		if (!self->f.holds)
			continue;
		r.flags = 0;
		r.length = 2 * length;
		ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&p));
		error = gccolor_commit(self->gc, p, length, 0, flags[i].flag);
		EXPECT_TRUE(as_said(self->caps, flags[i].cap, error)) {
			TH_LOG("commit, flag 0x%x: %s", flags[i].flag, gccolor_strerror(error));
		}
		ASSERT_EQ(0, gccolor_free(self->gc, p + length, length));
		error = gccolor_extend(self->gc, p, length, 2 * length, READ_WRITE,
				       flags[i].flag);
		EXPECT_TRUE(as_said(self->caps, flags[i].cap, error)) {
			TH_LOG("extend, flag 0x%x: %s", flags[i].flag, gccolor_strerror(error));
		}
		ASSERT_EQ(0, gccolor_free(self->gc, p, error ? length : 2 * length));
	}
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &q));
	EXPECT_EQ(PAGE, status_of(self->gc).claimed);
}

TEST_F(caps, flags_that_exclude_each_other)
{
	static const uint32_t pairs[] = {
		GCCOLOR_HUGETLB | GCCOLOR_NORESERVE, GCCOLOR_HUGETLB | GCCOLOR_HUGEPAGE,
		GCCOLOR_HUGETLB | GCCOLOR_STACK, GCCOLOR_HUGETLB | GCCOLOR_WIPE,
		GCCOLOR_HUGEPAGE | GCCOLOR_STACK, GCCOLOR_WIPE << 1, 1u << 31,
	};
	struct gccolor_request r = request(self->huge, 2);
	char *p = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		r.flags = pairs[i];
		EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &r, (void **)&p));
	}
	EXPECT_EQ(NULL, p);
}

static void ignore(const struct gccolor_event *event, void *arg)
{
}

/* The calls that have a cap but are no flags. */
TEST_F(caps, calls_are_had_or_refused)
{
	struct gccolor_options opt = small_region();
	struct gccolor_request r = request(2 * PAGE, 2);
	struct gccolor *other = NULL;
	char place[32];
	char *p;
	int error;

	snprintf(place, sizeof(place), "0x%zx", (size_t)PLACE);
	opt.backend = self->f.backend;
	ASSERT_EQ(0, alloc(self->gc, 2 * PAGE, 1, &p));
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_TRAPS,
			    gccolor_decommit(self->gc, p, PAGE, GCCOLOR_TRAP)));
	EXPECT_EQ(!!(self->caps & GCCOLOR_CAP_TRAPS), traps(p, true));
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_CLAIMS, claim(self->gc, PAGE, 1, &p)));
	r.prot = GCCOLOR_READ;
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_PROTECT,
			    gccolor_alloc(self->gc, &r, (void **)&p)));
	r.prot = 0;
	r.guard = PAGE;
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_GUARD,
			    gccolor_alloc(self->gc, &r, (void **)&p)));
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_EVENTS,
			    gccolor_events(self->gc, ignore, NULL)));
	error = gccolor_event_fd(self->gc);
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_EVENTS, error < 0 ? error : 0));
	opt.exec_colors = 2;
	error = gccolor_open(&other, &opt);
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_EXEC, error)) {
		TH_LOG("exec_colors: %s", gccolor_strerror(error));
	}
	if (!error)
		gccolor_close(other, 0);
	opt.exec_colors = 0;
	opt.base_policy = GCCOLOR_BASE_EXACT;
	opt.base = PLACE;
	if (!self->f.holds)
		return;
	error = gccolor_open(&other, &opt);
	EXPECT_TRUE(as_said(self->caps, GCCOLOR_CAP_BASES, error));
	if (error)
		return;
	error = gccolor_close(other, 0);
	EXPECT_EQ(self->caps & GCCOLOR_CAP_RELEASE ? 0 : -EPERM, error);
	if (!(self->caps & GCCOLOR_CAP_OCCUPANT) || error == 0)
		return;
	EXPECT_EQ(-EEXIST, gccolor_open(&other, &opt));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EEXIST), place));
}

/* Of NODUMP and WIPE nothing is left when the same addresses are used again. */
TEST_F(caps, nothing_stays_behind)
{
	struct gccolor_request r = request(16 * PAGE, 2);
	char *p, *q;
	size_t i;
	int how;

	if (!self->f.holds || self->f.backend == GCCOLOR_WINDOWS)
		SKIP(return, "the next address is anybody's, or no flag is to be seen");
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		bool seen = flags[i].vm && flags[i].flag != GCCOLOR_HUGETLB;

		if (flags[i].flag == GCCOLOR_STACK && !(self->caps & GCCOLOR_CAP_HUGEPAGE))
			continue;
		/* What huge pages were advised is given back to the system's default. */
		if (!(self->caps & flags[i].cap) || !seen ||
		    (self->f.level == GCCOLOR_SEALED && flags[i].vm[1] == 'g') ||
		    (self->f.level == GCCOLOR_SEALED && flags[i].vm[1] == 'h'))
			continue;
		for (how = 0; how < 3; how++) {
			r.flags = how == 2 ? 0 : flags[i].flag;
			ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
			if (how == 2) {	/* in the extent of what was freed before */
				EXPECT_EQ(0, vm_flag(p, flags[i].vm));
				ASSERT_EQ(0, gccolor_free(self->gc, p, 16 * PAGE));
				continue;
			}
			EXPECT_EQ(1, vm_flag(p, flags[i].vm)) {
				TH_LOG("%s", flags[i].vm);
			}
			memset(p, 7, 16 * PAGE);
			ASSERT_EQ(0, gccolor_free(self->gc, p, 16 * PAGE));
			r.flags = 0;
			r.at = p;
			if (how == 0) {
				ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&q));
				ASSERT_EQ(0, gccolor_commit(self->gc, q, 16 * PAGE, 0, 0));
			} else {
				ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&q));
			}
			r.at = NULL;
			ASSERT_EQ(p, q);
			EXPECT_EQ(0, vm_flag(q, flags[i].vm)) {
				TH_LOG("%s stayed, way %d", flags[i].vm, how);
			}
			EXPECT_TRUE(zeroes(q, 16 * PAGE));
			ASSERT_EQ(0, gccolor_free(self->gc, q, 16 * PAGE));
		}
	}
	EXPECT_EQ(0, status_of(self->gc).releases_failed);
}

/* Neighbours of other kinds keep their own, and none is lent to another. */
TEST_F(caps, kinds_do_not_mix)
{
	struct gccolor_request r = request(PAGE, 2);
	char *p[32];
	size_t i;

	if (!(self->caps & GCCOLOR_CAP_NODUMP) || !self->f.holds)
		SKIP(return, "no such kind");
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		r.flags = i % 2 ? GCCOLOR_NODUMP : 0;
		ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p[i]));
		p[i][0] = 1;
	}
	for (i = 0; i < ARRAY_SIZE(p); i++)
		EXPECT_EQ(i % 2, vm_flag(p[i], "dd"));
	for (i = 0; i < ARRAY_SIZE(p); i++)
		ASSERT_EQ(0, gccolor_free(self->gc, p[i], PAGE));
}

TEST_F(caps, wiped_in_a_fork_child)
{
	struct gccolor_request r = request(2 * PAGE, 2);
	char *p, *q;

	if (!(self->caps & GCCOLOR_CAP_WIPE))
		SKIP(return, "no such flag here");
	r.flags = GCCOLOR_WIPE;
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	p[PAGE] = 5;
	EXPECT_TRUE(child_reads(p + PAGE, 0));
	EXPECT_EQ(5, p[PAGE]);
	ASSERT_EQ(0, gccolor_free(self->gc, p, 2 * PAGE));
	ASSERT_EQ(0, alloc(self->gc, 2 * PAGE, 2, &q));
	q[PAGE] = 5;
	EXPECT_TRUE(child_reads(q + PAGE, 5));
}

/* Needs pages in the pool (vm.nr_hugepages); without them the refusals only. */
TEST_F(caps, hugetlb)
{
	struct gccolor_request r = request(2 * self->huge, 2);
	char *p;
	int error;

	if (!(self->caps & GCCOLOR_CAP_HUGETLB))
		SKIP(return, "no such flag here");
	r.flags = GCCOLOR_HUGETLB;
	r.length = self->huge + PAGE;
	EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &r, (void **)&p));
	r.length = self->huge;
	r.at = (char *)gccolor_color_start(self->g, 3) + PAGE;
	EXPECT_EQ(-EINVAL, gccolor_alloc(self->gc, &r, (void **)&p));
	r.at = NULL;
	r.length = 2 * self->huge;
	error = gccolor_alloc(self->gc, &r, (void **)&p);
	if (error == -ENOMEM) {
		EXPECT_EQ(0, status_of(self->gc).claimed);
		SKIP(return, "the pool of huge pages is empty");
	}
	ASSERT_EQ(0, error);
	EXPECT_EQ(0, (uintptr_t)p % self->huge);
	memset(p, 1, 2 * self->huge);
	EXPECT_EQ(-EINVAL, gccolor_free(self->gc, p, PAGE));
	EXPECT_EQ(-EINVAL, gccolor_free(self->gc, p + PAGE, 2 * self->huge - PAGE));
	EXPECT_EQ(-EINVAL, gccolor_decommit(self->gc, p, self->huge + PAGE, GCCOLOR_TRAP));
	ASSERT_EQ(0, gccolor_decommit(self->gc, p, self->huge, GCCOLOR_EAGER));
	EXPECT_TRUE(zeroes(p, self->huge));
	EXPECT_EQ(1, p[self->huge]);
	ASSERT_EQ(0, gccolor_decommit(self->gc, p, self->huge, GCCOLOR_TRAP));
	EXPECT_TRUE(traps(p, true));
	ASSERT_EQ(0, gccolor_commit(self->gc, p, PAGE, 0, 0));
	EXPECT_EQ(0, vm_flag(p, "ht"));
	EXPECT_EQ(1, vm_flag(p + self->huge, "ht"));
	EXPECT_EQ(0, gccolor_free(self->gc, p, 2 * self->huge));
	EXPECT_EQ(0, status_of(self->gc).claimed);
	EXPECT_EQ(0, status_of(self->gc).deferred);
}

TEST_F(caps, names_in_maps)
{
	char line[512], wanted[64];
	bool seen = false;
	char *p;
	FILE *maps;

	if (!(self->caps & GCCOLOR_CAP_NAMES))
		SKIP(return, "no names here");
	ASSERT_EQ(0, alloc(self->gc, PAGE, 5, &p));
	*p = 1;
	snprintf(wanted, sizeof(wanted), "[anon:gccolor:5]");
	maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof(line), maps)) {
		unsigned long start = 0, end = 0;

		if (sscanf(line, "%lx-%lx", &start, &end) == 2 &&
		    (uintptr_t)p >= start && (uintptr_t)p < end)
			seen = strstr(line, wanted);
	}
	fclose(maps);
	EXPECT_TRUE(seen);
}

TEST_HARNESS_MAIN
