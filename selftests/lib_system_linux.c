// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "lib_system.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *const plain_backend = "posix";
const char *const foreign_backend = "windows";

bool narrow(void)
{
	return sizeof(void *) > 4 && (uint64_t)getauxval(AT_EXECFN) < 1ULL << 46;
}

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

int vm_flag(const void *p, const char *flag)
{
	unsigned long start, end;
	bool here = false;
	char line[512];
	int found = -1;
	FILE *smaps = fopen("/proc/self/smaps", "r");

	while (found < 0 && smaps && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = (unsigned long)p >= start && (unsigned long)p < end;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) ? 1 : 0;
	}
	if (smaps)
		fclose(smaps);
	return found;
}

bool child_reads(volatile char *p, char byte)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(*p == byte ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

bool child_has_no_page(volatile char *p)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGBUS, SIG_DFL);
		_exit(*p ? 1 : 0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS;
}

static bool set_limit(int resource, size_t bytes)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return false;
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	return setrlimit(resource, &limit) == 0;
}

bool limit_address_space(size_t bytes)
{
	return set_limit(RLIMIT_AS, bytes);
}

bool limit_data(size_t bytes)
{
	return set_limit(RLIMIT_DATA, bytes);
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

void *take_any_addresses(uintptr_t wish, size_t length)
{
	void *p = mmap((void *)wish, length, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void give_addresses(void *p, size_t length)
{
	munmap(p, length);
}

void give_file(void *p, size_t length)
{
	munmap(p, length);
}

intptr_t file_temporary(char *name)
{
	snprintf(name, FILE_NAME_MAX, "/tmp/gccolor-test-XXXXXX");
	return mkstemp(name);
}

intptr_t file_write_only(const char *name)
{
	return open(name, O_WRONLY);
}

intptr_t file_of_program(void)
{
	return open("/proc/self/exe", O_RDONLY);
}

intptr_t file_directory(void)
{
	return open("/tmp", O_RDONLY);
}

intptr_t file_too_short(void)
{
	return open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY);
}

bool file_get(intptr_t file, size_t offset, void *to, size_t length)
{
	return pread((int)file, to, length, (off_t)offset) == (ssize_t)length;
}

bool file_put(intptr_t file, size_t offset, const void *from, size_t length)
{
	return pwrite((int)file, from, length, (off_t)offset) == (ssize_t)length;
}

bool file_cut(intptr_t file, size_t length)
{
	return ftruncate((int)file, (off_t)length) == 0;
}

bool file_seek(intptr_t file, size_t offset)
{
	return lseek((int)file, (off_t)offset, SEEK_SET) == (off_t)offset;
}

size_t file_tell(intptr_t file)
{
	return (size_t)lseek((int)file, 0, SEEK_CUR);
}

void file_close(intptr_t file)
{
	close((int)file);
}

void file_remove(const char *name)
{
	unlink(name);
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
