// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The system refuses to carve, to commit, or to give memory for the account.
 * Made by RLIMIT_AS and vm.max_map_count, which not every system has.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib_test.h"

struct failures {
	int calls;
	int error;
	void *addr;
	size_t length;
	struct gccolor *gc;
};

static void release_failed(void *arg, void *addr, size_t length, int error)
{
	struct failures *f = arg;

	f->calls++;
	f->addr = addr;
	f->length = length;
	f->error = error;
	if (f->gc)	/* no lock is held */
		(void)gccolor_level(f->gc);
}

FIXTURE(deferred)
{
	struct gccolor *gc;
	struct facts f;
	struct failures failures;
	char *p;	/* 16 claimed pages in color 1 */
};

FIXTURE_SETUP(deferred)
{
	struct gccolor_options opt = small_region();

	opt.release_failed = release_failed;
	opt.release_failed_arg = &self->failures;
	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->failures.gc = self->gc;
	if (!self->f.holds)
		SKIP(return, "the backend holds no addresses");
	ASSERT_EQ(0, claim(self->gc, 16 * PAGE, 1, &self->p));
}

FIXTURE_TEARDOWN(deferred)
{
	gccolor_close(self->gc, 0);
}

/* The system refuses to carve: discarded, kept, tried again, told once. */
TEST_F(deferred, free)
{
	struct gccolor_request r = request(4 * PAGE, 1);
	char *q;

	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (!self->f.traps)
		SKIP(return, "nothing is carved");
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 16 * PAGE, 0, 0));
	memset(self->p, 0x33, 16 * PAGE);
	limit_address_space(MIB);
	EXPECT_EQ(GCCOLOR_DEFERRED, gccolor_free(self->gc, self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_EQ(4 * PAGE, status_of(self->gc).deferred);
	EXPECT_EQ(1, status_of(self->gc).releases_failed);
	EXPECT_EQ(1, self->failures.calls);
	EXPECT_EQ(-ENOMEM, self->failures.error);
	EXPECT_EQ(self->p + 4 * PAGE, self->failures.addr);
	EXPECT_EQ(4 * PAGE, self->failures.length);
	EXPECT_EQ(12 * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(12 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(-ENOENT, gccolor_free(self->gc, self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_TRUE(zeroes(self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_EQ(0x33, self->p[0]);
	EXPECT_EQ(0x33, self->p[8 * PAGE]);
	/* It is not handed out meanwhile. */
	r.at = self->p + 4 * PAGE;
	EXPECT_EQ(-EEXIST, gccolor_claim(self->gc, &r, (void **)&q));
	limit_address_space(RLIM_INFINITY);
	ASSERT_EQ(0, gccolor_claim(self->gc, &r, (void **)&q));
	EXPECT_EQ(0, status_of(self->gc).deferred);
	EXPECT_EQ(1, status_of(self->gc).releases_failed);
	EXPECT_TRUE(traps(q, true));
	EXPECT_EQ(0x33, self->p[8 * PAGE]);
}

TEST_F(deferred, trap)
{
	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (!self->f.traps)
		SKIP(return, "nothing is carved");
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 16 * PAGE, 0, 0));
	memset(self->p, 0x33, 16 * PAGE);
	limit_address_space(MIB);
	EXPECT_EQ(GCCOLOR_DEFERRED, gccolor_decommit(self->gc, self->p, 8 * PAGE, GCCOLOR_TRAP));
	EXPECT_EQ(8 * PAGE, status_of(self->gc).deferred);
	EXPECT_EQ(8 * PAGE, status_of(self->gc).committed);
	EXPECT_EQ(16 * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(-ENOENT, gccolor_decommit(self->gc, self->p, 8 * PAGE, GCCOLOR_TRAP));
	/* Committing again needs no carving: at once, and as zeroes. */
	self->p[0] = 1;
	EXPECT_EQ(0, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, 0));
	EXPECT_TRUE(zeroes(self->p, 4 * PAGE));
	EXPECT_EQ(4 * PAGE, status_of(self->gc).deferred);
	/* Freed while it waits: it goes on waiting. */
	EXPECT_EQ(GCCOLOR_DEFERRED, gccolor_free(self->gc, self->p + 4 * PAGE, PAGE));
	EXPECT_EQ(4 * PAGE, status_of(self->gc).deferred);
	EXPECT_EQ(15 * PAGE, status_of(self->gc).claimed);
	limit_address_space(RLIM_INFINITY);
	(void)gccolor_level(self->gc);
	(void)gccolor_level(self->gc);
	EXPECT_EQ(0, status_of(self->gc).deferred);
	EXPECT_TRUE(traps(self->p + 4 * PAGE, true));
	EXPECT_TRUE(traps(self->p + 5 * PAGE, true));
	EXPECT_FALSE(traps(self->p, true));
	EXPECT_EQ(0x33, self->p[8 * PAGE]);
}

TEST_F(deferred, refused_commit_changes_nothing)
{
	struct gccolor_request r = request(MIB, 2);
	size_t before;
	char *p;

	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (!self->f.traps)
		SKIP(return, "commit is bookkeeping");
	before = status_of(self->gc).claimed;
	limit_address_space(MIB);
	EXPECT_EQ(-ENOMEM, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, 0));
	EXPECT_EQ(-ENOMEM, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_EQ(-ENOMEM, gccolor_extend(self->gc, self->p, 16 * PAGE, 17 * PAGE,
					  READ_WRITE, 0));
	limit_address_space(RLIM_INFINITY);
	EXPECT_EQ(before, status_of(self->gc).claimed);
	EXPECT_EQ(0, status_of(self->gc).committed);
	EXPECT_EQ(0, status_of(self->gc).extents);
	EXPECT_TRUE(traps(self->p, true));
	ASSERT_EQ(0, gccolor_alloc(self->gc, &r, (void **)&p));
	EXPECT_TRUE(zeroes(p, MIB));
}

/* Frees that need a node each, until there is none: -ENOMEM, and nothing changed. */
TEST_F(deferred, no_memory_for_the_account)
{
	size_t i, freed = 0, n = 8192;
	char *p;
	int error = 0;

	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (SANITIZED(thread_sanitizer))
		SKIP(return, "clang's TSan ends a process that gets no memory");
	if (!WORD64)
		SKIP(return, "a color of 4 MiB is too small for it");
	ASSERT_EQ(0, claim(self->gc, 2 * n * PAGE, 3, &p));
	limit_address_space(MIB);
	for (i = 0; !error && i < n; i++) {
		error = gccolor_free(self->gc, p + 2 * i * PAGE, PAGE);
		freed += !error;
	}
	limit_address_space(RLIM_INFINITY);
	ASSERT_EQ(-ENOMEM, error);
	printf("# refused after %zu frees\n", freed);
	EXPECT_EQ((16 + 2 * n - freed) * PAGE, status_of(self->gc).claimed);
	EXPECT_EQ(0, gccolor_free(self->gc, p + 2 * freed * PAGE, PAGE));
}

/*
 * At vm.max_map_count any step of a commit may fail, also the one that undoes the
 * others. What the library says of the range afterwards is true all the same.
 */
TEST_F(deferred, at_the_limit_of_mappings)
{
	static const uint32_t flags[] = { GCCOLOR_NODUMP, GCCOLOR_WIPE, GCCOLOR_STACK, 0 };
	uint64_t caps = status_of(self->gc).caps;
	size_t i, k, n = 0, refused = 0;
	char *fill;
	int error;

	if (emulated())
		SKIP(return, "qemu-user ends where it gets no mapping itself");
	if (!self->f.traps)
		SKIP(return, "nothing is carved");
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p, 4 * PAGE, 0, 0));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + 8 * PAGE, 4 * PAGE, 0, 0));
	memset(self->p, 1, 4 * PAGE);
	memset(self->p + 8 * PAGE, 1, 4 * PAGE);
	fill = mmap(NULL, 200000 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, fill);
	while (n < 100000 && mprotect(fill + 2 * n * PAGE, PAGE, PROT_READ) == 0)
		n++;
	for (k = 0; k < 6; k++) {
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			if (flags[i] == GCCOLOR_WIPE && !(caps & GCCOLOR_CAP_WIPE))
				continue;
			error = gccolor_commit(self->gc, self->p + 4 * PAGE, 2 * PAGE, 0, flags[i]);
			if (!error) {
				EXPECT_TRUE(zeroes(self->p + 4 * PAGE, 2 * PAGE));
				EXPECT_LE(0, gccolor_decommit(self->gc, self->p + 4 * PAGE,
							      2 * PAGE, GCCOLOR_TRAP));
			} else {
				refused++;
				EXPECT_EQ(-ENOMEM, error) {
					TH_LOG("flags 0x%x: %s", flags[i], gccolor_strerror(error));
				}
			}
		}
		/* One mapping less: the two beside it become one. */
		n--;
		ASSERT_EQ(0, mprotect(fill + 2 * n * PAGE, PAGE, PROT_NONE));
	}
	ASSERT_EQ(0, munmap(fill, 200000 * PAGE));
	printf("# %zu refused among %zu mappings\n", refused, n);
	for (i = 0; i < 8; i++)
		(void)gccolor_level(self->gc);
	EXPECT_EQ(0, status_of(self->gc).deferred);
	EXPECT_EQ(8 * PAGE, status_of(self->gc).committed);
	EXPECT_TRUE(traps(self->p + 4 * PAGE, true));
	ASSERT_EQ(0, gccolor_commit(self->gc, self->p + 4 * PAGE, 4 * PAGE, 0, 0));
	EXPECT_TRUE(zeroes(self->p + 4 * PAGE, 4 * PAGE));
	EXPECT_EQ(1, self->p[0]);
	EXPECT_EQ(1, self->p[8 * PAGE]);
}

TEST_HARNESS_MAIN
