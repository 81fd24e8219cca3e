// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * fork(): the child has the same region and claims and goes on by itself.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib_test.h"

FIXTURE(fork)
{
	struct gccolor *gc;
	struct gccolor_geometry g;
	struct facts f;
	char *p;
};

FIXTURE_SETUP(fork)
{
	struct gccolor_options opt = small_region();

	if (no_backend(_metadata, &self->gc, &opt))
		SKIP(return, "no such backend here");
	self->f = facts_of(self->gc);
	self->g = gccolor_geometry(self->gc);
	ASSERT_EQ(0, alloc(self->gc, 8 * PAGE, 1, &self->p));
	memset(self->p, 0x11, 8 * PAGE);
}

FIXTURE_TEARDOWN(fork)
{
	gccolor_close(self->gc, 0);
}

/* Wait for a child that exits with the number of its first failed check. */
static int child_result(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#define CHECK(number, condition)		\
	do {					\
		if (!(condition))		\
			_exit(number);		\
	} while (0)

TEST_F(fork, child_goes_on_in_its_copy)
{
	pid_t pid = fork();
	char *q;

	if (pid == 0) {
		CHECK(1, self->p[0] == 0x11);
		memset(self->p, 0x22, 8 * PAGE);
		CHECK(2, alloc(self->gc, 4 * PAGE, 1, &q) == 0);
		CHECK(3, zeroes(q, 4 * PAGE));
		CHECK(4, gccolor_free(self->gc, self->p, 4 * PAGE) == 0);
		CHECK(5, alloc(self->gc, MIB, 2, &q) == 0);
		CHECK(6, zeroes(q, MIB));
		CHECK(7, self->p[4 * PAGE] == 0x22);
		CHECK(8, gccolor_level(self->gc) == self->f.level);
		_exit(0);
	}
	ASSERT_EQ(0, alloc(self->gc, 4 * PAGE, 1, &q));
	EXPECT_TRUE(zeroes(q, 4 * PAGE));
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(0x11, self->p[0]);
	EXPECT_EQ(0x11, self->p[8 * PAGE - 1]);
	EXPECT_EQ(12 * PAGE, status_of(self->gc).claimed);
}

TEST_F(fork, child_closes_its_own)
{
	pid_t pid = fork();

	if (pid == 0) {
		CHECK(1, gccolor_close(self->gc, 0) == (self->f.gives_back ? 0 : -EPERM));
		_exit(0);
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(0x11, self->p[0]);
	EXPECT_EQ(0, gccolor_free(self->gc, self->p, 8 * PAGE));
}

TEST_F(fork, child_without_a_region_is_told)
{
	char *q;
	pid_t pid;

	if (!self->f.holds || self->f.backend == GCCOLOR_NULL)
		SKIP(return, "nothing is held");
	/* Whole mappings: the module does not let its reserve be split. */
	if (madvise((void *)self->g.base, self->g.length, MADV_DONTFORK))
		SKIP(return, "the reserve cannot be kept from children");
	pid = fork();
	if (pid == 0) {
		struct gccolor_status status = { .size = sizeof(status) };
		int error = gccolor_status(self->gc, &status);

		/* A region that came along all the same is as good. */
		if (error == 0)
			_exit(alloc(self->gc, PAGE, 1, &q) == 0 ? 0 : 1);
		CHECK(2, error == -ENXIO);
		CHECK(3, strstr(gccolor_strerror(error), "DONTFORK"));
		CHECK(4, alloc(self->gc, PAGE, 1, &q) == -ENXIO);
		CHECK(5, claim(self->gc, PAGE, 1, &q) == -ENXIO);
		CHECK(6, gccolor_free(self->gc, self->p, PAGE) == -ENXIO);
		CHECK(7, gccolor_commit(self->gc, self->p, PAGE, 0, 0) == -ENXIO);
		CHECK(8, gccolor_level(self->gc) == GCCOLOR_NONE);
		CHECK(9, gccolor_close(self->gc, 0) == -ENXIO);
		_exit(0);
	}
	EXPECT_EQ(0, child_result(pid));
	EXPECT_EQ(0, alloc(self->gc, PAGE, 1, &q));
}

/* The library's descriptor, which is a high one. */
static int find_descriptor(struct __test_metadata *_metadata)
{
	int fd, found = -1;

	for (fd = 3; fd < 4096; fd++) {
		char link[64], name[64] = "";

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, name, sizeof(name) - 1) <= 0 ||
		    strcmp(name, "/dev/gccolor") != 0)
			continue;
		EXPECT_EQ(-1, found);
		EXPECT_LE(128, fd);
		EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
		found = fd;
	}
	return found;
}

/*
 * Lost or replaced: noticed. Only kmod has a descriptor. Files answer commands that they
 * do not know in several ways; at last a file of the same device, without a region.
 */
TEST_F(fork, a_replaced_descriptor_is_noticed)
{
	int others[] = { STDERR_FILENO, epoll_create1(0), eventfd(0, 0),
			 open("/dev/null", O_RDWR), open("/", O_RDONLY), -1, -1 };
	int fd;
	size_t i;
	char *q;

	if (self->f.backend != GCCOLOR_KMOD)
		SKIP(return, "no descriptor");
	ASSERT_EQ(0, claim(self->gc, MIB, 2, &q));
	fd = find_descriptor(_metadata);
	ASSERT_NE(-1, fd);
	others[5] = open("/dev/gccolor", O_RDWR);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		char *r;

		if (others[i] < 0)
			close(fd);
		else
			ASSERT_EQ(fd, dup2(others[i], fd));
		EXPECT_EQ(-ENXIO, alloc(self->gc, MIB, 1, &r));
		EXPECT_EQ(-ENXIO, gccolor_commit(self->gc, q, MIB, 0, 0));
		EXPECT_EQ(GCCOLOR_NONE, gccolor_level(self->gc));
		EXPECT_EQ(0x11, self->p[0]);
	}
}

static atomic_bool stop;

static void *churn(void *arg)
{
	struct gccolor *gc = arg;
	char *p;

	while (!atomic_load(&stop)) {
		if (alloc(gc, PAGE, 3, &p) || gccolor_free(gc, p, PAGE))
			return arg;
	}
	return NULL;
}

/* A fork while other threads are inside: no lock stays taken in the child. */
TEST_F_TIMEOUT(fork, while_threads_are_inside, 300)
{
	pthread_t thread[2];
	void *result;
	int i;

	atomic_store(&stop, false);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, churn, self->gc));
	for (i = 0; i < 200; i++) {
		pid_t pid = fork();
		char *q;

		if (pid == 0) {
			CHECK(1, alloc(self->gc, PAGE, 1, &q) == 0);
			CHECK(2, zeroes(q, PAGE));
			CHECK(3, gccolor_free(self->gc, q, PAGE) == 0);
			_exit(0);
		}
		ASSERT_EQ(0, child_result(pid));
	}
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++) {
		pthread_join(thread[i], &result);
		EXPECT_EQ(NULL, result);
	}
}

TEST_HARNESS_MAIN
