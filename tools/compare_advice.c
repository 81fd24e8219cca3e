// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * What gccolor compare tries and does not count: discards of contents and
 * splits of mappings. The owner needs them, or they do no harm.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compare.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static int failed(int ret)
{
	return ret ? -errno : 0;
}

int advise_dontneed(const struct target *t)
{
	return failed(madvise(t->page, t->page_size, MADV_DONTNEED));
}

int advise_free(const struct target *t)
{
	return failed(madvise(t->page, t->page_size, MADV_FREE));
}

int advise_remove(const struct target *t)
{
	return failed(madvise(t->page, t->page_size, MADV_REMOVE));
}

int advise_guard(const struct target *t)
{
	return failed(madvise(t->page, t->page_size, MADV_GUARD_INSTALL));
}

int advise_dontfork(const struct target *t)
{
	return failed(madvise(t->page, t->page_size, MADV_DONTFORK));
}

int advise_dontdump(const struct target *t)
{
	return failed(madvise(t->page, t->page_size, MADV_DONTDUMP));
}

int advise_wipe(const struct target *t)
{
	return failed(madvise(t->page, t->page_size, MADV_WIPEONFORK));
}

int advise_process(const struct target *t)
{
	struct { void *start; size_t length; } iov = { t->page, t->page_size };
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd < 0)
		return ATTACK_SKIP;
	return syscall(SYS_process_madvise, fd, &iov, 1, MADV_DONTNEED, 0) < 0 ? -errno : 0;
}

int advise_lock(const struct target *t)
{
	return failed(mlock(t->page, t->page_size));
}
