// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The debug kernel: are the tools there that the other tests rely on, do they see
 * our module, and do the unit tests inside of it pass?
 */
#define _GNU_SOURCE
#include <linux/kcov.h>

#include "kselftest_harness.h"
#include "maps.h"

#define DEBUG_DIR	"/sys/kernel/debug/"
#define SECTION		"/sys/module/gccolor/sections/.text"
#define COVER		65536	/* words */
#define TEXT_MAX	0x40000UL

static size_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return 0;
	while ((got = read(fd, text + length, size - 1 - length)) > 0)
		length += got;
	close(fd);
	text[length] = '\0';
	return length;
}

TEST(detectors_are_there)
{
	static const char *const files[] = {
		DEBUG_DIR "kmemleak", DEBUG_DIR "failslab/probability",
		DEBUG_DIR "fail_page_alloc/probability", DEBUG_DIR "fail_usercopy/probability",
		"/proc/self/fail-nth", "/proc/lockdep", DEBUG_DIR "kcov", DEBUG_DIR "kunit",
		"/proc/self/clear_refs", "/proc/swaps", "/sys/kernel/mm/ksm/run",
		"/dev/hmm_dmirror0", "/dev/ram0",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		EXPECT_EQ(0, access(files[i], F_OK))
			TH_LOG("%s is missing", files[i]);
	}
}

/* Lockdep turns itself off at the first report, and when its tables are full. */
TEST(lockdep_still_works)
{
	static char text[65536];
	char *p;

	ASSERT_LT(0, read_text("/proc/lockdep_stats", text, sizeof(text)));
	p = strstr(text, "debug_locks:");
	ASSERT_NE(NULL, p);
	EXPECT_EQ(1, atoi(p + strlen("debug_locks:")));
}

/* What the module's own unit tests said when it was loaded. */
TEST(unit_tests_of_the_module)
{
	static char text[65536];
	unsigned int passed = 0;

	ASSERT_LT(0, read_text(DEBUG_DIR "kunit/gccolor_token/results", text, sizeof(text)));
	EXPECT_EQ(NULL, strstr(text, "not ok"));
	for (char *p = strstr(text, "    ok "); p; p = strstr(p + 1, "    ok "))
		passed++;
	EXPECT_EQ(5, passed)
		TH_LOG("%s", text);
}

/* Which of its functions were run, KCOV can tell. */
TEST(coverage_of_the_module)
{
	unsigned long *cover, text_start, ours = 0;
	int kcov = open(DEBUG_DIR "kcov", O_RDWR | O_CLOEXEC);
	char text[32];
	int fd;

	ASSERT_LE(0, kcov);
	ASSERT_LT(0, read_text(SECTION, text, sizeof(text)));
	text_start = strtoul(text, NULL, 0);
	ASSERT_NE(0, text_start);
	ASSERT_EQ(0, ioctl(kcov, KCOV_INIT_TRACE, COVER));
	cover = mmap(NULL, COVER * sizeof(*cover), PROT_READ | PROT_WRITE, MAP_SHARED, kcov, 0);
	ASSERT_NE(MAP_FAILED, cover);
	ASSERT_EQ(0, ioctl(kcov, KCOV_ENABLE, KCOV_TRACE_PC));
	cover[0] = 0;
	fd = open_region(0);
	commit(fd, INSIDE(1), PAGE);
	decommit(fd, INSIDE(1), PAGE);
	ASSERT_EQ(0, ioctl(kcov, KCOV_DISABLE, 0));
	ASSERT_LE(0, fd);
	for (unsigned long i = 1; i <= cover[0] && i < COVER; i++)
		ours += cover[i] >= text_start && cover[i] < text_start + TEXT_MAX;
	EXPECT_LT(50, ours);
	/* Nothing else is instrumented. */
	EXPECT_EQ(cover[0], ours);
}

TEST_HARNESS_MAIN
