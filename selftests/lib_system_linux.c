// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "lib_system.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *const plain_backend = "posix";
const char *const foreign_backend = "windows";

/* In a child: it dies of SIGSEGV or does not. */
bool traps(volatile char *p, bool writing)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		if (writing)
			*p = 1;
		else
			(void)*p;
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

size_t mappings(void)
{
	char text[4096];
	size_t lines = 0;
	ssize_t got;
	int fd = open("/proc/self/maps", O_RDONLY);

	while ((got = read(fd, text, sizeof(text))) > 0) {
		while (got-- > 0)
			lines += text[got] == '\n';
	}
	close(fd);
	return lines;
}

size_t usable(struct gccolor_geometry g)
{
	unsigned long start, end;
	size_t sum = 0;
	char line[512];
	char perms[8];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &start, &end, perms) == 3 &&
		    start >= g.base && end <= g.base + g.length && perms[0] == 'r')
			sum += end - start;
	}
	if (maps)
		fclose(maps);
	return sum;
}

long resident(void)
{
	char text[128] = "";
	long size = 0;
	long pages = 0;
	int fd = open("/proc/self/statm", O_RDONLY);

	if (read(fd, text, sizeof(text) - 1) > 0)
		sscanf(text, "%ld %ld", &size, &pages);
	close(fd);
	return pages;
}

long resident_in(void *p, size_t length)
{
	size_t pages = length / (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *present = calloc(pages, 1);
	long count = -1;
	size_t i;

	if (present && mincore(p, length, present) == 0) {
		count = 0;
		for (i = 0; i < pages; i++)
			count += present[i] & 1;
	}
	free(present);
	return count;
}

int lock_memory(void *p, size_t length)
{
	return mlock(p, length);
}

static void *take(uintptr_t addr, size_t length, int prot, int flags, int fd)
{
	void *p = mmap((void *)addr, length, prot,
		       MAP_PRIVATE | MAP_FIXED_NOREPLACE | flags, fd, 0);

	if (p == (void *)addr)
		return p;
	if (p != MAP_FAILED)
		munmap(p, length);
	return NULL;
}

void *take_addresses(uintptr_t addr, size_t length)
{
	return take(addr, length, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

void *take_addresses_with_file(uintptr_t addr)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	void *p = take(addr, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, 0, fd);

	close(fd);
	return p;
}

void give_addresses(void *p, size_t length)
{
	munmap(p, length);
}

void give_file(void *p, size_t length)
{
	munmap(p, length);
}

int set_environment(const char *name, const char *value)
{
	return setenv(name, value, 1);
}

double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1000000000;
}

int thread_start(struct thread *thread, void *(*run)(void *arg), void *arg)
{
	pthread_t handle;

	if (pthread_create(&handle, NULL, run, arg))
		return -1;
	thread->handle = (uintptr_t)handle;
	return 0;
}

void *thread_join(struct thread *thread)
{
	void *result = NULL;

	pthread_join((pthread_t)thread->handle, &result);
	return result;
}
