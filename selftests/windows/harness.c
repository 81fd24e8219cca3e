// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Runs the tests of one program, each in a process started from it again with
 * --run-test, the name, and the handle of a page that both share.
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <io.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#define RUN_TEST	"--run-test"

/* In the order of the source: constructors run from the last to the first. */
static struct __test_metadata *tests;

struct counts {
	unsigned int pass, fail, skip;
};

void __register_test(struct __test_metadata *test)
{
	test->next = tests;
	tests = test;
}

bool __bail(struct __test_metadata *metadata, bool assert)
{
	metadata->trigger = false;
	if (assert)
		__builtin_longjmp(metadata->bail, 1);
	return false;
}

static LONG WINAPI die(EXCEPTION_POINTERS *what)
{
	fprintf(stderr, "# terminated by exception 0x%lx at %p\n",
		what->ExceptionRecord->ExceptionCode,
		what->ExceptionRecord->ExceptionAddress);
	fflush(NULL);
	TerminateProcess(GetCurrentProcess(), what->ExceptionRecord->ExceptionCode);
	return EXCEPTION_EXECUTE_HANDLER;
}

static int run_here(const char *name, const char *handle)
{
	HANDLE shared = (HANDLE)(uintptr_t)strtoull(handle, NULL, 0);
	struct __test_metadata *t;

	SetUnhandledExceptionFilter(die);
	for (t = tests; t && strcmp(t->name, name); t = t->next)
		;
	if (!t)
		return 2;
	t->reason = MapViewOfFile(shared, FILE_MAP_WRITE, 0, 0, REASON_MAX);
	if (!t->reason)
		return 3;
	t->run(t);
	fflush(NULL);
	return t->exit_code;
}

/* The exit status of the test's process, or -1 if there is none in time. */
static int run_apart(const struct __test_metadata *t, HANDLE shared)
{
	STARTUPINFOA start = { .cb = sizeof(start) };
	PROCESS_INFORMATION process;
	char self[MAX_PATH];
	char line[MAX_PATH + 256];
	DWORD status = 1;

	if (!GetModuleFileNameA(NULL, self, sizeof(self)))
		return -1;
	snprintf(line, sizeof(line), "\"%s\" " RUN_TEST " %s %llu", self, t->name,
		 (unsigned long long)(uintptr_t)shared);
	fflush(NULL);
	if (!CreateProcessA(self, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process))
		return -1;
	if (WaitForSingleObject(process.hProcess, t->timeout * 1000) != WAIT_OBJECT_0) {
		fprintf(stderr, "# %s: terminated after %u s\n", t->name, t->timeout);
		TerminateProcess(process.hProcess, 1);
		WaitForSingleObject(process.hProcess, INFINITE);
	}
	GetExitCodeProcess(process.hProcess, &status);
	CloseHandle(process.hThread);
	CloseHandle(process.hProcess);
	return (int)status;
}

/* Names are whole, with or without the fixture. */
static bool named(const struct __test_metadata *t, const char *name)
{
	const char *dot = strchr(t->name, '.');

	return !strcmp(t->name, name) || (dot && !strcmp(dot + 1, name));
}

/* The first option that matches decides; without a -t, all others run. */
static bool enabled(const struct __test_metadata *t, int argc, char **argv)
{
	bool only = false;
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		bool wanted = !strcmp(argv[i], "-t");

		if (named(t, argv[i + 1]))
			return wanted;
		only = only || wanted;
	}
	return !only;
}

static void report(const struct __test_metadata *t, unsigned int number, int status,
		   const char *reason, struct counts *counts)
{
	printf("#          %s  %s\n", status == KSFT_PASS || status == KSFT_SKIP ? "  OK" : "FAIL",
	       t->name);
	if (status == KSFT_PASS) {
		counts->pass++;
		printf("ok %u %s\n", number, t->name);
	} else if (status == KSFT_SKIP) {
		counts->skip++;
		printf("ok %u %s # SKIP %s\n", number, t->name, reason);
	} else {
		counts->fail++;
		printf("# %s: status 0x%x\n", t->name, (unsigned int)status);
		printf("not ok %u %s\n", number, t->name);
	}
	fflush(stdout);
}

int test_harness_run(int argc, char **argv)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	struct counts counts = { 0 };
	struct __test_metadata *t;
	unsigned int number = 0;
	HANDLE shared;
	char *reason;

	_setmode(_fileno(stdout), _O_BINARY);
	_setmode(_fileno(stderr), _O_BINARY);
	SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
	if (argc == 4 && !strcmp(argv[1], RUN_TEST))
		return run_here(argv[2], argv[3]);
	if (argc % 2 == 0 || (argc > 1 && strcmp(argv[1], "-t") && strcmp(argv[1], "-T"))) {
		fprintf(stderr, "Usage: %s [-t NAME | -T NAME]...\n", argv[0]);
		return KSFT_FAIL;
	}
	shared = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0,
				    REASON_MAX, NULL);
	reason = shared ? MapViewOfFile(shared, FILE_MAP_WRITE, 0, 0, REASON_MAX) : NULL;
	if (!reason)
		return KSFT_FAIL;
	for (t = tests; t; t = t->next)
		number += enabled(t, argc, argv);
	printf("TAP version 13\n1..%u\n", number);
	number = 0;
	for (t = tests; t; t = t->next) {
		if (!enabled(t, argc, argv))
			continue;
		reason[0] = '\0';
		report(t, ++number, run_apart(t, shared), reason, &counts);
	}
	printf("# %s: %u / %u tests passed.\n", counts.fail ? "FAILED" : "PASSED",
	       counts.pass + counts.skip, number);
	printf("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0\n", counts.pass,
	       counts.fail, counts.skip);
	fflush(stdout);
	return counts.fail || !number ? KSFT_FAIL : KSFT_PASS;
}
