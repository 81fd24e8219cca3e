// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * gccolor_open() and gccolor_close(): options, choice of backend and base.
 */
#include <sys/auxv.h>
#include <sys/stat.h>

#include "lib_test.h"

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

/* Options followed by bytes that this library does not know. */
struct later_options {
	struct gccolor_options opt;
	unsigned char tail[64];
};

FIXTURE(open)
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
FIXTURE_SETUP(open)
{
	self->opt = small_region();
	if (no_backend(_metadata, &self->gc, &self->opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	if (self->f.gives_back)
		ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->gc = NULL;
}

FIXTURE_TEARDOWN(open)
{
	if (self->drained)
		set_drain(false);
	if (self->gc)
		gccolor_close(self->gc, 0);
}

TEST_F(open, the_backend_asked_for)
{
	int wanted = wanted_backend();

	ASSERT_EQ(0, gccolor_open(&self->gc, NULL));
	if (wanted != GCCOLOR_AUTO)
		EXPECT_EQ(wanted, status_of(self->gc).backend);
	EXPECT_EQ(self->f.level != GCCOLOR_ENFORCED,
		  status_of(self->gc).why_not_better[0] != '\0');
	printf("# %s, %s, %s\n", gccolor_backend_name(status_of(self->gc).backend),
	       gccolor_level_name(status_of(self->gc).level),
	       status_of(self->gc).why_not_better);
}

TEST_F(open, default_shape)
{
	struct gccolor_geometry g;

	ASSERT_EQ(0, gccolor_open(&self->gc, NULL));
	g = gccolor_geometry(self->gc);
	EXPECT_EQ(16, g.colors);
	EXPECT_EQ(g.length, (size_t)g.colors << g.color_shift);
	EXPECT_EQ(0, g.base % g.length);
	EXPECT_LE(SMALL, g.length);
	if (self->f.bases && !SANITIZER && !narrow())
		EXPECT_EQ(DEFAULT_LENGTH, g.length);
	EXPECT_EQ(PAGE, g.page_size);
	EXPECT_EQ(1, gccolor_contains(g, (void *)g.base));
	EXPECT_EQ(0, gccolor_contains(g, (void *)(g.base - 1)));
	EXPECT_EQ(0, gccolor_contains(g, (void *)(g.base + g.length)));
	EXPECT_EQ(-1, gccolor_color_of(g, NULL));
	EXPECT_EQ(0, gccolor_color_of(g, (void *)g.base));
	EXPECT_EQ(15, gccolor_color_of(g, (void *)(g.base + g.length - 1)));
	EXPECT_EQ((void *)g.base, gccolor_color_start(g, 0));
}

TEST_F(open, sizes_of_options)
{
	struct later_options later = { .opt = self->opt };
	size_t bad[] = { 0, 1, 7, sizeof(size_t), sizeof(later.opt) - 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		later.opt.size = bad[i];
		EXPECT_EQ(-EINVAL, gccolor_open(&self->gc, &later.opt));
	}
	later.opt.size = sizeof(later);
	later.tail[63] = 1;
	EXPECT_EQ(-E2BIG, gccolor_open(&self->gc, &later.opt));
	EXPECT_EQ(NULL, self->gc);
	later.tail[63] = 0;
	EXPECT_EQ(0, gccolor_open(&self->gc, &later.opt));
}

#define REFUSED(change)							\
	do {								\
		struct gccolor_options opt = self->opt;			\
		struct gccolor *none = NULL;				\
									\
		opt.change;						\
		EXPECT_EQ(-EINVAL, gccolor_open(&none, &opt)) {		\
			TH_LOG("%s was accepted", #change);		\
		}							\
		EXPECT_EQ(NULL, none);					\
	} while (0)

TEST_F(open, wrong_options)
{
	static const uintptr_t bases[] = { PLACE, PLACE + PAGE };

	EXPECT_EQ(-EINVAL, gccolor_open(NULL, NULL));
	REFUSED(flags = 1);
	REFUSED(reserved = 1);
	REFUSED(backend = 7);
	REFUSED(min_level = 7);
	REFUSED(base_policy = 4);
	REFUSED(length = 3 * MIB);
	REFUSED(length = (size_t)1 << (WORD64 ? 63 : 31));
	REFUSED(min_length = 3 * MIB);
	REFUSED(min_length = 2 * SMALL);
	REFUSED(min_length = PAGE);
	REFUSED(colors = 3);
	REFUSED(colors = 128);
	REFUSED(exec_colors = 1 << 16);
	REFUSED(extent = 100);
	REFUSED(extent = 3 * PAGE);
	REFUSED(extent = PAGE / 2);
	REFUSED(extent = SMALL);
	REFUSED(base = PLACE);
	REFUSED(range_start = PLACE);
	REFUSED(bases = bases);
	REFUSED(bases_count = 1);
	REFUSED(base_policy = GCCOLOR_BASE_EXACT);
	REFUSED(base_policy = GCCOLOR_BASE_EXACT; opt.base = PLACE + PAGE);
	REFUSED(base_policy = GCCOLOR_BASE_RANGE; opt.range_end = MIB);
	REFUSED(base_policy = GCCOLOR_BASE_RANGE; opt.range_start = 2 * SMALL;
		opt.range_end = SMALL);
	REFUSED(bases = bases; opt.bases_count = 2);
}

TEST_F(open, minimum_level)
{
	struct gccolor *none = NULL;
	uint32_t level;
	int error;

	for (level = GCCOLOR_HINT; level <= GCCOLOR_ENFORCED; level++) {
		self->opt.min_level = level;
		error = gccolor_open(&none, &self->opt);
		if (level <= self->f.level) {
			ASSERT_EQ(0, error);
			EXPECT_LE(level, gccolor_level(none));
			gccolor_close(none, 0);
			none = NULL;
		} else {
			EXPECT_EQ(-EOPNOTSUPP, error);
			EXPECT_EQ(NULL, none);
		}
	}
}

TEST_F(open, address_space_limit)
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

TEST_F(open, close_and_keep)
{
	struct gccolor_geometry g;
	char *p;
	int error;

	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(-EINVAL, gccolor_close(self->gc, 2));
	EXPECT_EQ(-EINVAL, gccolor_close(NULL, 0));
	g = gccolor_geometry(self->gc);
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &p));
	*p = 5;
	EXPECT_EQ(0, gccolor_close(self->gc, GCCOLOR_KEEP));
	EXPECT_EQ(5, *p);
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	if (self->f.holds)
		EXPECT_NE(g.base, gccolor_geometry(self->gc).base);
	g = gccolor_geometry(self->gc);
	ASSERT_EQ(0, alloc(self->gc, PAGE, 1, &p));
	error = gccolor_close(self->gc, 0);
	self->gc = NULL;
	EXPECT_EQ(self->f.gives_back ? 0 : -EPERM, error);
	if (self->f.bases && self->f.gives_back) {
		void *again = mmap((void *)g.base, g.length, PROT_NONE, MAP_PRIVATE |
				   MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
		EXPECT_EQ((void *)g.base, again);
	}
}

TEST_F(open, environment)
{
	ASSERT_EQ(0, setenv("GCCOLOR_BACKEND", "posixx", 1));
	EXPECT_EQ(-EINVAL, gccolor_open(&self->gc, &self->opt));
	EXPECT_NE(NULL, strstr(gccolor_strerror(-EINVAL), "GCCOLOR_BACKEND=posixx"));
	ASSERT_EQ(0, setenv("GCCOLOR_BACKEND", "windows", 1));
	EXPECT_EQ(-EOPNOTSUPP, gccolor_open(&self->gc, &self->opt));
	ASSERT_EQ(0, setenv("GCCOLOR_BACKEND", "hint", 1));
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(GCCOLOR_HINTED, status_of(self->gc).backend);
	ASSERT_EQ(0, gccolor_close(self->gc, 0));
	/* A backend that the caller names is not replaced. */
	self->opt.backend = GCCOLOR_POSIX;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_EQ(GCCOLOR_POSIX, status_of(self->gc).backend);
	ASSERT_EQ(0, gccolor_close(self->gc, 0));
	self->opt.backend = GCCOLOR_AUTO;
	ASSERT_EQ(0, setenv("GCCOLOR_BACKEND", "", 1));
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	EXPECT_LE(GCCOLOR_RESERVED, status_of(self->gc).level);
}

/* A set-user-ID program does not take its backend from the environment. */
TEST_F(open, secure_execution)
{
	char copy[] = "/tmp/gccolor-secure-XXXXXX";
	char buffer[65536];
	int from, to, status;
	ssize_t got;
	pid_t pid;

	if (getuid() != 0)
		SKIP(return, "needs root");
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

TEST_F(open, automatic_takes_the_best_and_says_why)
{
	struct gccolor_status status;

	ASSERT_EQ(0, setenv("GCCOLOR_BACKEND", "auto", 1));
	self->opt.exec_colors = 2;
	ASSERT_EQ(0, gccolor_open(&self->gc, &self->opt));
	status = status_of(self->gc);
	printf("# %s: %s\n", gccolor_backend_name(status.backend), status.why_not_better);
	if (status.backend == GCCOLOR_POSIX) {
		EXPECT_NE(NULL, strstr(status.why_not_better, "kmod: "));
		EXPECT_NE(NULL, strstr(status.why_not_better, "mseal: "));
	} else {
		EXPECT_EQ(GCCOLOR_KMOD, status.backend);
	}
}

/* Before an update: regions that live go on, new ones come from elsewhere. */
TEST_F(open, drained_module)
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

TEST_HARNESS_MAIN
