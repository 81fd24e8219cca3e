// SPDX-License-Identifier: MIT OR Apache-2.0
// SPDX-FileCopyrightText: 2026 The gccolor authors
/*
 * Locks and bytes per thread of os.h. There is no fork() to prepare for.
 */
#include <stdatomic.h>
#include <stdbool.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "os.h"

_Static_assert(sizeof(struct os_lock) >= sizeof(SRWLOCK), "a lock fits");

static SRWLOCK *srw_of(struct os_lock *lock)
{
	return (SRWLOCK *)(void *)lock->opaque;
}

void os_lock_init(struct os_lock *lock)
{
	InitializeSRWLock(srw_of(lock));
}

void os_lock_destroy(struct os_lock *lock)
{
	(void)lock;
}

void os_lock_take(struct os_lock *lock)
{
	AcquireSRWLockExclusive(srw_of(lock));
}

void os_lock_drop(struct os_lock *lock)
{
	ReleaseSRWLockExclusive(srw_of(lock));
}

/* The lock is static, and zeroes are an initialized one (SRWLOCK_INIT). */
int os_at_fork(struct os_lock *lock, void (*before)(void), void (*parent)(void),
	       void (*child)(void))
{
	(void)lock;
	(void)before;
	(void)parent;
	(void)child;
	return 0;
}

/*
 * Not _Thread_local: compilers for Windows emulate it with malloc(). A slot with a
 * destructor gives a thread's bytes back when it ends, or all of them when the
 * DLL goes.
 */
static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static _Atomic DWORD slot = FLS_OUT_OF_INDEXES;

static void WINAPI give_back(void *bytes)
{
	HeapFree(GetProcessHeap(), 0, bytes);
}

static BOOL WINAPI make_slot(PINIT_ONCE control, PVOID arg, PVOID *context)
{
	(void)control;
	(void)arg;
	(void)context;
	atomic_store(&slot, FlsAlloc(give_back));
	return TRUE;
}

__attribute__((destructor)) static void drop_slot(void)
{
	DWORD index = atomic_exchange(&slot, FLS_OUT_OF_INDEXES);

	if (index != FLS_OUT_OF_INDEXES)
		FlsFree(index);
}

/* Shared by the threads that there was no memory for. */
static _Alignas(16) unsigned char shared[OS_THREAD_BYTES];

void *os_thread_bytes(void)
{
	DWORD index;
	void *bytes;

	InitOnceExecuteOnce(&once, make_slot, NULL, NULL);
	index = atomic_load(&slot);
	if (index == FLS_OUT_OF_INDEXES)
		return shared;
	bytes = FlsGetValue(index);
	if (bytes)
		return bytes;
	bytes = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, OS_THREAD_BYTES);
	if (!bytes)
		return shared;
	if (FlsSetValue(index, bytes))
		return bytes;
	give_back(bytes);
	return shared;
}
