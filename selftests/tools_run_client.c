// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * A program that knows nothing of gccolor and does with its address space what
 * collectors do. `gccolor run` has to translate each step so that contents are
 * as the kernel would have left them. One "ok NAME" or "not ok NAME" per step.
 *
 * GCCOLOR_RUN_REGION says where the region is; without it (no gccolor run) the
 * same steps run against the kernel, and only contents are compared.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096UL
#define BLOCK	(1024 * 1024UL)
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static unsigned long region_start, region_end;
static int failures;

static void check(const char *name, bool good)
{
	printf("%sok %s\n", good ? "" : "not ", name);
	failures += !good;
}

static bool inside(const void *p)
{
	return !region_end || ((unsigned long)p >= region_start &&
			       (unsigned long)p < region_end);
}

static bool outside(const void *p)
{
	return !region_end || !inside(p);
}

static char *map(void *at, size_t length, int prot, int flags)
{
	return mmap(at, length, prot, flags, -1, 0);
}

static bool all(const char *p, size_t length, char byte)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (p[i] != byte)
			return false;
	return true;
}

/* Does touching it kill? Only where the backend has traps. */
static bool traps(const char *p)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		_exit(*(const volatile char *)p & 0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void test_what_moves(void)
{
	char *p = map(NULL, BLOCK, RW, ANON), *small = map(NULL, PAGE, RW, ANON);
	char *q, *code, *shared, *stack;

	check("a large block moves, zeroed", inside(p) && all(p, BLOCK, 0));
	memset(p, 1, BLOCK);
	check("a small block stays outside", outside(small));
	q = map(p + BLOCK, BLOCK, RW, ANON);
	check("a hint behind the last block is honoured", inside(q) &&
	      (!region_end || q == p + BLOCK));
	code = map(NULL, BLOCK, RW | PROT_EXEC, ANON);
	check("executable memory stays outside", code != MAP_FAILED && outside(code));
	shared = map(NULL, BLOCK, RW, MAP_SHARED | MAP_ANONYMOUS);
	check("shared memory stays outside", shared != MAP_FAILED && outside(shared));
	stack = map(NULL, BLOCK, RW, ANON | MAP_STACK);
	check("a stack stays outside", stack != MAP_FAILED && outside(stack));
	check("munmap", !munmap(p, BLOCK) && !munmap(q, BLOCK));
	check("munmap of what is gone is no error", !munmap(p, BLOCK));
}

static void test_reservation(bool has_traps)
{
	char *p = map(NULL, 16 * BLOCK, PROT_NONE, ANON | MAP_NORESERVE);

	check("a reservation moves", inside(p));
	check("a reservation traps", !has_traps || traps(p));
	check("MAP_FIXED writable commits", map(p, BLOCK, RW, ANON | MAP_FIXED) == p &&
	      all(p, BLOCK, 0));
	memset(p, 2, BLOCK);
	check("mprotect writable commits", !mprotect(p + BLOCK, BLOCK, RW) &&
	      all(p + BLOCK, BLOCK, 0));
	memset(p + BLOCK, 3, BLOCK);
	check("mprotect writable again changes nothing", !mprotect(p, 2 * BLOCK, RW) &&
	      all(p, BLOCK, 2) && all(p + BLOCK, BLOCK, 3));
	check("MAP_FIXED writable over committed gives zeroes",
	      map(p + PAGE, PAGE, RW, ANON | MAP_FIXED) == p + PAGE &&
	      all(p, PAGE, 2) && all(p + PAGE, PAGE, 0) && all(p + 2 * PAGE, PAGE, 2));
	check("MAP_FIXED over both commits and clears",
	      map(p + 2 * BLOCK - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED) ==
	      p + 2 * BLOCK - PAGE && all(p + 2 * BLOCK - PAGE, 2 * PAGE, 0) &&
	      all(p + BLOCK, BLOCK - PAGE, 3));
	check("MAP_FIXED without access decommits",
	      map(p, BLOCK, PROT_NONE, ANON | MAP_FIXED) == p && (!has_traps || traps(p)) &&
	      all(p + BLOCK, PAGE, 3));
	check("and it can be had again, zeroed", !mprotect(p, BLOCK, RW) && all(p, BLOCK, 0));
	check("MAP_FIXED_NOREPLACE on a claim fails",
	      map(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE) == MAP_FAILED && errno == EEXIST);
	check("trimming gives back", !munmap(p + 8 * BLOCK, 8 * BLOCK) &&
	      (!has_traps || traps(p + 8 * BLOCK)));
	check("a hole gives back", !munmap(p + BLOCK, PAGE) && all(p, BLOCK, 0) &&
	      all(p + BLOCK + PAGE, PAGE, 3) && (!has_traps || traps(p + BLOCK)));
	check("mprotect over a hole fails", mprotect(p, 2 * BLOCK, RW) == -1 &&
	      errno == ENOMEM);
	munmap(p, 8 * BLOCK);
}

static void test_protection(bool has_traps)
{
	char *p = map(NULL, BLOCK, RW, ANON);

	memset(p, 4, BLOCK);
	check("mprotect without access keeps the data", !mprotect(p, BLOCK, PROT_NONE) &&
	      !mprotect(p, BLOCK, RW) && all(p, BLOCK, 4));
	mprotect(p, BLOCK / 2, PROT_NONE);
	check("and DONTNEED of it decommits", !madvise(p, BLOCK, MADV_DONTNEED) &&
	      (!has_traps || traps(p)) && all(p + BLOCK / 2, BLOCK / 2, 0));
	check("and mprotect brings it back, zeroed", !mprotect(p, BLOCK, RW) &&
	      all(p, BLOCK, 0));
	memset(p, 5, BLOCK);
	check("DONTNEED gives zeroes", !madvise(p, PAGE, MADV_DONTNEED) && all(p, PAGE, 0) &&
	      all(p + PAGE, PAGE, 5));
	check("FREE keeps it usable", !madvise(p, BLOCK, MADV_FREE) && (p[0] = 6) == 6 &&
	      p[0] == 6);
	memset(p, 7, BLOCK);
	if (region_end) {
		check("read-only is refused, not ignored",
		      mprotect(p, BLOCK, PROT_READ) == -1 && errno == EACCES && all(p, BLOCK, 7));
		check("executable is refused", mprotect(p, BLOCK, PROT_READ | PROT_EXEC) == -1 &&
		      errno == EACCES);
		check("a shared mapping into it is refused",
		      map(p, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED) == MAP_FAILED &&
		      errno == EACCES && all(p, PAGE, 7));
		check("half outside is refused",
		      map((char *)region_end - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED) ==
		      MAP_FAILED && errno == ENOMEM);
	}
	munmap(p, BLOCK);
}

static void test_forks(void)
{
	char *p = map(NULL, BLOCK, RW, ANON), *q;
	int status;
	pid_t pid;

	memset(p, 8, BLOCK);
	check("DONTFORK is swallowed", !madvise(p, BLOCK, MADV_DONTFORK));
	pid = fork();
	if (!pid) {
		if (region_end && !all(p, BLOCK, 8))
			_exit(1);
		q = map(NULL, BLOCK, RW, ANON);
		if (!inside(q) || !all(q, BLOCK, 0))
			_exit(2);
		memset(q, 9, BLOCK);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	check("a child keeps the heap and goes on", WIFEXITED(status) && !WEXITSTATUS(status));
	check("the parent does not see it", all(p, BLOCK, 8));
	munmap(p, BLOCK);
}

static void test_files(void)
{
	char *p = map(NULL, BLOCK, PROT_NONE, ANON | MAP_NORESERVE), *q;
	FILE *f = tmpfile();
	int i;

	for (i = 0; i < 3 * (int)PAGE; i++)
		fputc(10 + i / (int)PAGE, f);
	fflush(f);
	q = mmap(p + PAGE, 4 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fileno(f), PAGE);
	check("a file mapped into the heap is copied", q == p + PAGE && inside(q) &&
	      all(q, PAGE, 11) && all(q + PAGE, PAGE, 12) &&
	      (!region_end || all(q + 2 * PAGE, 2 * PAGE, 0)));
	fclose(f);
	munmap(p, BLOCK);
}

static void test_remaps(bool has_traps)
{
	char *p = map(NULL, 2 * BLOCK, RW, ANON), *q, *wall;

	memset(p, 13, 2 * BLOCK);
	q = mremap(p, 2 * BLOCK, BLOCK, 0);
	check("mremap shrinks in place", q == p && all(p, BLOCK, 13) &&
	      (!has_traps || traps(p + BLOCK)));
	q = mremap(p, BLOCK, 2 * BLOCK, MREMAP_MAYMOVE);
	check("mremap grows", q != MAP_FAILED && inside(q) && all(q, BLOCK, 13) &&
	      all(q + BLOCK, BLOCK, 0));
	p = q;
	wall = map(p + 2 * BLOCK, BLOCK, RW, ANON | MAP_FIXED_NOREPLACE);
	if (wall != p + 2 * BLOCK)
		wall = NULL;
	if (region_end) {
		check("mremap does not grow over another block",
		      mremap(p, 2 * BLOCK, 4 * BLOCK, 0) == MAP_FAILED && errno == ENOMEM);
		q = mremap(p, 2 * BLOCK, 4 * BLOCK, MREMAP_MAYMOVE);
		check("mremap moves with its contents", q != MAP_FAILED && q != p && inside(q) &&
		      all(q, BLOCK, 13) && all(q + BLOCK, 3 * BLOCK, 0));
		check("and gives back where it was", !has_traps || traps(p));
		p = q;
	} else {
		p = mremap(p, 2 * BLOCK, 4 * BLOCK, MREMAP_MAYMOVE);
	}
	memset(p, 14, 4 * BLOCK);
	q = map(NULL, 4 * BLOCK, PROT_NONE, ANON);
	q = mremap(p, 4 * BLOCK, 4 * BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, q);
	check("mremap to a fixed place", q != MAP_FAILED && inside(q) &&
	      all(q, 4 * BLOCK, 14));
	p = q;
	q = mremap(p, 4 * BLOCK, 4 * BLOCK, MREMAP_MAYMOVE | 4 /* DONTUNMAP */, NULL);
	check("mremap that leaves the mapping", q != MAP_FAILED && q != p &&
	      all(q, 4 * BLOCK, 14) && all(p, 4 * BLOCK, 0));
	munmap(p, 4 * BLOCK);
	munmap(q, 4 * BLOCK);
	if (wall)
		munmap(wall, BLOCK);
}

static void *many(void *arg)
{
	long mine = (long)arg, i;
	char *p[8];

	for (i = 0; i < 400; i++) {
		int n = (int)(i % 8);

		if (i >= 8 && (!all(p[n], PAGE, (char)mine) || munmap(p[n], BLOCK)))
			return (void *)1;
		p[n] = map(NULL, BLOCK, RW, ANON);
		if (!inside(p[n]) || !all(p[n], PAGE, 0))
			return (void *)1;
		memset(p[n], (int)mine, PAGE);
	}
	return NULL;
}

static volatile sig_atomic_t interrupts;

/* Collectors stop threads by signals, wherever these are. */
static void on_timer(int sig)
{
	char *p = map(NULL, BLOCK, RW, ANON);

	(void)sig;
	if (p != MAP_FAILED) {
		p[0] = 1;
		munmap(p, BLOCK);
	}
	interrupts++;
}

static void test_threads(void)
{
	struct sigaction sa = { .sa_handler = on_timer, .sa_flags = SA_RESTART };
	pthread_t thread[4];
	bool good = true;
	void *result;
	long i;

	sigaction(SIGUSR1, &sa, NULL);
	for (i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, many, (void *)(i + 1));
	for (i = 0; i < 200; i++)
		pthread_kill(thread[i % 4], SIGUSR1);
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], &result);
		good = good && !result;
	}
	check("threads, and a handler that maps memory", good && interrupts);
}

int main(int argc, char **argv)
{
	const char *region = getenv("GCCOLOR_RUN_REGION");
	bool has_traps = argc < 2 || strcmp(argv[1], "no-traps");

	setvbuf(stdout, NULL, _IONBF, 0);
	if (region && sscanf(region, "0x%lx-0x%lx", &region_start, &region_end) != 2)
		return 2;
	test_what_moves();
	test_reservation(has_traps);
	test_protection(has_traps);
	test_forks();
	test_files();
	test_remaps(has_traps);
	test_threads();
	return failures != 0;
}
