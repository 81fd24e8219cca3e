// SPDX-License-Identifier: GPL-2.0-only
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * The files of lib_system.h.
 */
#include "../lib_system.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

_Static_assert(FILE_NAME_MAX >= MAX_PATH, "a name fits");

static intptr_t open_file(const char *name, DWORD access, DWORD flags)
{
	return (intptr_t)CreateFileA(name, access,
				     FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
				     NULL, OPEN_EXISTING, flags, NULL);
}

static void directory(char *name)
{
	if (!GetTempPathA(MAX_PATH - 20, name) ||
	    GetFileAttributesA(name) == INVALID_FILE_ATTRIBUTES)
		GetWindowsDirectoryA(name, MAX_PATH - 20);
}

intptr_t file_temporary(char *name)
{
	char there[MAX_PATH];

	directory(there);
	if (!GetTempFileNameA(there, "gcc", 0, name))
		return -1;
	return open_file(name, GENERIC_READ | GENERIC_WRITE, 0);
}

intptr_t file_write_only(const char *name)
{
	return open_file(name, GENERIC_WRITE, 0);
}

intptr_t file_of_program(void)
{
	char self[MAX_PATH];

	GetModuleFileNameA(NULL, self, sizeof(self));
	return open_file(self, GENERIC_READ, 0);
}

intptr_t file_directory(void)
{
	char there[MAX_PATH];

	directory(there);
	return open_file(there, GENERIC_READ, FILE_FLAG_BACKUP_SEMANTICS);
}

intptr_t file_too_short(void)
{
	return -1;
}

bool file_seek(intptr_t file, size_t offset)
{
	LARGE_INTEGER to = { .QuadPart = (LONGLONG)offset };

	return SetFilePointerEx((HANDLE)file, to, NULL, FILE_BEGIN);
}

size_t file_tell(intptr_t file)
{
	LARGE_INTEGER here = { .QuadPart = 0 };

	SetFilePointerEx((HANDLE)file, here, &here, FILE_CURRENT);
	return (size_t)here.QuadPart;
}

bool file_get(intptr_t file, size_t offset, void *to, size_t length)
{
	DWORD done;

	return file_seek(file, offset) &&
	       ReadFile((HANDLE)file, to, (DWORD)length, &done, NULL) && done == length;
}

bool file_put(intptr_t file, size_t offset, const void *from, size_t length)
{
	DWORD done;

	return file_seek(file, offset) &&
	       WriteFile((HANDLE)file, from, (DWORD)length, &done, NULL) && done == length;
}

bool file_cut(intptr_t file, size_t length)
{
	return file_seek(file, length) && SetEndOfFile((HANDLE)file);
}

void file_close(intptr_t file)
{
	CloseHandle((HANDLE)file);
}

void file_remove(const char *name)
{
	DeleteFileA(name);
}
