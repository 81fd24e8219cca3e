// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * One attack in full: a piece of code that is not the collector unmaps a page of
 * the collector's heap, and then the collector reads its heap. On each backend
 * named on the command line, in a child of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gccolor.h>

#define MARK	42

static void attack(const char *name)
{
	struct gccolor_options opt = { .size = sizeof(opt) };
	struct gccolor_request req = { .size = sizeof(req) };
	struct rlimit none = { 0, 0 };
	struct gccolor *gc;
	void *heap;
	int err;

	setrlimit(RLIMIT_CORE, &none);
	req.length = (size_t)sysconf(_SC_PAGESIZE);
	opt.backend = (uint32_t)gccolor_backend_from_name(name);
	err = gccolor_open(&gc, &opt);
	if (!err)
		err = gccolor_alloc(gc, &req, &heap);
	if (err) {
		printf("not tried: %s\n", gccolor_strerror(err));
		return;
	}
	*(char *)heap = MARK;
	if (munmap(heap, req.length))
		printf("munmap(%p, %zu) = -1 %s;", heap, req.length,
		       strerrorname_np(errno));
	else
		printf("munmap(%p, %zu) = 0;", heap, req.length);
	printf(" next heap read:");
	fflush(stdout);
	printf(" %d, %s\n", *(volatile char *)heap,
	       *(volatile char *)heap == MARK ? "intact" : "wrong");
}

int main(int argc, char **argv)
{
	int i, status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "Usage: attack-demo BACKEND...   (posix, mseal, kmod)\n");
		return 2;
	}
	for (i = 1; i < argc; i++) {
		if (gccolor_backend_from_name(argv[i]) < 0) {
			fprintf(stderr, "attack-demo: %s: no such backend\n", argv[i]);
			return 2;
		}
		printf("%-6s ", argv[i]);
		fflush(stdout);
		pid = fork();
		if (!pid) {
			attack(argv[i]);
			fflush(stdout);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
		if (WIFSIGNALED(status))
			printf(" SIG%s, the program is dead\n",
			       sigabbrev_np(WTERMSIG(status)));
	}
	return 0;
}
