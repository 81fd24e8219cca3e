// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/* What the gccolor command has on Windows, and its processes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../compare.h"
#include "../tool.h"
#include "process.h"

#define ROW_SECONDS	600

const struct command system_commands[] = {
	{ "info", cmd_info, "what a region gets on this machine" },
	{ "compare", cmd_compare, "the same work and the same attacks on every backend" },
	{ "compare-row", cmd_compare_row, NULL },
	{ "compare-attack", cmd_compare_attack, NULL },
	{ NULL, NULL, NULL },
};

const char *const system_command_names = "info, compare";

const uint32_t system_backends[] = {
	GCCOLOR_WINDOWS, GCCOLOR_HINTED, GCCOLOR_AUTO
};

const char *const system_backend_names = "windows, hint";
const char *const system_plain_call = "VirtualAlloc(NULL)";

size_t system_page_size(void)
{
	SYSTEM_INFO info;

	GetSystemInfo(&info);
	return info.dwPageSize;
}

/* Every region here can be given back. */
void system_apart(void (*work)(void *arg), void *arg)
{
	work(arg);
}

void *shared_make(size_t length, HANDLE *handle)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };

	*handle = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0,
				     (DWORD)length, NULL);
	return *handle ? MapViewOfFile(*handle, FILE_MAP_WRITE, 0, 0, length) : NULL;
}

void *shared_open(unsigned long long handle, size_t length)
{
	return MapViewOfFile((HANDLE)(uintptr_t)handle, FILE_MAP_WRITE, 0, 0, length);
}

int run_self(const char *arguments, unsigned int seconds)
{
	STARTUPINFOA start = { .cb = sizeof(start) };
	char self[MAX_PATH], line[MAX_PATH + 256];
	PROCESS_INFORMATION process;
	DWORD status = 0;
	int result;

	fflush(NULL);
	if (!GetModuleFileNameA(NULL, self, sizeof(self)))
		return -1;
	snprintf(line, sizeof(line), "\"%s\" %s", self, arguments);
	if (!CreateProcessA(self, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process))
		return -1;
	if (WaitForSingleObject(process.hProcess, seconds * 1000) == WAIT_OBJECT_0 &&
	    GetExitCodeProcess(process.hProcess, &status)) {
		result = (int)status;
	} else {
		TerminateProcess(process.hProcess, 1);
		WaitForSingleObject(process.hProcess, INFINITE);
		result = -1;
	}
	CloseHandle(process.hThread);
	CloseHandle(process.hProcess);
	return result;
}

void system_row(const struct plan *p, struct row *row)
{
	char arguments[200];
	struct row *shared;
	HANDLE handle;
	int status;

	memset(row, 0, sizeof(*row));
	row->backend = p->backend;
	shared = shared_make(sizeof(*shared), &handle);
	if (!shared) {
		snprintf(row->error, sizeof(row->error), "no memory to share");
		return;
	}
	snprintf(arguments, sizeof(arguments),
		 "compare-row %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %llu",
		 gccolor_backend_name(p->backend), p->arenas, p->size, p->foreign,
		 (unsigned long long)(uintptr_t)handle);
	status = run_self(arguments, ROW_SECONDS);
	if (status == TOOL_OK)
		*row = *shared;
	else
		snprintf(row->error, sizeof(row->error), "the row's process ended with 0x%x: %s",
			 (unsigned int)status, shared->error);
	UnmapViewOfFile(shared);
	CloseHandle(handle);
}

double system_seconds(void)
{
	LARGE_INTEGER t, per_second;

	QueryPerformanceCounter(&t);
	QueryPerformanceFrequency(&per_second);
	return (double)t.QuadPart / (double)per_second.QuadPart;
}
