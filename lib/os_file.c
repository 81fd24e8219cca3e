// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
#include "os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the compiler's library; as a builtin, sparse does not know it. */
void __clear_cache(void *start, void *end);

#define BUFFER	4096	/* on the stack of a caller that may have little */

int os_file_size(intptr_t file, uint64_t *size)
{
	int mode = fcntl((int)file, F_GETFL);
	struct stat st;

	if (file != (int)file || mode < 0 || (mode & O_ACCMODE) == O_WRONLY ||
	    fstat((int)file, &st))
		return -EBADF;
	if (!S_ISREG(st.st_mode))
		return -ENODEV;
	*size = (uint64_t)st.st_size;
	return 0;
}

int os_file_read(intptr_t file, uint64_t offset, void *to, size_t length)
{
	char *at = to;

	while (length) {
		ssize_t got = pread((int)file, at, length, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -ENODATA;
		at += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return 0;
}

static int write_all(int fd, uintptr_t to, const char *from, size_t length)
{
	while (length) {
		ssize_t put = pwrite(fd, from, length, (off_t)to);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -EOPNOTSUPP;	/* proc_mem.force_override, Linux 6.12 */
		from += put;
		to += (uintptr_t)put;
		length -= (size_t)put;
	}
	return 0;
}

int os_file_read_into(intptr_t file, uint64_t offset, uintptr_t to, size_t length)
{
	char buffer[BUFFER];
	int error = 0;
	int fd;

	fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -EOPNOTSUPP;
	while (!error && length) {
		size_t some = length < BUFFER ? length : BUFFER;

		error = os_file_read(file, offset, buffer, some);
		if (!error)
			error = write_all(fd, to, buffer, some);
		offset += some;
		to += some;
		length -= some;
	}
	close(fd);
	return error;
}

void os_code_written(uintptr_t start, size_t length)
{
	__clear_cache((void *)start, (void *)(start + length));
}
