/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* Children that check things: they say which check failed, and exit. */
#ifndef SELFTESTS_CHILD_H
#define SELFTESTS_CHILD_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition) do {						\
	if (!(condition)) {						\
		dprintf(2, "# %s:%d: in a child: %s\n",			\
			__FILE__, __LINE__, #condition);		\
		_exit(1);						\
	}								\
} while (0)

/* As CHECK() of equality, saying what there was instead. */
#define CHECK_EQ(expected, seen) do {					\
	long __seen = (long)(seen);					\
									\
	if (__seen != (long)(expected)) {				\
		dprintf(2, "# %s:%d: in a child: %s is %ld, not %s\n",	\
			__FILE__, __LINE__, #seen, __seen, #expected);	\
		_exit(1);						\
	}								\
} while (0)

#define CHECK_WHOLE(base, length) do {					\
	const char *__state = region_state(base, length);		\
									\
	if (strcmp(__state, "whole")) {					\
		dprintf(2, "# %s:%d: in a child: %s\n",			\
			__FILE__, __LINE__, __state);			\
		_exit(1);						\
	}								\
} while (0)

/* 0, the exit status, or 1000 + the signal. */
static inline int wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid)
		return -1;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Let the other side go on; wait until it lets us. Two pipes, or one socket. */
static inline void signal_peer(int fd)
{
	char c = 0;

	if (write(fd, &c, 1) != 1)
		_exit(2);
}

static inline void wait_for_peer(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		_exit(3);
}

#endif /* SELFTESTS_CHILD_H */
