/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the library asks of the operating system about files. A file is what
 * gccolor.h says: a descriptor, on Windows a HANDLE.
 */
#ifndef GCCOLOR_OS_FILE_H
#define GCCOLOR_OS_FILE_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#ifndef ENODATA
#define ENODATA		61	/* GCCOLOR_ENODATA; FreeBSD has none */
#endif

/*
 * Bytes of a regular file that can be read. -EBADF: it is not open for reading.
 * -ENODEV: it is no regular file.
 */
int os_file_size(intptr_t file, uint64_t *size);

/*
 * Read exactly @length bytes at @offset; the file's position is the same afterwards.
 * 0, -ENODATA (the file ends before) or -errno.
 */
int os_file_read(intptr_t file, uint64_t offset, void *to, size_t length);

/*
 * The same into memory of this process that it may read, but not write. Also
 * -EOPNOTSUPP: the kernel does not let it.
 */
int os_file_read_into(intptr_t file, uint64_t offset, uintptr_t to, size_t length);

/* Code was written to memory that will be executed. */
void os_code_written(uintptr_t start, size_t length);

#endif /* GCCOLOR_OS_FILE_H */
