// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * How room for a region is found: by trying, not by reading /proc/self/maps; and
 * what happens where mmap(2) answers otherwise than Linux does since 4.17.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "lib_test.h"

#define STEP	(WORD64 ? GIB : 4 * MIB)	/* length of a region here */

/* What the mmap() below makes of MAP_FIXED_NOREPLACE. */
static enum {
	NATIVE,
	HINT,		/* Linux before 4.17, gVisor, qemu-user: only a hint */
	SANITIZED_MMAP,	/* TSan, MSan: EINVAL where they keep addresses, or 0 */
} noreplace;
static size_t tried;	/* calls with it */

/* The library, linked statically, calls this one. */
void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
#ifdef SYS_mmap2
	long call = SYS_mmap2;

	offset /= 4096;
#else
	long call = SYS_mmap;
#endif
	if (flags & MAP_FIXED_NOREPLACE) {
		tried++;
		if (noreplace == HINT)
			flags &= ~MAP_FIXED_NOREPLACE;
	}
	if (noreplace == SANITIZED_MMAP && addr && (uintptr_t)addr < PLACE + 3 * STEP) {
		if (flags & MAP_FIXED) {
			errno = EINVAL;
			return MAP_FAILED;
		}
		addr = NULL;
	}
	return (void *)syscall(call, addr, length, prot, flags, fd, offset);
}

FIXTURE(probe)
{
	struct gccolor_options opt;
	struct gccolor *gc;
};

FIXTURE_SETUP(probe)
{
	self->opt = small_region();
	self->opt.length = STEP;
	self->opt.backend = GCCOLOR_POSIX;
	self->opt.base_policy = GCCOLOR_BASE_RANGE;
	self->opt.range_start = PLACE;
	self->opt.range_end = PLACE + 100 * STEP;
	noreplace = NATIVE;
	tried = 0;
}

FIXTURE_TEARDOWN(probe)
{
	if (self->gc)
		gccolor_close(self->gc, 0);
}

static bool occupy(uintptr_t addr, size_t length)
{
	void *p = mmap((void *)addr, length, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

	return p == (void *)addr;
}

/* The lowest free one, and nothing is opened on the way there. */
TEST_F(probe, sixty_four_mappings_in_the_way)
{
	struct rlimit none = { 0, 0 };
	int i;

	for (i = 0; i < 64; i++)
		ASSERT_TRUE(occupy(PLACE + i * STEP + STEP / 2, PAGE));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(PLACE + 64 * STEP, gccolor_geometry(self->gc).base);
	EXPECT_EQ(65, tried);
}

/* Far more multiples than are tried: somewhere, and after a bounded search. */
TEST_F(probe, a_large_mapping_in_the_way)
{
	size_t length = 4 * MIB;	/* 16 colors of 256 KiB */
	size_t room = 64 * GIB;
	uintptr_t at = PLACE;

	if (!WORD64)
		SKIP(return, "32 bits hold fewer than 4096 places");
	self->opt.length = length;
	self->opt.range_end = at + room;
	ASSERT_TRUE(occupy(at, room / 4));
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_LE(at + room / 4, gccolor_geometry(self->gc).base);
	EXPECT_LE(tried, 1100);
	EXPECT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;

	/* A free stretch of a 1024th is found, none is an error. */
	ASSERT_TRUE(occupy(at, room));
	ASSERT_EQ(0, munmap((void *)(at + room / 8 * 5), room / 1024));
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(at + room / 8 * 5, gccolor_geometry(self->gc).base & ~(room / 1024 - 1));
	EXPECT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
	ASSERT_TRUE(occupy(at, room));
	tried = 0;
	EXPECT_EQ(-EEXIST, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(4096, tried);
	printf("# %s\n", gccolor_strerror(-EEXIST));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EEXIST), "4096 places"));
}

/* A mapping that came to lie elsewhere is given back, reported, and not used. */
TEST_F(probe, a_stray_mapping_goes_back)
{
	size_t before;

	/* The C library has what it needs for stdio and fork handlers. */
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	printf("# %zu mappings\n", mappings());
	ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
	tried = 0;
	ASSERT_TRUE(occupy(PLACE, PAGE));
	ASSERT_TRUE(occupy(PLACE + 2 * STEP - PAGE, PAGE));
	before = mappings();
	noreplace = HINT;
	self->opt.base_policy = GCCOLOR_BASE_EXACT;
	self->opt.range_start = 0;
	self->opt.range_end = 0;
	self->opt.base = PLACE;
	EXPECT_EQ(-EEXIST, gccolor_open(&self->gc, &self->opt));
	printf("# %s\n", gccolor_strerror(-EEXIST));
	EXPECT_EQ(1, tried);
	EXPECT_EQ(before, mappings());

	self->opt.base = 0;
	self->opt.base_policy = GCCOLOR_BASE_RANGE;
	self->opt.range_start = PLACE;
	self->opt.range_end = PLACE + 4 * STEP;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(PLACE + 2 * STEP, gccolor_geometry(self->gc).base);
	EXPECT_EQ(4, tried);
	EXPECT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
	EXPECT_EQ(before, mappings());
}

/* It is asked first: what they do to a hint may end the process. */
TEST_F(probe, addresses_that_a_sanitizer_keeps)
{
	noreplace = SANITIZED_MMAP;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(PLACE + 3 * STEP, gccolor_geometry(self->gc).base);
	EXPECT_EQ(1, tried);
	ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
	self->opt.range_end = PLACE + 3 * STEP;
	EXPECT_EQ(-EEXIST, gccolor_open(&self->gc, &self->opt));
	printf("# %s\n", gccolor_strerror(-EEXIST));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EEXIST), "sanitizer"));
	EXPECT_EQ(1, tried);
}

TEST_HARNESS_MAIN
