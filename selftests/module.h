/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* The module as a whole: who holds it, taking it out, putting it in. */
#ifndef SELFTESTS_MODULE_H
#define SELFTESTS_MODULE_H

#include <sched.h>

#include "region.h"

#define MODULE		"/sys/module/gccolor"
#define DRAIN		MODULE "/parameters/drain"

/* The use count in /proc/modules, -1: not loaded. */
static inline long module_users(void)
{
	static char text[65536];
	int fd = open("/proc/modules", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;
	long users = -1;

	while ((got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	close(fd);
	text[length] = '\0';
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "gccolor ", 8) && sscanf(line, "%*s %*s %ld", &users) == 1)
			break;
	}
	return users;
}

static inline int unload(void)
{
	return syscall(SYS_delete_module, "gccolor", O_NONBLOCK) ? -errno : 0;
}

static inline int load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

/* A file that was just closed is given up by its last user a moment later. */
static inline bool users_settle_at(long users)
{
	for (int i = 0; i < 100000; i++) {
		if (module_users() == users)
			return true;
		sched_yield();
	}
	return false;
}

#endif /* SELFTESTS_MODULE_H */
