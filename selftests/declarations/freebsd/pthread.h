/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/* FreeBSD: types of freebsd-src sys/sys/_pthreadtypes.h, the rest of include/pthread.h. */
#ifndef DECLARATIONS_PTHREAD_H
#define DECLARATIONS_PTHREAD_H

#include <stddef.h>

struct pthread_mutex;
struct pthread_mutex_attr;
struct pthread_once;
typedef struct pthread_mutex *pthread_mutex_t;
typedef struct pthread_mutex_attr *pthread_mutexattr_t;
typedef struct pthread_once pthread_once_t;

struct pthread_once {
	int		state;
	pthread_mutex_t	mutex;
};

#define PTHREAD_NEEDS_INIT	0
#define PTHREAD_ONCE_INIT	{ PTHREAD_NEEDS_INIT, NULL }

int pthread_atfork(void (*before)(void), void (*parent)(void), void (*child)(void));
int pthread_mutex_destroy(pthread_mutex_t *mutex);
int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_once(pthread_once_t *once, void (*function)(void));

#endif /* DECLARATIONS_PTHREAD_H */
