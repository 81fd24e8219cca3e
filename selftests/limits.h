/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Limits of a process and of the system, lowered for a moment. */
#ifndef SELFTESTS_LIMITS_H
#define SELFTESTS_LIMITS_H

#include <linux/capability.h>
#include <sys/resource.h>

#include "region.h"

#define MAX_MAP_COUNT		"/proc/sys/vm/max_map_count"
#define OVERCOMMIT_MEMORY	"/proc/sys/vm/overcommit_memory"
#define OVERCOMMIT_KBYTES	"/proc/sys/vm/overcommit_kbytes"
#define OVERCOMMIT_RATIO	"/proc/sys/vm/overcommit_ratio"

/* The soft limit only, so that it can be raised again. */
static inline int set_limit(int resource, unsigned long value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return -errno;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	return setrlimit(resource, &limit) ? -errno : 0;
}

static inline int unlimit(int resource)
{
	return set_limit(resource, RLIM_INFINITY);
}

/* The number behind "@name:" in a file of /proc, in its own unit. */
static inline long proc_number(const char *path, const char *name)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;
	char *p;

	if (fd < 0)
		return -1;
	while ((got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	close(fd);
	text[length] = '\0';
	for (p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, name, strlen(name)) && p[strlen(name)] == ':')
			return atol(p + strlen(name) + 1);
	}
	return -1;
}

static inline int drop_capability(int capability)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[capability / 32].effective &= ~(1U << capability % 32);
	data[capability / 32].permitted &= ~(1U << capability % 32);
	data[capability / 32].inheritable &= ~(1U << capability % 32);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

#endif /* SELFTESTS_LIMITS_H */
