// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "os_file.h"

#include <errno.h>
#include <stdbool.h>

#include "memory_windows.h"

#define MOST	((DWORD)1 << 24)	/* bytes of one read */

/*
 * One read, by a handle of either kind: without FILE_FLAG_OVERLAPPED it is done
 * when ReadFile() returns. The event's lowest bit keeps a completion port from
 * hearing of it.
 */
static int read_some(HANDLE file, HANDLE event, uint64_t offset, void *to, DWORD *length)
{
	OVERLAPPED at = {
		.Offset = (DWORD)offset,
		.OffsetHigh = (DWORD)(offset >> 32),
		.hEvent = (HANDLE)((uintptr_t)event | 1),
	};

	if (ReadFile(file, to, *length, NULL, &at) || GetLastError() == ERROR_IO_PENDING) {
		if (GetOverlappedResult(file, &at, length, TRUE))
			return 0;
	}
	switch (GetLastError()) {
	case ERROR_HANDLE_EOF:
		*length = 0;
		return 0;
	case ERROR_INVALID_HANDLE:
		return -EBADF;
	default:
		return windows_error();
	}
}

/* Asked by reading nothing: what a handle may do is checked all the same. */
static bool readable(HANDLE file)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
	DWORD length = 0;
	char nothing;
	int error;

	if (!event)
		return false;
	error = read_some(file, event, 0, &nothing, &length);
	CloseHandle(event);
	return !error;
}

int os_file_size(intptr_t file, uint64_t *size)
{
	BY_HANDLE_FILE_INFORMATION info;
	HANDLE handle = (HANDLE)file;
	DWORD type;

	/* -1 is also what GetCurrentProcess() returns. */
	if (handle == INVALID_HANDLE_VALUE || !handle)
		return -EBADF;
	type = GetFileType(handle);
	if (type == FILE_TYPE_UNKNOWN)
		return -EBADF;
	if (type != FILE_TYPE_DISK || !GetFileInformationByHandle(handle, &info) ||
	    info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
		return -ENODEV;
	if (!readable(handle))
		return -EBADF;
	*size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
	return 0;
}

/*
 * A handle without FILE_FLAG_OVERLAPPED has a position, which ReadFile() moves
 * wherever it reads: it is put back.
 */
int os_file_read(intptr_t file, uint64_t offset, void *to, size_t length)
{
	const LARGE_INTEGER here = { .QuadPart = 0 };
	HANDLE handle = (HANDLE)file;
	LARGE_INTEGER before;
	HANDLE event;
	bool placed;
	char *at = to;
	int error = 0;

	event = CreateEventA(NULL, TRUE, FALSE, NULL);
	if (!event)
		return windows_error();
	placed = SetFilePointerEx(handle, here, &before, FILE_CURRENT);
	while (!error && length) {
		DWORD some = length < MOST ? (DWORD)length : MOST;

		error = read_some(handle, event, offset, at, &some);
		if (!error && !some)
			error = -ENODATA;
		at += some;
		offset += some;
		length -= some;
	}
	if (placed)
		SetFilePointerEx(handle, before, NULL, FILE_BEGIN);
	CloseHandle(event);
	return error;
}

/* Not needed: every backend here that has such memory can change its protection. */
int os_file_read_into(intptr_t file, uint64_t offset, uintptr_t to, size_t length)
{
	(void)file;
	(void)offset;
	(void)to;
	(void)length;
	return -EOPNOTSUPP;
}

void os_code_written(uintptr_t start, size_t length)
{
	FlushInstructionCache(GetCurrentProcess(), (void *)start, length);
}
