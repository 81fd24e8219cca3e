// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * gccolor_open() and what only Linux has: a break, RLIMIT_AS, set-user-ID
 * programs, a module that is drained.
 */
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib_test.h"
#include "os.h"

#define BRK_ROOM	(WORD64 ? 64 * GIB : 256 * MIB)

/*
 * Run again as a set-user-ID program: before main(), say by the exit status
 * which backend an open takes, 100 if this is no secure execution at all.
 */
__attribute__((constructor)) static void answer_in_secure_execution(void)
{
	struct gccolor_options opt = small_region();
	struct gccolor *gc;

	if (!getenv("GCCOLOR_TEST_ANSWER"))
		return;
	if (!getauxval(AT_SECURE))
		_exit(100);
	if (gccolor_open(&gc, &opt))
		_exit(101);
	_exit((int)status_of(gc).backend);
}

FIXTURE(linux_open)
{
	struct gccolor_options opt;
	struct gccolor *gc;
	struct facts f;
	bool drained;
};

/* The module's parameter drain. */
static bool set_drain(bool on)
{
	int fd = open("/sys/module/gccolor/parameters/drain", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, on ? "1" : "0", 1) == 1;

	close(fd);
	return done;
}

/* Learn what the backend can do from one region, and end it if that goes. */
FIXTURE_SETUP(linux_open)
{
	self->opt = small_region();
	if (no_backend(_metadata, &self->gc, &self->opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	if (self->f.gives_back)
		ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
}

FIXTURE_TEARDOWN(linux_open)
{
	if (self->drained)
		set_drain(false);
	if (self->gc)
		gccolor_close(self->gc, 0);
}

/* Nothing is put where the brk heap is going to grow. */
TEST_F(linux_open, room_for_brk)
{
	uintptr_t now = (uintptr_t)sbrk(0);

	if (!self->f.bases)
		SKIP(return, "no choice of a base");
	self->opt.base_policy = GCCOLOR_BASE_RANGE;
	self->opt.range_start = now;
	self->opt.range_end = now + 4 * BRK_ROOM;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_LE(now + BRK_ROOM, gccolor_geometry(self->gc).base);
	/* Not sbrk(), which musl does not have. */
	EXPECT_EQ((long)now + 64 * MIB, syscall(SYS_brk, now + 64 * MIB));
}

TEST_F(linux_open, address_space_limit)
{
	if (emulated())
		SKIP(return, "qemu-user ignores RLIMIT_AS");
	if (!self->f.bases || !self->f.gives_back || SANITIZER)
		SKIP(return, "another backend's limits, or a sanitizer's terabytes");
	limit_address_space(DEFAULT_LENGTH / (WORD64 ? 512 : 2) * 3 / 2);
	EXPECT_EQ(-ENOMEM, gccolor_open(&self->gc, &(struct gccolor_options){
		.size = sizeof(self->opt),
		.length = DEFAULT_LENGTH / (WORD64 ? 256 : 1) }));
	printf("# %s\n", gccolor_strerror(-ENOMEM));
	ASSERT_EQ(0, gccolor_open(&self->gc, NULL));
	EXPECT_EQ(DEFAULT_LENGTH / (WORD64 ? 512 : 2), gccolor_geometry(self->gc).length);
}

/* A set-user-ID program does not take its backend from the environment. */
TEST_F(linux_open, secure_execution)
{
	char copy[] = "/tmp/gccolor-secure-XXXXXX";
	char buffer[65536];
	int from, to, status;
	ssize_t got;
	pid_t pid;

	if (getuid() != 0)
		SKIP(return, "needs root");
	if (emulated())
		SKIP(return, "the kernel does not start programs of this processor");
	from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	to = mkstemp(copy);
	ASSERT_LE(0, to);
	while ((got = read(from, buffer, sizeof(buffer))) > 0)
		ASSERT_EQ(got, write(to, buffer, (size_t)got));
	ASSERT_EQ(0, fchown(to, 65534, 65534));
	ASSERT_EQ(0, fchmod(to, 04755));
	close(to);
	pid = fork();
	if (pid == 0) {
		char *const argv[] = { copy, NULL };
		char *const env[] = { "GCCOLOR_TEST_ANSWER=1", "GCCOLOR_BACKEND=hint", NULL };

		execve(copy, argv, env);
		_exit(102);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	unlink(copy);
	ASSERT_TRUE(WIFEXITED(status));
	if (WEXITSTATUS(status) == 100 || WEXITSTATUS(status) == 102)
		SKIP(return, "/tmp has no set-user-ID programs");
	EXPECT_LE(GCCOLOR_KMOD, WEXITSTATUS(status));
	EXPECT_GE(GCCOLOR_POSIX, WEXITSTATUS(status));
}

/* Before an update: regions that live go on, new ones come from elsewhere. */
TEST_F(linux_open, drained_module)
{
	struct gccolor_options opt = self->opt;
	struct gccolor *other = NULL;
	struct gccolor_status status;
	char *p;

	if (self->f.backend != GCCOLOR_KMOD)
		SKIP(return, "the module only");
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	self->drained = set_drain(true);
	if (!self->drained) {
		ASSERT_TRUE(may_skip(-ENOENT));
		SKIP(return, "needs root");
	}
	EXPECT_EQ(GCCOLOR_ENFORCED, gccolor_level(self->gc));
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &p));
	memset(p, 1, PAGE);

	opt.backend = GCCOLOR_KMOD;
	EXPECT_EQ(-ESHUTDOWN, gccolor_open(&other, &opt));
	printf("# %s\n", gccolor_strerror(-ESHUTDOWN));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-ESHUTDOWN), "drained"));
	opt.backend = GCCOLOR_AUTO;
	ASSERT_EQ(0, setenv("GCCOLOR_BACKEND", "auto", 1));
	opt.min_level = GCCOLOR_ENFORCED;
	EXPECT_EQ(-ESHUTDOWN, gccolor_open(&other, &opt));
	printf("# %s\n", gccolor_strerror(-ESHUTDOWN));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-ESHUTDOWN), "drained"));
	EXPECT_EQ(NULL, other);

	opt.min_level = GCCOLOR_NONE;
	ASSERT_EQ(0, gccolor_open(&other, &opt));
	status = status_of(other);
	printf("# %s: %s\n", gccolor_backend_name(status.backend), status.why_not_better);
	EXPECT_TRUE(status.backend == GCCOLOR_MSEAL || status.backend == GCCOLOR_POSIX);
	EXPECT_NE(NULL, strstr(status.why_not_better, "kmod: "));
	EXPECT_NE(NULL, strstr(status.why_not_better, "drained"));
	EXPECT_EQ(0, gccolor_close(other, GCCOLOR_KEEP));

	self->drained = !set_drain(false);
	ASSERT_EQ(0, gccolor_open(&other, &opt));
	EXPECT_EQ(GCCOLOR_KMOD, status_of(other).backend);
	EXPECT_EQ(0, gccolor_close(other, 0));
}

TEST(occupants_by_name)
{
	struct os_occupant who;
	char *heap = malloc(1);
	char *stack = (char *)&who;

	ASSERT_EQ(0, os_occupant((uintptr_t)heap, (uintptr_t)heap + 1, &who));
	if (!SANITIZER && GLIBC && !emulated())	/* others have their heap elsewhere */
		EXPECT_STREQ("[heap]", who.name);
	ASSERT_EQ(0, os_occupant((uintptr_t)stack, (uintptr_t)stack + 1, &who));
	EXPECT_STREQ("[stack]", who.name);
	EXPECT_LE(who.start, (uintptr_t)stack);
	EXPECT_GT(who.end, (uintptr_t)stack);
	ASSERT_EQ(0, os_occupant((uintptr_t)occupants_by_name, (uintptr_t)-1, &who));
	EXPECT_NE(NULL, strstr(who.name, "lib_linux_test"));
	EXPECT_EQ(-ENOENT, os_occupant(0, PAGE, &who));
	free(heap);
}

TEST_HARNESS_MAIN
