// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "../lib_system.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <psapi.h>

const char *const plain_backend = "windows";
const char *const foreign_backend = "posix";

bool narrow(void)
{
	return false;
}

/* One copy of each instruction, with labels around it. */
__asm__(".text\n"
	"touch_read:\n"
	"	movb (%rcx), %al\n"
	"touch_write:\n"
	"	xorl %eax, %eax\n"
	"	testl %edx, %edx\n"
	"	je touch_done\n"
	"touch_writing:\n"
	"	lock orb $0, (%rcx)\n"
	"touch_done:\n"
	"	ret\n"
	"touch_trapped:\n"
	"	movl $1, %eax\n"
	"	ret\n");
int touch(volatile char *p, int writing) __asm__("touch_read");
extern const char touch_writing[] __asm__("touch_writing");
extern const char touch_read[] __asm__("touch_read");
extern const char touch_trapped[] __asm__("touch_trapped");

static LONG WINAPI step_over(EXCEPTION_POINTERS *what)
{
	CONTEXT *context = what->ContextRecord;

	if (what->ExceptionRecord->ExceptionCode != EXCEPTION_ACCESS_VIOLATION ||
	    (context->Rip != (uintptr_t)touch_read && context->Rip != (uintptr_t)touch_writing))
		return EXCEPTION_CONTINUE_SEARCH;
	context->Rip = (uintptr_t)touch_trapped;
	return EXCEPTION_CONTINUE_EXECUTION;
}

/* In this process: a child would not have its memory. */
bool traps(volatile char *p, bool writing)
{
	void *handler = AddVectoredExceptionHandler(1, step_over);
	bool trapped = touch(p, writing);

	RemoveVectoredExceptionHandler(handler);
	return trapped;
}

size_t mappings(void)
{
	MEMORY_BASIC_INFORMATION info;
	uintptr_t at = 0;
	size_t count = 0;

	while (VirtualQuery((void *)at, &info, sizeof(info))) {
		count += info.State != MEM_FREE;
		at = (uintptr_t)info.BaseAddress + info.RegionSize;
	}
	return count;
}

size_t usable(struct gccolor_geometry g)
{
	uintptr_t end = g.base + g.length;
	MEMORY_BASIC_INFORMATION info;
	uintptr_t at = g.base;
	size_t sum = 0;

	while (at < end && VirtualQuery((void *)at, &info, sizeof(info))) {
		uintptr_t next = (uintptr_t)info.BaseAddress + info.RegionSize;

		if (info.State == MEM_COMMIT && info.Protect != PAGE_NOACCESS)
			sum += (next < end ? next : end) - at;
		at = next;
	}
	return sum;
}

long resident(void)
{
	PROCESS_MEMORY_COUNTERS counters = { .cb = sizeof(counters) };

	if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof(counters)) ||
	    !counters.WorkingSetSize)
		return -1;
	return (long)(counters.WorkingSetSize / 4096);
}

/* Nothing at all is resident where a system cannot tell. */
long resident_in(void *p, size_t length)
{
	PSAPI_WORKING_SET_EX_INFORMATION info;
	char *at = p;
	long count = 0;
	int own = 0;

	info.VirtualAddress = &own;
	if (!K32QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)) ||
	    !info.VirtualAttributes.Valid)
		return -1;
	for (; at < (char *)p + length; at += 4096) {
		info.VirtualAddress = at;
		if (!K32QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)))
			return -1;
		count += info.VirtualAttributes.Valid;
	}
	return count;
}

int vm_flag(const void *p, const char *flag)
{
	PSAPI_WORKING_SET_EX_INFORMATION info = { .VirtualAddress = (void *)p };

	if (strcmp(flag, "hg") || !K32QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)))
		return -1;
	return info.VirtualAttributes.LargePage;
}

bool child_reads(volatile char *p, char byte)
{
	return false;
}

bool child_has_no_page(volatile char *p)
{
	return false;
}

bool limit_address_space(size_t bytes)
{
	return false;
}

bool limit_data(size_t bytes)
{
	return false;
}

int lock_memory(void *p, size_t length)
{
	return VirtualLock(p, length) ? 0 : -1;
}

void *take_addresses(uintptr_t addr, size_t length)
{
	return VirtualAlloc((void *)addr, length, MEM_RESERVE, PAGE_NOACCESS);
}

void *take_addresses_with_file(uintptr_t addr)
{
	HANDLE file = (HANDLE)file_of_program();
	HANDLE mapping;
	void *p = NULL;

	mapping = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	if (mapping)
		p = MapViewOfFileEx(mapping, FILE_MAP_READ, 0, 0, 4096, (void *)addr);
	CloseHandle(mapping);
	CloseHandle(file);
	return p;
}

void *take_any_addresses(uintptr_t wish, size_t length)
{
	void *p = take_addresses(wish, length);

	return p ? p : VirtualAlloc(NULL, length, MEM_RESERVE, PAGE_NOACCESS);
}

void give_addresses(void *p, size_t length)
{
	VirtualFree(p, 0, MEM_RELEASE);
}

void give_file(void *p, size_t length)
{
	UnmapViewOfFile(p);
}

int set_environment(const char *name, const char *value)
{
	return _putenv_s(name, value) ? -1 : 0;
}

double seconds(void)
{
	LARGE_INTEGER now;
	LARGE_INTEGER per_second;

	QueryPerformanceCounter(&now);
	QueryPerformanceFrequency(&per_second);
	return (double)now.QuadPart / (double)per_second.QuadPart;
}

/* run() returns a pointer, a thread's exit code has 32 bits: it goes into arg. */
static DWORD WINAPI enter(void *arg)
{
	struct thread *thread = arg;

	thread->arg = thread->run(thread->arg);
	return 0;
}

int thread_start(struct thread *thread, void *(*run)(void *arg), void *arg)
{
	HANDLE handle;

	thread->run = run;
	thread->arg = arg;
	handle = CreateThread(NULL, 0, enter, thread, 0, NULL);
	thread->handle = (uintptr_t)handle;
	return handle ? 0 : -1;
}

void *thread_join(struct thread *thread)
{
	WaitForSingleObject((HANDLE)thread->handle, INFINITE);
	CloseHandle((HANDLE)thread->handle);
	return thread->arg;
}
