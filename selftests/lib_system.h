/* SPDX-License-Identifier: GPL-2.0-only */
/* SPDX-FileCopyrightText: 2026 The gccolor authors */
/*
 * What the library's tests ask of the system beside the library. One file of
 * each system has it: lib_system_linux.c, windows/lib_system.c.
 */
#ifndef SELFTESTS_LIB_SYSTEM_H
#define SELFTESTS_LIB_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gccolor.h>

/* A backend that every such system has, and one that none has. */
extern const char *const plain_backend;
extern const char *const foreign_backend;

/* Does touching this byte trap? Its value stays as it is. */
bool traps(volatile char *p, bool writing);

/* Mappings of this process. */
size_t mappings(void);

/* Bytes of a region that can be read, as the system sees it. */
size_t usable(struct gccolor_geometry g);

/* Resident pages of this process, and of a range; below 0: cannot be known here. */
long resident(void);
long resident_in(void *p, size_t length);

/* Keep the range in memory. 0 or -1. */
int lock_memory(void *p, size_t length);

/*
 * What other code in the process does: take just these addresses, without access
 * or with a page of the program's own file; NULL if it cannot. And its end.
 */
void *take_addresses(uintptr_t addr, size_t length);
void *take_addresses_with_file(uintptr_t addr);
void give_addresses(void *p, size_t length);
void give_file(void *p, size_t length);

/* "" unsets it where the system knows no empty variables. 0 or -1. */
int set_environment(const char *name, const char *value);

/* Seconds since some moment, to measure with. */
double seconds(void);

struct thread {
	uintptr_t handle;
	void *(*run)(void *arg);
	void *arg;
};

/* 0 or -1; and what run() returned. @thread stays until then. */
int thread_start(struct thread *thread, void *(*run)(void *arg), void *arg);
void *thread_join(struct thread *thread);

#endif /* SELFTESTS_LIB_SYSTEM_H */
