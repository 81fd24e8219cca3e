// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "os_file.h"

#include <errno.h>
#include <stdbool.h>

#include "memory_windows.h"

#define MOST	((DWORD)1 << 24)	/* bytes of one read */

/*
 * A handle without FILE_FLAG_OVERLAPPED has a position, which ReadFile() moves
 * wherever it reads, and be it nothing: it is put back.
 */
struct reading {
	HANDLE		file;
	HANDLE		event;
	LARGE_INTEGER	before;
	bool		placed;
};

static int begin(struct reading *r, intptr_t file)
{
	const LARGE_INTEGER here = { .QuadPart = 0 };

	r->file = (HANDLE)file;
	r->event = CreateEventA(NULL, TRUE, FALSE, NULL);
	if (!r->event)
		return windows_error();
	r->placed = SetFilePointerEx(r->file, here, &r->before, FILE_CURRENT);
	return 0;
}

static void end(struct reading *r)
{
	if (r->placed)
		SetFilePointerEx(r->file, r->before, NULL, FILE_BEGIN);
	CloseHandle(r->event);
}

/*
 * One read, by a handle of either kind. The event's lowest bit keeps a completion
 * port from hearing of it. *@length becomes 0 where the file ends.
 */
static int read_some(const struct reading *r, uint64_t offset, void *to, DWORD *length)
{
	OVERLAPPED at = {
		.Offset = (DWORD)offset,
		.OffsetHigh = (DWORD)(offset >> 32),
		.hEvent = (HANDLE)((uintptr_t)r->event | 1),
	};

	if ((ReadFile(r->file, to, *length, NULL, &at) || GetLastError() == ERROR_IO_PENDING) &&
	    GetOverlappedResult(r->file, &at, length, TRUE))
		return 0;
	if (GetLastError() != ERROR_HANDLE_EOF)
		return windows_error();
	*length = 0;
	return 0;
}

/* Asked by reading nothing: what a handle may do is checked all the same. */
static int check_readable(intptr_t file)
{
	struct reading r;
	DWORD none = 0;
	char nothing;
	int error;

	error = begin(&r, file);
	if (error)
		return error;
	error = read_some(&r, 0, &nothing, &none);
	end(&r);
	return error ? -EBADF : 0;
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
	*size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
	return check_readable(file);
}

int os_file_read(intptr_t file, uint64_t offset, void *to, size_t length)
{
	struct reading r;
	char *at = to;
	int error;

	error = begin(&r, file);
	if (error)
		return error;
	while (!error && length) {
		DWORD some = length < MOST ? (DWORD)length : MOST;

		error = read_some(&r, offset, at, &some);
		if (!error && !some)
			error = -ENODATA;
		at += some;
		offset += some;
		length -= some;
	}
	end(&r);
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
