// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Locks, fork handlers and bytes per thread of os.h, wherever there are POSIX threads.
 */
#include <pthread.h>

#include "os.h"

_Static_assert(sizeof(struct os_lock) >= sizeof(pthread_mutex_t), "a mutex fits");

static pthread_mutex_t *mutex_of(struct os_lock *lock)
{
	return (pthread_mutex_t *)(void *)lock->opaque;
}

void os_lock_init(struct os_lock *lock)
{
	pthread_mutex_init(mutex_of(lock), NULL);
}

void os_lock_destroy(struct os_lock *lock)
{
	pthread_mutex_destroy(mutex_of(lock));
}

void os_lock_take(struct os_lock *lock)
{
	pthread_mutex_lock(mutex_of(lock));
}

void os_lock_drop(struct os_lock *lock)
{
	pthread_mutex_unlock(mutex_of(lock));
}

/* What os_at_fork() is given; the same in every call. */
static struct os_lock *_Atomic made;
static void (*_Atomic before_fork)(void);
static void (*_Atomic after_in_parent)(void);
static void (*_Atomic after_in_child)(void);
static int registered;

static void once(void)
{
	os_lock_init(made);
	registered = -pthread_atfork(before_fork, after_in_parent, after_in_child);
}

/* pthread_once() is made for a fork() in another thread meanwhile; a lock is not. */
int os_at_fork(struct os_lock *lock, void (*before)(void), void (*parent)(void),
	       void (*child)(void))
{
	static pthread_once_t control = PTHREAD_ONCE_INIT;

	made = lock;
	before_fork = before;
	after_in_parent = parent;
	after_in_child = child;
	pthread_once(&control, once);
	return registered;
}

void *os_thread_bytes(void)
{
	static _Thread_local _Alignas(16) unsigned char bytes[OS_THREAD_BYTES];

	return bytes;
}
