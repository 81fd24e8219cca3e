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

/* Has a 64-bit address space fewer than 47 bits, or qemu-user says so? */
bool narrow(void);

/* Does touching this byte trap? Its value stays as it is. */
bool traps(volatile char *p, bool writing);

/* Mappings of this process. */
size_t mappings(void);

/* Bytes of a region that can be read, as the system sees it. */
size_t usable(struct gccolor_geometry g);

/* Resident pages of this process, and of a range; below 0: cannot be known here. */
long resident(void);
long resident_in(void *p, size_t length);

/*
 * Has the memory at @p this flag, as VmFlags of smaps has it? -1: cannot be known.
 * Windows knows "hg" only, large pages.
 */
int vm_flag(const void *p, const char *flag);

/*
 * What a fork child sees: does it read @byte at @p, is it killed by SIGBUS for
 * reading it? False where there is no fork().
 */
bool child_reads(volatile char *p, char byte);
bool child_has_no_page(volatile char *p);

/* RLIMIT_AS and RLIMIT_DATA, SIZE_MAX: none. False where there are no such limits. */
bool limit_address_space(size_t bytes);
bool limit_data(size_t bytes);

/* Keep the range in memory. 0 or -1. */
int lock_memory(void *p, size_t length);

/*
 * What other code in the process does: take just these addresses, without access
 * or with a page of the program's own file; NULL if it cannot. Or any addresses, with
 * a wish. And its end.
 */
void *take_addresses(uintptr_t addr, size_t length);
void *take_addresses_with_file(uintptr_t addr);
void *take_any_addresses(uintptr_t wish, size_t length);
void give_addresses(void *p, size_t length);
void give_file(void *p, size_t length);

#define FILE_NAME_MAX	300	/* with its 0 */

/*
 * Files as gccolor_map_image() takes them; -1: no such file. A new one to be read
 * and written, whose name goes to @name; an old one that can only be written;
 * this program; a directory; one whose size says more than can be read.
 */
intptr_t file_temporary(char *name);
intptr_t file_write_only(const char *name);
intptr_t file_of_program(void);
intptr_t file_directory(void);
intptr_t file_too_short(void);

/* All of it, or false. */
bool file_get(intptr_t file, size_t offset, void *to, size_t length);
bool file_put(intptr_t file, size_t offset, const void *from, size_t length);
bool file_cut(intptr_t file, size_t length);

/* Where reading without an offset goes on. */
bool file_seek(intptr_t file, size_t offset);
size_t file_tell(intptr_t file);

void file_close(intptr_t file);
void file_remove(const char *name);

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
